"""``postal up``, and the same as separate processes: ``web``, ``worker``, ``beat``; and ``postal demo``."""

from __future__ import annotations

import os
import re
import secrets
import sys
import threading
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import structlog
import typer

from config.errors import ConfigurationError
from config.logging import configure_logging
from config.settings import Settings, load_settings
from worker import migrate
from worker.access import accounts, links
from worker.app import Desk
from worker.beats import lead_or_stand_by
from worker.bus.consumer import listening
from worker.commands.output import clear_errors, console
from worker.commands.training import training_home
from worker.embedded import Embedded, locked_home
from worker.lanes import Lane, queue_name
from worker.port import refuse_unusable_address
from worker.runtime import Runtime, current_database
from worker.stopping import end_in_time
from worker.tasks import ONESTOPS, places
from worker.training.cases import load_cases
from worker.training.demo import resume_world, run_demo
from worker.training.plot import Plot
from worker.training.world import CASES, found_world
from worker.web.app import Web, make_web
from worker.web.serving import serve_together, server_of

log = structlog.get_logger()

_ADDRESS = ("POSTAL_HOST", "POSTAL_PORT")


def demo(
    dossiers: Annotated[Path | None, typer.Option(help="Your own dossiers, in the shape of the sample.")] = None,
    json_out: Annotated[Path | None, typer.Option("--json", help="Write the facts of the run to this file.")] = None,
    resume: Annotated[bool, typer.Option(help="Finish the run that was interrupted instead of starting anew.")] = False,
) -> None:
    """Take dossiers through their whole life against simulated operators, in accelerated time; ends by itself."""
    with clear_errors():
        code = run_demo(training_home(load_settings()), dossiers, json_out, console, resume=resume)
    raise typer.Exit(code)


def up(
    bare: Annotated[bool, typer.Option(help="The system alone, without a training world around it.")] = False,
    sample: Annotated[bool, typer.Option(help="Fill an empty system with the demo's world.")] = False,
    exit_with_parent: Annotated[bool, typer.Option(help="Stop when standard input closes.", hidden=True)] = False,
) -> None:
    """Start the embedded system and keep it up. Without a configuration of yours it comes with a training world."""
    if sample and bare:
        raise typer.BadParameter("--sample needs a training world, --bare leaves it out: give one of the two")
    with clear_errors():
        settings = load_settings()
        configure_logging(json=settings.log_json, level=settings.log_level)
        if exit_with_parent:
            _stop_when_stdin_closes()
        if sample and settings.config is not None:
            raise ConfigurationError("--sample is for an empty system; unset POSTAL_CONFIG, which names another one")
        if bare or settings.config is not None:
            _serve(settings)
        else:
            _serve_in_training(settings, sample=sample)


def web(
    workers: Annotated[int, typer.Option(min=1, help="How many processes share the address.")] = 1,
) -> None:
    """Serve the web interface alone (PostgreSQL, and a broker that other processes share)."""
    with clear_errors():
        settings = _distributed()
        refuse_unusable_address(settings.host, settings.port, _ADDRESS)
        application = web_application()
        if workers == 1:
            server_of(application, settings.host, settings.port).run()
        else:  # each makes its own: neither a connection nor the writer of the intake can be shared
            application.close()
            serve_together("worker.commands.running:web_application", settings.host, settings.port, workers)


def web_application() -> Web:
    """Return the web interface of a process of its own, by the settings in its environment."""
    runtime = Desk(_distributed()).runtime()
    migrate.require_current(runtime.context.database)
    runtime.prepare()
    return make_web(runtime)


def worker(
    lanes: Annotated[list[Lane] | None, typer.Option("--lane", help="Lanes to work on; all if not given.")] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, help="How many jobs at a time; enough for every job of the lanes if not given.")
    ] = None,
) -> None:
    """Work on lanes."""
    with clear_errors():
        settings = _distributed()
        desk = Desk(settings)
        runtime = desk.runtime()
        migrate.require_current(runtime.context.database)
        runtime.prepare()
        sys.argv[:] = sys.orig_argv[1:]  # by which Celery starts this process anew when it is told to (SIGHUP)
        end_in_time(runtime.context)
        chosen = lanes or list(Lane)
        names = ",".join(queue_name(settings.queue_prefix, lane) for lane in chosen)
        count = str(threads or places(chosen))
        log.info("worker_started", lanes=[lane.value for lane in chosen], threads=count)
        # A name is a queue at the broker, which RabbitMQ keeps for one connection: under the same name a second worker
        # of this machine would not start, nor this one while the broker still holds the line of one that was killed.
        name = f"postal-{secrets.token_hex(4)}@%h"
        words = ["-n", name, "-Q", names, "--pool", "threads", "-c", count, "--loglevel", "WARNING"]
        with listening(runtime, lambda: desk.ask_for(ONESTOPS)) if Lane.INTAKE in chosen else nullcontext():
            desk.app.worker_main(["worker", *words])


def beat() -> None:
    """Ask for every job now and then. Run two of these on two machines: one asks, the other stands by."""
    with clear_errors():
        settings = _distributed()
        desk = Desk(settings)
        database = current_database(settings)
        lead_or_stand_by(desk.app, settings, database)
        database.dispose()


def _serve(settings: Settings) -> None:
    refuse_unusable_address(settings.host, settings.port, _ADDRESS)
    with locked_home(settings.home):
        console.print(f"onestop-postal on http://{settings.host}:{settings.port} (interface: /docs); Ctrl-C stops it.")
        Embedded(settings, _invite).run()


def _invite(runtime: Runtime) -> None:
    """Print where staff log in; on a system without accounts, the link that makes the first one."""
    address = runtime.context.settings.address
    with runtime.context.database.write() as session:
        is_new = accounts.nobody_yet(session) and runtime.context.accounts.oidc is None
        token = links.offer(session, None) if is_new else None
    if token is None:
        console.print(f"Board: {address}/board")
        return
    console.print(
        "Nobody has an account yet. Open this link within 24 hours and become the first supervisor; it works once:\n"
        f"{address}{links.PATH}{token}",
        soft_wrap=True,
        highlight=False,
    )


def _serve_in_training(settings: Settings, *, sample: bool) -> None:
    """Serve the last training run, and go on with it when it was interrupted.

    Without one, serve an empty system, or begin a run where a ``sample`` is wanted.
    """
    home = training_home(settings)
    plot = Plot.read(home) or (found_world(home, None) if sample else None)
    if plot is None:
        console.print("No operator is configured: set POSTAL_CONFIG, or use `postal up --sample` for a training world.")
        _serve(settings)
        return
    os.environ.update(plot.environment(home))
    if "log_level" not in settings.model_fields_set:  # a month's lines would push the link to the board off the screen
        configure_logging(json=settings.log_json, level="WARNING")
    if resume_world(home, console.print):
        console.print(f"The story in {home} goes on, in accelerated time.", soft_wrap=True)
    console.print(_citizens_way(home, plot), soft_wrap=True, highlight=False)
    _serve(load_settings())


def _citizens_way(home: Path, plot: Plot) -> str:
    """Say how to look at the world as one of its citizens, whose telephone nobody has."""
    case = load_cases(home / CASES)[0]
    digits = re.sub(r"\D", "", case.phone)[-4:]
    return (
        f"As a citizen: {plot.system_url}/tra-cuu with the dossier {case.code} and the digits {digits}; "
        f"`postal notice arrived {case.code}` shows the one-time code."
    )


def _distributed() -> Settings:
    settings = load_settings()
    configure_logging(json=settings.log_json, level=settings.log_level)
    if settings.embedded_database or settings.broker.startswith("memory"):
        raise ConfigurationError(
            "separate processes need POSTAL_DATABASE_URL (PostgreSQL) and POSTAL_BROKER_URL (RabbitMQ or Redis); "
            "on one machine, `postal up` runs everything in one process"
        )
    return settings


def _stop_when_stdin_closes() -> None:
    def wait() -> None:
        sys.stdin.buffer.read()
        os._exit(1)  # the parent was killed: go at once, as it did; every row is in its place

    threading.Thread(target=wait, name="parent-watch", daemon=True).start()
