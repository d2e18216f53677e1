"""How pages write what is no sentence: moments, days, money, and what people typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from babel.dates import format_timedelta
from babel.numbers import format_currency, format_decimal
from markupsafe import Markup, escape

from config.clock import local
from tracking.deadlines.wording import day_text, moment_text
from worker.web.pages.languages import Language

_LOCALES = {Language.VI: "vi_VN", Language.EN: "en_GB"}


class Formats:
    """The filters of the templates, in one language."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._locale = _LOCALES[language]

    def filters(self) -> dict[str, Any]:
        """Return the filters by the name under which templates know them."""
        return {
            "day": self.day,
            "moment": self.moment,
            "span": self.span,
            "money": self.money,
            "number": self.number,
            "typed": typed,
            "in_words": self.in_words,
        }

    def day(self, value: date | datetime) -> Markup:
        """A day with its weekday, in Vietnam's time."""
        day = local(value).date() if isinstance(value, datetime) else value
        return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), getattr(day_text(day), self._language))

    def moment(self, value: datetime | None) -> Markup:
        """A moment to the minute, in Vietnam's time."""
        text = getattr(moment_text(value), self._language)
        return Markup('<time datetime="{}">{}</time>').format(local(value).isoformat(), text) if value else escape(text)

    def span(self, value: timedelta) -> str:
        """How long something lasts, in the largest unit that fits."""
        return format_timedelta(value, threshold=1.2, locale=self._locale)

    def money(self, dong: int) -> str:
        """An amount of đồng."""
        return format_currency(dong, "VND", locale=self._locale)

    def number(self, value: float) -> str:
        """A count or a share, with the language's own separators."""
        return format_decimal(value, locale=self._locale)

    def in_words(self, pair: Mapping[str, str], what: str) -> str:
        """Choose between ``what_vi`` and ``what_en`` of something that has both."""
        return pair[f"{what}_{self._language}"]


def typed(text: object) -> Markup:
    """What a person or another system typed, kept apart: letters written from right to left turn nothing else."""
    return Markup("<bdi>{}</bdi>").format("" if text is None else text)
