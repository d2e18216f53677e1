"""Whatever an operator may have sent, ``postal normalise`` prints JSON or says what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from worker.cli import app


def normalise(content: str | bytes) -> Result:
    return CliRunner().invoke(app, ["normalise", "ems"], input=content)


def lines(content: str | bytes) -> list[dict[str, Any]]:
    result = normalise(content)
    assert result.exit_code == 0, result.output
    # Not `splitlines`, which ends a line at other letters, too.
    return [json.loads(line, parse_constant=pytest.fail) for line in result.stdout.split("\n") if line]


def test_half_a_surrogate_pair_stays_escaped() -> None:
    (line,) = lines(r'{"tracking_code": "\ud800", "note": "Bế Thu Duyên \udfff 😀"}')
    assert line["raw"] == {"tracking_code": "\ud800", "note": "Bế Thu Duyên \udfff 😀"}


def test_letters_are_printed_as_people_read_them() -> None:
    assert "Bế Thu Duyên 😀" in normalise('{"note": "Bế Thu Duyên 😀"}').stdout


@pytest.mark.parametrize(
    ("written", "read"), [("NaN", "NaN"), ("-Infinity", "-Infinity"), ("1e999", "Infinity"), ("1.5", 1.5)]
)
def test_a_number_that_json_does_not_have_becomes_a_text(written: str, read: object) -> None:
    (line,) = lines(f'{{"total_fee": {written}}}')
    assert line["raw"] == {"total_fee": read}


@pytest.mark.parametrize("depth", [65, 700, 100_000])
def test_what_is_nested_too_deeply_is_a_clear_refusal(depth: int) -> None:
    result = normalise("[" * depth + "]" * depth)
    assert result.exit_code == 2
    assert "as it came" in " ".join(result.stderr.replace("│", " ").split())


def test_what_is_nested_as_deeply_as_may_be_is_printed() -> None:
    assert all(line["kind"] == "undecodable" for line in lines('{"x":' * 64 + "1" + "}" * 64))


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters()),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["tracking_code", "status_code", "datetime"]), inner)
        ),
        max_leaves=6,
    )
)
def test_anything_is_printed_as_json(sent: Any) -> None:
    lines(json.dumps(sent))
