"""A scorecard in a real browser: narrow and wide, with scripts and without."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Serve

pytestmark = pytest.mark.browser

PACKAGE = Path(__file__).parents[2] / "datapackages" / "2026-q2" / "practices"
CODE = "ZD0001"
PATH = f"organisations/{CODE.lower()}/"


@pytest.fixture(scope="module")
def address(demonstration: Path, serve: Serve) -> str:
    """Return the address of a practice's page. Of all inline scripts only the theme's own may run."""
    html = (demonstration / PATH / "index.html").read_text(encoding="utf-8")
    return serve(demonstration, inline_scripts=re.findall(r"<script>(.*?)</script>", html, re.DOTALL)) + PATH


@pytest.fixture(scope="module")
def practice() -> dict[str, str]:
    """Return what the package says about the practice."""
    with (PACKAGE / "organisations.csv").open(newline="", encoding="utf-8") as file:
        return next(row for row in csv.DictReader(file) if row["organisation_code"] == CODE)


@pytest.fixture(params=[(320, True), (320, False), (1280, True), (1280, False)], ids=lambda it: f"{it}")
def scorecard(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    """Return the page, opened in a window of this width, with scripts or without."""
    width, scripts = request.param
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=scripts)
    page = context.new_page()
    wrong: list[str] = []
    origin = address.removesuffix(PATH)
    page.on("pageerror", lambda error: wrong.append(f"script error: {error}"))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" and scripts else None)
    page.on("request", lambda asked: None if asked.url.startswith(origin) else wrong.append(asked.url))
    page.on(
        "response", lambda told: wrong.append(f"{told.status} {told.url}") if told.status >= 400 else None
    )
    page.goto(address, wait_until="networkidle")
    yield page
    context.close()
    assert wrong == []


def test_a_scorecard_tells_who_it_is_about(scorecard: Page, practice: dict[str, str]) -> None:
    expect(scorecard.get_by_role("heading", level=1)).to_contain_text(practice["name"])

    expect(scorecard.get_by_text(CODE, exact=True)).to_be_visible()
    facts = scorecard.locator("#contact")
    for text in (practice["address"], practice["postcode"], practice["phone"], "Open"):
        expect(facts).to_contain_text(text)


def test_each_metric_has_its_value_comparison_charts_and_table(scorecard: Page) -> None:
    cards = scorecard.locator("article.metric")
    assert cards.count() >= 10

    card = cards.filter(has=scorecard.locator(".chip-worse, .chip-better")).first
    expect(card.locator(".big")).to_have_text(re.compile(r"\d"))
    expect(card.locator(".headline .chip").first).to_contain_text(re.compile("(Better|Worse) than "))
    expect(card.locator(".sentence").first).to_contain_text(re.compile("That is (higher|lower) than "))
    assert card.locator("figure").count() == 2
    table = card.locator("table").first
    assert not table.is_visible()

    card.get_by_text("Figures as a table").click()

    expect(table).to_be_visible()
    assert table.locator("tbody tr").count() >= 2
    expect(table.locator("tbody tr").first).to_contain_text(re.compile(r"\d"))


def test_every_chart_shows_its_plate_and_has_a_name(scorecard: Page) -> None:
    """A <use> whose symbol is missing paints nothing and says nothing about it."""
    charts = scorecard.locator("svg.candour-plate")
    assert charts.count() >= 20

    drawn = charts.evaluate_all(
        """charts => charts.map(chart => {
            const plate = chart.querySelector("use").getBBox();
            const name = chart.getAttribute("aria-label");
            return [plate.width > 100 && plate.height > 20, name.length > 40,
                    chart.getBoundingClientRect().width > 200];
        })"""
    )

    assert [chart for chart in drawn if chart != [True, True, True]] == []


def test_nothing_scrolls_sideways(scorecard: Page) -> None:
    """Wide tables scroll inside a frame of their own, which the keyboard reaches."""
    for table in scorecard.get_by_text("Figures as a table").all()[:3]:
        table.click()

    assert scorecard.evaluate(
        "[document.documentElement.scrollWidth - document.documentElement.clientWidth, "
        "document.body.scrollWidth - document.documentElement.clientWidth].every(beyond => beyond <= 0)"
    )
