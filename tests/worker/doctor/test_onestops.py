"""The doctor asks each one-stop system that can be asked, over real HTTP, and says what to correct."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from config.settings import Settings
from dispatch.onestop.dvcqg.simulator import PASSWORD, USERNAME, PortalBooks, options_at
from dispatch.onestop.dvcqg.simulator import create_app as portal_app
from dispatch.onestop.igate.simulator import IgateOffice
from dispatch.onestop.igate.simulator import create_app as igate_app
from tests.support.desk import MONDAY
from tests.support.servers import serve
from worker.doctor import Finding, examine

PORTAL = """
[[onestops]]
id = "dvcqg-portal"
connector = "dvcqg"
copies = ["igate"]
secrets = {{ username = "{username}", password = "{password}" }}

[onestops.options]
"""
IGATE = """
[[onestops]]
id = "igate"
connector = "igate"
source_systems = ["igate"]
secrets = {{ client_id = "desk", client_secret = "{secret}" }}

[onestops.options]
api = "{url}"
sso = "{url}"
import_from = 2026-01-01T00:00:00+07:00
postal_submission = "all"
postal_return = "all"
"""


def found(folder: Path, configuration: str) -> dict[str, Finding]:
    file = folder / "postal.toml"
    file.write_text(configuration, encoding="utf-8")
    return {one.what: one for one in examine(lambda: Settings(home=folder, config=file))}


@contextmanager
def portal(folder: Path) -> Iterator[str]:
    books = PortalBooks(folder / "portal.db")
    with serve(portal_app(books)) as url:
        yield url
    books.close()


def portal_at(url: str, password: str) -> str:
    options = "".join(f'{name} = "{value}"\n' for name, value in options_at(url, "session").items())
    return PORTAL.format(username=USERNAME, password=password) + options


def test_the_portal_is_logged_in_to_and_nothing_is_told(tmp_path: Path) -> None:
    with portal(tmp_path) as url:
        one = found(tmp_path, portal_at(url, PASSWORD))["one-stop dvcqg-portal"]
    assert (one.well, one.detail) == (True, "the login is accepted")


def test_a_password_that_the_portal_refuses_is_named(tmp_path: Path) -> None:
    with portal(tmp_path) as url:
        one = found(tmp_path, portal_at(url, "another-password"))["one-stop dvcqg-portal"]
    assert not one.well
    assert "secrets.password" in one.detail
    assert "another-password" not in one.detail


def test_a_portal_that_is_not_there_is_found(tmp_path: Path) -> None:
    one = found(tmp_path, portal_at("http://127.0.0.1:9", PASSWORD))["one-stop dvcqg-portal"]
    assert not one.well
    assert one.next_step


@pytest.mark.parametrize(("secret", "well"), [("secret-of-the-desk", True), ("another", False)])
def test_igate_is_asked_for_its_newest_dossier(tmp_path: Path, secret: str, *, well: bool) -> None:
    def now() -> datetime:
        return MONDAY

    with serve(igate_app(IgateOffice(now))) as url:
        one = found(tmp_path, IGATE.format(url=url, secret=secret))["one-stop igate"]
    assert one.well is well
