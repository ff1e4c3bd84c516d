"""The finished demonstration site: links, hosts, slots, addresses, the same bytes again."""

from __future__ import annotations

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from generator import plugin

ROOT = Path(__file__).parents[2]
SITE_PATH = "/quality/"
"""Path of site_url in mkdocs.yml: links are followed as if the site stood there."""


class _Links(HTMLParser):
    """Collects what a page links to or loads, and its fragments."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.fragments: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("id", "name") and value and (name == "id" or tag == "a"):
                self.fragments.append(value)
            if name in ("href", "src", "action") and value is not None:
                self.links.append(value)
                if tag in ("script", "img", "use", "iframe") or (tag == "link" and _is_loaded(dict(attrs))):
                    self.loaded.append(value)


def _is_loaded(attributes: dict[str, str | None]) -> bool:
    return attributes.get("rel") not in ("canonical", "prev", "next", "alternate")


def _read(path: Path) -> _Links:
    parser = _Links()
    parser.feed(path.read_text(encoding="utf-8"))
    return parser


@pytest.fixture(scope="module")
def pages(demonstration: Path) -> dict[str, _Links]:
    """Return every page of the site by its path; the frame of charts is none."""
    return {
        path.relative_to(demonstration).as_posix(): _read(path)
        for path in sorted(demonstration.rglob("*.html"))
        if not {"pagefind", "assets"} & set(path.relative_to(demonstration).parts)
    }


def test_every_internal_link_and_fragment_leads_somewhere(
    demonstration: Path, pages: dict[str, _Links]
) -> None:
    broken = set()
    fragments_of_files: dict[str, set[str]] = {name: set(page.fragments) for name, page in pages.items()}
    for sheet in demonstration.glob("assets/plates/*.svg"):
        name = sheet.relative_to(demonstration).as_posix()
        fragments_of_files[name] = set(re.findall(r'<symbol id="([^"]+)"', sheet.read_text()))
    for name, page in pages.items():
        here = f"https://site.example{SITE_PATH}{name.removesuffix('index.html')}"
        for link in page.links:
            target = urlsplit(urljoin(here, link))
            if target.netloc != "site.example" or target.scheme != "https":
                continue
            path = unquote(target.path)
            if not path.startswith(SITE_PATH):
                broken.add(f"{name}: {link} leaves the site's folder")
                continue
            inside = path.removeprefix(SITE_PATH)
            inside += "index.html" if inside.endswith("/") or not inside else ""
            if not (demonstration / inside).is_file():
                broken.add(f"{name}: {link}")
            elif target.fragment and unquote(target.fragment) not in fragments_of_files.get(inside, set()):
                broken.add(f"{name}: {link} has no such place")

    assert not sorted(broken)[:20]


def test_no_page_loads_anything_from_another_host(pages: dict[str, _Links]) -> None:
    foreign = {link for page in pages.values() for link in page.loaded if urlsplit(link).netloc}

    assert foreign == set()


def test_ids_are_unique_on_each_page(pages: dict[str, _Links]) -> None:
    repeated = {
        f"{name}: {fragment}"
        for name, page in pages.items()
        for fragment in page.fragments
        if page.fragments.count(fragment) > 1
    }

    assert not sorted(repeated)[:20]


def test_every_data_page_says_that_it_is_invented(demonstration: Path, pages: dict[str, _Links]) -> None:
    silent = [name for name in pages if "invented" not in (demonstration / name).read_text(encoding="utf-8")]

    assert silent == []


def test_every_page_has_one_first_heading_and_a_description(
    demonstration: Path, pages: dict[str, _Links]
) -> None:
    for name in pages:
        text = (demonstration / name).read_text(encoding="utf-8")
        assert text.count("<h1") == 1, name
        if name != "404.html":
            assert '<meta name="description" content="' in text, name


def test_no_two_pages_have_one_title(demonstration: Path, pages: dict[str, _Links]) -> None:
    """In a list of results, or of tabs, a title is all there is to choose by."""
    found: dict[str, list[str]] = {}
    for name in pages:
        title = re.search("<title>(.*?)</title>", (demonstration / name).read_text(encoding="utf-8"))
        assert title, name
        found.setdefault(title[1], []).append(name)

    assert not {title: names for title, names in found.items() if len(names) > 1}


def test_every_page_names_its_address_once(demonstration: Path, pages: dict[str, _Links]) -> None:
    for name in pages:
        text = (demonstration / name).read_text(encoding="utf-8")
        canonical = re.findall(r'<link rel="canonical" href="([^"]+)">', text)
        address = f"https://example.org{SITE_PATH}{name.removesuffix('index.html')}"
        assert canonical == ([] if name == "404.html" else [address]), name


def test_no_slot_of_a_shell_is_left(demonstration: Path, pages: dict[str, _Links]) -> None:
    left = [name for name in pages if "candour-slot" in (demonstration / name).read_text(encoding="utf-8")]

    assert left == []
    assert not list(demonstration.rglob("candour-shell*"))


def test_every_organisation_and_area_has_its_page(demonstration: Path) -> None:
    listed = (demonstration / "organisations/index.json").read_text(encoding="utf-8")
    addresses = re.findall(r'"url":"([^"]+)"', listed)

    assert len(addresses) > 90
    assert [address for address in addresses if not (demonstration / address / "index.html").is_file()] == []


def test_the_sitemap_lists_every_page_and_no_shell(demonstration: Path, pages: dict[str, _Links]) -> None:
    listed = set(re.findall(r"<loc>([^<]+)</loc>", (demonstration / "sitemap.xml").read_text()))

    expected = {
        f"https://example.org{SITE_PATH}{name.removesuffix('index.html')}"
        for name in pages
        if name != "404.html"
    }
    assert listed == expected


@pytest.mark.slow
def test_the_same_input_gives_the_same_bytes_on_any_number_of_workers(
    demonstration: Path, tmp_path: Path
) -> None:
    again = plugin.build_site(ROOT / "mkdocs.yml", site_dir=tmp_path / "site", workers=1)

    assert _digests(again) == _digests(demonstration)


def _digests(site: Path) -> dict[str, str]:
    return {
        path.relative_to(site).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(site.rglob("*"))
        if path.is_file()
    }
