"""Files that translate our places into an operator's own codes; a deployment may write one of its own (TOML).

We speak the statistics office's codes (GSO, with leading zeros) for provinces and districts, and names for communes.
"""

from __future__ import annotations

import tomllib
from importlib.resources.abc import Traversable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from carriers.contract import Certainty
from config.errors import ConfigurationError


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    certainty: Certainty


class Area(_Line):
    """A province or district; ``vnpost`` is the operator's own code, where it is known."""

    gso: str
    vnpost: str | None = None


class Commune(_Line):
    """A commune, by the GSO code of its province and the name that stands in addresses (``Xã Bảo Lạc``)."""

    province: str
    vnpost: str


class AreaFile(BaseModel):
    """What one file says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    provinces: tuple[Area, ...] = ()
    districts: tuple[Area, ...] = ()
    communes: tuple[Commune, ...] = ()


def read_area_file(file: Traversable | Path) -> AreaFile:
    """Read a file that ships with us."""
    return AreaFile.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))


def own_area_file(path: Path) -> AreaFile:
    """Read a deployment's own file, its ``options.code_file``.

    Raises:
        ConfigurationError: it cannot be used; the message says why.
    """
    try:
        return read_area_file(path)
    except OSError as error:
        raise ConfigurationError(f"options.code_file: cannot read {path}: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"options.code_file: {path} is not valid TOML: {error}") from error
    except ValidationError as error:
        raise ConfigurationError.from_validation(f"options.code_file {path}", error) from error
