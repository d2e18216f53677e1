"""From issued documents to one PDF. The only module that knows typst.

What people wrote reaches the templates as data and never as their language: nothing in a name can be a command there.
Templates and fonts come with the program; neither the network nor the fonts of the machine play a part.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dispatch.documents.codes import with_codes
from dispatch.documents.document import Issue
from dispatch.documents.kinds import KINDS, DocumentKind, Validity

if TYPE_CHECKING:
    from typst import Fonts

_TEMPLATES = Path(__file__).with_name("templates")


def render(kind: DocumentKind, issues: Sequence[Issue], at: datetime) -> bytes:
    """Return one PDF with all documents of a kind, each on pages of its own; ``at`` is when it is made."""
    import typst

    words = KINDS[kind]
    head = {"title": f"{words.vi} / {words.en}", "documents": [_item(issue) for issue in issues]}
    return typst.compile(
        str(_TEMPLATES / f"{kind}.typ"),
        root=str(_TEMPLATES),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(head, ensure_ascii=False)},
        timestamp=int(at.timestamp()),
    )


def _item(issue: Issue) -> dict[str, Any]:
    document = issue.document
    mark = {"number": issue.number, "copy": issue.copy_no, "draft": document.validity is Validity.DRAFT}
    return {"mark": mark, **with_codes(document.data)}


@cache
def _fonts() -> Fonts:
    import typst

    return typst.Fonts(include_system_fonts=False)
