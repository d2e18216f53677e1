"""The conformance matrix: operator by check, as this run found it. Shown with ``pytest tests/conformance``."""

from __future__ import annotations

import pytest

_MARKS = {"passed": "+", "failed": "FAIL", "error": "FAIL", "skipped": "?"}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the matrix; an empty field is a check of a capability that the operator does not have."""
    found = _outcomes(terminalreporter)
    carriers = sorted({carrier for carrier, _ in found})
    checks = list(dict.fromkeys(check for _, check in found))
    if not checks:
        return
    terminalreporter.section("conformance: + kept, blank: no such capability")
    width = max(map(len, checks))
    terminalreporter.line(f"{'':{width}}  {'  '.join(carriers)}")
    for check in checks:
        fields = (f"{found.get((carrier, check), ''):^{len(carrier)}}" for carrier in carriers)
        terminalreporter.line(f"{check:{width}}  {'  '.join(fields)}".rstrip())


def _outcomes(reporter: pytest.TerminalReporter) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for outcome, mark in _MARKS.items():
        for report in reporter.stats.get(outcome, ()):
            name = report.nodeid.partition("::test_the_contract_is_kept[")[2].rstrip("]")
            carrier, _, check = name.partition("-")
            if check:
                found[carrier, check] = mark
    return found
