"""The newest revision of the schema, so that a new migration changes no test but its own."""

from __future__ import annotations

from alembic.script import ScriptDirectory

from worker import migrate

HEAD = str(ScriptDirectory.from_config(migrate._config()).get_current_head())
