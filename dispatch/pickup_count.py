"""The count at the citizen's door: what is there and what is missing, by the list and by nothing else. Pure.

The postman counts against the published list and guides the citizen to complete it; he may not ask for anything beyond
it, nor refuse without reason (Decision 45/2016/QĐ-TTg Art. 6(2)-(3), 16(5)(b)).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dispatch.checklist_choice import Item, same_name
from dispatch.papers import Paper

RULE = "Decision 45/2016/QĐ-TTg Art. 6(3), 16(5)(b)"


@dataclass(frozen=True, slots=True)
class Count:
    """What became of a count. A slip stands only when the last three are empty.

    Attributes:
        missing: the papers that are missing, by their names on the list and in its order.
        invented: names that are not on the list.
        unnamed: required papers that are not all there, and that the slip does not call missing.
        complete: papers that the slip calls missing although they are all there.
    """

    missing: tuple[str, ...]
    invented: tuple[str, ...]
    unnamed: tuple[str, ...]
    complete: tuple[str, ...]


def count(
    listed: Sequence[Item], counted: Sequence[Paper], named: Iterable[str], *, also_known: Iterable[str] = ()
) -> Count:
    """Compare a count with the list; ``named`` is what the slip calls missing.

    ``also_known`` are papers that the citizen has registered beyond the list: they may be counted, never be missing.
    """
    named = list(named)
    short = [item for item in listed if _is_short(item, counted)]
    missing = [item for item in listed if _is_among(item.name, named)]
    known = [*(item.name for item in listed), *also_known]
    off_list = [name for name in named if not _is_among(name, [item.name for item in listed])]
    return Count(
        missing=tuple(item.name for item in missing),
        invented=(*off_list, *(paper.name for paper in counted if not _is_among(paper.name, known))),
        unnamed=tuple(item.name for item in short if item.required and item not in missing),
        complete=tuple(item.name for item in missing if item not in short),
    )


def _is_short(item: Item, counted: Iterable[Paper]) -> bool:
    there = [paper for paper in counted if same_name(paper.name, item.name)]
    originals, copies = sum(paper.originals for paper in there), sum(paper.copies for paper in there)
    return originals < item.originals or copies < item.copies


def _is_among(name: str, names: Iterable[str]) -> bool:
    return any(same_name(name, one) for one in names)
