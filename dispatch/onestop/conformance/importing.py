"""Importing: what changes is never missed, and what comes is what the system holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from carriers.conformance.harness import NotConformingError, expect
from dispatch.onestop.conformance.harness import Harness, their_side
from dispatch.onestop.contract import Imported, ImportsDossiers, NotADossierError

_PAGES = 200
_JUNK: tuple[Any, ...] = (None, True, 0, 1.5, "", "hồ sơ", [], {}, [[]], {"dossier": None}, {"dossier": {"code": 1}})


def an_expired_token_is_renewed(harness: Harness) -> None:
    """A token that ends in the middle of the pages is fetched anew."""
    if harness.expire is None:
        return
    importer = _importer(harness)
    position, more = None, True
    for _ in range(_PAGES):
        harness.expire()
        page = importer.changes(position)
        position, more = page.position, page.more
        if not more:
            return
    raise NotConformingError("the pages do not come to an end")


def no_change_is_missed(harness: Harness) -> None:
    """What changes while pages are read, or slips over their border, comes with one of the next looks."""
    importer, theirs = _importer(harness), their_side(harness)
    codes = [theirs.file("no-change-is-missed") for _ in range(8)]
    look = _look(importer, None)
    gone = codes[-1]

    def happen() -> None:
        theirs.change(codes[0])
        theirs.change(codes[3])
        theirs.remove(gone)

    theirs.meanwhile(happen)
    position, seen = _walked(look)
    for _ in range(2):
        position, more = _walked(_look(importer, position))
        seen = {code: [*seen.get(code, []), *more.get(code, [])] for code in seen.keys() | more.keys()}
    for code in codes[:-1]:
        expect(any(theirs.is_latest(one) for one in seen.get(code, ())), f"a change of dossier {code} was missed")


def the_same_version_is_the_same_content(harness: Harness) -> None:
    """A version is the content: it stays with it and goes with it."""
    importer, theirs = _importer(harness), their_side(harness)
    code = theirs.file("same-version")
    _, first = _walked(_look(importer, None))
    _, again = _walked(_look(importer, None))
    before, after = ({one.version for one in seen.get(code, ())} for seen in (first, again))
    expect(before == after and len(before) == 1, "a dossier that did not change has another version")
    theirs.change(code)
    _, changed = _walked(_look(importer, None))
    expect(bool({one.version for one in changed[code]} - before), "a dossier that changed keeps its version")


def what_is_imported_is_understood(harness: Harness) -> None:
    """A dossier says what it is, always in the same way."""
    importer, theirs = _importer(harness), their_side(harness)
    code = theirs.file("understood")
    _, seen = _walked(_look(importer, None))
    raw = next(iter(seen[code])).raw
    statements = importer.understand(raw)
    expect(any(one.kind == "dossier" for one in statements), "a dossier says nothing of itself")
    expect(all(one.code == code for one in statements), "a dossier speaks of another one")
    expect(list(statements) == list(importer.understand(raw)), "the same value is understood in another way")
    keys = [one.key for one in statements]
    expect(len(keys) == len(set(keys)), "two statements have one key")


def junk_is_no_dossier(harness: Harness) -> None:
    """What cannot be a dossier is refused with a word, and never in another way."""
    importer = _importer(harness)
    for junk in _JUNK:
        try:
            importer.understand(junk)
        except NotADossierError as error:
            expect(bool(str(error)), "junk is refused without a word")
        else:
            raise NotConformingError(f"{junk!r} passes for a dossier")


Seen = dict[str, list[Imported]]


def _look(importer: ImportsDossiers, position: str | None) -> Iterator[tuple[str, tuple[Imported, ...]]]:
    for _ in range(_PAGES):
        page = importer.changes(position)
        position = page.position
        yield position, page.dossiers
        if not page.more:
            return
    raise NotConformingError("the pages do not come to an end")


def _walked(look: Iterator[tuple[str, tuple[Imported, ...]]]) -> tuple[str, Seen]:
    position, seen = "", Seen()
    for after, dossiers in look:
        position = after
        for one in dossiers:
            seen.setdefault(one.code, []).append(one)
    return position, seen


def _importer(harness: Harness) -> ImportsDossiers:
    if isinstance(harness.onestop, ImportsDossiers):
        return harness.onestop
    raise NotConformingError("it does not import dossiers though it claims to")
