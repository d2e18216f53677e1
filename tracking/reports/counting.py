"""From what was read to the entries of each report."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from carriers import registry
from config.clock import local
from config.errors import ConfigurationError
from dispatch.shipments import Leg
from tracking.reports import lives as judged
from tracking.reports.carriage import transit, week_of
from tracking.reports.layout import Entry
from tracking.reports.lives import Channel, Life
from tracking.reports.matters import harmed, matters
from tracking.reports.reading import Source, carried, lives, registrations

_LEGS = {"send": "Gửi hồ sơ / send", "return": "Trả kết quả / return", "transfer": "Chuyển cơ quan / transfer"}
_ZONES = {
    "same_area": "Cùng khu vực / same area",
    "same_province": "Nội tỉnh / same province",
    "special_cities": "Đô thị đặc biệt, loại I / special cities",
    "inter_province": "Liên tỉnh / inter-province",
}
_NOBODY = "(không gắn bưu gửi / no item named)"


def entries(name: str, source: Source) -> Iterator[Entry]:
    """Yield the entries of a report.

    Raises:
        KeyError: there is no such report.
    """
    return _ENTRIES[name](source)


def _postal_kpi(source: Source) -> Iterator[Entry]:
    for life in lives(source):
        if judged.came_in(life, source.period) and life.channel in _POSTS:
            column = "received" if life.channel is Channel.PUBLIC_POST else "other_received"
            yield _of_agency(life.agency, column, life.code)
    for one in carried(source):
        if one.leg is Leg.RETURN:
            column = "taken" if one.carrier in source.public else "other_taken"
            yield _of_agency(one.agency, column, one.dossier)
    for told in registrations(source):
        column = "registered" if told.carrier in source.public else "other_registered"
        yield _of_agency(told.agency, column, told.dossier)


_POSTS = (Channel.PUBLIC_POST, Channel.OTHER_POST)


def _form_ii_06(source: Source) -> Iterator[Entry]:
    for life in lives(source):
        for column in judged.form_ii_06(life, source.period, source.by):
            yield _of_procedure_at(life, column)


def _by_procedure(source: Source) -> Iterator[Entry]:
    for life in lives(source):
        for column in judged.by_channel(life, source.period):
            yield Entry((life.procedure[0],), (life.procedure[1],), column, life.code)


def _settled_on_time(source: Source) -> Iterator[Entry]:
    for life in lives(source):
        for column in judged.punctuality(life, source.period):
            yield _of_agency(life.agency, column, life.code)


def _on_time(source: Source) -> Iterator[Entry]:
    today, working_time = local(source.now).date(), source.office.working_time
    for one in carried(source):
        carriage = one.carriage
        week, week_name = week_of(carriage.accepted_on)
        row = (one.carrier, one.leg, one.zone, week)
        names = (_operator(one.carrier), _LEGS[one.leg], _ZONES.get(one.zone, one.zone), week_name)
        for column, amount in transit(carriage, today, working_time):
            yield Entry(row, names, column, one.dossier, carriage.order_number, amount)


def _operator_quarter(source: Source) -> Iterator[Entry]:
    with_harm = harmed(source)
    for one in carried(source):
        number, leg = one.carriage.order_number, one.leg
        column = "harmed" if number in with_harm else "intact"
        yield Entry((one.carrier, leg), (_operator(one.carrier), _LEGS[leg]), column, one.dossier, number)
    for matter in matters(source):
        row = (matter.carrier, matter.leg)
        names = (_operator(matter.carrier), _LEGS.get(matter.leg, _NOBODY))
        yield Entry(row, names, matter.column, matter.dossier, matter.item, matter.amount)


def _of_agency(agency: tuple[str, str], column: str, dossier: str) -> Entry:
    return Entry((agency[0],), (agency[1],), column, dossier)


def _of_procedure_at(life: Life, column: str) -> Entry:
    row, names = zip(life.agency, life.procedure, strict=True)
    return Entry(row, names, column, life.code)


def _operator(carrier: str) -> str:
    """Return what an operator is called; one whose package is gone keeps its name in the rows."""
    if not carrier:
        return _NOBODY
    try:
        return registry.describe(carrier).title
    except ConfigurationError:
        return carrier


_ENTRIES: dict[str, Callable[[Source], Iterator[Entry]]] = {
    "postal-kpi": _postal_kpi,
    "form-ii-06": _form_ii_06,
    "by-procedure": _by_procedure,
    "settled-on-time": _settled_on_time,
    "on-time": _on_time,
    "operator-quarter": _operator_quarter,
}
