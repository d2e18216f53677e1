"""A short storm with a fixed seed; longer ones are played by hand (``docs/crash-tests.md``)."""

from __future__ import annotations

import pytest

from tests.crash.storm import Storm, rage, report


@pytest.mark.needs_own_servers
@pytest.mark.timeout(600)  # on a machine that others use as well; alone it is a minute
def test_after_a_storm_over_all_processes_and_servers_every_promise_is_kept() -> None:
    aftermath = rage(Storm(seed=20260302, seconds=45, strikes=8, dossiers=5, days=1, pause=0.5, longest=400))
    print(report(aftermath))
    assert aftermath.violations == [], report(aftermath)
    assert sum(aftermath.counts["strikes"].values()) >= 5, aftermath.counts["strikes"]
