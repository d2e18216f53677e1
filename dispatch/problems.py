"""Requests that cannot be met, in words that name the next step; every refusal of ours is a :class:`Problem`."""

from __future__ import annotations

from typing import Any

from dispatch.written import Refusal


class Problem(Exception):  # noqa: N818 - the word of RFC 9457 for exactly this
    """Why something was refused and what to do next.

    Attributes:
        kind: stable slug, the last part of the problem's type URI.
        title: one line, the same for every problem of this kind.
        detail: what was wrong this time.
        next_step: what the reader can do about it, in English; ``next_step_vi`` the same in Vietnamese. Pages show it,
            so it is something that a person at a desk can do.
        next_step_api: what whoever calls the HTTP interface is told in its place, where that is a call or a field.
        status: the HTTP status that fits.
        extra: further members for the problem document, such as candidates to choose from.
    """

    def __init__(
        self,
        kind: str,
        title: str,
        detail: str,
        next_step: str,
        *,
        next_step_vi: str = "",
        next_step_api: str = "",
        status: int = 422,
        **extra: Any,
    ) -> None:
        super().__init__(f"{title}: {detail}")
        self.kind = kind
        self.title = title
        self.detail = detail
        self.next_step = next_step
        self.next_step_vi = next_step_vi
        self.next_step_api = next_step_api
        self.status = status
        self.extra = extra

    def document(self) -> dict[str, Any]:
        """Return the members of an RFC 9457 problem document."""
        return {
            "type": f"urn:onestop-postal:problem:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "next_step": self.next_step_api or self.next_step,
            **({"next_step_vi": self.next_step_vi} if self.next_step_vi else {}),
            **self.extra,
        }


def unknown_dossier(code: str) -> Problem:
    """The dossier has never been registered."""
    return Problem(
        "unknown-dossier",
        "Unknown dossier",
        f"No dossier '{code}' is registered here.",
        "Check the code for a typing error; if it is right, ask the one-stop to send the dossier here.",
        next_step_vi="Không tìm thấy hồ sơ có mã này. Kiểm tra lại mã hồ sơ, hoặc đăng ký hồ sơ trước.",
        next_step_api="Register it first with PUT /v1/dossiers/{code}, or check the code for a typing error.",
        status=404,
    )


def unknown_order(reference: str) -> Problem:
    """No postal order or shipment has this id or number."""
    return Problem(
        "unknown-order",
        "Unknown order",
        f"No postal order '{reference}' exists here.",
        "Use the order number on the slip, or look the dossier up.",
        next_step_vi="Dùng mã đơn đã được cấp khi đăng ký, hoặc số đơn in trên phiếu gửi.",
        next_step_api="Use the id from the answer to POST /v1/orders, or the order number on the slip.",
        status=404,
    )


def refused(kind: str, refusal: Refusal, **extra: Any) -> Problem:
    """Something a person wrote cannot be used."""
    return Problem(
        kind,
        f"The {refusal.field} cannot be used",
        refusal.reason,
        refusal.next_step,
        next_step_vi=refusal.message_vi,
        field=refusal.field,
        **extra,
    )
