"""The manners of the finished site: for all eyes and hands, within its policy, light, asking nobody else."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Serve
from tools.screenshots import addresses

pytestmark = pytest.mark.browser

WIDTHS = (320, 1280)
SCHEMES: dict[str, Callable[[Page], None]] = {
    "light": lambda tab: tab.emulate_media(color_scheme="light", forced_colors="none"),
    "dark": lambda tab: tab.emulate_media(color_scheme="dark", forced_colors="none"),
    "forced colours": lambda tab: tab.emulate_media(color_scheme="dark", forced_colors="active"),
}
EVERY_RULE = {
    "runOnly": ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"),
    "rules": {"target-size": {"enabled": True}},
}
COLOUR_RULES = {"runOnly": ("color-contrast", "link-in-text-block")}
MISSING = "organisations/nobody/at/all/"
"""Where the site has no page."""


@pytest.fixture(scope="module")
def root(demonstration: Path, serve: Serve) -> str:
    """Return the address at which the demonstration is served, with the headers of its own `_headers`."""
    return serve(demonstration, below="/quality/")


@pytest.fixture(scope="module")
def templates(demonstration: Path) -> dict[str, str]:
    """Return one page of each type, the page of errors among them, by the type's name."""
    return {**addresses(demonstration), "missing": MISSING}


@pytest.fixture(scope="module")
def practices(demonstration: Path) -> list[str]:
    """Return practices' addresses in an order drawn by lot, always the same."""
    found = sorted(
        f"organisations/{path.parent.name}/" for path in demonstration.glob("organisations/*/index.html")
    )
    random.Random("practices").shuffle(found)
    return found


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """Return a page that is not watched: the page of errors is one that the browser complains of."""
    opened = browser.new_page()
    yield opened
    opened.close()


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_on_any_template(
    tab: Page, root: str, templates: dict[str, str], width: int
) -> None:
    """A11Y_AXE, A11Y_COLOUR: at both widths, light, dark and in forced colours, with everything unfolded."""
    tab.set_viewport_size({"width": width, "height": 900})

    found = [fault for address in templates.values() for fault in _axe_faults(tab, root, address, SCHEMES)]

    assert not found, _as_list(found)


@pytest.mark.slow
def test_axe_finds_nothing_on_a_hundred_practices(tab: Page, root: str, practices: list[str]) -> None:
    _assert_axe_finds_nothing(tab, root, practices[:100])


def _assert_axe_finds_nothing(tab: Page, root: str, pages: list[str]) -> None:
    tab.set_viewport_size({"width": 1280, "height": 900})

    found = [fault for address in pages for fault in _axe_faults(tab, root, address, ("light",))]

    assert not found, _as_list(found)


def _axe_faults(tab: Page, root: str, address: str, schemes: Iterable[str]) -> list[str]:
    tab.goto(root + address, wait_until="networkidle")
    tab.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
    faults = []
    for number, scheme in enumerate(schemes):
        SCHEMES[scheme](tab)
        # Only colours differ between the schemes.
        runs = COLOUR_RULES if number else EVERY_RULE
        options = {**runs, "resultTypes": ["violations"]}
        for violation in Axe().run(tab, options=options).response["violations"]:
            nodes = violation["nodes"]
            shown = "; ".join(f"{node['target']} {node['html'][:150]}" for node in nodes[:2])
            faults.append(f"{address or 'home'} ({scheme}) {violation['id']}, {len(nodes)} places: {shown}")
    return faults


@pytest.mark.slow
def test_no_page_offends_against_its_policy_or_asks_another_host(
    browser: Browser, root: str, templates: dict[str, str]
) -> None:
    """RND_CSP, RND_THIRD_PARTY: each page with an empty memory, searched in, and its colours changed."""
    found = []
    for name, address in templates.items():
        context = browser.new_context()
        tab = context.new_page()
        said = _listen(tab, found_on=name)
        tab.goto(root + address, wait_until="networkidle")
        tab.locator("input[type=search]").first.press_sequentially("blood")
        tab.locator(".candour-palette label:visible").first.click()
        tab.wait_for_load_state("networkidle")
        # That the page of errors comes with the status of one is told as an error.
        found += [line for line in said if not (name == "missing" and "status of 404" in line)]
        context.close()

    assert not found, _as_list(found)


def _listen(tab: Page, *, found_on: str) -> list[str]:
    """Return a list that fills with whatever is wrong: errors, warnings of the policy, strange hosts."""
    said: list[str] = []
    tab.on("pageerror", lambda error: said.append(f"{found_on}: {error}"))
    tab.on(
        "console",
        lambda message: (
            said.append(f"{found_on}: {message.text}") if message.type in ("error", "warning") else None
        ),
    )
    tab.on(
        "request",
        lambda request: (
            None
            if urlsplit(request.url).scheme in ("data", "blob")
            or urlsplit(request.url).hostname == "127.0.0.1"
            else said.append(f"{found_on} asks {request.url}")
        ),
    )
    return said


@pytest.mark.slow
def test_every_page_says_its_policy_itself_too(
    demonstration: Path, templates: dict[str, str], browser: Browser, serve: Serve, tmp_path: Path
) -> None:
    """Where a host sends no headers, as GitHub Pages, the page alone keeps strange scripts out."""
    for name, address in templates.items():
        file = demonstration / address.split("?")[0] / "index.html"
        html = (demonstration / "404.html" if name == "missing" else file).read_text()
        inside = html.replace("</body>", "<script>window.broken = true</script><p id=end></p></body>")
        (tmp_path / "index.html").write_text(inside)
        (tmp_path / "_headers").write_text("")
        tab = browser.new_page()
        tab.goto(serve(tmp_path))

        assert tab.evaluate("[!!window.__md_get, !!window.broken]") == [True, False], name
        tab.close()


def test_pages_are_valid_html(demonstration: Path, templates: dict[str, str]) -> None:
    """RND_HTML: by the rules of html5lib, which knows what a browser has to mend."""
    wrong = []
    for name, address in templates.items():
        file = demonstration / address.split("?")[0] / "index.html"
        html = (demonstration / "404.html" if name == "missing" else file).read_text()
        parser = html5lib.HTMLParser()
        parser.parse(html)
        for (line, column), code, details in parser.errors:
            wrong.append(
                f"{name}, line {line}: {code} {details}: {html.splitlines()[line - 1][:column][-90:]}"
            )

    assert not wrong, _as_list(wrong)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("width", "text_size"), [(320, 1), (640, 2)], ids=["320 pixels wide", "640 pixels wide, text doubled"]
)
def test_nothing_scrolls_sideways(
    tab: Page, root: str, templates: dict[str, str], width: int, text_size: int
) -> None:
    """A11Y_OPERATE. Browsers zoom a page of 640 pixels to 200% by laying it out as one of 320."""
    tab.set_viewport_size({"width": width, "height": 900})
    wide = []
    for address in templates.values():
        tab.goto(root + address, wait_until="networkidle")
        tab.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
        tab.evaluate(
            "times => { const root = document.documentElement;"
            "root.style.fontSize = `${parseFloat(getComputedStyle(root).fontSize) * times}px` }",
            text_size,
        )
        beyond = tab.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if beyond > 0:
            wide.append(f"{address or 'home'}: {beyond} pixels, {tab.evaluate(_WHAT_IS_WIDE)}")

    assert not wide, _as_list(wide)


_WHAT_IS_WIDE = """() => [...document.body.querySelectorAll("*")]
    .filter(element => element.getBoundingClientRect().right > window.innerWidth + 1)
    .slice(0, 5).map(element => `${element.tagName}.${element.getAttribute("class")}`).join(", ")"""


@pytest.mark.slow
def test_the_keyboard_reaches_the_end_of_every_page_and_shows_where_it_is(
    tab: Page, root: str, templates: dict[str, str]
) -> None:
    """A11Y_OPERATE: no trap, nothing focused unseen, and first of all the way past the header."""
    tab.set_viewport_size({"width": 1280, "height": 900})
    wrong = []
    for address in templates.values():
        tab.goto(root + address, wait_until="networkidle")
        most = tab.evaluate(_HOW_MANY) + 5
        stops: list[dict[str, Any]] = []
        for _ in range(most):
            tab.keyboard.press("Tab")
            stop = tab.evaluate(_WHERE)
            # After the last place the browser begins again, with its own bar between or without.
            if stop is None or (len(stops) > 1 and stop["what"] == stops[0]["what"]):
                break
            stops.append(stop)
        else:
            wrong.append(f"{address or 'home'}: a trap, last at {stops[-1]['what']}")
        if not stops or "md-skip" not in stops[0]["what"]:
            wrong.append(f"{address or 'home'}: the skip link is not first")
        wrong += [
            f"{address or 'home'}: {stop['what']} is {stop['fault']}" for stop in stops if stop["fault"]
        ]

    assert not wrong, _as_list(wrong)


_HOW_MANY = """() => document.querySelectorAll(
    "a[href], button, input, select, textarea, summary, iframe, [tabindex]").length"""
_WHERE = """() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const box = element.getBoundingClientRect();
    // The choice of colours is a hidden button, and the sign beside it is what one sees.
    const beside = element.nextElementSibling;
    const label = beside?.tagName === "LABEL" ? beside : element.labels?.[0];
    const marked = [element, label].filter(Boolean).some(shown => {
        const look = getComputedStyle(shown);
        const outlined = look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 1.5;
        return outlined || look.boxShadow !== "none";
    });
    const seen = [box, label?.getBoundingClientRect()].filter(Boolean).some(place => place.width > 1
        && place.height > 1 && place.bottom > 0 && place.top < innerHeight && place.right > 0
        && place.left < innerWidth);
    const fault = !seen ? "out of sight" : !marked ? "not marked as focused" : "";
    return { what: element.outerHTML.slice(0, 120), fault };
}"""


def test_a_practice_takes_few_requests(tab: Page, root: str, practices: list[str]) -> None:
    requests: list[str] = []
    tab.on("request", lambda request: requests.append(request.url))

    tab.goto(root + practices[0], wait_until="networkidle")
    tab.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    tab.wait_for_load_state("networkidle")

    assert len(requests) <= 15, requests


def test_a_phone_shows_the_begin_of_the_menu_and_leads_to_all_of_it(tab: Page, root: str) -> None:
    tab.set_viewport_size({"width": 320, "height": 800})
    tab.goto(f"{root}glossary/")
    menu = tab.get_by_role("navigation", name="Main")
    assert menu.get_by_role("link").all_inner_texts() == ["Find", "All, A to Z", "Topics", "Menu"]

    menu.get_by_role("link", name="Menu").click()

    everything = tab.get_by_role("navigation", name="All of this site")
    expect(everything).to_be_in_viewport()
    left_out = tab.locator(".candour-menu a[href]").evaluate_all("links => links.map(link => link.pathname)")
    linked = everything.get_by_role("link").evaluate_all("links => links.map(link => link.pathname)")
    assert set(left_out) <= {*linked, "/glossary/"}


def test_the_page_of_errors_helps_at_any_depth(tab: Page, root: str) -> None:
    tab.goto(root + MISSING, wait_until="networkidle")
    hrefs = tab.eval_on_selector_all("main a[href]", "links => links.map(link => link.href)")

    assert len(hrefs) >= 5
    for href in hrefs:
        answer = tab.request.get(href)
        assert answer.ok, href
        fragment = urlsplit(href).fragment
        assert not fragment or re.search(f'id="{fragment}"', answer.text()), href
    tab.locator("header input[type=search]").press_sequentially("surgery")
    tab.locator("header [role=option]").first.wait_for()


def _as_list(found: list[str]) -> str:
    return f"{len(found)} faults\n" + "\n".join(found[:40])
