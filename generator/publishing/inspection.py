"""A last look at finished pages: what a reader's browser would refuse, mend, miss, or fetch from elsewhere.

It reads every hand-written page, the page of errors, and of each kind of data page a few spread over all:
pages of a kind come from one template and one shell, and reading all of them would take as long as making
them. The tests read every page of the demonstration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from generator.errors import ExitStatus, Finding, Severity
from generator.publishing.policy import inline_scripts

PAGES_OF_A_KIND = 3
HEAVIEST = 1_000_000
"""Bytes of a page beyond which no phone should be asked to load it; lists of everybody are the longest."""

GUIDES = frozenset({"about", "accessibility", "glossary", "methods", "reference"})
"""Folders of hand-written pages to which templates link: a publication that lacks one is told."""

_LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "use": "href", "object": "data"}
_LOADED_LINKS = frozenset({"stylesheet", "icon", "preload", "modulepreload", "manifest", "preconnect"})


def inspect(
    site_dir: Path,
    kinds: Mapping[str, Sequence[str]],
    others: Sequence[str],
    scripts: frozenset[str],
    *,
    follows_others: bool,
) -> list[Finding]:
    """Return what is wrong with the finished pages.

    `kinds` holds the files of data pages by kind, `others` all other pages, whose links are followed only if
    `follows_others`; `scripts` are the texts of the inline scripts that the theme has.
    """
    sample = [name for names in kinds.values() for name in _spread(names)]
    found = list(_unusable_addresses([name for names in kinds.values() for name in names]))
    is_there: dict[Path, bool] = {}
    for name in (*others, *sample):
        page = _Page.of((site_dir / name).read_text(encoding="utf-8"))
        found += _inspected(name, page, scripts)
        if follows_others or name in sample:
            found += _broken_links(site_dir, name, page, is_there)
    return found


class _Page(HTMLParser):
    """What a page consists of, as far as it can be wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.html = ""
        self.ids: list[str] = []
        self.headings = 0
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.live: list[str] = []
        """Names of attributes that hold script or style."""

    @classmethod
    def of(cls, html: str) -> _Page:
        page = cls()
        page.html = html
        page.feed(html)
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.headings += tag == "h1"
        if "id" in attributes:
            self.ids.append(attributes["id"])
        self.live += [name for name in attributes if name == "style" or name.startswith("on")]
        if tag in ("a", "form") or tag in _LOADED or tag == "link":
            self.links += [attributes[name] for name in ("href", "src", "action") if name in attributes]
        if tag in _LOADED and _LOADED[tag] in attributes:
            self.loaded.append(attributes[_LOADED[tag]])
        if tag == "link" and _LOADED_LINKS & set(attributes.get("rel", "").split()):
            self.loaded.append(attributes.get("href", ""))


def _inspected(name: str, page: _Page, scripts: frozenset[str]) -> Iterator[Finding]:
    if strange := [text for text in inline_scripts(page.html) if text not in scripts]:
        yield _finding("RND_CSP", name, f"{len(strange)} inline script(s) that the theme does not have")
    if page.live:
        yield _finding("RND_CSP", name, f"the attribute {page.live[0]}, which the policy of pages stops")
    for address in page.loaded:
        if urlsplit(address).netloc:
            yield _finding("RND_THIRD_PARTY", name, f"loads from {urlsplit(address).netloc}")
    repeated = sorted({identifier for identifier in page.ids if page.ids.count(identifier) > 1})
    if repeated:
        yield _finding("RND_HTML", name, "one id stands at two places", value=repeated[0])
    if page.headings != 1:
        yield _finding("RND_HTML", name, f"{page.headings} first headings (<h1>); there has to be one")
    if not HEAVIEST >= len(page.html.encode()) > 0:
        yield _finding("RND_BUDGET", name, f"{len(page.html.encode()):,} bytes; {HEAVIEST:,} are allowed")


def _broken_links(site_dir: Path, name: str, page: _Page, is_there: dict[Path, bool]) -> Iterator[Finding]:
    """Yield the links within the site that lead nowhere. Those from the root of a host cannot be followed."""
    here = (site_dir / name).parent
    for link in dict.fromkeys(page.links):
        target = urlsplit(link)
        if target.scheme or target.netloc or target.path.startswith("/"):
            continue
        path = unquote(target.path)
        file = (here / path).resolve() if path else (site_dir / name).resolve()
        if path.endswith("/") or path in (".", ".."):
            file /= "index.html"
        if file not in is_there:
            is_there[file] = file.is_file()
        guide = _missing_guide(site_dir, file)
        if guide:
            if guide not in is_there:
                is_there[guide] = False
                reason = "pages link to a guide that this publication does not have"
                yield replace(_finding("LINK_BROKEN", guide.name, reason), severity=Severity.NOTE)
        elif not is_there[file]:
            yield _finding("LINK_BROKEN", name, "a link leads to no file", value=link)
        elif target.fragment and f'id="{unquote(target.fragment)}"' not in file.read_text("utf-8"):
            yield _finding("LINK_BROKEN", name, "a link leads to no such place on its page", value=link)


def _missing_guide(site_dir: Path, file: Path) -> Path | None:
    """Return the folder of the guide in which a file would lie, if the publication has not written it."""
    root = site_dir.resolve()
    if not file.is_relative_to(root):
        return None
    folder = root / file.relative_to(root).parts[0]
    return folder if folder.name in GUIDES and not folder.exists() else None


def _unusable_addresses(names: Sequence[str]) -> Iterator[Finding]:
    """Yield what cannot be a folder everywhere, or is the same folder where capitals make no difference."""
    seen: set[str] = set()
    for name in names:
        folders = name.split("/")[:-1]
        if not all(_FOLDER.fullmatch(folder) for folder in folders):
            yield _finding("RND_SLUG", name, "an address with other signs than small letters and figures")
        elif _DEVICES.intersection(folder.split(".")[0] for folder in folders):
            yield _finding("RND_SLUG", name, "an address that some systems keep for a device")
        elif name in seen:
            yield _finding("RND_SLUG", name, "two pages at one address")
        seen.add(name)


def _spread(names: Sequence[str]) -> list[str]:
    """Return a few of the names: the first, the last, and what lies evenly between."""
    if len(names) <= PAGES_OF_A_KIND:
        return list(names)
    step = (len(names) - 1) / (PAGES_OF_A_KIND - 1)
    return [names[round(number * step)] for number in range(PAGES_OF_A_KIND)]


_FOLDER = re.compile(r"[a-z0-9][a-z0-9._-]*")
_DEVICES = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)))
)

_ADVICE: Mapping[str, str] = {
    "RND_CSP": "Put scripts and styles into files of theme/assets/: here the policy stops them.",
    "RND_THIRD_PARTY": "Keep a copy of the file in the publication: readers' visits concern nobody else.",
    "RND_HTML": "Mend the page or its template: browsers guess differently what is meant.",
    "RND_BUDGET": "Divide the page, or fold long lists into pages of their own.",
    "RND_SLUG": "Change the code or identifier: it is the name of a folder, on every system.",
    "LINK_BROKEN": "Mend the page or its template.",
}


def _finding(code: str, name: str, reason: str, *, value: str = "") -> Finding:
    return Finding(
        name, None, "", reason, value=value, code=code, advice=_ADVICE[code], status=ExitStatus.RENDERING
    )
