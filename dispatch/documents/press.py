"""Draws one PDF in a process of its own: ``render.py`` starts it, and nothing imports it.

Typst keeps what it has laid out for the next time, about 1.5 MB a page, and gives it back only when its process ends.
"""

from __future__ import annotations

import json
import sys

import typst


def main() -> int:
    """Read one JSON object from stdin, write a PDF to stdout; what goes wrong is told without the document's words."""
    order = json.load(sys.stdin.buffer)
    try:
        pdf = typst.compile(
            order["template"],
            root=order["root"],
            font_paths=typst.Fonts(include_system_fonts=False),
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"data": json.dumps(order["data"], ensure_ascii=False)},
            timestamp=order["at"],
        )
    except typst.TypstError as error:
        places = [line.strip() for line in error.diagnostic.splitlines() if "┌─" in line]
        sys.stderr.write("; ".join(places))
        return 1
    sys.stdout.buffer.write(pdf)
    return 0


if __name__ == "__main__":
    sys.exit(main())
