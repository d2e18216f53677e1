"""From issued documents to one PDF.

What people wrote reaches the templates as data and never as their language: nothing in a name can be a command there.
Templates and fonts come with the program; neither the network nor the fonts of the machine play a part.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from dispatch.documents.codes import with_codes
from dispatch.documents.document import Issue
from dispatch.documents.kinds import KINDS, DocumentKind, Validity
from dispatch.problems import Problem

_TEMPLATES = Path(__file__).with_name("templates")
_PRESS = Path(__file__).with_name("press.py")
_LONGEST = 120.0
"""Real seconds until a print is given up."""
_presses = threading.BoundedSemaphore(2)
"""Each needs up to 1 GB for 500 documents, so no more of them run at once in a process."""


def render(kind: DocumentKind, issues: Sequence[Issue], at: datetime) -> bytes:
    """Return one PDF with all documents of a kind, each on pages of its own; ``at`` is when it is made.

    Raises:
        Problem: it could not be drawn in two minutes.
    """
    words = KINDS[kind]
    order = {
        "template": str(_TEMPLATES / f"{kind}.typ"),
        "root": str(_TEMPLATES),
        "data": {"title": f"{words.vi} / {words.en}", "documents": [_item(issue) for issue in issues]},
        "at": int(at.timestamp()),
    }
    command = [sys.executable, "-P", str(_PRESS)]
    try:
        with _presses:
            done = subprocess.run(
                command, input=json.dumps(order).encode(), capture_output=True, timeout=_LONGEST, check=False
            )
    except subprocess.TimeoutExpired as error:
        raise _too_slow(len(issues)) from error
    if done.returncode:
        raise RuntimeError(f"template {kind}.typ: {done.stderr.decode(errors='replace')[-500:]}")
    return done.stdout


def _item(issue: Issue) -> dict[str, Any]:
    document = issue.document
    mark = {"number": issue.number, "copy": issue.copy_no, "draft": document.validity is Validity.DRAFT}
    return {"mark": mark, **with_codes(document.data)}


def _too_slow(documents: int) -> Problem:
    return Problem(
        "print-too-slow",
        "The print took too long",
        f"{documents} documents were not drawn in {_LONGEST:g} seconds; nothing was printed or numbered.",
        "Print fewer documents at once, or try again when the machine is less busy.",
        next_step_vi="In ít văn bản hơn mỗi lần, hoặc thử lại khi máy chủ bớt bận.",
        status=503,
    )
