"""The pages about metrics in a real Chromium: what is drawn is there, fits, and weighs little."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Serve

pytestmark = pytest.mark.browser

MOST_BYTES = 200_000
METRICS = ("blood-pressure-controlled", "flu-vaccination-65")
AREA_METRIC = "flu-vaccination-65"


@pytest.fixture(scope="module")
def site(demonstration: Path, serve: Serve) -> str:
    scripts = []
    for address in (f"metrics/{AREA_METRIC}", f"metrics/{AREA_METRIC}/areas/zco"):
        # The theme's own scripts name the way to the root, which depends on the depth of the address.
        html = (demonstration / address / "index.html").read_text(encoding="utf-8")
        scripts += re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    return serve(demonstration, inline_scripts=scripts)


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("metric", METRICS)
def test_nothing_scrolls_sideways(page: Page, site: str, metric: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})

    for address in (f"metrics/{metric}/", f"metrics/{metric}/areas/zco/"):
        page.goto(f"{site}{address}")

        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


def test_every_kind_of_chart_is_painted(page: Page, site: str) -> None:
    """A <use> whose symbol is missing paints nothing and says nothing about it."""
    page.goto(f"{site}metrics/blood-pressure-controlled/", wait_until="networkidle")

    for part in ("trend", "spread", "funnel"):
        plate = page.locator(f'section[aria-labelledby="{part}"] svg[role="img"] use')
        box = plate.evaluate("use => { const box = use.getBBox(); return [box.width, box.height]; }")
        assert min(box) > 80, part
    for part in ("fifths", "groups"):
        assert page.locator(f'section[aria-labelledby="{part}"] .ci-value').count() >= 1, part


@pytest.mark.parametrize("width", [320, 1280])
def test_names_stand_beside_their_rows(page: Page, site: str, width: int) -> None:
    """The names are lines of text and the rows are stretched: both must be as high."""
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{site}metrics/{AREA_METRIC}/areas/zco/")

    names, rows = (
        page.locator(f".candour-intervals {part}").bounding_box() for part in (".ci-names", "svg[role]")
    )

    assert names is not None
    assert rows is not None
    assert names["height"] == pytest.approx(rows["height"], abs=1)
    assert names["y"] == pytest.approx(rows["y"], abs=1)
    assert (names["width"] > 60) == (width > 700)


def test_metric_pages_are_light(demonstration: Path) -> None:
    sizes = {str(path): path.stat().st_size for path in demonstration.glob("metrics/**/index.html")}

    assert {path: size for path, size in sizes.items() if size > MOST_BYTES} == {}


def test_the_script_sorts_a_table_of_the_site(page: Page, site: str) -> None:
    page.goto(f"{site}metrics/{AREA_METRIC}/areas/zco/")
    table = page.locator("table.places")

    table.get_by_role("button", name="Value").click()

    values = [float(text.removesuffix("%")) for text in table.locator("td[data-c=value]").all_inner_texts()]
    assert values == sorted(values, reverse=True)
