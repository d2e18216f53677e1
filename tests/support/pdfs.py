"""A printed file as a reader and a scanner see it."""

from __future__ import annotations

import io
import re

import pypdfium2
import zxingcpp
from pypdf import PdfReader


def page_count(pdf: bytes) -> int:
    return len(PdfReader(io.BytesIO(pdf)).pages)


def text_of(pdf: bytes, page: int | None = None) -> str:
    """Return the text of one page, or of all, with single spaces."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    chosen = pages if page is None else [pages[page]]
    return " ".join(" ".join(one.extract_text() for one in chosen).replace("\u200b", "").split())


def squeezed(text: str) -> str:
    """Return a text without any space: where lines end is the layout's matter."""
    return re.sub(r"[\s\u200b]+", "", text)


def codes_in(pdf: bytes, page: int = 0, dots_per_inch: int = 203) -> set[tuple[str, str]]:
    """Return what a scanner reads from a page as a label printer prints it: kind of code, and what it says."""
    picture = pypdfium2.PdfDocument(pdf)[page].render(scale=dots_per_inch / 72).to_pil().convert("L")
    return {(code.format.name, code.text) for code in zxingcpp.read_barcodes(picture)}
