"""A report as it lies before its reader: every figure with its dossiers, sums that are sums, and nothing that runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.clock import VIETNAM
from config.errors import ConfigurationError
from tests.support.desk import opened_desk
from tests.tracking.reports.month import FIRST_WEEK, March
from tests.tracking.reports.reading_back import Sheet, evidence, read_book, read_csv
from tracking.reports.catalogue import LAYOUTS
from tracking.reports.layout import Entry, Layout, Leaf
from tracking.reports.periods import Period
from tracking.reports.plain_files import harmless, write_dossiers, write_table
from tracking.reports.sheets import Heading, write_sheets
from tracking.reports.table import TOTAL, roman
from tracking.reports.tally import Tally

MADE = datetime(2026, 4, 2, 8, 0, tzinfo=VIETNAM)
QUARTER = Period(date(2026, 1, 1), date(2026, 3, 31))
NAMES = ("=HYPERLINK(1)", "+84", "-1", "@cmd", "Sở Tư pháp", "Xã\tHưng Đạo")


@pytest.fixture(scope="module")
def march(tmp_path_factory: pytest.TempPathFactory) -> Iterator[March]:
    with opened_desk(tmp_path_factory.mktemp("march")) as desk:
        yield March.lived(desk)


def written(layout: Layout, entries: list[Entry], folder: Path) -> dict[str, Sheet]:
    """Write a workbook of these entries and read it back."""
    with Tally(layout) as tally:
        tally.take(entries)
        write_sheets(folder / "report.xlsx", layout, Heading(QUARTER, MADE, "Trung tâm"), tally)
    return read_book(folder / "report.xlsx")


@st.composite
def some_entries(draw: st.DrawFn) -> tuple[Layout, list[Entry]]:
    layout = draw(st.sampled_from([*LAYOUTS.values()]))
    keys = 1 + max(heading.key for heading in layout.headings)
    rows = draw(st.lists(st.tuples(*[st.sampled_from("ABC")] * keys), min_size=1, max_size=6, unique=True))
    leaves = st.sampled_from([leaf.key for leaf in layout.leaves])
    entry = st.builds(
        Entry,
        row=st.sampled_from(rows),
        names=st.tuples(*[st.sampled_from(NAMES)] * keys),
        column=leaves,
        dossier=st.integers(1, 9).map(lambda n: f"H14.10-260302-{n:04}"),
        item=st.sampled_from(["", "S1", "S2"]),
        amount=st.integers(1, 50_000),
    )
    return layout, draw(st.lists(entry, max_size=40))


@settings(max_examples=60)
@given(told=some_entries())
def test_every_figure_is_the_sum_of_the_dossiers_listed_for_its_cell(
    told: tuple[Layout, list[Entry]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    layout, entries = told
    book = written(layout, entries, tmp_path_factory.mktemp("book"))
    form, behind = book["Báo cáo"], evidence(book)
    counted = {cell: value for cell, value in form.values.items() if _is_leaf(form, layout, cell) and value}
    assert counted == {cell: sum(amount for _, amount in lines) for cell, lines in behind.items()}


@settings(max_examples=60)
@given(told=some_entries())
def test_the_total_is_the_sum_of_its_rows_and_every_formula_shows_its_result(
    told: tuple[Layout, list[Entry]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    layout, entries = told
    form = written(layout, entries, tmp_path_factory.mktemp("book"))["Báo cáo"]
    last = int(form.where(TOTAL)[1:])
    for column in _leaf_letters(layout).values():
        above = [form.values[cell] for cell in form.values if _is_leaf(form, layout, cell) and cell.startswith(column)]
        rows = [value for value in above if isinstance(value, float)]
        assert form.values[f"{column}{last}"] == sum(rows)
    for cell, formula in form.formulas.items():
        assert form.values[cell] == pytest.approx(_computed(form, formula)), (cell, formula)


@settings(max_examples=40)
@given(told=some_entries())
def test_a_csv_has_the_same_rows_and_no_text_that_a_spreadsheet_would_run(
    told: tuple[Layout, list[Entry]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    layout, entries = told
    folder = tmp_path_factory.mktemp("csv")
    with Tally(layout) as tally:
        tally.take(entries)
        write_table(folder / "a.csv", layout, tally)
        write_dossiers(folder / "b.csv", layout, tally)
        figures = tally.figures()
    table, behind = read_csv(folder / "a.csv"), read_csv(folder / "b.csv")
    assert all(not cell.startswith(("=", "+", "-", "@", "\t")) for row in (*table, *behind) for cell in row.values())
    kept = sum(sum(leaves.values()) for leaves in figures.values())
    assert sum(int(row["Giá trị / Amount"]) for row in behind) == kept
    groups = len({row[: layout.groups] for row in figures}) if layout.groups else 0
    assert len(table) == len(figures) + groups + 1


def _leaf_letters(layout: Layout) -> dict[str, str]:
    first = 1 + len(layout.headings)
    return {c.key: chr(ord("A") + first + n) for n, c in enumerate(layout.columns) if isinstance(c, Leaf)}


def _is_leaf(form: Sheet, layout: Layout, cell: str) -> bool:
    """Whether a cell is a counted figure of a row."""
    inside = cell[0] in _leaf_letters(layout).values() and cell not in form.formulas
    return inside and isinstance(form.values[cell], float) and int(cell[1:]) != int(form.where(TOTAL)[1:])


def _computed(form: Sheet, formula: str) -> float:
    """Return what a formula comes to: a subtotal that leaves other subtotals out, or plain arithmetic."""
    if found := re.fullmatch(r"SUBTOTAL\(9,([A-Z])(\d+):[A-Z](\d+)\)", formula):
        cells = [f"{found[1]}{n}" for n in range(int(found[2]), int(found[3]) + 1)]
        plain = [form.values[cell] for cell in cells if not form.formulas.get(cell, "").startswith("SUBTOTAL")]
        return sum(value for value in plain if isinstance(value, float))
    parts = [sum(float(form.values[cell]) for cell in re.findall(r"[A-Z]\d+", part)) for part in formula.split("/")]
    return parts[0] / parts[1] if len(parts) > 1 else parts[0]


def test_the_sheet_says_what_it_is(march: March, tmp_path: Path) -> None:
    (file,) = march.made("form-ii-06", FIRST_WEEK, tmp_path / "II-06.xlsx")
    book = read_book(file)
    form = book["Báo cáo"]
    assert form.values["A1"] == LAYOUTS["form-ii-06"].title.vi
    for words in ("Kỳ báo cáo: từ ngày 02/03/2026 đến hết ngày 08/03/2026", "Đơn vị tính", "Căn cứ", "Nguồn", "(16) "):
        assert form.where(words)
    assert "TT 01/2020/TT-VPCP" in str(form.values[form.where("Căn cứ")])
    assert "08:00 01/04/2026" in str(form.values[form.where("Nguồn")])
    assert 'orientation="landscape"' in form.xml
    assert re.search(r'<pane [^>]*topLeftCell="[A-Z]+\d+"[^>]*state="frozen"', form.xml)
    assert re.search(r'fitToWidth="1"|fitToHeight="0"', form.xml)
    assert [*book] == ["Báo cáo", "Hồ sơ"]


def test_no_personal_data_leaves_with_a_report(march: March, tmp_path: Path) -> None:
    for name in LAYOUTS:
        for ending in ("xlsx", "csv"):
            march.made(name, FIRST_WEEK, tmp_path / f"{name}.{ending}")
    seen = "".join(sheet.xml for file in tmp_path.glob("*.xlsx") for sheet in read_book(file).values())
    seen += "".join(file.read_text(encoding="utf-8") for file in tmp_path.glob("*.csv"))
    assert march.by_post.code in seen
    for private in ("Bế Đức Hiếu", "919393275", "004412799013", "Tổ 5"):
        assert private not in seen


def test_evidence_goes_on_on_another_sheet_where_one_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracking.reports.trace_sheets._MOST_LINES", 3)
    entries = [Entry(("H14.10",), ("Sở",), "received", f"D{n}") for n in range(7)]
    book = written(LAYOUTS["postal-kpi"], entries, tmp_path)
    assert [*book] == ["Báo cáo", "Hồ sơ", "Hồ sơ 2", "Hồ sơ 3"]
    assert sorted(code for lines in evidence(book).values() for code, _ in lines) == [f"D{n}" for n in range(7)]


def test_a_report_of_nothing_still_has_its_total(tmp_path: Path) -> None:
    for layout in LAYOUTS.values():
        form = written(layout, [], tmp_path)["Báo cáo"]
        total = form.row(int(form.where(TOTAL)[1:]))
        assert {*total[1:]} <= {0.0, "–"}


def test_what_cannot_be_written_leaves_nothing_behind(march: March, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"ends in \.xlsx or \.csv"):
        march.made("on-time", FIRST_WEEK, tmp_path / "on-time.pdf")
    with pytest.raises(ConfigurationError, match="cannot write"):
        march.made("on-time", FIRST_WEEK, tmp_path / "nowhere" / "on-time.xlsx")
    (tmp_path / "taken.xlsx").mkdir()
    with pytest.raises(ConfigurationError, match="cannot write"):
        march.made("on-time", FIRST_WEEK, tmp_path / "taken.xlsx")
    assert [file.name for file in tmp_path.iterdir()] == ["taken.xlsx"]


@given(text=st.text())
def test_no_text_is_a_formula_and_each_keeps_its_letters(text: str) -> None:
    assert harmless(text).removeprefix("'").endswith(text.removeprefix("'"))
    assert not harmless(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize(
    ("number", "letters"), [(1, "I"), (4, "IV"), (19, "XIX"), (44, "XLIV"), (90, "XC"), (134, "CXXXIV")]
)
def test_groups_are_numbered_as_in_forms(number: int, letters: str) -> None:
    assert roman(number) == letters


def test_a_long_name_gets_as_many_lines_as_it_needs(tmp_path: Path) -> None:
    long = "Đăng ký, cấp Giấy chứng nhận quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất lần đầu"
    entries = [
        Entry(("H14.10", code), ("Sở", name), "received_online", "D1")
        for code, name in (("1", "Khai sinh"), ("2", long))
    ]
    form = written(LAYOUTS["form-ii-06"], entries, tmp_path)["Báo cáo"]
    short_row, long_row = form.where("Khai sinh")[1:], form.where(long)[1:]
    heights = dict(re.findall(r'<row r="(\d+)"[^>]* ht="([\d.]+)"', form.xml))
    assert float(heights[long_row]) > 2.5 * float(heights[short_row])
