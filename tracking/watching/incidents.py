"""Incidents that somebody has to move on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from config.clock import local
from tracking.deadlines.rules import Rule, RuleId
from tracking.incidents.deadlines import NextKind
from tracking.incidents.records import Standing, standings
from tracking.incidents.rows import listed
from tracking.incidents.wording import Words, kind_words, next_words
from tracking.watching.items import Attention, View, item


def incidents(view: View) -> Iterator[Attention]:
    """Every open incident with its owner and what is due next; and which of them are late, idle or without evidence."""
    care = view.office.rules.at(RuleId.INCIDENT_CARE, view.today)
    for one in standings(view.session, view.office, listed(view.session, open_ones=True)):
        yield opened_item(one)
        yield from _closing(view, one, care)
        yield from _neglected(view, one, care)


def opened_item(one: Standing) -> Attention:
    """Return the trouble that an open incident is."""
    return _item("incident-open", one)


def _closing(view: View, one: Standing, care: Rule) -> Iterator[Attention]:
    """What has a last day by law, and that day is close or over (Postal Law Art. 38, TT 17 Art. 8, NĐ 47 Art. 26)."""
    if one.next is None or one.next.due is None:
        return
    due, is_over = one.next.due, one.next.due < view.today
    is_close = view.office.working_time.working_days_between(view.today, due) <= care.number("notice_working_days")
    if one.next.kind is NextKind.COMPLAIN and is_close and not is_over:
        yield _item("incident-complaint-closing", one, due=due)
    elif one.next.kind is NextKind.ANSWER and is_over:
        yield _item("incident-answer-overdue", one, due=due)
    elif one.next.kind is NextKind.PAY and is_close:
        yield _item("incident-compensation-overdue" if is_over else "incident-compensation-due", one, due=due)


def _neglected(view: View, one: Standing, care: Rule) -> Iterator[Attention]:
    days_since = view.office.working_time.working_days_between
    incident = one.incident
    last_on, opened_on = local(incident.last_at).date(), local(incident.opened.at).date()
    if days_since(last_on, view.today) > care.number("idle_working_days"):
        yield _item("incident-idle", one, f":{last_on}", due=last_on)
    if not incident.evidence and days_since(opened_on, view.today) > care.number("evidence_working_days"):
        yield _item("incident-evidence-missing", one)
    if incident.finding is not None and incident.finding.charge_vnd and not incident.acceptance_is_proven:
        yield _item("incident-proof-missing", one)


def _item(kind: str, one: Standing, key: str = "", due: date | None = None) -> Attention:
    incident, called = one.incident, kind_words(one.incident.kind)
    then = next_words(one.next, incident) if one.next else Words("", "")
    values = {
        "incident": one.row.id,
        "kind_vi": called.vi,
        "kind_en": called.en,
        "owner": incident.owner,
        "next_vi": then.vi,
        "next_en": then.en,
        "due": f"{due:%d/%m/%Y}" if due else "",
        **({"order": one.row.order_number} if one.row.order_number else {}),
    }
    return item(kind, f"{one.row.id}{key}", incident.opened.at, values, one.row.dossier_code)
