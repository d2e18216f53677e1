"""What a browser is called by its user. Pure."""

from __future__ import annotations

_PROGRAMS = (
    *(("Edg/", "Edge"), ("OPR/", "Opera"), ("coc_coc_browser", "Cốc Cốc"), ("Firefox/", "Firefox")),
    *(("Chrome/", "Chrome"), ("Safari/", "Safari")),
)
"""In this order: most of them also call themselves by the names further down."""

_MACHINES = (
    *(("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows")),
    *(("Mac OS", "macOS"), ("Linux", "Linux")),
)


def browser_name(agent: str) -> str:
    """Return program and machine of a ``User-Agent``, like ``Chrome, Windows``; as it is where neither is known."""
    found = [next((name for sign, name in known if sign in agent), None) for known in (_PROGRAMS, _MACHINES)]
    return ", ".join(name for name in found if name) or agent
