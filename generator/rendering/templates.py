"""The templates of `site_templates/`: the only place that knows Jinja2."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined, Template
from markupsafe import Markup

from generator.rendering import numbers
from generator.rendering.period_names import Calendar

_TERM = '<button class="term" type="button" popovertarget="term-'
"""How a word begins that is explained where it stands: the macro `term` of wording/<language>/terms.html."""

_WITH_STOP = re.compile(r"^(<button[^>]*>[^<]*)(</button>)([.,:;)]+)")
"""A word that is explained and the stop right after it, which browsers would let begin the next line: it goes
into the button."""


class Templates:
    """The page templates of one site in one language, compiled once."""

    def __init__(self, folder: Path, language: str = "en") -> None:
        self._environment = Environment(
            loader=PrefixLoader(
                {
                    "pages": FileSystemLoader(folder / "pages"),
                    "parts": FileSystemLoader(folder / "parts"),
                    "say": FileSystemLoader(folder / "wording" / language),
                    "frame": FileSystemLoader(folder / "frame"),
                }
            ),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=False,
        )
        self._environment.filters.update(
            day=self._day,
            number=numbers.count_text,
            raw=numbers.raw_text,
            lower_first=_lower_first,
            upper_first=_upper_first,
        )
        self.calendar = self._read_calendar()
        self._pages: dict[str, Template] = {}
        self._explanations: dict[tuple[str, str], str] = {}

    def page(self, name: str, values: Mapping[str, Any]) -> str:
        """Return the body of a page, from `pages/<name>.html`, with what its words mean at its end."""
        template = self._pages.get(name)
        if template is None:
            template = self._pages[name] = self._environment.get_template(f"pages/{name}.html")
        body, explained = _first_of_each_section(template.render(values))
        return "\n".join((body, *(self._explanation(values["root"], term) for term in explained)))

    def wording(self, file: str) -> Wording:
        """Return the macros of one wording file, for the theme, whose templates are rendered by MkDocs."""
        return Wording(self._environment.get_template(f"say/{file}.html").module)

    def text(self, path: str, values: Mapping[str, Any]) -> str:
        """Return a whole file made from a template, such as `frame/frame.html`."""
        return self._environment.get_template(path).render(values)

    def source(self, path: str) -> str:
        """Return a file of the templates as it is written, such as `frame/frame.css`."""
        assert self._environment.loader
        return self._environment.loader.get_source(self._environment, path)[0]

    def words(self, file: str, macro: str, *values: Any) -> str:
        """Return the plain text of one wording macro: page titles and descriptions, which are no HTML."""
        module = self._environment.get_template(f"say/{file}.html").module
        return " ".join(str(getattr(module, macro)(*values).unescape()).split())

    def _day(self, value: date) -> str:
        return self.calendar.day(value)

    def _read_calendar(self) -> Calendar:
        said = self._environment.get_template("say/dates.html").module
        return Calendar(vars(said)["MONTHS"], vars(said)["SHORT_MONTHS"], partial(self.words, "dates"))

    def _explanation(self, root: str, term: str) -> str:
        known = self._explanations.get((root, term))
        if known is None:
            module = self._environment.get_template("say/terms.html").module
            known = self._explanations[root, term] = str(vars(module)["explanation"](root, term))
        return known


def _first_of_each_section(body: str) -> tuple[str, list[str]]:
    """Return the page's body with each term a button once a section, else plain words; and the terms it has.

    A scorecard says "fairly sure" forty times: one explanation serves them all, and few buttons stand in the
    way of the keyboard.
    """
    before, *pieces = body.split(_TERM)
    kept, explained, seen = [before], dict[str, None](), set[str]()
    for piece in pieces:
        term, _, rest = piece.partition('">')
        if term in seen:
            words, _, after = rest.partition("</button>")
            kept.append(words + after)
        else:
            seen.add(term)
            explained[term] = None
            kept.append(_WITH_STOP.sub(r"\1\3\2", _TERM + piece, count=1))
        if "<section" in piece:
            seen.clear()
    return "".join(kept), list(explained)


class Wording:
    """The macros of one wording file as functions: each escapes what it is given and returns HTML."""

    def __init__(self, macros: Any) -> None:
        self._macros = macros

    def __getattr__(self, name: str) -> Callable[..., Markup]:
        macro = getattr(self._macros, name)
        return lambda *values: Markup(macro(*values)).strip()


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower_first(text: str) -> str:
    """Return the text with a small first letter, unless its first word is written in capitals."""
    first = text.split(" ", 1)[0]
    return text if first.isupper() or not text else text[0].lower() + text[1:]
