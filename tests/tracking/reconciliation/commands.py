"""Whether a command that a difference names is one of ours, with arguments that it takes."""

from __future__ import annotations

import shlex
from functools import cache
from typing import cast

import typer
from typer.core import TyperGroup

from worker.cli import app

_UsageError = cast(type[Exception], typer.BadParameter.__mro__[1])
"""Of the library below, of which typer shows this one error alone."""

_POSTAL = typer.main.get_command(app)


@cache
def takes(command: str) -> bool:
    """Read a command as a shell and ``postal`` would, and do nothing; false where it has a word that is not taken."""
    name, *words = shlex.split(command)
    inner, parent = _POSTAL, _POSTAL.context_class(_POSTAL)
    try:
        while isinstance(inner, TyperGroup):
            found, inner_or_none, words = inner.resolve_command(parent, words)
            assert inner_or_none is not None
            inner = inner_or_none
            parent = inner.context_class(inner, parent=parent, info_name=found)
        inner.make_context(inner.name, words)
    except _UsageError:
        return False
    return name == "postal"
