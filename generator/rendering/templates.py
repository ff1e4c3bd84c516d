"""The templates of `site_templates/`: the only place that knows Jinja2."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined, Template
from markupsafe import Markup

from generator.rendering import numbers


class Templates:
    """The page templates of one site in one language, compiled once."""

    def __init__(self, folder: Path, language: str = "en") -> None:
        self._environment = Environment(
            loader=PrefixLoader(
                {
                    "pages": FileSystemLoader(folder / "pages"),
                    "parts": FileSystemLoader(folder / "parts"),
                    "say": FileSystemLoader(folder / "wording" / language),
                }
            ),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=False,
        )
        self._environment.filters.update(
            day=_day,
            number=numbers.count_text,
            raw=numbers.raw_text,
            lower_first=_lower_first,
            upper_first=_upper_first,
        )
        self._pages: dict[str, Template] = {}

    def page(self, name: str, values: Mapping[str, Any]) -> str:
        """Return the body of a page, from `pages/<name>.html`."""
        template = self._pages.get(name)
        if template is None:
            template = self._pages[name] = self._environment.get_template(f"pages/{name}.html")
        return template.render(values)

    def wording(self, file: str) -> Wording:
        """Return the macros of one wording file, for the theme, whose templates are rendered by MkDocs."""
        return Wording(self._environment.get_template(f"say/{file}.html").module)

    def words(self, file: str, macro: str, *values: Any) -> str:
        """Return the plain text of one wording macro: page titles and descriptions, which are no HTML."""
        module = self._environment.get_template(f"say/{file}.html").module
        return " ".join(str(getattr(module, macro)(*values).unescape()).split())


class Wording:
    """The macros of one wording file as functions: each escapes what it is given and returns HTML."""

    def __init__(self, macros: Any) -> None:
        self._macros = macros

    def __getattr__(self, name: str) -> Callable[..., Markup]:
        macro = getattr(self._macros, name)
        return lambda *values: Markup(macro(*values)).strip()


def _day(value: date) -> str:
    return numbers.date_text(value)


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower_first(text: str) -> str:
    """Return the text with a small first letter, unless its first word is written in capitals."""
    first = text.split(" ", 1)[0]
    return text if first.isupper() or not text else text[0].lower() + text[1:]
