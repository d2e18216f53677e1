"""What need not be kept for ever: records of calls to operators, delivered messages, the register of printed documents.

None of them holds anything that a case is decided by.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Delete, delete, exists, select, tuple_

from dispatch.calls import CarrierCall
from dispatch.context import Context
from dispatch.documents.register import DocumentPrint, IssuedDocument
from dispatch.outbox import OutboxAttempt, OutboxMessage, OutboxState

CHUNK = 1000


def drop_old(context: Context) -> int:
    """Delete what is older than the settings say; returns how many rows went."""
    return drop_old_calls(context) + drop_old_messages(context) + drop_old_documents(context)


def drop_old_calls(context: Context) -> int:
    """Delete records of calls that are older than the configured number of days; returns how many."""
    oldest = context.clock.now() - timedelta(days=context.settings.call_log_days)
    old = select(CarrierCall.id).where(CarrierCall.started_at < oldest).limit(CHUNK)
    return delete_in_chunks(context, delete(CarrierCall).where(CarrierCall.id.in_(old)))


def drop_old_messages(context: Context) -> int:
    """Delete delivered messages with their attempts; returns how many rows went. What is not delivered stays."""
    oldest = context.clock.now() - timedelta(days=context.settings.message_days)
    old = select(OutboxMessage.id).where(OutboxMessage.created_at < oldest, OutboxMessage.state == OutboxState.SENT)
    old = old.where(OutboxMessage.sent_at < oldest)
    attempts = select(OutboxAttempt.id).where(OutboxAttempt.message_id.in_(old)).limit(CHUNK)
    without = old.where(~select(OutboxAttempt.id).where(OutboxAttempt.message_id == OutboxMessage.id).exists())
    return delete_in_chunks(context, delete(OutboxAttempt).where(OutboxAttempt.id.in_(attempts))) + delete_in_chunks(
        context, delete(OutboxMessage).where(OutboxMessage.id.in_(without.limit(CHUNK)))
    )


def drop_old_documents(context: Context) -> int:
    """Delete documents that nobody has printed for the configured number of days, with their prints; returns how many
    rows went. No number is given again: the series remember their last.

    Electronic records of shipments are kept for five years at least (Circular 17/2017/TT-BTTTT Art. 14).
    """
    oldest = context.clock.now() - timedelta(days=context.settings.document_days)
    its_prints = DocumentPrint.number == IssuedDocument.number
    old = select(IssuedDocument.number).where(
        IssuedDocument.issued_at < oldest, ~exists().where(its_prints, DocumentPrint.printed_at >= oldest)
    )
    key = DocumentPrint.number, DocumentPrint.copy_no
    prints = select(*key).where(DocumentPrint.number.in_(old)).limit(CHUNK)
    without = old.where(~exists().where(its_prints)).limit(CHUNK)
    return delete_in_chunks(context, delete(DocumentPrint).where(tuple_(*key).in_(prints))) + delete_in_chunks(
        context, delete(IssuedDocument).where(IssuedDocument.number.in_(without))
    )


def delete_in_chunks(context: Context, chunk: Delete) -> int:
    """Run a deletion of at most :data:`CHUNK` rows until nothing is left: nobody waits long for a lock."""
    gone = 0
    while True:
        with context.database.write() as session:
            count = session.connection().execute(chunk).rowcount
        gone += count
        if count < CHUNK:
            return gone
