"""Code 128 and QR codes as small drawings (SVG) that a scanner reads from paper. Pure."""

from __future__ import annotations

from typing import Any

_QUIET = 10
"""White modules beside a Code 128, as its standard asks for."""
_BAR_HEIGHT = 60
_MOST_MODULES = 480
"""On a label of 95 mm a module is then 0.2 mm wide, which a hand scanner still reads."""


def code128_svg(text: str) -> str:
    """Return a Code 128; empty where the text is too long for a label or has characters that it cannot carry."""
    from barcode import Code128
    from barcode.errors import BarcodeError

    try:
        modules = Code128(text).build()[0]
    except BarcodeError:
        return ""
    width = len(modules) + 2 * _QUIET
    return _svg(width, _BAR_HEIGHT, _bars(modules)) if width <= _MOST_MODULES else ""


def qr_svg(text: str) -> str:
    """Return a QR code that survives a stain on a tenth of it."""
    import segno

    return str(segno.make(text, error="m", micro=False).svg_inline(border=4))


def with_codes(data: Any) -> Any:
    """Return data with a drawing beside every ``barcode`` and ``qr`` in it."""
    if isinstance(data, dict):
        drawn = {name: with_codes(value) for name, value in data.items()}
        if data.get("barcode"):
            drawn["barcode_svg"] = code128_svg(data["barcode"])
        if data.get("qr"):
            drawn["qr_svg"] = qr_svg(data["qr"])
        return drawn
    return [with_codes(one) for one in data] if isinstance(data, list) else data


def _bars(modules: str) -> str:
    path, at = [], 0
    while at < len(modules):
        end = at + 1
        while end < len(modules) and modules[end] == modules[at]:
            end += 1
        if modules[at] == "1":
            path.append(f"M{at + _QUIET} 0h{end - at}v{_BAR_HEIGHT}h-{end - at}z")
        at = end
    return "".join(path)


def _svg(width: int, height: int, path: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<path d="{path}"/></svg>'
    )
