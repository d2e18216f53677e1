"""Province and district codes in the list that an adapter expects.

We speak the statistics office's codes (GSO, with leading zeros). Which list NGSP expects is not published and differs
by deployment, so the lists are data (``codes/``) and a deployment may lay its own file over them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

from carriers.area_codes import Area, AreaFile, own_area_file, read_area_file
from carriers.outcomes import Rejected

CodeList = Literal["gso", "vnpost"]


@dataclass(frozen=True, slots=True)
class AreaCodes:
    """GSO code to the adapter's integer, for provinces and districts."""

    provinces: dict[str, int]
    districts: dict[str, int]

    def province(self, gso: str) -> int:
        """Translate a province.

        Raises:
            Rejected: the list has no such province, so the order cannot be sent as it is.
        """
        if gso in self.provinces:
            return self.provinces[gso]
        raise Rejected(
            f"VNPost's list has no code for province '{gso}'; correct the address, "
            "or add the province to the account's code_file.",
            code="province_unknown",
        )

    def district(self, gso: str | None) -> int | None:
        """Translate a district; None where there is none, as since 2025, or the list does not know it (optional)."""
        return self.districts.get(gso) if gso is not None else None


def load_area_codes(code_list: CodeList, own_file: Path | None) -> AreaCodes:
    """Read the lists that ship with us, and the deployment's own file over them.

    Raises:
        ConfigurationError: the deployment's file cannot be used.
    """
    areas = [_shipped("provinces.toml"), _shipped("districts.toml")]
    if own_file is not None:
        areas.append(own_area_file(own_file))
    return AreaCodes(
        provinces={code: number for file in areas for code, number in _numbers(file.provinces, code_list)},
        districts={code: number for file in areas for code, number in _numbers(file.districts, code_list)},
    )


def _numbers(areas: tuple[Area, ...], code_list: CodeList) -> list[tuple[str, int]]:
    codes = [(area.gso, area.gso if code_list == "gso" else area.vnpost) for area in areas]
    return [(gso, int(code)) for gso, code in codes if code is not None]


@cache
def _shipped(name: str) -> AreaFile:
    return read_area_file(files(__package__) / "codes" / name)
