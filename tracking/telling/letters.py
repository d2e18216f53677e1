"""A message as an e-mail: Vietnamese first and English below, with what the law wants to be in it."""

from __future__ import annotations

from dataclasses import asdict
from html import escape

from config.citizen_channels import CitizenChannels, EmailChannel
from dispatch.channels import dossier_link
from dispatch.channels.letter import Letter, Links
from tracking.telling.facts import Facts
from tracking.telling.kinds import frame

_DETAILS = ("dossier", "unit", "person", "received", "limit", "due", "lookup", "contact")
_RULE = "-" * 40
_PAGE = (
    '<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{title}</title>'
    '<meta name="viewport" content="width=device-width,initial-scale=1"></head>'
    '<body style="margin:0;padding:12px 8px;background:#eef1f4">'
    '<div style="max-width:36em;margin:0 auto;padding:8px 20px 16px;background:#ffffff;border:1px solid #cfd6dd;'
    "border-radius:8px;font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.5;color:#1f2933;"
    'overflow-wrap:anywhere">{vi}<hr style="margin:24px 0;border:0;border-top:1px solid #cfd6dd">{en}'
    "</div></body></html>"
)
_NEWS = "margin:16px 0;padding:8px 0 8px 14px;border-left:4px solid #b3261e;font-size:18px;font-weight:bold"
_DETAIL = '<p style="margin:10px 0"><span style="font-size:14px;color:#4b5763">{name}</span><br>{value}</p>'
_SAID = {"vi": "ngừng nhận thư", "en": "stop the letters"}
_OPEN = {"vi": "mở hồ sơ", "en": "open the dossier"}
_SMALL = "margin:20px 0 0;font-size:14px;color:#4b5763"


def letter(
    to: str, texts: dict[str, str], facts: Facts, channels: CitizenChannels, mail: EmailChannel, links: Links
) -> Letter:
    """Return the e-mail that brings ``texts`` (by language) about a dossier, with the ``links`` made for it."""
    vi, en = (_Half(texts[language], facts, channels, mail, language, links) for language in ("vi", "en"))
    subject = subject_of(facts)
    page = _PAGE.format(title=escape(subject), vi=vi.as_html(), en=en.as_html())
    return Letter(to, subject, f"{vi.as_text()}\n\n{_RULE}\n\n{en.as_text()}\n", page, **asdict(links))


def subject_of(facts: Facts) -> str:
    """Return the subject line: the dossier's code and who writes, and nothing of the matter."""
    subject = str(frame()["subject"]["vi"]).format(code=facts.code, agency=facts.agency)
    return " ".join(subject.split())


def half_of_letter(text: str, facts: Facts, channels: CitizenChannels, mail: EmailChannel, language: str) -> str:
    """Return the part of a letter that is in one language, as text."""
    return _Half(text, facts, channels, mail, language).as_text()


class _Half:
    """One language of a letter."""

    def __init__(
        self,
        text: str,
        facts: Facts,
        channels: CitizenChannels,
        mail: EmailChannel,
        language: str,
        links: Links = Links(),  # noqa: B008 - it cannot be changed
    ) -> None:
        lines = frame()["email"][language]
        filled = facts.spoken(language) | {
            "lookup": channels.lookup,
            "contact": channels.contact,
            "opt_out": links.opt_out or mail.opt_out_address,
            "link": links.dossier,
            "days": dossier_link.GOOD_FOR.days,
        }
        self._language, self._text = language, text
        self._greeting: str = lines["greeting"]
        self._details = [str(lines[name]).format_map(filled) for name in _DETAILS]
        self._open = [str(lines["open"]).format_map(filled)] if links.dossier else []
        self._opt_out = str(lines["opt_out_by_link" if links.opt_out else "opt_out"]).format_map(filled)
        self._links = links

    def as_text(self) -> str:
        return "\n\n".join([self._greeting, self._text, "\n".join(self._details), *self._open, self._opt_out])

    def as_html(self) -> str:
        details = "".join(_detail(line) for line in self._details)
        opening = "".join(
            f'<p style="margin:16px 0">{self._linked(line, self._links.dossier, _OPEN)}</p>' for line in self._open
        )
        opt_out = self._linked(self._opt_out, self._links.opt_out, _SAID)
        return (
            f'<div lang="{self._language}"><p>{escape(self._greeting)}</p>'
            f'<p style="{_NEWS}">{escape(self._text)}</p>{details}{opening}<p style="{_SMALL}">{opt_out}</p></div>'
        )

    def _linked(self, line: str, link: str, words: dict[str, str]) -> str:
        """Put words to press in the place of a link's address."""
        shown, address = escape(line), escape(link)
        if not address:
            return shown
        return shown.replace(address, f'<a href="{address}" style="color:#1a4f8b">{words[self._language]}</a>')


def _detail(line: str) -> str:
    """Return ``name: value`` as one above the other, which fits the narrowest telephone."""
    name, _, value = line.partition(": ")
    return _DETAIL.format(name=escape(name), value=f"<strong>{escape(value)}</strong>")
