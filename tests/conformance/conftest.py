"""The conformance matrices: connector by check, as this run found it. Shown with ``pytest tests/conformance``."""

from __future__ import annotations

import pytest

_MARKS = {"passed": "+", "failed": "FAIL", "error": "FAIL", "skipped": "?"}


_MATRICES = {
    "operators": "::test_the_contract_is_kept[",
    "one-stop systems": "::test_the_contract_of_onestops_is_kept[",
}
"""What each is about, and the test whose parameters are its fields."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the matrices; an empty field is a check of a capability that the connector does not have."""
    for what, test in _MATRICES.items():
        if found := _outcomes(terminalreporter, test):
            terminalreporter.section(f"conformance of {what}: + kept, blank: no such capability")
            _print(terminalreporter, found)


def _print(reporter: pytest.TerminalReporter, found: dict[tuple[str, str], str]) -> None:
    connectors = sorted({connector for connector, _ in found})
    checks = list(dict.fromkeys(check for _, check in found))
    width = max(map(len, checks))
    reporter.line(f"{'':{width}}  {'  '.join(connectors)}")
    for check in checks:
        fields = (f"{found.get((connector, check), ''):^{len(connector)}}" for connector in connectors)
        reporter.line(f"{check:{width}}  {'  '.join(fields)}".rstrip())


def _outcomes(reporter: pytest.TerminalReporter, test: str) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for outcome, mark in _MARKS.items():
        for report in reporter.stats.get(outcome, ()):
            connector, _, check = report.nodeid.partition(test)[2].rstrip("]").partition("-")
            if check:
                found[connector, check] = mark
    return found
