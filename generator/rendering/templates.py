"""The templates of `site_templates/`: the only place that knows Jinja2."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined, Template

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


def _day(value: date) -> str:
    return numbers.date_text(value)


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower_first(text: str) -> str:
    """Return the text with a small first letter, unless its first word is written in capitals."""
    first = text.split(" ", 1)[0]
    return text if first.isupper() or not text else text[0].lower() + text[1:]
