"""Dashboard, alerts and runbook speak of figures that are there, and of each other."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from carriers.breaker import BreakerState
from carriers.states import ShipmentState
from dispatch.outbox import OutboxState
from tests.support.desk import opened_desk
from tests.support.town import ROOT
from tests.worker.test_deployment import commands
from tracking.inbox import InboxState
from worker.health import Health
from worker.metrics import Figures

OPERATIONS = ROOT / "docs" / "operations"
BY_PROMETHEUS = {"up"}
STATES = {word.value for kind in (BreakerState, ShipmentState, OutboxState, InboxState) for word in kind}


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> str:
    with opened_desk(tmp_path_factory.mktemp("desk")) as desk:
        seen = Figures(desk.runtime, Health(desk.context))
        seen.requests.note("GET", "/healthz", 200, 0.001)
        return seen.render().decode()


@pytest.fixture(scope="module")
def exported(figures: str) -> set[str]:
    """Every name that a query may use."""
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", figures, re.MULTILINE))
    parts = {
        f"{name}_{part}" for name, kind in kinds.items() if kind == "histogram" for part in ("bucket", "count", "sum")
    }
    return {*kinds, *parts} | BY_PROMETHEUS


def rules() -> list[dict[str, Any]]:
    written = yaml.safe_load((OPERATIONS / "alerts.yaml").read_text(encoding="utf-8"))
    return [rule for group in written["groups"] for rule in group["rules"]]


def queries() -> dict[str, str]:
    """Every query of the dashboard and of the alerts, by its title."""
    board = json.loads((OPERATIONS / "grafana-dashboard.json").read_text(encoding="utf-8"))
    shown = {one["title"]: " ".join(t["expr"] for t in one.get("targets", ())) for one in board["panels"]}
    return {**shown, **{rule["alert"]: rule["expr"] for rule in rules()}}


def names(query: str) -> set[str]:
    return set(re.findall(r"\b(?:postal|process)_[a-z_]+\b|\bup\b", re.sub(r'"[^"]*"', "", query)))


@pytest.mark.parametrize(("title", "query"), queries().items(), ids=lambda one: one if " " not in one else "")
def test_what_a_query_asks_for_is_exported(title: str, query: str, exported: set[str]) -> None:
    assert names(query) <= exported, title


def test_every_figure_of_ours_is_shown_or_watched(exported: set[str]) -> None:
    used = set().union(*map(names, queries().values()))
    unused = {name for name in exported if name.startswith("postal_")} - used
    assert {name for name in unused if not re.search(r"_(sum|count|created|bucket)$", name)} <= {
        *("postal_build_info", "postal_http_request_duration_seconds"),
    }


def test_the_words_that_queries_choose_by_are_words_that_are_exported(figures: str) -> None:
    known = {
        "lane": set(re.findall(r'postal_backlog_rows\{lane="([^"]+)"', figures)),
        "check": set(re.findall(r'postal_check_ok\{check="([^"]+)"', figures)),
        "state": STATES,
    }
    for title, query in queries().items():
        for label, word in re.findall(r'(lane|check|state)!?="([^"]+)"', query):
            assert word in known[label], title


def test_every_alert_has_a_section_in_the_runbook_and_every_section_an_alert() -> None:
    runbook = (OPERATIONS / "runbook.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", runbook, flags=re.MULTILINE)[1:]
    alerts = {rule["alert"]: rule for rule in rules()}
    assert {section.splitlines()[0] for section in sections} == set(alerts)
    for section in sections:
        parts = re.findall(r"^\*\*([A-Z][a-z ]+):?\*\*", section, re.MULTILINE)
        assert parts == ["At the desk", "Look", "Mend", "Escalate"]
    for name, rule in alerts.items():
        assert rule["annotations"]["runbook"] == f"runbook.md#{name.lower()}"
        assert rule["labels"]["severity"] in ("page", "ticket")


def test_commands_that_the_runbook_tells_people_to_run_exist() -> None:
    for path in (OPERATIONS / "runbook.md", OPERATIONS / "README.md"):
        for words in re.findall(r"`postal ([a-z][a-z ]*)", Path(path).read_text(encoding="utf-8")):
            first, *rest = words.split()
            assert first in commands(), words
            assert first != "db" or rest[0] in commands("db"), words
