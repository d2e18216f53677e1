"""``postal outbox``: what one-stops and citizens have yet to be told, and the word to send it again."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from config.clock import local
from dispatch.context import Context
from dispatch.outbox import OutboxMessage, send_again, send_all_again
from dispatch.outbox_view import Receiver, Refused, receivers, refused
from dispatch.problems import Problem
from worker.commands.output import clear_errors, console, say_json
from worker.commands.training import settings_in_force
from worker.runtime import opened_runtime


def outbox(
    again: Annotated[
        str | None, typer.Option("--send-again", metavar="ID", help="Send this parked message again.")
    ] = None,
    again_to: Annotated[
        str | None,
        typer.Option(
            "--send-again-to", metavar="DESTINATION", help="Send again all that this receiver did not take so far."
        ),
    ] = None,
    all_again: Annotated[
        bool, typer.Option("--send-all-again", help="Send again all that nobody took so far.")
    ] = False,
    most: Annotated[int, typer.Option("--limit", min=1, help="Show at most so many messages.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Show what is not delivered yet and why, or send it again. A repetition keeps its id, so it is taken once."""
    if sum((again is not None, again_to is not None, all_again)) > 1:
        raise typer.BadParameter("say one of --send-again, --send-again-to and --send-all-again")
    with clear_errors(), opened_runtime(settings_in_force()) as runtime:
        context = runtime.context
        if again is not None or again_to is not None or all_again:
            _say_moved(_put_back(context, again, again_to), as_json)
            return
        with context.database.read() as session:
            to, messages = receivers(session, context.clock.now()), refused(session, most)
    if as_json:
        say_json({"receivers": [asdict(one) for one in to], "messages": [asdict(one) for one in messages]})
        return
    _print_receivers(to)
    _print_messages(messages)


def _put_back(context: Context, message_id: str | None, destination: str | None) -> int:
    now = context.clock.now()
    with context.database.write() as session:
        if message_id is None:
            return send_all_again(session, now, destination)
        if not send_again(session, message_id, now):
            raise _nothing_to_send_again(session.get(OutboxMessage, message_id), message_id)
    return 1


def _nothing_to_send_again(message: OutboxMessage | None, message_id: str) -> Problem:
    if message is None:
        return Problem(
            "unknown-message",
            "No such message",
            f"There is no message '{message_id}'.",
            "Look its id up with `postal outbox`.",
            next_step_vi="Tra mã thông điệp bằng lệnh `postal outbox`.",
        )
    return Problem(
        "message-not-parked",
        "The message is not parked",
        f"'{message_id}' is '{message.state}'.",
        "What is pending goes by itself; --send-again-to does not wait for its next attempt. What is sent has arrived.",
        next_step_vi="Thông điệp đang chờ sẽ tự được gửi; dùng --send-again-to để gửi ngay.",
    )


def _say_moved(moved: int, as_json: bool) -> None:
    if as_json:
        say_json({"sent_again": moved})
    else:
        console.print(f"{moved} back in line; a worker sends them at its next sweep.")


def _print_receivers(to: list[Receiver]) -> None:
    if not to:
        console.print("Everything has been delivered.")
        return
    table = Table("Receiver", "Pending", "Parked", "Failures in a row", "Left alone until", "Trouble")
    for one in to:
        table.add_row(
            one.destination, f"{one.pending}", f"{one.parked}", f"{one.failures}", _at(one.paused_until), one.trouble
        )
    console.print(table)


def _print_messages(messages: list[Refused]) -> None:
    if not messages:
        return
    table = Table("Message", "To", "State", "Attempts", "Next", "Trouble")
    for column in table.columns:
        column.overflow = "fold"
    for one in messages:
        table.add_row(one.id, one.destination, one.state, f"{one.attempts}", _at(one.due_at), one.trouble)
    console.print(table)


def _at(instant: datetime | None) -> str:
    return f"{local(instant):%H:%M %d/%m/%Y}" if instant else ""
