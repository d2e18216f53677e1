"""A message as the citizen would read it, with sample values, or with what a dossier's citizen was told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.accounts import Accounts
from config.citizen_channels import CitizenChannels, EmailChannel
from dispatch.channels.sms_length import measure
from dispatch.dossiers import get_dossier
from dispatch.messenger import CITIZEN
from dispatch.outbox_rows import OutboxMessage
from dispatch.problems import Problem
from tracking.deadlines.terms import Term, Unit
from tracking.deadlines.wording import term_text
from tracking.telling.facts import Facts, facts_for
from tracking.telling.kinds import Kind, framed_sms, in_short, kinds
from tracking.telling.letters import half_of_letter, subject_of
from tracking.telling.samples import LONGEST_CODE, SAMPLES
from tracking.telling.spreading import ways_for

_SAMPLE_FACTS = Facts(
    code=LONGEST_CODE,
    agency=SAMPLES["agency"],
    officer=SAMPLES["officer"],
    received=datetime(2026, 3, 2, 9, 5, tzinfo=UTC),
    limit=term_text(Term(10, Unit.WORKING_DAYS)),
    due=datetime(2026, 3, 16, 10, tzinfo=UTC),
    due_elsewhere=False,
)
_SAMPLE_MAIL = EmailChannel(
    host="localhost",
    security="none",
    sender_address="mot-cua@example.vn",
    sender_name="Bộ phận Một cửa",
    opt_out_address="mot-cua@example.vn",
)
_SAMPLE_CHANNELS = CitizenChannels(email=_SAMPLE_MAIL, lookup="tracuu.example.vn", contact="0206 3852 136")


@dataclass(frozen=True)
class Preview:
    """What would be read.

    Attributes:
        real: the text is what this dossier's citizen was told, not a sample.
        coding, segments: of an SMS; None for an e-mail.
        ways: each way that it takes or does not take to the dossier's citizen, and why; empty without a dossier.
    """

    kind: str
    duty: str
    real: bool
    subject: str | None
    text: str
    coding: str | None
    segments: int | None
    ways: dict[str, str]


def preview(
    session: Session | None,
    accounts: Accounts,
    kind: str,
    channel: Literal["email", "sms"],
    language: Literal["vi", "en"],
    code: str | None,
) -> Preview:
    """Return a message of ``kind``; with a session and a ``code`` that of a dossier.

    Raises:
        Problem: there is no such kind or dossier, or no such text.
    """
    found = _kind(kind)
    if channel == "sms" and language != "vi":
        raise Problem(
            "no-such-text",
            "There is no such text",
            "An SMS is in Vietnamese: two languages would take four segments.",
            "Leave --language out, or say --channel email.",
            next_step_vi="Tin nhắn chỉ có tiếng Việt; bỏ --language hoặc chọn --channel email.",
        )
    facts, ways, told = _SAMPLE_FACTS, {}, None
    if session is not None and code is not None:
        dossier = get_dossier(session, code)
        facts, told = facts_for(session, dossier), _told(session, code, kind)
        chosen = ways_for(session, accounts, dossier, kind)
        ways = {way.value: "taken" for way in chosen.taken} | {w.value: why for w, why in chosen.reasons.items()}
    texts = told or _sample(found, facts)
    channels = accounts.citizen_channels or _SAMPLE_CHANNELS
    if channel == "sms":
        text = framed_sms(texts["sms_vi"], facts.code, channels.lookup)
        length = measure(text)
        return Preview(kind, found.ground, told is not None, None, text, length.coding.value, length.segments, ways)
    text = half_of_letter(texts[f"text_{language}"], facts, channels, channels.email or _SAMPLE_MAIL, language)
    return Preview(kind, found.ground, told is not None, subject_of(facts), text, None, None, ways)


def _kind(name: str) -> Kind:
    found = kinds().get(name)
    if found is None:
        raise Problem(
            "unknown-notice",
            "No such message",
            f"There is no message '{name}'.",
            "`postal notice list` shows all of them.",
            next_step_vi="Xem danh sách bằng lệnh `postal notice list`.",
        )
    return found


def _sample(kind: Kind, facts: Facts) -> dict[str, str]:
    filled = SAMPLES | {"code": facts.code, "agency": facts.agency}
    return {
        "text_vi": kind.vi.format_map(filled),
        "text_en": kind.en.format_map(filled),
        "sms_vi": in_short(kind, filled),
    }


def _told(session: Session, code: str, kind: str) -> dict[str, Any] | None:
    """Return what the citizen was told last of this kind, where that is still kept."""
    owed = (
        OutboxMessage.destination == CITIZEN,
        OutboxMessage.subject == code,
        OutboxMessage.id.startswith(f"{code}:citizen.{kind}:", autoescape=True),
    )
    payload = session.scalar(select(OutboxMessage.payload).where(*owed).order_by(OutboxMessage.written.desc()).limit(1))
    return None if payload is None else json.loads(payload)["data"]
