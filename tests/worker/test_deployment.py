"""What the container and service files say is what the program knows: commands, settings, files, time to end."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from config.settings import Settings
from tests.support.town import ROOT
from worker.cli import app
from worker.stopping import grace

UNITS = sorted((ROOT / "docs" / "operations" / "systemd").iterdir())
SETTINGS = {f"POSTAL_{name}".upper() for name in Settings.model_fields}
OUTSIDE = {"POSTAL_DATABASE_PASSWORD", "POSTAL_BROKER_PASSWORD"}
"""Parts of the addresses, which only the container file knows."""


def commands(group: str | None = None) -> set[str]:
    """Return the commands of ``postal``, or of one of its groups."""
    command: Any = typer.main.get_command(app)
    return set((command.commands[group] if group else command).commands)


def compose() -> dict[str, Any]:
    written: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return written


def ours() -> dict[str, dict[str, Any]]:
    return {name: one for name, one in compose()["services"].items() if one.get("image") == "onestop-postal"}


def seconds(written: str) -> float:
    return float(written.removesuffix("s"))


def test_the_containers_run_every_part_of_the_system() -> None:
    assert {name: one["command"] for name, one in ours().items()} == {
        "migrate": ["db", "upgrade"],
        "web": ["web"],
        "worker": ["worker"],
        "beat": ["beat"],
    }
    for one in ours().values():
        first, *rest = one["command"]
        assert first in commands()
        assert set(rest) <= (commands(first) if rest else set())


def test_the_containers_set_only_what_there_is_to_set() -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"POSTAL_[A-Z_]+", text)) <= SETTINGS | OUTSIDE
    for one in ours().values():
        assert set(one["environment"]) <= SETTINGS


def test_nothing_starts_before_the_schema_is_there() -> None:
    services = compose()["services"]
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in ("postgres", "rabbitmq", "web"):
        assert services[name]["healthcheck"]["test"]
    volumes = {mount.split(":")[0] for one in services.values() for mount in one.get("volumes", ())}
    assert {name for name in volumes if not name.startswith("./")} == set(compose()["volumes"])


def test_secrets_are_asked_for_and_never_written_down() -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    for name in (*OUTSIDE, "POSTAL_DATA_KEY"):
        assert all(use.startswith(":?") for use in re.findall(rf"\$\{{{name}([^}}]*)\}}", text))


def test_whoever_supervises_waits_longer_than_a_process_needs_to_end() -> None:
    longest = grace(Settings())
    assert all(seconds(one["stop_grace_period"]) > longest for one in ours().values())
    for unit in UNITS:
        told = re.findall(r"^TimeoutStopSec=(\d+)$", unit.read_text(), re.MULTILINE)
        assert all(float(one) > longest for one in told) or "postal beat" in unit.read_text()


def test_the_image_holds_every_floor_of_the_house_and_runs_as_nobody_in_particular() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = set(re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE))
    sources = {word for words in copied for word in words.split()}
    assert all((ROOT / source).exists() for source in sources)
    assert {"config", "carriers", "dispatch", "tracking", "worker"} <= sources
    assert sources == {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[0] == "!"}
    assert re.findall(r"^USER (\w+)$", dockerfile, re.MULTILINE) == ["postal"]
    assert "--require-hashes" in dockerfile
    assert set(re.findall(r"POSTAL_[A-Z_]+", dockerfile)) <= SETTINGS


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_runs_a_command_that_exists_with_settings_that_exist(unit: Path) -> None:
    text = unit.read_text()
    assert set(re.findall(r"POSTAL_[A-Z_]+", text)) <= SETTINGS
    for words in re.findall(r"^ExecStart=/opt/postal/bin/postal (.+)$", text, re.MULTILINE):
        first, *rest = words.split()
        assert first in commands()
        assert not rest or rest[0] in commands(first)


def test_the_target_wants_units_that_are_there() -> None:
    (target,) = (unit for unit in UNITS if unit.suffix == ".target")
    wanted = re.findall(r"[\w@-]+\.service", target.read_text())
    assert {re.sub(r"@\w+", "@", name) for name in wanted} <= {unit.name for unit in UNITS}
    assert {"postal-web@.service", "postal-worker@.service", "postal-beat.service"} <= {unit.name for unit in UNITS}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed here")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    """What it checks beside the syntax is whether programs are there, so one that does nothing takes their place."""
    for unit in UNITS:
        text = unit.read_text().replace("/opt/postal/bin/postal", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    names = [unit.name.replace("@.", "@1.") for unit in UNITS]
    (tmp_path / "postal-web@1.service").symlink_to(tmp_path / "postal-web@.service")
    (tmp_path / "postal-worker@1.service").symlink_to(tmp_path / "postal-worker@.service")
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in names)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    complaints = [line for line in checked.stderr.splitlines() if str(tmp_path) in line]
    assert complaints == []
