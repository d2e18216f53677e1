"""Which system a command means: the configured one, or where nothing is configured, the training world of the demo."""

from __future__ import annotations

import os
from pathlib import Path

from config.settings import Settings, load_settings
from worker.training.plot import Plot


def training_home(settings: Settings) -> Path:
    """Return the folder of the training world, apart from everything real."""
    return (settings.home / "training").absolute()


def settings_in_force() -> Settings:
    """Return the settings of the configured system, or of the last training run where none is configured.

    Raises:
        ConfigurationError: a setting is wrong.
    """
    settings = load_settings()
    home = training_home(settings)
    plot = None if settings.config or settings.database_url else Plot.read(home)
    if plot is None:
        return settings
    os.environ.update(plot.environment(home))
    return load_settings()
