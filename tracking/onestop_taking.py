"""One delivery of a one-stop system: read, told from what was said before, and applied."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from config.database import keyring
from dispatch.context import Context
from dispatch.onestop.contract import ImportsDossiers, NotADossierError, OneStop, Statement
from tracking import onestop_lines, onestop_statements
from tracking.deliveries import Claimed, broken
from tracking.office import Office
from tracking.onestop_applying import Case, apply_statement
from tracking.onestop_lines import STATEMENT, Line
from tracking.onestop_statements import WAITING, Outcome, StatementRow, Word

SOURCE = "onestop:"
"""How the source of a delivery begins that a one-stop system sent."""

_MAY_BE_DONE = frozenset({"order", "cancel", "address"})
"""Kinds that are refused a second time because they were done the first time."""

log = structlog.get_logger()


def take(
    session: Session, context: Context, office: Office, reader: OneStop | None, line: Line, delivery: Claimed
) -> list[Outcome]:
    """Apply everything that a delivery says; what breaks on it breaks alone."""
    if reader is None:
        return [_written(session, line, delivery, _not_configured(line.source), context.clock.now())]
    try:
        statements = _statements(reader, delivery)
    except NotADossierError as error:
        return [_written(session, line, delivery, _no_dossier(error), context.clock.now())]
    except Exception as error:
        log.exception("delivery_failed", delivery=delivery.id, source=delivery.source)
        return [_written(session, line, delivery, _fault(delivery, error), context.clock.now())]
    case = Case(session, context, office, reader.system)
    return [_take_statement(case, delivery, statement, said_at) for statement, said_at in statements]


def _statements(reader: OneStop, delivery: Claimed) -> list[tuple[Statement, datetime | None]]:
    said = json.loads(keyring.decrypt(delivery.body))
    if delivery.kind == STATEMENT:
        said_at = datetime.fromisoformat(said["said_at"]) if said.get("said_at") else None
        return [(Statement(said["kind"], said["key"], said["code"], said["body"]), said_at)]
    if not isinstance(reader, ImportsDossiers):
        raise NotADossierError(f"the connector '{reader.system.connector}' reads no dossiers")
    return [(statement, None) for statement in reader.understand(said)]


def _take_statement(case: Case, delivery: Claimed, statement: Statement, said_at: datetime | None) -> Outcome:
    session, source = case.session, delivery.source
    digest = hashlib.sha256(json.dumps(statement.body, sort_keys=True).encode()).hexdigest()
    row = onestop_statements.known(session, source, statement.key)
    if row is not None and row.digest == digest and row.outcome not in WAITING:
        return Outcome(row.outcome)
    if row is None:
        row = StatementRow(source=source, key=statement.key)
    row.dossier_code, row.kind, row.delivery_id = statement.code, statement.kind, delivery.id
    row.digest, row.said_at = digest, said_at
    outcome = _outcome(case, delivery, row, statement)
    onestop_statements.write_down(session, row, outcome, case.now)
    if outcome.word is Word.APPLIED:
        onestop_lines.let_rest(session, onestop_statements.overtake(session, row), case.now)
    return outcome


def _outcome(case: Case, delivery: Claimed, row: StatementRow, statement: Statement) -> Outcome:
    before = onestop_statements.earlier(case.session, row)
    newer = [one for one in before if row.said_at and one.said_at and one.said_at > row.said_at]
    if newer:
        return _older(newer[-1])
    try:
        outcome = apply_statement(case, statement)
    except OperationalError:
        raise  # a deadlock or a lost connection is nobody's fault: the line is taken up again
    except Exception as error:
        log.exception("delivery_failed", delivery=delivery.id, source=delivery.source)
        return _fault(delivery, error)
    repeats = bool(before) and (before[-1].kind, before[-1].digest) == (row.kind, row.digest)
    if repeats and outcome.word is Word.REFUSED and row.kind in _MAY_BE_DONE:
        return Outcome(Word.REPEATED, "Said before", f"'{before[-1].key}' said the same, and it stands.")
    return outcome


def _written(session: Session, line: Line, delivery: Claimed, outcome: Outcome, now: datetime) -> Outcome:
    """Keep what came of a delivery that says nothing we could take."""
    row = onestop_statements.known(session, delivery.source, delivery.key)
    row = row or StatementRow(source=delivery.source, key=delivery.key)
    row.dossier_code, row.kind, row.delivery_id = line.code or "", delivery.kind, delivery.id
    row.digest, row.said_at = "", None
    onestop_statements.write_down(session, row, outcome, now)
    return outcome


def _older(newer: StatementRow) -> Outcome:
    said_at = newer.said_at.isoformat() if newer.said_at else "later"
    return Outcome(Word.OLDER, "Something newer stands", f"'{newer.key}' was said on the same matter at {said_at}.")


def _not_configured(source: str) -> Outcome:
    name = source.removeprefix(SOURCE)
    return Outcome(
        Word.BROKEN,
        "The one-stop system is not configured",
        f"There is no one-stop '{name}' in the configuration.",
        "Put it back while anything waits that it told.",
        "Khôi phục cấu hình của hệ thống này khi còn tin chưa xử lý.",
    )


def _no_dossier(error: NotADossierError) -> Outcome:
    return Outcome(
        Word.REFUSED,
        "What was read is no dossier",
        str(error),
        "Correct the dossier in the system it came from; its next version is read by itself.",
        "Sửa hồ sơ trong hệ thống nguồn; bản mới sẽ được tự động đọc lại.",
    )


def _fault(delivery: Claimed, error: Exception) -> Outcome:
    return Outcome(
        Word.BROKEN,
        "Something here broke",
        broken(delivery, error),
        "Ask operations to look into the log; it is tried again by itself.",
        "Đề nghị bộ phận vận hành xem nhật ký; hệ thống sẽ tự thử lại.",
    )
