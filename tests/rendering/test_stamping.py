"""Stamped pages are the pages that the theme would have made: byte for byte, in every place, for any text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page as MkDocsPage

from generator.errors import CandourError, ExitStatus
from generator.model.pages import Alternate, Heading, Page, Shell
from generator.plugin.theme import ThemedPages, ThemeFacts, add_fingerprints, set_theme
from generator.rendering.stamping import cut, stamp, token_page
from generator.rendering.templates import Templates

THEME = Path(__file__).parents[2] / "site_templates" / "theme"

HOSTILE = (
    """</title></script><script>alert('1')</script> & "two" {{ 7*7 }} {% raw %} candour-slot <title> %7B"""
)

SECTIONS = tuple(Heading(f"section-{number}", f"Section {number} & more") for number in range(1, 8))


def make_page(address: str, template: str = "organisation", **changes: Any) -> Page:
    page = Page(
        address=address,
        template=template,
        title="Oakfield Surgery & Partners, Harbury",
        description='What "Oakfield" is like: 3 < 4',
        heading="Oakfield Surgery & Partners",
        contents=SECTIONS[:2],
        body="<p>One <strong>sentence</strong>.</p>\n<h2 id='section-1'>Section 1</h2>",
        alternates=(Alternate("results.csv", "text/csv", "Results & more"),),
        linked_data='{"name":"Oakfield </script><!-- & Partners"}',
    )
    return replace(page, **changes)


SAMPLES = (
    make_page("", "home", heading="Find a practice"),
    make_page("find/", "find", contents=SECTIONS[:1], alternates=()),
    make_page("organisations/a81001/"),
    make_page("organisations/a81002/", contents=SECTIONS),
    make_page(
        "metrics/x/",
        title=HOSTILE,
        description=HOSTILE,
        heading=HOSTILE,
        contents=(Heading('a"b', HOSTILE), SECTIONS[0]),
        body=f"<p>{token_page('organisation', 2).body}</p>",
    ),
    make_page("metrics/phone-ease/areas/q01/", "metric_area"),
)


class _NoOptions(Config):
    pass


class _Renderer(BasePlugin[_NoOptions]):
    """Lets the theme render these pages, and keeps what it makes of each."""

    def __init__(self, pages: Sequence[Page], *, ours: bool) -> None:
        self._pages = pages
        self._ours = ours
        self._themed = ThemedPages()
        self.html: dict[str, str] = {}

    def on_config(self, config: MkDocsConfig) -> None:
        self._facts = ThemeFacts(
            say=Templates(THEME.parent).wording("theme"),
            release="2026-q2",
            published_on="14 May 2026",
            publisher="An observatory",
            contact="",
            feedback="mistakes@example.org",
            demonstration=True,
            audience="public",
            licences=(),
            find=Templates(THEME.parent).wording("find"),
        )
        if self._ours:
            set_theme(config, THEME)
            config.extra["candour"] = self._facts

    def on_files(self, files: Files, /, *, config: MkDocsConfig) -> None:
        if self._ours:
            add_fingerprints(files, self._facts, config)
        for page in self._pages:
            self._themed.add(page, files, config)

    def on_page_content(self, html: str, /, *, page: MkDocsPage, **_: object) -> str:
        return self._themed.content_of(page) or html

    def on_post_page(self, output: str, /, *, page: MkDocsPage, **_: object) -> str:
        ours = self._themed.page_of(page)
        if ours:
            self.html[ours.address] = output
        return output


Render = Callable[[Sequence[Page]], dict[str, str]]


@pytest.fixture(params=["our theme", "Material itself"])
def theme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def render(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """Return a function that lets MkDocs render pages in a small project, and gives their HTML by address."""

    def rendered(pages: Sequence[Page], *, site_url: str = "", theme: str = "our theme") -> dict[str, str]:
        (tmp_path / "docs").mkdir(exist_ok=True)
        (tmp_path / "docs" / "about.md").write_text("# About\n\n## One\n\nText.\n")
        configuration: dict[str, Any] = {
            "site_name": "Care & quality",
            "theme": {"name": "material", "font": False},
            "nav": [{"About": "about.md"}],
            "plugins": [],
            # Material's feedback form writes title and address once more, in its own way.
            "extra": {"analytics": {"feedback": {"title": "Helpful?", "ratings": [{
                "icon": "material/emoticon-happy-outline", "name": "Yes", "data": 1,
                "note": '<a href="mailto:us@example.org?subject={title}&body={url}">Tell us</a>',
            }]}}},
        }  # fmt: skip
        if site_url:
            configuration["site_url"] = site_url
        (tmp_path / "mkdocs.yml").write_text(yaml.safe_dump(configuration))
        config = load_config(str(tmp_path / "mkdocs.yml"))
        renderer = _Renderer(pages, ours=theme == "our theme")
        config.plugins["renderer"] = renderer
        build(config)
        return renderer.html

    return rendered


@pytest.mark.parametrize("site_url", ["", "https://example.org/", "https://example.org/quality/"])
def test_stamped_pages_have_the_bytes_of_rendered_pages(
    render: Callable[..., dict[str, str]], theme: str, site_url: str
) -> None:
    """At the root, under a sub-path, without an address; at depths 0, 1, 2, 4; of 1, 2 and 7 sections."""
    shells = shells_for(SAMPLES, lambda pages: render(pages, site_url=site_url, theme=theme))
    rendered = render(SAMPLES, site_url=site_url, theme=theme)

    stamped = {page.address: stamp(cut(shells[page.template, page.depth]), page) for page in SAMPLES}

    assert sorted(stamped) == sorted(rendered)
    for address, html in stamped.items():
        assert html == rendered[address], address
        assert ("mailto:us@example.org?subject=Oakfield%20Surgery" in html) == (
            theme == "Material itself" and "Oakfield" in html
        )
        if site_url:
            assert f'<link rel="canonical" href="{site_url}{address}">' in html


def test_markup_in_titles_is_text_in_the_page(render: Callable[..., dict[str, str]]) -> None:
    page = next(page for page in SAMPLES if page.title == HOSTILE)
    harmless = replace(page, title="T", description="D", heading="H", contents=(SECTIONS[1], SECTIONS[0]))
    shell = cut(shells_for([page], render)["organisation", 2])

    html = stamp(shell, page)

    assert elements(html) == elements(stamp(shell, harmless))
    texts = _Texts.of(html)
    assert HOSTILE in texts["h1"]
    assert f"{HOSTILE} - Care & quality" in texts["title"]
    assert HOSTILE in texts["description"]


def test_tokens_in_data_are_printed_and_not_filled(render: Callable[..., dict[str, str]]) -> None:
    token = token_page("organisation", 2)
    page = make_page("organisations/a81001/", body=f"{token.body} {token.title} {token.address}")

    html = stamp(cut(shells_for([page], render)["organisation", 2]), page)

    assert f"{token.body} {token.title} {token.address}" in html


def test_no_link_of_the_theme_depends_on_more_than_the_depth(render: Callable[..., dict[str, str]]) -> None:
    """The filter `url` shortens links between neighbours: a page in find/ would link to find/ as ./"""
    html = render([make_page("find/", "find"), make_page("methodical/", "find")])

    links = {address: re.findall(r'(?:href|src|action)="([^"#:]*)"', text) for address, text in html.items()}

    assert links["find/"] == links["methodical/"]


def test_the_skip_link_leads_to_the_heading(render: Callable[..., dict[str, str]]) -> None:
    page = make_page("organisations/a81001/")

    html = render([page])[page.address]

    target = re.search(r'<a href="#([^"]+)" class="md-skip">', html)
    assert target
    assert f'<h1 id="{target[1]}">Oakfield Surgery &amp; Partners</h1>' in html
    assert html.count("<h1") == 1


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda html: html.replace(token_page("organisation", 2).body, ""), "shows no body"),
        (lambda html: f"{html}<p title=candour-slot%3Ctitle%3E>", "in a way that is not known here"),
        (lambda html: f"{html}<script>'candour-slot \\u003ctitle\\u003e'</script>", "not known here"),
        (lambda html: f"{html}<a href=/candour-shell/>", "not known here"),
    ],
    ids=["no content", "other quoting", "JSON", "part of the address"],
)
def test_a_theme_that_stamping_does_not_understand_is_refused(
    render: Callable[..., dict[str, str]], spoil: Callable[[str], str], reason: str
) -> None:
    shell = shells_for([make_page("organisations/a81001/")], render)["organisation", 2]
    spoilt = replace(shell, html=spoil(shell.html))

    with pytest.raises(CandourError, match=reason) as raised:
        cut(spoilt)

    assert raised.value.code == "RND_SHELL"
    assert raised.value.status is ExitStatus.RENDERING


def test_an_entry_written_differently_from_the_first_is_refused(
    render: Callable[..., dict[str, str]],
) -> None:
    shell = shells_for([make_page("organisations/a81001/")], render)["organisation", 2]
    second = shell.html.index("candour-slot &lt;section 2")
    spoilt = replace(shell, html=f"{shell.html[:second]}<b>{shell.html[second:]}")

    with pytest.raises(CandourError, match="first and the second entry"):
        cut(spoilt)


def shells_for(pages: Sequence[Page], render: Render) -> dict[tuple[str, int], Shell]:
    """Return the shells that these pages need."""
    keys = list(dict.fromkeys((page.template, page.depth) for page in pages))
    tokens = {key: token_page(*key) for key in keys}
    html = render(list(tokens.values()))
    return {key: Shell(*key, html[token.address]) for key, token in tokens.items()}


class _Texts(HTMLParser):
    """Which elements a page has, and the texts of title, description and <h1>, as a browser reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self._open = ""
        self.texts: dict[str, str] = {}

    @classmethod
    def of(cls, html: str) -> dict[str, str]:
        parser = cls()
        parser.feed(html)
        return parser.texts

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append(f"{tag} {sorted(attributes)}")
        if attributes.get("name") == "description":
            self.texts["description"] = attributes["content"] or ""
        self._open = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._open:
            self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open in ("title", "h1"):
            self.texts[self._open] = self.texts.get(self._open, "") + data


def elements(html: str) -> list[str]:
    """Return every element of the page with the names of its attributes."""
    parser = _Texts()
    parser.feed(html)
    return parser.tags
