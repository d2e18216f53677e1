"""The register of provinces, districts and communes before and after 1 July 2025, and what became of each old commune.

Source: the tables inside the package ``vietnamadminunits`` (MIT). They are read as files: importing that package would
load numpy, shapely and a geocoding client, none of which a register needs.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Literal

from dispatch.place_names import Kind, Name, official

Era = Literal["new2", "legacy3"]
"""``new2``: province and commune, since 1 July 2025. ``legacy3``: province, district and commune, before it."""

_PACKAGE = "vietnamadminunits"
_NEW = "SELECT provinceCode, province, provinceKey, wardCode, ward, wardKey FROM admin_units"
_OLD = "SELECT DISTINCT province, provinceKey, district, districtKey, ward, wardKey FROM admin_units_legacy"

# Huế became a city under central government on 1 January 2025; the province's name is still the more usual one.
_ALSO_CALLED = {"hanoi": "TP HN", "hochiminh": "TP HCM", "hue": "Tỉnh Thừa Thiên Huế"}


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune of today. Codes are those of the statistics office: text, zeros at the front count."""

    code: str
    name: str
    province_code: str
    province_name: str


@dataclass(frozen=True, slots=True)
class Place:
    """A commune of one era, and the communes of today that hold its land (several, if it was divided).

    ``provinces`` are the names its province may be written with, the official one of the era first. Five old island
    districts had no communes: there the district itself stands as ``commune``.
    """

    era: Era
    provinces: tuple[Name, ...]
    district: Name | None
    commune: Name
    today: tuple[Commune, ...]


class Register:
    """All places, found by the name of their commune without accents."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._places: defaultdict[str, list[Place]] = defaultdict(list)
        self.provinces: defaultdict[str, set[Kind | None]] = defaultdict(set)
        self.districts: defaultdict[str, set[Kind | None]] = defaultdict(set)
        self.communes: defaultdict[str, set[Kind | None]] = defaultdict(set)
        for place in places:
            self._add(place)

    def named(self, key: str) -> list[Place]:
        """Return the places whose commune has this name, in the order of the register."""
        return self._places.get(key, [])

    def all(self) -> Iterator[Place]:
        """Yield every place of both eras."""
        for places in self._places.values():
            yield from places

    def _add(self, place: Place) -> None:
        self._places[place.commune.key].append(place)
        self.communes[place.commune.key].add(place.commune.kind)
        for province in place.provinces:
            self.provinces[province.key].add(province.kind)
        if place.district:
            self.districts[place.district.key].add(place.district.kind)


@cache
def register() -> Register:
    """Return the register, read on first use (less than half a second) and kept."""
    folder = Path(str(distribution(_PACKAGE).locate_file(_PACKAGE))) / "data"
    with closing(sqlite3.connect(f"{(folder / 'dataset.db').as_uri()}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        communes = {(row["provinceKey"], row["wardKey"]): _commune(row) for row in database.execute(_NEW)}
        successors = _successors(json.loads((folder / "converter_2025.json").read_text("utf-8")), communes)
        old = [_old_place(row, successors) for row in database.execute(_OLD)]
    return Register([*map(_new_place, communes.values()), *old])


def _commune(row: sqlite3.Row) -> Commune:
    names = (official(row["ward"]).full, row["provinceCode"], official(row["province"]).full)
    return Commune(row["wardCode"], *names)


def _successors(
    conversion: Mapping[str, Any], communes: Mapping[tuple[str, str], Commune]
) -> Mapping[str, tuple[Commune, ...]]:
    """Return the communes of today for each old ``province_district_commune``."""
    found: defaultdict[str, list[Commune]] = defaultdict(list)
    for province, whole in conversion["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for commune, old_keys in whole.items():
            for old in old_keys:
                found[old].append(communes[province, commune])
    for province, divided in conversion["DICT_PROVINCE_WARD_DIVIDED"].items():
        for old, parts in divided.items():
            found[old].extend(communes[province, part["newWardKey"]] for part in parts)
    return {old: tuple(dict.fromkeys(parts)) for old, parts in found.items()}


def _new_place(commune: Commune) -> Place:
    return Place("new2", _province_names(commune.province_name), None, official(commune.name), (commune,))


def _old_place(row: sqlite3.Row, successors: Mapping[str, tuple[Commune, ...]]) -> Place:
    today = successors["_".join(row[column] or "" for column in ("provinceKey", "districtKey", "wardKey"))]
    # On a paper of before, a later hand may have written the province of today.
    provinces = _province_names(row["province"], *(commune.province_name for commune in today))
    district = official(row["district"])
    if row["ward"] is None:
        return Place("legacy3", provinces, None, district, today)
    return Place("legacy3", provinces, district, official(row["ward"]), today)


def _province_names(*full: str) -> tuple[Name, ...]:
    names = [official(name) for name in full]
    others = [official(_ALSO_CALLED[name.key]) for name in names if name.key in _ALSO_CALLED]
    return tuple(dict.fromkeys([*names, *others]))
