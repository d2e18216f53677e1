from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import httpx
import pytest

from tests.support.desk import TestDesk, opened_desk
from tests.support.web import visit

_SERIAL = count(1)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestDesk]:
    """One desk for all tests of a module: each brings a dossier of its own."""
    with opened_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.fixture(scope="module")
def web(desk: TestDesk) -> Iterator[httpx.Client]:
    """The one-stop, calling the desk over HTTP."""
    with visit(desk) as caller:
        yield caller


@pytest.fixture
def code() -> str:
    """The code of a dossier that nobody has registered yet."""
    return f"H14.10-260302-{next(_SERIAL):04}"


@pytest.fixture
def registered(desk: TestDesk, code: str) -> str:
    """The code of a dossier that is registered and has nothing ordered."""
    desk.register(code)
    return code
