"""How long 500 labels and 500 slips take, each as one PDF: ``python -m tests.benchmarks.printing``.

Prints one JSON object: for each kind the seconds in all and of its drawing, the processor seconds and the most memory
of the process that drew it, the statements, and the size of the file.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import event

from dispatch.documents.document import Issue
from dispatch.documents.kinds import DocumentKind
from dispatch.documents.render import render
from tests.support.desk import TestDesk, opened_desk
from tracking.documents.printing import MOST, print_documents


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, opened_desk(Path(folder)) as desk:
        orders = [_ordered(desk, f"H14.10-260303-{n:04}") for n in range(MOST)]
        # The most memory of all that has been drawn so far, so what needs less comes first.
        found = {kind.value: _measured(desk, kind, orders) for kind in (DocumentKind.LABEL, DocumentKind.SLIP)}
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


def _ordered(desk: TestDesk, code: str) -> str:
    desk.register(code)
    return desk.order("send", dossier=code)[0]


def _measured(desk: TestDesk, kind: DocumentKind, orders: list[str]) -> dict[str, Any]:
    statements = list[str]()

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    engine = desk.context.database.engine
    event.listen(engine, "before_cursor_execute", note)
    began = time.perf_counter()
    printed = print_documents(desk.context, desk.office, kind, orders, "bench")
    seconds = time.perf_counter() - began
    event.remove(engine, "before_cursor_execute", note)
    return {
        "documents": len(printed.issues),
        "seconds": round(seconds, 2),
        "statements": len(statements),
        "megabytes": round(len(printed.pdf) / 1e6, 1),
        **_drawing(kind, list(printed.issues), desk),
    }


def _drawing(kind: DocumentKind, issues: list[Issue], desk: TestDesk) -> dict[str, float]:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime, time.perf_counter()
    render(kind, issues, desk.clock.now())
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "drawing_seconds": round(seconds, 2),
        "drawing_processor_seconds": round(after.ru_utime - before, 2),
        "drawing_peak_megabytes": round(after.ru_maxrss / 1024),
    }


if __name__ == "__main__":
    main()
