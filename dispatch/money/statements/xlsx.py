"""The first sheet of an XLSX file, with the standard library alone. Pure: bytes in, rows out.

A file from outside may be made to hurt: parts that grow without end when unpacked, entities that expand, references to
other files. So sizes are counted while unpacking, a document type is refused outright, and nothing but the three parts
that are needed is opened.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from xml.etree import ElementTree as ET

from dispatch.money.statements.cells import Cell

_LARGEST_PART = 20_000_000
_MOST_PARTS = 2_000
_MOST_COLUMNS = 200
_MOST_ROWS = 200_000
_MOST_DIGITS = 30
_EPOCH, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


class UnreadableWorkbook(ValueError):  # noqa: N818 - what it is, not that something broke
    """A file that is no workbook, or one that is not to be trusted."""


class _NoDoctype(ET.TreeBuilder):
    """Builds trees of documents that declare no document type: so there are no entities to expand."""

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        raise UnreadableWorkbook("it declares a document type, which no workbook needs")


def read_xlsx(content: bytes) -> tuple[list[list[Cell]], date]:
    """Return the rows of the first sheet as they are numbered, and the day from which its days are counted.

    Raises:
        UnreadableWorkbook: it says why.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if len(archive.infolist()) > _MOST_PARTS:
                raise UnreadableWorkbook(f"it has more than {_MOST_PARTS} parts")
            return _rows(archive)
    except UnreadableWorkbook:
        raise
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise UnreadableWorkbook(f"it is no XLSX file, or a broken or locked one ({error})") from error
    except (ET.ParseError, KeyError, ValueError) as error:
        raise UnreadableWorkbook(f"a part of it cannot be read ({error})") from error


def _rows(archive: zipfile.ZipFile) -> tuple[list[list[Cell]], date]:
    workbook = _part(archive, "xl/workbook.xml")
    properties = next(_named(workbook, "workbookPr"), None)
    later = properties is not None and properties.get("date1904") in ("1", "true")
    strings = _strings(archive)
    rows: list[list[Cell]] = []
    for row in _named(_part(archive, _first_sheet(archive, workbook)), "row"):
        number = int(row.get("r") or len(rows) + 1)
        if not len(rows) < number <= _MOST_ROWS:
            raise UnreadableWorkbook(f"its rows are out of order, or more than {_MOST_ROWS}")
        rows.extend([] for _ in range(number - len(rows) - 1))
        rows.append(_cells(row, strings))
    return rows, _EPOCH_1904 if later else _EPOCH


def _part(archive: zipfile.ZipFile, name: str) -> ET.Element:
    with archive.open(name) as part:
        content = part.read(_LARGEST_PART + 1)
    if len(content) > _LARGEST_PART:
        raise UnreadableWorkbook(f"its part {name} is larger than {_LARGEST_PART} bytes")
    parser = ET.XMLParser(target=_NoDoctype())
    parser.feed(content)
    root: ET.Element = parser.close()
    return root


def _first_sheet(archive: zipfile.ZipFile, workbook: ET.Element) -> str:
    sheet = next(_named(workbook, "sheet"), None)
    wanted = next((value for name, value in sheet.items() if name.endswith("}id")), None) if sheet is not None else None
    for one in _named(_part(archive, "xl/_rels/workbook.xml.rels"), "Relationship"):
        if one.get("Id") == wanted and wanted is not None:
            target = one.get("Target") or ""
            return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    raise UnreadableWorkbook("it has no sheet")


def _strings(archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    return [_text(one) for one in _named(_part(archive, "xl/sharedStrings.xml"), "si")]


def _cells(row: ET.Element, strings: list[str]) -> list[Cell]:
    cells: list[Cell] = []
    for cell in _named(row, "c"):
        place = _column(cell.get("r")) if cell.get("r") else len(cells)
        if not len(cells) <= place < _MOST_COLUMNS:
            raise UnreadableWorkbook(f"its columns are out of order, or more than {_MOST_COLUMNS}")
        cells.extend("" for _ in range(place - len(cells)))
        cells.append(_value(cell, strings))
    return cells


def _value(cell: ET.Element, strings: list[str]) -> Cell:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _text(cell)
    written = next((one.text or "" for one in _named(cell, "v")), "")
    if kind == "s":
        try:
            return strings[int(written)]
        except (ValueError, IndexError) as error:
            raise UnreadableWorkbook(f"cell {cell.get('r')} refers to a text that is not there") from error
    if kind != "n" or not written:
        return written
    try:
        number = Decimal(written)
    except InvalidOperation as error:
        raise UnreadableWorkbook(f"cell {cell.get('r')} calls '{written[:40]}' a number") from error
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        raise UnreadableWorkbook(f"cell {cell.get('r')} has a number that no statement needs")
    return number


def _column(reference: str | None) -> int:
    found = _REFERENCE.fullmatch(reference or "")
    if found is None:
        raise UnreadableWorkbook(f"'{(reference or '')[:20]}' is the name of no cell")
    place = 0
    for letter in found[1]:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def _text(element: ET.Element) -> str:
    """Return the text of an element without the readings that some languages put beside it."""
    runs = [one for one in element if _local(one) == "r"] or [element]
    inside = [one for run in runs for part in run for one in ([part] if _local(part) == "t" else _inline(part))]
    return "".join(one.text or "" for one in inside)


def _inline(part: ET.Element) -> list[ET.Element]:
    return list(_named(part, "t")) if _local(part) == "is" else []


def _named(element: ET.Element, name: str) -> Iterator[ET.Element]:
    return (one for one in element.iter() if _local(one) == name)


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
