"""Servers of a test's own: they come back with what they had, and where none is installed that is said loudly."""

from __future__ import annotations

import os
import subprocess
import sys

import psycopg
import pytest

from tests.support.own_postgres import OwnPostgres
from tests.support.own_programs import PROGRAMS
from tests.support.own_servers import own_folder
from tests.support.services import LEAVE_OUT, POSTGRES, RABBITMQ, libpq_url
from tests.support.town import ROOT


@pytest.mark.needs_own_servers
@pytest.mark.parametrize("strike", ["kill", "stop"])
def test_what_a_database_has_committed_is_there_after_its_sudden_end(strike: str) -> None:
    with own_folder("database") as folder:
        database = OwnPostgres(folder)
        database.start()
        database.wait_until_it_answers()
        with psycopg.connect(libpq_url(database.url), autocommit=True) as connection:
            connection.execute("CREATE TABLE promise AS SELECT 'Cao Bằng' AS made_in")
        getattr(database, strike)()
        assert database.ended
        assert not database.answers()
        database.start()
        database.wait_until_it_answers()
        with psycopg.connect(libpq_url(database.url)) as connection:
            assert connection.execute("SELECT made_in FROM promise").fetchone() == ("Cao Bằng",)
        database.stop_for_good()
    assert not folder.exists()


def test_who_switches_a_server_off_gets_no_server_of_the_tests_own_either() -> None:
    assert PROGRAMS.locate({POSTGRES.variable: LEAVE_OUT}) is None
    assert PROGRAMS.locate({RABBITMQ.variable: LEAVE_OUT}) is None


def test_a_storm_without_its_programs_is_left_out_loudly() -> None:
    command = [sys.executable, "-m", "pytest", "--color=no", "--collect-only", "tests/crash/test_storm.py"]
    environment = {**os.environ, RABBITMQ.variable: LEAVE_OUT}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert "tests LEFT OUT for want of PostgreSQL's and RabbitMQ's programs" in run.stdout, run.stdout
    assert "test_after_a_storm" in run.stdout
