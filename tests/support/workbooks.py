"""XLSX files as small as they can be, made by hand: what a spreadsheet program writes, and what one never would."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from xml.sax.saxutils import escape

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORKBOOK = (
    f'<workbook {_MAIN} xmlns:r="{_RELATED}"><workbookPr/><sheets>'
    '<sheet name="T3" sheetId="1" r:id="rId7"/></sheets></workbook>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId7" Type="x" Target="worksheets/sheet1.xml"/></Relationships>'
)
_EPOCH = date(1899, 12, 30)
Written = str | int | date | None


def workbook(rows: Sequence[Sequence[Written]], **parts: str) -> bytes:
    """Return a file of one sheet; texts are shared, numbers and days are numbers. ``parts`` replaces parts by name."""
    texts: list[str] = []
    written = "".join(_row(number, row, texts) for number, row in enumerate(rows, start=1) if any(row))
    contents = {
        "workbook": WORKBOOK,
        "relations": RELATIONS,
        "sheet": f"<worksheet {_MAIN}><sheetData>{written}</sheetData></worksheet>",
        "strings": f"<sst {_MAIN}>{''.join(f'<si><t>{escape(text)}</t></si>' for text in texts)}</sst>",
        **parts,
    }
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(_PLACES[name], (2026, 4, 1, 8, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return kept.getvalue()


_PLACES = {
    "workbook": "xl/workbook.xml",
    "relations": "xl/_rels/workbook.xml.rels",
    "sheet": "xl/worksheets/sheet1.xml",
    "strings": "xl/sharedStrings.xml",
}


def _row(number: int, row: Sequence[Written], texts: list[str]) -> str:
    cells = "".join(_cell(f"{chr(65 + place)}{number}", value, texts) for place, value in enumerate(row) if value != "")
    return f'<row r="{number}">{cells}</row>'


def _cell(reference: str, value: Written, texts: list[str]) -> str:
    if value is None:
        return f'<c r="{reference}"/>'
    if isinstance(value, str):
        texts.append(value)
        return f'<c r="{reference}" t="s"><v>{len(texts) - 1}</v></c>'
    return f'<c r="{reference}"><v>{(value - _EPOCH).days if isinstance(value, date) else value}</v></c>'
