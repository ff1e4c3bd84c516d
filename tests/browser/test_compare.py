"""Organisations side by side in a real browser: on the demonstration, narrow and wide."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Serve
from tests.browser.tasks import heads, share_and_print, side_by_side

pytestmark = pytest.mark.browser

WIDTHS = (320, 1280)
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
RESULTS_OF_A_PAGE = """
() => Object.fromEntries([...document.querySelectorAll('article.metric')].map((article) => {
  const text = (found) => found ? found.textContent.replace(/\\s+/g, ' ').trim() : '';
  const first = (selector) => text(article.querySelector(selector));
  const value = first('.headline [data-c=value]');
  const against = first('.told .sentence [data-c=benchmark]');
  const range = article.querySelector('.doubt [data-c=lower]') && value
    ? `${first('.doubt [data-c=lower]')} to ${first('.doubt [data-c=upper]')}` : '';
  return [article.id.slice(2), [value || first('.none'), range,
    ...[...article.querySelectorAll('.headline .chip')].map((chip) => text(chip) +
      (chip.matches('.band') || !against ? '' : ` (${against})`))].filter(Boolean)];
}))
"""
"""What an organisation's page prints of each metric: value or why none, range, verdicts with the figure
compared with."""
RESULTS_OF_THE_TABLE = """
(column) => Object.fromEntries([...document.querySelectorAll('#compare-table tbody tr')]
  .filter((row) => row.querySelector('th a[href*="/metrics/"]'))
  .map((row) => [
    row.querySelector('th a').href.replace(/\\/$/, '').split('/').pop(),
    [...row.querySelectorAll('td')[column].querySelector('.compare__cell').children]
      .filter((part) => !part.matches('.compare__period')).map((part) => part.textContent),
  ]))
"""


@pytest.fixture(scope="module")
def site(demonstration: Path, serve: Serve) -> str:
    pages = (
        "index.html",
        "compare/index.html",
        "organisations/zd0005/index.html",
    )  # a script names the depth
    html = "".join((demonstration / page).read_text(encoding="utf-8") for page in pages)
    return serve(demonstration, inline_scripts=re.findall(r"<script>(.*?)</script>", html, re.DOTALL))


@pytest.mark.parametrize("width", WIDTHS)
def test_two_chosen_on_cards_are_shared_in_a_fresh_profile_and_printed(
    browser: Browser, site: str, width: int
) -> None:
    """Task 3 of the issue."""
    share_and_print(browser, site, "ZN3", width)


@pytest.mark.parametrize("codes", [("ZD0005", "ZD0017"), ("ZP1", "ZD0024", "ZP3")], ids=str)
def test_every_figure_is_the_one_on_the_organisations_own_page(
    page: Page, site: str, codes: tuple[str, ...]
) -> None:
    """What the script takes out of a scorecard is what that prints: a change there must not lose it."""
    own: list[dict[str, Any]] = []
    for code in codes:
        page.goto(f"{site}organisations/{code.lower()}/")
        own.append(page.evaluate(RESULTS_OF_A_PAGE))

    side_by_side(page, f"{site}compare/?codes={','.join(codes)}")

    asked = set().union(*own)
    assert asked
    for column, results in enumerate(own):
        shown = page.evaluate(RESULTS_OF_THE_TABLE, column)
        assert set(shown) == asked
        assert {metric: shown[metric] for metric in results} == results
        assert {tuple(shown[metric]) for metric in asked - set(results)} <= {("Not measured here",)}
    facts = page.locator("#compare-table tbody").first
    kinds = page.locator("[data-metric]:visible").evaluate_all(
        "items => items.map(({dataset}) => dataset.kind)"
    )
    assert set(kinds) <= ({"practice"} if "ZD0005" in codes else {"practice", "provider", "site"})
    assert page.locator("[data-domain]:visible").count() > 0
    expect(facts).to_contain_text("Address")
    expect(facts).to_contain_text("Phone")


def test_periods_are_named_once_or_where_they_differ(page: Page, site: str) -> None:
    side_by_side(page, f"{site}compare/?codes=ZD0005,ZD0006")
    same = page.locator("tr", has=page.locator("a[href$='/metrics/antibiotics/']"))
    expect(same.locator("th .compare__period")).to_have_text("April to June 2026")
    expect(same.locator("td .compare__period")).to_have_count(0)

    side_by_side(page, f"{site}compare/?codes=ZD0005,ZD0017")
    other = page.locator("tr", has=page.locator("a[href$='/metrics/antibiotics/']"))

    expect(other.locator("th .compare__period")).to_have_text("Periods differ")
    expect(other.locator("td .compare__period")).to_have_count(2)


def test_only_what_differs_can_be_kept_and_stands_in_the_address(page: Page, site: str) -> None:
    side_by_side(page, f"{site}compare/?codes=ZD0005,ZD0006")
    rows = page.locator("#compare-table tr:has(th a[href*='/metrics/'])")
    everything = rows.count()

    page.get_by_label("Only where their results differ").check()

    expect(page).to_have_url(f"{site}compare/?codes=ZD0005,ZD0006&differ=1")
    expect(page.locator("#compare-table")).to_have_attribute("aria-busy", "false")
    assert 0 < rows.count() < everything
    for row in rows.all():
        verdicts = [cell.locator(".chip").all_inner_texts() for cell in row.locator("td").all()]
        assert verdicts[0] != verdicts[1]


def test_one_is_added_and_removed_by_keyboard_alone(page: Page, site: str) -> None:
    side_by_side(page, f"{site}compare/?codes=ZD0005")
    expect(page.locator("#compare-status")).to_contain_text("Add another")
    expect(page.get_by_role("link", name="Places near Hollin Bridge")).to_have_attribute(
        "href", f"{site}find/?q=ZN3&compare=ZD0005"
    )

    page.get_by_role("combobox", name="Add a practice or hospital").focus()
    page.keyboard.type("old mill")
    expect(page.locator("[role=option]:visible").first).to_contain_text("The Old Mill Surgery")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{site}compare/?codes=ZD0005,ZD0006")
    expect(page.locator("#compare-status")).to_contain_text("The Old Mill Surgery was added.")

    page.get_by_role("button", name="Remove Hollin Bridge Medical Centre").focus()
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{site}compare/?codes=ZD0006")
    expect(page.get_by_role("button", name="Remove The Old Mill Surgery")).to_be_focused()
    page.go_back()
    expect(page.locator("#compare-table thead code")).to_have_count(2)


def test_unknown_and_too_many_codes_are_said(browser: Browser, site: str) -> None:
    page = (
        browser.new_page()
    )  # an unknown code is asked for, and the console tells that there is no such page

    side_by_side(page, f"{site}compare/?codes=zd0005,ZZZZZ,<b>,ZD0006,ZD0007,ZD0008,ZD0008")

    assert heads(page) == ["ZD0005", "ZD0006", "ZD0007"]
    notes = page.locator("#compare-notes")
    expect(notes).to_contain_text("There is no page of a practice or hospital with the code ZZZZZ.")
    expect(notes).to_contain_text("with the code <B>.")
    expect(notes).to_contain_text("Only 5 fit side by side, so these are left out: ZD0008.")
    expect(page.locator("#compare-status")).to_contain_text("ZZZZZ")
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_without_scripts_the_page_says_how(browser: Browser, site: str, width: int) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(f"{site}compare/?codes=ZD0005,ZD0006")

    expect(page.get_by_text("it does not run here")).to_be_visible()
    ways = page.locator("#compare-without")
    expect(ways.get_by_role("link", name="All organisations, A to Z")).to_be_visible()
    expect(page.get_by_role("link", name="Will someone listen to me?")).to_be_visible()
    expect(page.locator("#compare-add")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("codes", ["", "ZD0005,ZD0017,ZP1,ZD0024,ZD0030"])
def test_axe_finds_nothing(browser: Browser, site: str, codes: str, width: int, scheme: Any) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    side_by_side(page, f"{site}compare/?codes={codes}")

    found = Axe().run(page, options=RULES)

    assert found.response["violations"] == [], found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
