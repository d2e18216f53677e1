"""Whether what was read of a dossier has the form in which our own interface takes it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from dispatch.onestop.contract import NotADossierError

CORRECT_IT = "correct it in iGate, and the dossier is imported again by itself"

Form = TypeVar("Form", bound=BaseModel)


def checked(form: type[Form], body: Mapping[str, Any]) -> None:
    """Check a body against its form.

    Raises:
        NotADossierError: it does not have it; the message names the fields and repeats no value.
    """
    try:
        form.model_validate(body)
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_input=False))
        raise NotADossierError(f"{told[:400]}; {CORRECT_IT}") from error
