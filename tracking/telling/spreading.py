"""From one fact to one message a way: what was owed to the citizen becomes an e-mail, an SMS, or both.

It happens when the outbox delivers the first message, ``<id>``, and not with the decision itself: what the citizen
wants and can be reached by is then as fresh as can be, and decisions in batches stay as quick as they are. The messages
it becomes are ``<id>@email`` and ``<id>@sms``, so that a repetition after a crash owes nothing twice.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from config.accounts import Accounts
from config.citizen_channels import CitizenChannels
from dispatch.channels import dossier_link, optout_link
from dispatch.channels.addresses import usable_email
from dispatch.channels.letter import Letter, Links
from dispatch.channels.optout import opted_out
from dispatch.channels.quiet import due_by_sms
from dispatch.channels.sms import Sms
from dispatch.channels.ways import ASKED, ASKED_GOOD_FOR, DESTINATIONS, SMS, Citizen, Offered, Plan, Way, plan
from dispatch.contacts import can_receive_sms
from dispatch.context import Context
from dispatch.dossiers import Dossier, get_dossier
from dispatch.outbox import owe
from dispatch.outbox_rows import OutboxMessage
from tracking.telling.facts import facts_for
from tracking.telling.kinds import check_texts, framed_sms, kinds
from tracking.telling.letters import letter


class Citizens:
    """Those to whom messages are owed (:class:`dispatch.messenger.Spreads`). Thread-safe; one per process."""

    def __init__(self, context: Context, channels: CitizenChannels) -> None:
        self._context, self._channels = context, channels

    def spread(self, message: OutboxMessage) -> Plan:
        """Owe a message by each way that it takes."""
        with self._context.database.write() as session:
            return _spread(session, self._context, self._channels, message)

    def addressed(self, message: OutboxMessage) -> OutboxMessage | None:
        """Return a message with the address of now: it may have been corrected since an attempt was refused.

        What was asked for goes where it was asked for, and not when it has run out.
        """
        if message.type == ASKED:
            return message if self._context.clock.now() - message.created_at < ASKED_GOOD_FOR else None
        with self._context.database.read() as session:
            dossier = session.get(Dossier, message.subject)
        payload = message.payload
        if dossier is not None and message.destination == SMS:
            payload = json.dumps({**json.loads(payload), "to": dossier.applicant_phone}, ensure_ascii=False)
        elif dossier is not None and (email := usable_email(dossier.applicant_email)) is not None:
            payload = self._readdressed(Letter.from_json(payload), dossier, email).to_json()
        return OutboxMessage(id=message.id, destination=message.destination, payload=payload, trace=message.trace)

    def _readdressed(self, letter: Letter, dossier: Dossier, email: str) -> Letter:
        if letter.to == email:
            return letter
        return letter.readdressed(email, _links(self._channels, dossier, email, self._context.clock.now()))


def citizens_of(context: Context) -> Citizens | None:
    """Return the citizens whom we reach by ways of our own, or None where none is configured.

    Raises:
        ConfigurationError: a text lacks what the law wants, or is too long for an SMS.
    """
    channels = context.accounts.citizen_channels
    if channels is None:
        return None
    check_texts(channels.lookup)
    return Citizens(context, channels)


def ways_for(session: Session, accounts: Accounts, dossier: Dossier, kind: str) -> Plan:
    """Return which ways a message of a kind takes to a dossier's citizen, and why not the others."""
    channels = accounts.citizen_channels
    offered = Offered(
        email=channels is not None and channels.email is not None,
        sms=channels is not None and channels.sms is not None,
        gateway=accounts.message_gateway is not None,
    )
    email = usable_email(dossier.applicant_email)
    no_phone, no_email = opted_out(session, dossier.applicant_phone, email)
    citizen = Citizen(
        mobile=can_receive_sms(dossier.applicant_phone),
        email=email,
        email_given=bool(dossier.applicant_email),
        no_email=no_email,
        no_phone=no_phone,
    )
    known = kinds().get(kind)
    return plan(citizen, offered, statutory=known is None or known.statutory)


def as_sms(dossier: Dossier, told: dict[str, Any], channels: CitizenChannels) -> Sms:
    """Return a message as an SMS to the dossier's telephone."""
    text = framed_sms(told.get("sms_vi") or told["text_vi"], dossier.code, channels.lookup)
    return Sms.of(dossier.applicant_phone, text)


def _spread(session: Session, context: Context, channels: CitizenChannels, message: OutboxMessage) -> Plan:
    told = json.loads(message.payload)["data"]
    dossier = get_dossier(session, message.subject)
    chosen = ways_for(session, context.accounts, dossier, told["kind"])
    now = context.clock.now()
    for way in chosen.taken:
        if way is Way.GATEWAY:  # gets the message itself
            continue
        owe(
            session,
            message_id=f"{message.id}@{way}",
            destination=DESTINATIONS[way],
            type=message.type,
            subject=message.subject,
            payload=content(session, way, dossier, told, channels, now),
            now=now,
            due_at=due_by_sms(context.accounts, now) if way is Way.SMS else now,
        )
    return chosen


def content(
    session: Session, way: Way, dossier: Dossier, told: dict[str, Any], channels: CitizenChannels, now: datetime
) -> str:
    """Return what the outbox keeps of a message by a way of ours."""
    if way is Way.SMS:
        return as_sms(dossier, told, channels).to_json()
    to, mail = usable_email(dossier.applicant_email), channels.email
    if to is None or mail is None:
        raise ValueError("an e-mail was planned without an address or a mail server")
    texts = {"vi": told["text_vi"], "en": told["text_en"]}
    links = _links(channels, dossier, to, now)
    return letter(to, texts, facts_for(session, dossier), channels, mail, links).to_json()


def _links(channels: CitizenChannels, dossier: Dossier, to: str, now: datetime) -> Links:
    """Return the links of a letter; there are none where citizens do not reach our pages."""
    base = channels.email.public_url if channels.email is not None else None
    if not base:
        return Links()
    return Links(optout_link.link(base, to, now), dossier_link.link(base, dossier, now))
