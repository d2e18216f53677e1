"""How iGate writes things down: names in several languages, paths, statuses, receiving kinds. Pure, for any JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar
from unicodedata import normalize

from carriers.reading import NotAnEventError, event_time, reference, text
from dispatch.onestop.contract import NotADossierError
from dispatch.onestop.igate.settings import IgateSettings, Kind, Meaning, Unit

_VIETNAMESE = 228
_HOURS_A_DAY = 8

_STATUS_NAMES: dict[str, Meaning] = {
    "mới đăng ký": Meaning.FILED,
    "được tiếp nhận": Meaning.ACCEPTED,
    "không được tiếp nhận": Meaning.REFUSED,
    "đang xử lý": Meaning.PROCESSING,
    "yêu cầu bổ sung giấy tờ": Meaning.SUPPLEMENT,
    "yêu cầu thực hiện nghĩa vụ tài chính": Meaning.PAYMENT,
    "công dân yêu cầu rút hồ sơ": Meaning.WITHDRAWN,
    "dừng xử lý": Meaning.STOPPED,
    "đã xử lý xong": Meaning.FINISHED,
    "đã trả kết quả": Meaning.RETURNED,
}
_KIND_NAMES: dict[str, Kind] = {"nhận trực tiếp": "direct"}
_TIMESHEET_NAMES: dict[str, Unit] = {"ngày làm việc": "working_days"}
_DAYS, _HOURS = frozenset({"d", "day", "days", "ngày"}), frozenset({"h", "hour", "hours", "giờ"})

Value = TypeVar("Value")


def at_path(document: Any, path: str) -> Any:
    """Return what stands at a dotted path, entering lists at their first item; None where nothing does."""
    for name in path.split("."):
        document = document[0] if isinstance(document, list) and document else document
        document = document.get(name) if isinstance(document, dict) else None
    return document


def first_text(document: Any, *paths: str) -> str:
    """Return the first text that stands at one of the paths, or nothing."""
    return next((found for path in paths if (found := text(at_path(document, path)))), "")


def name_of(value: Any) -> str:
    """Return a name: plain, inside an object, or the Vietnamese one of a list of languages."""
    for _ in range(3):
        if isinstance(value, dict):
            value = value.get("name", value.get("translate"))
        elif isinstance(value, list):
            spoken = [one for one in value if isinstance(one, dict)]
            value = next((one for one in spoken if one.get("languageId") == _VIETNAMESE), spoken[0] if spoken else None)
    return text(value)


def folded(written: str) -> str:
    """Return a name as it is compared: composed letters, no capitals, single spaces."""
    return " ".join(normalize("NFC", written).casefold().split())


def moment(document: Any, path: str) -> datetime | None:
    """Return the time at a path in UTC, or None where nothing stands there.

    Raises:
        NotADossierError: what stands there is no time.
    """
    value = at_path(document, path)
    if value is None or value == "":
        return None
    try:
        return event_time(value, path)
    except NotAnEventError as error:
        raise NotADossierError(f"{error}; correct it in iGate, and the dossier is imported again by itself") from error


def status_of(document: Mapping[str, Any], settings: IgateSettings) -> Meaning:
    """Return where a dossier stands: by the configured id, else by the name in national use.

    Raises:
        NotADossierError: neither is known.
    """
    status = document.get("dossierStatus")
    number = reference(status.get("id") if isinstance(status, dict) else status)
    if number is not None and (meaning := settings.means(number)) is not None:
        return meaning
    names = [
        folded(name_of(status)) if isinstance(status, dict) else "",
        folded(name_of(document.get("dossierTaskStatus"))),
    ]
    known = next((_STATUS_NAMES[name] for name in names if name in _STATUS_NAMES), None)
    if known is None:
        said = next(filter(None, names), "no name")
        raise NotADossierError(
            f"status {number or 'without an id'} ({said}) is not known: say in options.statuses what it means"
        )
    return known


def kind_of(document: Mapping[str, Any], settings: IgateSettings) -> Kind:
    """Return what the receiving kind orders of the post; a dossier without one comes and goes over the counter.

    Raises:
        NotADossierError: nobody has said what this kind means.
    """
    value = document.get("dossierReceivingKind")
    if value is None or value == {}:
        return "direct"
    return _told(value, settings.receiving_kinds, _KIND_NAMES, "receiving kind", "receiving_kinds")


def time_limit(document: Mapping[str, Any], settings: IgateSettings) -> dict[str, Any]:
    """Return how long the procedure may take, from the dossier itself or from the definition of its process.

    Raises:
        NotADossierError: it is not said, or in a way that nobody has explained.
    """
    process = at_path(document, "procedureProcessDefinition.processDefinition")
    told = next((one for one in (document, process) if isinstance(one, dict) and one.get("processingTime")), {})
    amount, unit = told.get("processingTime"), folded(text(told.get("processingTimeUnit")))
    if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 < amount <= 2000:
        raise NotADossierError("processingTime is missing or no number of days or hours; correct the process in iGate")
    if unit in _HOURS and amount == int(amount):
        return {"amount": int(amount), "unit": "working_hours"}
    if unit not in _DAYS:
        raise NotADossierError(f"processingTimeUnit '{unit}' is neither days nor hours; correct the process in iGate")
    sheet = at_path(document, "procedureProcessDefinition.processDefinition.timesheet")
    days = _told(sheet, settings.timesheets, _TIMESHEET_NAMES, "timesheet", "timesheets")
    if amount == int(amount):
        return {"amount": int(amount), "unit": days}
    hours = amount * _HOURS_A_DAY
    if days == "working_days" and hours == int(hours):
        return {"amount": int(hours), "unit": "working_hours"}
    raise NotADossierError(f"{amount} days are no whole number of working hours; correct the process in iGate")


def _told(
    value: Any, by_configuration: Mapping[str, Value], by_name: Mapping[str, Value], what: str, option: str
) -> Value:
    number = reference(value.get("id") if isinstance(value, dict) else value)
    name = folded(name_of(value))
    configured = {folded(key): meaning for key, meaning in by_configuration.items()}
    for table, key in ((configured, folded(number or "")), (configured, name), (by_name, name)):
        if key and key in table:
            return table[key]
    raise NotADossierError(
        f"{what} {number or 'without an id'} ({name or 'no name'}) is not known: say in options.{option} what it means"
    )
