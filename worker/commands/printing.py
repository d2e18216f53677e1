"""``postal print``: documents as one PDF, with their numbers."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from config.errors import ConfigurationError
from dispatch.documents.kinds import KINDS, DocumentKind
from tracking.documents.printing import print_documents
from worker.commands.output import clear_errors, console, say_json
from worker.commands.training import settings_in_force
from worker.runtime import opened_runtime


def print_documents_command(
    kind: Annotated[DocumentKind, typer.Argument(help="What to print.")],
    subjects: Annotated[
        list[str],
        typer.Argument(
            metavar="SUBJECT...",
            help="Order numbers; ids of handover records or apologies; numbers of forms 02; AGENCY:OPERATOR.",
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The PDF; replaced if there.")],
    by: Annotated[str, typer.Option(help="Who prints, for the register; by itself who is logged in here.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Print up to 500 documents of one kind as one PDF; what is printed again is marked as a copy."""
    with clear_errors(), opened_runtime(settings_in_force()) as runtime:
        if not out.parent.is_dir():
            raise ConfigurationError(f"--out {out}: there is no folder {out.parent}; make it, or name another file")
        printed = print_documents(runtime.context, runtime.office, kind, subjects, by or f"cli:{getpass.getuser()}")
        _write(out, printed.pdf)
    made = [{"number": one.number, "subject": one.document.subject, "copy_no": one.copy_no} for one in printed.issues]
    if as_json:
        say_json({"kind": kind, "file": out, "documents": made})
        return
    console.print(f"{KINDS[kind].vi} / {KINDS[kind].en}: {len(made)}, {out}", highlight=False, soft_wrap=True)
    for one in made[:20]:
        copy = f"  BẢN SAO / COPY {one['copy_no']}" if one["copy_no"] else ""
        console.print(f"{one['number']}  {one['subject']}{copy}", highlight=False, soft_wrap=True)
    if len(made) > 20:
        console.print(f"… {len(made) - 20} nữa / more", highlight=False)


def _write(out: Path, pdf: bytes) -> None:
    try:
        out.write_bytes(pdf)
    except OSError as error:
        raise ConfigurationError(
            f"--out {out}: {error.strerror}. The print is in the register; print it again into another file, "
            "and it is marked as a copy"
        ) from error
