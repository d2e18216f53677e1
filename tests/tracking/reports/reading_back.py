"""What a spreadsheet program would show of a report: every sheet, cell by cell, read without its help."""

from __future__ import annotations

import csv
import re
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

_NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
_CELL = re.compile(r"([A-Z]+)([0-9]+)")


@dataclass
class Sheet:
    """One sheet: its values by cell, and the formulas behind some of them."""

    values: dict[str, str | float] = field(default_factory=dict)
    formulas: dict[str, str] = field(default_factory=dict)
    xml: str = ""

    def row(self, number: int) -> list[str | float]:
        """Return the filled cells of a row, from left to right."""
        found = [
            (len(m[1]), m[1], value) for cell, value in self.values.items() if (m := _parts(cell))[2] == str(number)
        ]
        return [value for *_, value in sorted(found, key=lambda one: one[:2])]

    def where(self, text: str) -> str:
        """Return the first cell whose text begins so."""
        return next(cell for cell, value in self.values.items() if isinstance(value, str) and value.startswith(text))


def _parts(cell: str) -> re.Match[str]:
    found = _CELL.fullmatch(cell)
    assert found is not None
    return found


def read_book(path: Path) -> dict[str, Sheet]:
    """Return every sheet of a workbook by its name, in order."""
    with zipfile.ZipFile(path) as archive:
        book = ET.fromstring(archive.read("xl/workbook.xml"))
        names = [sheet.get("name") or "" for sheet in book.iterfind("m:sheets/m:sheet", _NS)]
        parts = [archive.read(f"xl/worksheets/sheet{n}.xml") for n in range(1, len(names) + 1)]
    return {name: _sheet(part) for name, part in zip(names, parts, strict=True)}


def _sheet(content: bytes) -> Sheet:
    sheet = Sheet(xml=content.decode())
    for cell in ET.fromstring(content).iter(f"{{{_NS['m']}}}c"):
        place = cell.get("r") or ""
        text = "".join(one.text or "" for one in cell.iterfind(".//m:t", _NS))
        number, formula = cell.find("m:v", _NS), cell.find("m:f", _NS)
        if cell.get("t") == "inlineStr":
            sheet.values[place] = text
        elif number is not None and number.text:
            sheet.values[place] = float(number.text)
        if formula is not None and formula.text:
            sheet.formulas[place] = formula.text
    return sheet


def evidence(book: dict[str, Sheet]) -> dict[str, list[tuple[str, float]]]:
    """Return the dossiers, with what each adds, of every cell that the sheets behind a report name."""
    found: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for name, sheet in book.items():
        if not name.startswith("Hồ sơ"):
            continue
        for place, cell in sheet.values.items():
            if place.startswith("A") and place != "A1":
                number = place[1:]
                amount = sheet.values[f"F{number}"]
                assert isinstance(amount, float)
                found[str(cell)].append((str(sheet.values[f"D{number}"]), amount))
    return found


def read_csv(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV as a spreadsheet program set to Vietnamese reads them."""
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(content.decode("utf-8-sig").splitlines(), delimiter=";"))
