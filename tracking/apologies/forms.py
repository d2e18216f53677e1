"""What an officer sends about an apology."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict

from dispatch.forms import Instant, Text


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ApologySignatureForm(_Form):
    """``POST /v1/apologies/{id}/sign``: who signs the letter, when, and what it says.

    Without a ``reason`` or a ``new_due`` the draft's own stand, as far as the letter names a new date. Of the post's
    letters officer and title are its own, and the reason is its explanation.
    """

    officer: Text
    title: Text
    reason: Text | None = None
    new_due: date | Instant | None = None
    signed_at: Instant


class DismissalForm(_Form):
    """``POST /v1/apologies/{id}/dismiss``: why no apology is owed, such as force majeure or a wrong record."""

    officer: Text
    reason: Text
