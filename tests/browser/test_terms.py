"""Task 4: learn what a word means without leaving the page; narrow and wide, with scripts and without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Serve, watched_page
from tests.browser.tasks import explain_by_keyboard, first_term

pytestmark = pytest.mark.browser

PATH = "organisations/zd0001/"


@pytest.fixture(params=[(320, True), (320, False), (1280, True), (1280, False)], ids=lambda it: f"{it}")
def practice(
    request: pytest.FixtureRequest, browser: Browser, demonstration: Path, serve: Serve
) -> Iterator[Page]:
    """Return a practice's page in a window of this width, with scripts or without, under the policy."""
    width, scripts = request.param
    html = "".join(
        (demonstration / path / "index.html").read_text(encoding="utf-8") for path in (PATH, "glossary")
    )
    address = serve(demonstration, inline_scripts=re.findall(r"<script>(.*?)</script>", html, re.DOTALL))
    with watched_page(browser, address, width, has_scripts=scripts) as page:
        page.goto(address + PATH)
        yield page


@pytest.mark.parametrize("name", ["band", "confidence-interval"])
def test_the_keyboard_opens_an_explanation_escape_closes_it_and_focus_returns(
    practice: Page, name: str
) -> None:
    explain_by_keyboard(practice, name)


def test_a_press_opens_an_explanation_and_its_own_button_closes_it(practice: Page) -> None:
    term, explanation = first_term(practice, "band")

    term.scroll_into_view_if_needed()
    press(practice, term)

    expect(explanation).to_be_visible()
    expect(explanation).to_contain_text("A level that the publisher has set")
    box, window = explanation.bounding_box(), practice.viewport_size
    assert box is not None
    assert window is not None
    assert min(box["x"], box["y"]) >= 0
    assert box["x"] + box["width"] <= window["width"]
    assert box["y"] + box["height"] <= window["height"]

    press(practice, explanation.get_by_role("button", name="Close"))

    expect(explanation).to_be_hidden()
    expect(term).to_be_focused()


def test_a_press_elsewhere_closes_it(practice: Page) -> None:
    term, explanation = first_term(practice, "band")
    press(practice, term)
    expect(explanation).to_be_visible()

    practice.mouse.click(2, 2)

    expect(explanation).to_be_hidden()


def test_nothing_is_focused_or_shown_before_it_is_asked_for(practice: Page) -> None:
    """The explanations ask for focus when they open; a page that opens must not give it to them."""
    expect(practice.locator(".explained:popover-open")).to_have_count(0)
    expect(practice.locator(".explained:focus")).to_have_count(0)


def test_a_reader_finds_every_explanation_in_the_glossary_too(practice: Page) -> None:
    term, explanation = first_term(practice, "band")
    press(practice, term)

    explanation.get_by_role("link").click()

    practice.wait_for_url("**/glossary/#band")
    expect(practice.locator("#band")).to_be_in_viewport()


def press(page: Page, button: Locator) -> None:
    """Press as people do: with a finger where the window is narrow."""
    window = page.viewport_size
    if window and window["width"] == 320:
        button.tap()
    else:
        button.click()
