"""What a clerk is told where an incident or a fact of one is refused, and beside which field."""

from __future__ import annotations

from collections.abc import Mapping

from dispatch.problems import Problem
from worker.web.board.fields import NOT_YET, SENT_OTHERWISE, misfits

_ = str

CLOSED = _("The incident is closed and stays so. If something else went wrong, a new one is reported.")

_BESIDE: Mapping[str, tuple[str, str]] = {
    "compensation-without-proof": (
        "acceptance_proof",
        _(
            "Without proof that the post took the papers there is no compensation: write the slip's number here, "
            "or add the slip as evidence first."
        ),
    ),
    "finding-incomplete": (
        "charge_vnd",
        _("Where the post is at fault, the least compensation follows from the postage: enter it from the slip."),
    ),
    "compensation-too-low": (
        "compensation_vnd",
        _("This is less than the law allows: award more, or leave it empty for the least."),
    ),
    "complaint-too-late": (
        "at",
        _("The time for complaints was over on that day: settle it without one. Costs can still be written down."),
    ),
    "incident-fact": ("at", NOT_YET),
    "event-in-future": ("at", NOT_YET),
    "incident-closed": ("", CLOSED),
    "incident-fact-stands": (
        "",
        _(
            "That was written down before, perhaps by a colleague, and it stands. What is still to be said is "
            "written down as a further fact."
        ),
    ),
    "compensation-open": (
        "",
        _("Money that follows from the finding is still open: write down first that it was paid, or waived."),
    ),
    "inventory-missing": ("", _("The torn package was not counted yet: write down the inventory first.")),
    "fact-id": ("", SENT_OTHERWISE),
    "report-id": ("", SENT_OTHERWISE),
}
"""By the kind of the refusal; it is said of the whole form where it is no field's."""

_FIRST: Mapping[str, tuple[str, str]] = {
    "complaint_filed": (
        "",
        _("No complaint was sent yet that could be answered: write down the complaint first."),
    ),
    "cost": (
        "compensation_vnd",
        _("The post pays compensation only for what is its own fault: leave this empty."),
    ),
    "finding": (
        "between",
        _("Nothing is owed between these two: a debt follows from the finding, or from a cost."),
    ),
    "compensation_waived": ("amount_vnd", _("This is more than is still open.")),
    "reissue_planned": ("step", _("The plan has no such step.")),
    "resolved": ("", _("It was not written down yet how it ended: do that first.")),
    "reissue_done": (
        "",
        _("Papers of the plan are still to be issued again: write down first that they are, or that they were found."),
    ),
}
"""The same of what came out of turn, by what has to come before it."""


def wrongs(problem: Problem | None) -> dict[str, str]:
    """Return what is said of a refusal, by field; ``""`` is the whole form. Nothing where no words are known."""
    if problem is None:
        return {}
    said = _FIRST.get(problem.extra.get("missing", "")) or _BESIDE.get(problem.kind)
    return {said[0]: said[1]} if said is not None else misfits(problem)
