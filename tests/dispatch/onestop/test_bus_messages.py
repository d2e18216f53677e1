"""What a message on the bus says: read whole or not at all, with a reason that a maker can act on."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.forms import DossierEventForm, DossierForm, EventKind, OrderForm
from dispatch.news import CHANGED, DUE_DATE
from dispatch.onestop.bus.messages import DATA, EVENTS, EventData, OrderData, PoisonError, read_message
from dispatch.onestop.bus.schema import TOLD, schema
from tests.support.desk import CODE, dossier_body, order_body

LONGEST = 100_000
ROOT = Path(__file__).parents[3]


def message(type_: str, data: dict[str, Any], **more: Any) -> dict[str, Any]:
    envelope = {"specversion": "1.0", "id": "m-1", "source": "igate", "subject": CODE, "type": type_, "data": data}
    return {**envelope, "time": "2026-03-02T08:00:00+07:00", **more}


def read(event: Any) -> Any:
    return read_message(json.dumps(event).encode(), LONGEST)


def test_a_registration_is_the_body_that_http_takes() -> None:
    heard = read(message("dossier.registered", dossier_body()))
    said = heard.statement
    assert (said.kind, said.key, said.code, said.body) == ("dossier", "igate#m-1", CODE, dossier_body())
    assert heard.said_at.isoformat() == "2026-03-02T08:00:00+07:00"
    assert DossierForm.model_validate(said.body).agency.code == "H14.10"


@pytest.mark.parametrize("type_", EVENTS)
def test_an_event_takes_its_id_and_time_from_the_envelope(type_: str) -> None:
    said = read(message(type_, {"officer": "Hà Thị Mai", "reason": None})).statement
    form = DossierEventForm.model_validate(said.body)
    assert (said.kind, form.event_id, form.type) == ("event", "m-1", type_.removeprefix("dossier."))
    assert form.at.isoformat() == "2026-03-02T08:00:00+07:00"


def test_an_event_may_have_an_id_and_a_time_of_its_own() -> None:
    data = {"event_id": "e-7", "at": "2026-03-01T08:00:00+07:00", "officer": "Hà Thị Mai"}
    assert read(message("dossier.accepted", data)).statement.body == {**data, "type": "accepted"}


def test_an_order_is_for_the_dossier_that_the_message_is_about() -> None:
    data = {name: value for name, value in order_body("both").items() if name != "dossier"}
    said = read(message("postal.order_requested", data)).statement
    assert (said.kind, OrderForm.model_validate(said.body).dossier) == ("order", CODE)


def test_an_order_is_changed_by_its_id_or_as_the_newest_of_the_dossier() -> None:
    address = {"address": order_body()["address"]}
    assert read(message("postal.address_changed", {**address, "order": "a1"})).statement.body["order"] == "a1"
    assert read(message("postal.order_cancelled", {})).statement.kind == "cancel"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"\xff\xfe", "not JSON"),
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"7", "no CloudEvents envelope"),
        (json.dumps(message("dossier.accepted", {"officer": "M"}, id="")).encode(), "envelope with an id"),
        (json.dumps(message("dossier.lost", {})).encode(), "none that is heard"),
        (json.dumps(message("dossier.accepted", {})).encode(), "data.officer: Field required"),
        (json.dumps(message("dossier.accepted", {"officer": "M", "ofice": 1})).encode(), "data.ofice: Extra"),
        (json.dumps(message("postal.order_cancelled", {}, subject="a b")).encode(), "subject"),
        (json.dumps(message("postal.order_cancelled", {}, time="2026-03-02T08:00:00")).encode(), "timezone"),
        (json.dumps(message("postal.order_cancelled", {}, id="\ud800")).encode(), "not by the schema"),
        (b"x" * (LONGEST + 1), "longer than"),
    ],
)
def test_what_can_never_be_taken_says_why_and_what_to_do(body: bytes, why: str) -> None:
    with pytest.raises(PoisonError) as poison:
        read_message(body, LONGEST)
    assert why in poison.value.reason
    assert "postal bus schema" in poison.value.next_step
    assert poison.value.next_step_vi


def test_the_reason_never_repeats_what_a_message_says_of_a_citizen() -> None:
    applicant = {"name": "Bế Đức Hiếu", "phone": ["84919393275"]}
    with pytest.raises(PoisonError) as poison:
        read(message("dossier.registered", dossier_body(applicant=applicant)))
    assert "applicant.phone" in poison.value.reason
    assert "84919393275" not in poison.value.reason


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_poison(body: bytes) -> None:
    with pytest.raises(PoisonError):
        read_message(body, LONGEST)


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(DATA)), _JSON, st.dictionaries(st.sampled_from(["id", "subject", "time"]), _JSON))
def test_any_envelope_is_a_message_or_poison_and_a_message_is_about_its_subject(
    type_: str, data: Any, more: dict[str, Any]
) -> None:
    event = message(type_, data, **more)
    try:
        heard = read_message(json.dumps(event), LONGEST)
    except PoisonError as poison:
        assert poison.reason
    else:
        assert heard.statement.code == event["subject"]
        assert heard.said_at.tzinfo is not None


def test_the_data_of_a_message_has_every_field_that_http_has() -> None:
    assert set(EventData.model_fields) == set(DossierEventForm.model_fields) - {"type"}
    assert set(OrderData.model_fields) == set(OrderForm.model_fields) - {"dossier"}
    assert set(EVENTS.values()) == set(EventKind)


def test_the_published_schema_names_everything_that_is_heard_and_told() -> None:
    published = schema()
    heard = published["hears"]["schema"]
    assert set(heard["discriminator"]["mapping"]) == set(published["hears"]["routing_keys"]) == set(DATA)
    assert published["tells"]["schema"]["properties"]["type"]["enum"] == list(TOLD)
    assert not set(DATA) & set(TOLD), "we would hear ourselves"
    json.dumps(published)


def test_every_type_that_the_system_tells_is_in_the_schema() -> None:
    tells = re.compile(r'tell_onestop\((?:[^()]|\([^()]*\))*?"((?:postal|dossier)\.[a-z_]+)"')
    sources = [file.read_text() for part in ("dispatch", "tracking") for file in (ROOT / part).rglob("*.py")]
    found = {type_ for source in sources for type_ in tells.findall(source)}
    assert found | {"postal.attention_needed", CHANGED, DUE_DATE} == set(TOLD)
