"""A translation into a language nobody speaks: every letter of the wording becomes another script's.

What a page made with it still says in Latin letters came neither from the wording nor from the data, whose
texts are put into the other script as well.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
from jinja2 import Environment

from generator.model.release import Descriptor, Directory, Publication
from tests.rendering.editions import TEMPLATES

LATIN = "abcdefghijklmnopqrstuvwxyz"
OTHER = "абцдефгхийклмнопярстувшщыз"
LETTERS = str.maketrans(LATIN + LATIN.upper(), OTHER + OTHER.upper())
SPOKEN = (
    "aria-label",
    "aria-description",
    "aria-roledescription",
    "aria-valuetext",
    "title",
    "alt",
    "placeholder",
)
"""Attributes that are read aloud or shown."""
CODED = {
    *("kind", "level", "parent_code", "successor_code", "organisation_code", "site_code", "status", "tree"),
    *(
        "metric_id",
        "version",
        "direction",
        "domain_id",
        "service_id",
        "applies_to",
        "benchmark",
        "disclosure",
    ),
    *(
        "frequency",
        "audience",
        "breakdown_id",
        "dimension",
        "period",
        "characteristic_id",
        "role_code",
        "absence",
    ),
    *("basis", "submission", "peer_code", "source_url", "website", "postcode", "_file", "_row"),
}
"""Columns that hold codes and addresses; everything else that is text is meant to be printed."""


def translated(text: str) -> str:
    """Return a plain text in the other script."""
    return text.translate(LETTERS)


def translate_templates(to: Path) -> Path:
    """Return a copy of the templates whose wording is in the other script."""
    shutil.copytree(TEMPLATES, to, dirs_exist_ok=True)
    for path in (to / "wording" / "en").glob("*.html"):
        path.write_text(translate_wording(path.read_text(encoding="utf-8")), encoding="utf-8")
    return to


def translate_wording(source: str) -> str:
    """Return a wording file with what a reader would see or hear in the other script; its code stays.

    Text between tags, attributes that are read aloud, and texts quoted in an expression are for readers. A
    quoted text that is compared, looked up or handed to a function is a key.
    """
    tokens = [(kind, value) for _, kind, value in Environment(autoescape=True).lexer.tokeniter(source, None)]
    markup = _Markup()
    return "".join(
        markup.translate(value)
        if kind == "data"
        else _quoted(value)
        if kind == "string" and _is_shown(tokens, place)
        else value
        for place, (kind, value) in enumerate(tokens)
    )


def translate_publication(publication: Publication) -> Publication:
    """Return the release with all its printed texts in the other script."""
    directory = publication.directory
    texts = Directory(
        _descriptor(directory.descriptor),
        {name: _table(table) for name, table in directory.tables.items()},
        directory.boundaries,
    )
    results = publication.tables.results.copy()
    results["note"] = results["note"].map(lambda note: translated(note) if isinstance(note, str) else note)
    return replace(
        publication,
        directory=texts,
        tables=replace(publication.tables, results=results),
        earlier=tuple(_descriptor(descriptor) for descriptor in publication.earlier),
    )


def latin_words(html: str) -> list[str]:
    """Return what a reader would see or hear of a page in Latin letters, each piece of text as a whole."""
    reader = _Reader()
    reader.feed(html)
    return [text for text in reader.texts if re.search(r"[A-Za-z]{2,}", _without_codes(text))]


def _without_codes(text: str) -> str:
    """Return the text without codes, periods' and files' names: they are the same in every language."""
    text = re.sub(r"\b(?=\w*\d)[\w-]+\b", "", text)
    return re.sub(r"\b(?:CSV|JSON|Parquet)\b", "", text)


class _Reader(HTMLParser):
    """Collects the texts of a page; what stands in `code` is for machines."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._code += tag == "code"
        self.texts += [" ".join(value.split()) for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag == "code"

    def handle_data(self, data: str) -> None:
        if not self._code and data.strip():
            self.texts.append(" ".join(data.split()))


@dataclass
class _Markup:
    """Where in the HTML the pieces of a wording file stand: code of a template may lie between them."""

    place: str = "text"
    name: str = ""
    quote: str = ""
    _seen: list[str] = field(default_factory=list)

    def translate(self, html: str) -> str:
        return "".join(self._translated(piece) for piece in re.split(r'(&#?\w+;|[<>"\'=\s])', html))

    def _translated(self, piece: str) -> str:
        if self.place == "text":
            if piece == "<":
                self.place = "tag"
            return piece if piece.startswith("&") else translated(piece)
        if self.place == "tag":
            if piece == ">":
                self.place = "text"
            elif piece in ("'", '"'):
                self.place, self.quote = "value", piece
            elif piece not in ("", "=") and not piece.isspace():
                self.name = piece
            return piece
        if piece == self.quote:
            self.place = "tag"
            return piece
        return translated(piece) if self.name in SPOKEN and not piece.startswith("&") else piece


def _is_shown(tokens: list[tuple[str, str]], place: int) -> bool:
    """Whether a quoted text in a template's code is for readers."""
    before = next(_meaningful(tokens, range(place - 1, -1, -1)), ("", ""))
    after = next(_meaningful(tokens, range(place + 1, len(tokens))), ("", ""))
    if before[1] in ("==", "!=", "in", "import", "include", "from", "extends") or after[1] in (
        "==",
        "!=",
        ":",
        "in",
    ):
        return False
    depth, commas = 0, 0
    for back in range(place - 1, -1, -1):
        kind, value = tokens[back]
        if kind in ("variable_begin", "block_begin"):
            return True
        if kind != "operator":
            continue
        if value in ")]}":
            depth += 1
        elif value in "([{" and depth:
            depth -= 1
        elif value == "," and not depth:
            commas += 1
        elif value in "([":
            opener = next(_meaningful(tokens, range(back - 1, -1, -1)), ("", ""))
            if opener == ("name", "term"):
                return commas > 0
            if opener[0] == "name" and opener[1] not in ("and", "or", "not", "if", "else", "set", "elif"):
                return False
            if value == "[" and opener[1] in (")", "]"):
                return False
    return True


def _meaningful(tokens: list[tuple[str, str]], places: range) -> Iterator[tuple[str, str]]:
    return ((tokens[place]) for place in places if tokens[place][0] != "whitespace")


def _quoted(literal: str) -> str:
    return re.sub(
        r"\\.|<[^>]*>|[^\\<]+",
        lambda piece: piece[0] if piece[0][0] in "\\<" else translated(piece[0]),
        literal,
    )


def _table(table: pd.DataFrame) -> pd.DataFrame:
    texts = {
        name: table[name]
        .map(lambda cell: translated(cell) if isinstance(cell, str) else cell)
        .astype(table[name].dtype)
        for name in table.columns
        if name not in CODED and table[name].dtype == "str"
    }
    return table.assign(**texts)


def _descriptor(descriptor: Descriptor) -> Descriptor:
    return replace(
        descriptor,
        title=translated(descriptor.title),
        publisher=translated(descriptor.publisher),
        contact=translated(descriptor.contact),
        description=translated(descriptor.description),
        sources=tuple(replace(source, title=translated(source.title)) for source in descriptor.sources),
        licences=tuple(replace(licence, title=translated(licence.title)) for licence in descriptor.licences),
    )
