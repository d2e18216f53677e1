"""Provinces and communes as MyVNPost knows them. Its catalogue since the 2025 mergers is not published.

The statistics office's code is sent for a province unless the deployment's file says otherwise, and no code for a
commune that is not in it: the address names the commune in any case.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from carriers.area_codes import own_area_file

DISTRICT = "VNPOST"
"""What MyVNPost wants for the district of an address that has none, as all have since July 2025."""


@dataclass(frozen=True, slots=True)
class Areas:
    """A deployment's codes: provinces by GSO code, communes by province and folded name."""

    provinces: Mapping[str, str] = field(default_factory=dict)
    communes: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def province(self, gso: str) -> str:
        """Return MyVNPost's code of a province."""
        return self.provinces.get(gso, gso)

    def commune(self, gso: str, address: str) -> str | None:
        """Return the code of the commune that ``address`` names between commas, or None where the file has none."""
        codes = (self.communes.get((gso, _folded(part))) for part in address.split(","))
        return next((code for code in codes if code is not None), None)


def load_areas(own_file: Path | None) -> Areas:
    """Read the deployment's own file.

    Raises:
        ConfigurationError: it cannot be used.
    """
    if own_file is None:
        return Areas()
    file = own_area_file(own_file)
    return Areas(
        provinces={area.gso: area.vnpost for area in file.provinces if area.vnpost is not None},
        communes={(commune.province, _folded(commune.name)): commune.vnpost for commune in file.communes},
    )


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold()
