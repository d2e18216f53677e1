"""The forms by which facts of an incident are written down: what they ask, and what follows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dispatch.parties import Party
from tracking.incidents.fold import Incident
from tracking.incidents.records import Standing
from worker.web.board.fields import AT, Field, Shape
from worker.web.board.words import PARTIES

_ = str

_OWING = tuple((party.value, PARTIES[party]) for party in (Party.CITIZEN, Party.AGENCY, Party.POST))
_AT_FAULT = tuple((party.value, PARTIES[party]) for party in Party)
_YES_NO = (("yes", _("yes")), ("no", _("no")))


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form for one fact.

    Attributes:
        name: the last part of its address.
        button: what its buttons say.
        follows: what follows from it, and that it stands.
        ends: nothing can be written down after it.
    """

    name: str
    title: str
    button: str
    follows: str
    fields: tuple[Field, ...] = ()
    ends: bool = False


def all_sheets(one: Standing, papers: Sequence[str]) -> Iterator[Sheet]:
    """Return the form for every fact, with what the incident and its dossier let choose."""
    yield from _of_the_papers(one.incident, papers)
    yield from _of_the_complaint()
    yield from _of_the_money(one.incident)
    yield from _of_the_end()


def _of_the_papers(incident: Incident, papers: Sequence[str]) -> Iterator[Sheet]:
    yield Sheet(
        "inventory",
        _("The package was counted and wrapped again"),
        _("Write down the inventory"),
        _("A torn package is counted before a witness and wrapped again; without it the incident is not closed."),
        (
            Field("found_inside", _("What is inside, one paper on each line"), Shape.LINES),
            Field("wrapped_again", _("It was wrapped again"), Shape.CHOICE, options=_YES_NO),
            Field("witness", _("Who was the witness")),
            AT,
        ),
    )
    yield Sheet(
        "found",
        _("The papers have turned up"),
        _("Write down that they are found"),
        _("The citizen is told, and the agency's time runs on where it stood still."),
        (Field("what", _("Where they were, and who has them now")), AT),
    )
    yield Sheet(
        "not_found",
        _("They were not found after all"),
        _("Write down that they are missing"),
        _(
            "For a find that turned out to be a mistake. Where the papers were lost, "
            "the agency's time stands still again."
        ),
        (Field("what", _("What the mistake was")), AT),
    )
    yield Sheet(
        "reissue_planned",
        _("Papers have to be issued again"),
        _("Write down the plan"),
        _("Each paper becomes a step of the plan; the incident is not closed while one is open."),
        (
            Field("papers", _("Which papers"), Shape.CHECKS, options=tuple((p, p) for p in papers), said=True),
            Field("applicant", _("Who applies for them"), Shape.CHOICE, options=_OWING),
            Field("note", _("Remark"), needed=False),
            AT,
        ),
    )
    steps = tuple((step.step, step.step) for step in incident.open_steps)
    whoever = (("", _("the agency a result, the citizen everything else")), *_OWING[:2])
    yield Sheet(
        "reissue_done",
        _("A paper was issued again"),
        _("Write down that it is issued"),
        _("The new paper takes the place of the one that is gone, also if that turns up later."),
        (
            Field("step", _("Which step of the plan"), Shape.CHOICE, options=steps, said=True),
            Field("held_by", _("Who has the new paper"), Shape.CHOICE, needed=False, options=whoever),
            AT,
        ),
    )


def _of_the_complaint() -> Iterator[Sheet]:
    yield Sheet(
        "complaint_filed",
        _("A complaint was sent to the post"),
        _("Write down the complaint"),
        _("From that day on the post's time for an answer counts. It is written down once and stands."),
        (Field("what", _("What it says, with its number")), AT),
    )
    yield Sheet(
        "complaint_answered",
        _("The post has answered the complaint"),
        _("Write down the answer"),
        _("It stands. What comes next is the written finding about who is at fault."),
        (Field("what", _("What the answer says, with its number")), AT),
    )


def _of_the_money(incident: Incident) -> Iterator[Sheet]:
    yield Sheet(
        "cost",
        _("Somebody had to pay because of it"),
        _("Write down a cost"),
        _("Whoever is at fault owes it to whoever has paid, once there is a finding. It stands."),
        (
            Field("what", _("What for")),
            Field("amount_vnd", _("Amount in đồng"), Shape.AMOUNT),
            Field("borne_by", _("Who has paid"), Shape.CHOICE, options=_OWING),
            Field(
                "party_at_fault",
                _("At fault for this cost"),
                Shape.CHOICE,
                needed=False,
                options=(("", _("whom the finding names")), *_AT_FAULT),
            ),
            AT,
        ),
    )
    yield Sheet(
        "finding",
        _("Who is at fault has been found in writing"),
        _("Write down the finding"),
        _(
            "It is made once and stands. What is owed follows from it, is to be paid within 30 days, "
            "and the citizen is told."
        ),
        (
            Field("document", _("Number of the document")),
            Field("party_at_fault", _("Who is at fault"), Shape.CHOICE, options=_AT_FAULT),
            Field(
                "charge_vnd",
                _("Postage that was paid, in đồng"),
                Shape.AMOUNT,
                _("As it is on the slip; needed where the post is at fault."),
                needed=False,
            ),
            Field(
                "acceptance_proof",
                _("Slip or record by which the post took the papers"),
                hint=_("Its number, unless it is among the evidence. Without proof there is no compensation."),
                needed=False,
            ),
            Field(
                "compensation_vnd",
                _("What is awarded to the citizen, in đồng"),
                Shape.AMOUNT,
                _("Left empty, it is the least that the law allows: four times the postage."),
                needed=False,
            ),
            AT,
        ),
    )
    left = {(debtor, creditor): amount for debtor, creditor, amount in incident.outstanding}
    claimed = sorted({(claim.debtor, claim.creditor) for claim in incident.claims})
    yield Sheet(
        "compensation_paid",
        _("Compensation was paid"),
        _("Write down the payment"),
        _("It counts against what is owed and stands; the citizen is told of money that he gets."),
        (
            _debts({pair: left.get(pair, 0) for pair in claimed}, _("Who has paid whom; the amount is still open")),
            _amount(left),
            Field("document", _("Number of the receipt")),
            AT,
        ),
    )
    yield Sheet(
        "compensation_waived",
        _("Somebody asks for the money no more"),
        _("Write down that it is waived"),
        _("It is owed no more, and that stands: have it in writing from whoever it is owed to."),
        (
            _debts(left, _("Who owes whom; the amount is still open")),
            _amount(left),
            Field("reason", _("Reason, with the paper that shows it")),
            AT,
        ),
    )


def _debts(owed: dict[tuple[Party, Party], int], label: str) -> Field:
    options = tuple((f"{d}:{c}", (d, c, amount)) for (d, c), amount in owed.items())
    return Field("between", label, Shape.DEBTS, options=options, starts=options[0][0] if len(options) == 1 else "")


def _amount(left: dict[tuple[Party, Party], int]) -> Field:
    only = str(next(iter(left.values()))) if len(left) == 1 else ""
    return Field("amount_vnd", _("Amount in đồng"), Shape.AMOUNT, starts=only)


def _of_the_end() -> Iterator[Sheet]:
    yield Sheet(
        "owner_assigned",
        _("Somebody else looks after it"),
        _("Name who looks after it"),
        _("Whoever is named here is asked from now on."),
        (Field("owner", _("Who looks after it from now on")), AT),
    )
    yield Sheet(
        "resolved",
        _("How it ended"),
        _("Write down how it ended"),
        _("The citizen reads these words when the incident is closed; until then they can be written anew."),
        (Field("resolution", _("How it was resolved")), AT),
    )
    yield Sheet(
        "closed",
        _("Close the incident?"),
        _("Close the incident"),
        _(
            "A closed incident stays closed, and the citizen is told how it ended. "
            "If something else goes wrong, a new one is reported."
        ),
        ends=True,
    )
