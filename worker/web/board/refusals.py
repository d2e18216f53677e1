"""What refusals of a result's second way mean at the desk, and which field of a form each is about.

The refusals themselves are written for every reader of the interface, programs among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from dispatch.problems import Problem

_ = str
"""Marks a text for the catalogues."""

MARKED = _("Nothing was saved yet: what is missing or does not fit is marked below. What was written is still there.")

_SAID: Mapping[str, str] = {
    "invalid-request": MARKED,
    "not-at-counter": _(
        "No result of this dossier waits at the counter. If the postman has brought it, count it and sign the record "
        "first."
    ),
    "no-carrier-account": _(
        "No operator carries a result of this agency to that place. Choose another operator, or ask operations."
    ),
    "counter-moment": _("The result was not at the counter then: the time lies before it was brought back, or ahead."),
    "proxy-without-paper": _(
        "Whoever is not the applicant needs a written authorisation; keep the result until it is shown (Circular "
        "17/2017/TT-BTTTT Art. 5(2)(d))."
    ),
    "recipient-name": _(
        "Only the agency may name another recipient for a result on its way, and says why (Postal Law Art. 16(1)). "
        "Leave the name as it was, or choose that the agency asks and write the reason."
    ),
    "nothing-to-forward": _("Nothing of this order is on its way to the citizen any more. Look at the dossier anew."),
    "too-late-to-change": _("The post has this order already and takes no other address for it. Call the post."),
    "papers-with-operator": _("The post has the papers, so the operator cannot be changed any more."),
    "in-a-parcel": _("These papers go in one parcel with others, and a parcel goes by one operator."),
}

_FIELDS: Mapping[str, str] = {
    "payer": _("Choose who bears the cost."),
    "reason": _("Write the reason."),
    "address": _("Check the address."),
    "name": _("Write the full name."),
    "phone": _("Check the telephone number."),
    "at": _("Check the day and time."),
    "who": _("Choose one of them."),
    "id_kind": _("Choose the paper that was shown."),
    "id_last": _("Only the last three or four digits or letters of its number."),
    "authorisation": _("Write number and date of the authorisation or letter of introduction."),
    "carrier": _("Choose an operator."),
}

_ABOUT: Mapping[str, str] = {
    "counter-moment": "at",
    "proxy-without-paper": "authorisation",
    "recipient-name": "name",
    "no-carrier-account": "carrier",
}
_CALLED = {"text": "address"}
"""Fields of a body that have another name in a form."""


def said(problem: Problem | None) -> str | None:
    """Return what a refusal means at the desk; None where its own words are for people already."""
    return _SAID.get(problem.kind) if problem is not None else None


@dataclass(frozen=True, slots=True)
class Faults:
    """What is to be done at which fields of a form that was refused; each message is translated where it is shown."""

    said: Mapping[str, str] = field(default_factory=dict)

    def marks(self, name: str, hint: str = "", *, group: bool = False) -> Markup:
        """Return the attributes that lead from a field, or a group of them, to its hint and to what is said of it."""
        is_wrong = name in self.said
        about = " ".join(one for one in (hint, f"wrong-{name}" if is_wrong else "") if one)
        invalid = Markup(' aria-invalid="true"') if is_wrong and not group else Markup()
        return invalid + (Markup(' aria-describedby="{}"').format(about) if about else Markup())


def faults(problem: Problem | None) -> Faults:
    """Return what a refusal says about the fields of its form."""
    if problem is None:
        return Faults()
    named = problem.extra.get("fields") or (problem.extra.get("field") or _ABOUT.get(problem.kind, ""),)
    ends = [name.rpartition(".")[2] for name in named]
    fields = [_CALLED.get(end, end) for end in ends]
    return Faults({name: _FIELDS[name] for name in fields if name in _FIELDS})


def unfit(*fields: str) -> Problem:
    """A form was sent without what only the board asks for, or with what it cannot read."""
    return Problem(
        "invalid-request",
        "The form does not fit",
        f"Missing or not readable: {', '.join(fields)}.",
        "Correct what is named and send it again; what was written is still there.",
        next_step_vi="Sửa các mục chưa đúng rồi gửi lại; nội dung đã nhập vẫn còn.",
        fields=fields,
    )
