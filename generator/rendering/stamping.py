"""Joins data pages into what the theme puts around them, without asking the theme again for each page.

The theme renders one *shell* per template and depth of address, of a page whose every text is a token
(`token_page`). `cut` takes the shell apart at the tokens, once; `stamp` joins a page's own texts in, which
`fill` prepares exactly as it prepared the tokens. So a stamped page has the bytes that the theme itself would
have made. See docs/development/decisions/0001-stamped-pages.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from markupsafe import escape

from generator.errors import CandourError, ExitStatus
from generator.model.pages import Alternate, Heading, Page, Shell

TITLE_FRAGMENT = "page-title"
"""The id of every data page's <h1>: where the skip link leads."""

# Every token and every shell's address has one of these in it; `cut` leaves none behind.
_TOKEN = "candour-slot"
_ADDRESS = "candour-shell"


@dataclass(frozen=True)
class Filling:
    """What the theme receives of one page. All texts are HTML: the theme does not escape."""

    address: str
    title: str
    description: str
    alternates: str
    linked_data: str
    heading: str
    body: str
    contents: tuple[tuple[str, str], ...]
    """Fragment and title of each section."""

    @property
    def content(self) -> str:
        """The page's content as the theme expects it: beginning with its <h1>."""
        return f'<h1 id="{TITLE_FRAGMENT}">{self.heading}</h1>\n{self.body}'


class _Slot(StrEnum):
    ADDRESS = "address"
    TITLE = "title"
    DESCRIPTION = "description"
    ALTERNATES = "alternates"
    LINKED_DATA = "linked data"
    HEADING = "heading"
    BODY = "body"


@dataclass(frozen=True)
class _ContentsList:
    """One place where the theme lists the sections: the HTML of an entry, and what stands between two."""

    entry: tuple[str | int, ...]
    """Text, or the position in (fragment, title) of what stands there."""
    between: str

    def of(self, contents: Sequence[tuple[str, str]]) -> str:
        """Return the list's entries as the theme would write them."""
        return self.between.join(
            "".join(piece if isinstance(piece, str) else entry[piece] for piece in self.entry)
            for entry in contents
        )


@dataclass(frozen=True)
class _Place:
    """One slot of a shell, and how the theme writes what stands there."""

    slot: _Slot
    written: Callable[[str], str] | None = None


@dataclass(frozen=True)
class CutShell:
    """A shell taken apart: its texts in order, and what belongs between them."""

    template: str
    depth: int
    pieces: tuple[str, ...]
    """Every second one, from the second on, is empty and waits for the place of the same number."""
    places: tuple[_Place | _ContentsList, ...]


def shell_address(template: str, depth: int) -> str:
    """Return the reserved address at which the theme renders the shell; the home page has only its own."""
    if depth == 0:
        return ""
    return f"{_ADDRESS}/" * (depth - 1) + f"{_ADDRESS}-{template}/"


def token_page(template: str, depth: int) -> Page:
    """Return the page whose texts are tokens, to be rendered by the theme as the shell of this template."""
    return Page(
        address=shell_address(template, depth),
        template=template,
        title=_token("title"),
        description=_token("description"),
        heading=_token("heading"),
        contents=(
            Heading(_token("fragment 1"), _token("section 1")),
            Heading(_token("fragment 2"), _token("section 2")),
        ),
        body=_token("body"),
        alternates=(Alternate(_token("alternate")),),
        linked_data=_token("linked data"),
    )


def fill(page: Page) -> Filling:
    """Return what the theme receives of the page, every text of it escaped."""
    return Filling(
        address=str(escape(page.address)),
        title=str(escape(page.title)),
        description=str(escape(page.description)),
        alternates="".join(map(_alternate_link, page.alternates)),
        linked_data=_data_block(page.linked_data),
        heading=str(escape(page.heading)),
        body=page.body,
        contents=tuple((str(escape(entry.fragment)), str(escape(entry.title))) for entry in page.contents),
    )


def cut(shell: Shell) -> CutShell:
    """Return the shell taken apart at its slots.

    Raises:
        CandourError: RND_SHELL, when the theme lacks a slot or writes a text in a way that is not known here.
    """
    texts, tokens = _split(shell)
    _refuse_leftovers(shell, texts)
    pieces: list[str] = [texts[0]]
    places: list[_Place | _ContentsList] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        entries = _entries_from(tokens, position)
        if isinstance(token, _Place):
            places.append(token)
            position += 1
        else:
            places.append(_contents_list(shell, entries, texts[position + 1 : position + len(entries)]))
            position += len(entries)
        pieces += ["", texts[position]]
    _refuse_missing_slots(shell, places)
    return CutShell(shell.template, shell.depth, tuple(pieces), tuple(places))


def stamp(shell: CutShell, page: Page) -> str:
    """Return the HTML of the page.

    The page's texts are joined into the shell and never searched: nothing in them can pass for a slot.
    """
    assert (shell.template, shell.depth) == (page.template, page.depth), f"{page.address}: not its shell"
    assert page.contents, f"{page.address}: a page lists at least one section"
    filling = fill(page)
    texts = {
        _Slot.ADDRESS: filling.address,
        _Slot.TITLE: filling.title,
        _Slot.DESCRIPTION: filling.description,
        _Slot.ALTERNATES: filling.alternates,
        _Slot.LINKED_DATA: filling.linked_data,
        _Slot.HEADING: filling.heading,
        _Slot.BODY: filling.body,
    }
    pieces = list(shell.pieces)
    for number, place in enumerate(shell.places):
        if isinstance(place, _ContentsList):
            pieces[2 * number + 1] = place.of(filling.contents)
        else:
            text = texts[place.slot]
            pieces[2 * number + 1] = place.written(text) if place.written else text
    return "".join(pieces)


def _token(name: str) -> str:
    # It has characters that escaping and quoting change, which tells each way of writing a text apart.
    return f"{_TOKEN} <{name}>"


def _alternate_link(alternate: Alternate) -> str:
    attributes = {
        "hreflang": alternate.language,
        "type": alternate.media_type,
        "title": alternate.title,
        "href": alternate.address,
    }
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items() if value)
    return f'<link rel="alternate"{written}>\n'


def _data_block(json: str) -> str:
    """Return the element that holds JSON: no sign in a text can end it, begin another or open a comment."""
    if not json:
        return ""
    for sign in "<>&\u2028\u2029":
        json = json.replace(sign, f"\\u{ord(sign):04x}")
    return f'<script type="application/ld+json">{json}</script>\n'


@dataclass(frozen=True)
class _Entry:
    """A token of the contents list: which of the two entries, and fragment (0) or title (1)."""

    number: int
    part: int


def _url_quoted(text: str) -> str:
    """Return the text as the theme's `urlencode` filter writes it."""
    return quote(text, safe="/")


def _split(shell: Shell) -> tuple[list[str], list[_Place | _Entry]]:
    """Return the texts between tokens, and the tokens between texts."""
    filling = fill(token_page(shell.template, shell.depth))
    known: dict[str, _Place | _Entry] = {
        filling.title: _Place(_Slot.TITLE),
        _url_quoted(filling.title): _Place(_Slot.TITLE, _url_quoted),
        filling.description: _Place(_Slot.DESCRIPTION),
        filling.alternates: _Place(_Slot.ALTERNATES),
        filling.linked_data: _Place(_Slot.LINKED_DATA),
        filling.heading: _Place(_Slot.HEADING),
        filling.body: _Place(_Slot.BODY),
    }
    if filling.address:
        known[filling.address] = _Place(_Slot.ADDRESS)
    for number, entry in enumerate(filling.contents):
        for part, token in enumerate(entry):
            known[token] = _Entry(number, part)
    found = re.split(f"({'|'.join(map(re.escape, known))})", shell.html)
    return found[0::2], [known[token] for token in found[1::2]]


def _entries_from(tokens: Sequence[_Place | _Entry], start: int) -> list[_Entry]:
    """Return the tokens from `start` on that belong to one list: those of entry 1, then those of entry 2."""
    entries: list[_Entry] = []
    for token in tokens[start:]:
        if isinstance(token, _Place) or (entries and token.number < entries[-1].number):
            break
        entries.append(token)
    return entries


def _contents_list(shell: Shell, entries: Sequence[_Entry], texts: Sequence[str]) -> _ContentsList:
    """Return one place where the theme lists the sections, from how it wrote a list of two."""
    written: tuple[list[str | int], list[str | int]] = ([entries[0].part], [])
    between = ""
    for before, entry, text in zip(entries, entries[1:], texts, strict=False):
        if entry.number == before.number:
            written[entry.number].append(text)
        else:
            between = text
        written[entry.number].append(entry.part)
    if written[0] != written[1]:
        raise _shell_error(
            shell, "the theme writes the first and the second entry of a contents list differently"
        )
    return _ContentsList(tuple(written[0]), between)


def _refuse_leftovers(shell: Shell, texts: Sequence[str]) -> None:
    for text in texts:
        for stem in (_TOKEN, _ADDRESS):
            if stem in text:
                start = text.index(stem)
                context = text[max(0, start - 30) : start + 60]
                raise _shell_error(
                    shell, f"the theme writes a text in a way that is not known here: {context}"
                )


def _refuse_missing_slots(shell: Shell, places: Sequence[_Place | _ContentsList]) -> None:
    present = {place.slot for place in places if isinstance(place, _Place)}
    missing = sorted({_Slot.TITLE, _Slot.DESCRIPTION, _Slot.HEADING, _Slot.BODY} - present)
    if missing:
        raise _shell_error(shell, f"the theme shows no {' and no '.join(missing)}")


def _shell_error(shell: Shell, reason: str) -> CandourError:
    return CandourError(
        "RND_SHELL",
        f"shell {shell.template}, depth {shell.depth}: {reason}",
        "The theme was changed. See docs/development/decisions/0001-stamped-pages.md for what a shell needs.",
        ExitStatus.RENDERING,
    )
