import pytest

from config.calendars import load_calendar
from tracking.deadlines import Rules, WorkingTime, load_rules


@pytest.fixture(scope="session")
def office() -> WorkingTime:
    return WorkingTime(load_calendar("caobang"))


@pytest.fixture(scope="session")
def law() -> Rules:
    return load_rules()
