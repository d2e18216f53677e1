"""One desk for the stories of a module; each story has a dossier of its own."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.simulation.stories.scene import Scene
from tests.support.desk import TestDesk, opened_desk
from tests.support.web import visit
from tests.tracking.case import Case


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestDesk]:
    """A desk with one operator and one one-stop."""
    with opened_desk(tmp_path_factory.mktemp("story")) as desk:
        yield desk


@pytest.fixture(scope="module")
def caller(desk: TestDesk) -> Iterator[httpx.Client]:
    """The one-stop, calling the desk over HTTP."""
    with visit(desk) as caller:
        yield caller


@pytest.fixture
def scene(desk: TestDesk, caller: httpx.Client) -> Scene:
    """A dossier of three working days; it is Monday, 2 March 2026, 08:00."""
    return Scene(Case.opened(desk), caller)
