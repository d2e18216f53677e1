from __future__ import annotations

import threading

import pytest

from worker.probe import HangsError, Probe


def test_a_look_that_hangs_keeps_nobody_waiting_and_is_not_started_twice() -> None:
    goes_on, begun = threading.Event(), []

    def hang() -> str:
        begun.append(1)
        goes_on.wait()
        return "well"

    probe = Probe(hang, patience=0.05)
    for words in ("no answer within", "no answer for more than", "no answer for more than"):
        with pytest.raises(HangsError, match=words):
            probe()
    goes_on.set()
    for thread in threading.enumerate():
        if thread.name == "probe":
            thread.join(5)
    assert (probe(), len(begun)) == ("well", 2)


def test_what_a_look_raises_reaches_whoever_asked() -> None:
    def broken() -> None:
        raise TimeoutError("the look's own")

    with pytest.raises(TimeoutError, match="the look's own"):
        Probe(broken)()
