"""Dossiers for a storm: the packaged ones again and again under new numbers, filed close together."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.support.desk import MONDAY
from worker.training.cases import PACKAGED

_LIMITS = ((8, "working_hours"), (3, "working_days"), (4, "working_days"), (7, "calendar_days"))
_FILING_HOURS = 9


def write_dossiers(file: Path, count: int, seed: int, days: int) -> None:
    """Write ``count`` dossiers that are filed within ``days`` days from a Monday on; the same seed gives the same."""
    chance, models = random.Random(seed), json.loads(PACKAGED.read_text(encoding="utf-8"))
    dossiers = [_dossier(models[number % len(models)], number, chance, days) for number in range(count)]
    file.write_text(json.dumps(dossiers, ensure_ascii=False), encoding="utf-8")


def _dossier(model: dict[str, Any], number: int, chance: random.Random, days: int) -> dict[str, Any]:
    filed_at = _filing_time(chance, days)
    amount, unit = chance.choice(_LIMITS)
    procedure = {**model["procedure"], "time_limit": {"amount": amount, "unit": unit}}
    code = f"{model['agency']['code']}-{filed_at:%y%m%d}-{number:05d}"
    return {**model, "code": code, "procedure": procedure, "filed_at": filed_at.isoformat()}


def _filing_time(chance: random.Random, days: int) -> datetime:
    """People file in the quarters of an hour, so that some do so at the same moment."""
    quarter = timedelta(minutes=15 * chance.randrange(4 * _FILING_HOURS))
    return MONDAY + timedelta(days=chance.randrange(days)) + quarter
