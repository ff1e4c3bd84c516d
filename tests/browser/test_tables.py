"""Tables that sort when a column's head is pressed."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Serve
from tests.rendering.editions import TEMPLATES

pytestmark = pytest.mark.browser

TABLE = """<!doctype html><html lang="en"><title>Table</title><link rel="icon" href="data:,">
<script src="tables.js" defer></script>
<div><table data-sort="Sorted by {column}, {order}" data-ascending="lowest on top"
 data-descending="highest on top">
<thead><tr><th scope="col">Practice</th><th scope="col" class="num">Value</th></tr></thead>
<tbody>
<tr><th scope="row"><a href="#">Beech</a></th><td class="num">9.5%</td></tr>
<tr><th scope="row"><a href="#">Ash</a></th><td class="num">1,200.5%</td></tr>
<tr><th scope="row"><a href="#">Elder</a></th><td class="num"><span class="shorthand">[c]</span></td></tr>
<tr><th scope="row"><a href="#">Cedar</a></th><td class="num">80.0%</td></tr>
</tbody></table></div>"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, serve: Serve) -> str:
    folder: Path = tmp_path_factory.mktemp("tables")
    (folder / "index.html").write_text(TABLE, encoding="utf-8")
    script = TEMPLATES / "theme" / "assets" / "tables.js"
    (folder / "tables.js").write_bytes(script.read_bytes())
    return serve(folder)


def names(page: Page) -> list[str]:
    return page.locator("tbody th").all_inner_texts()


def test_pressing_a_head_sorts_by_its_column_and_again_the_other_way(page: Page, address: str) -> None:
    """Numbers are wanted from the highest first; what has no figure stands last both ways."""
    page.goto(address)

    page.get_by_role("button", name="Value").click()
    down = names(page)
    page.get_by_role("button", name="Value").click()
    up = names(page)

    assert down == ["Ash", "Cedar", "Beech", "Elder"]
    assert up == ["Beech", "Cedar", "Ash", "Elder"]


def test_the_keyboard_sorts_and_keeps_its_place(page: Page, address: str) -> None:
    page.goto(address)

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert names(page) == ["Ash", "Beech", "Cedar", "Elder"]
    expect(page.get_by_role("button", name="Practice")).to_be_focused()


def test_the_order_is_told_to_everyone(page: Page, address: str) -> None:
    page.goto(address)
    heads = page.locator("thead th")

    page.get_by_role("button", name="Value").click()

    expect(heads.nth(1)).to_have_attribute("aria-sort", "descending")
    assert heads.nth(0).get_attribute("aria-sort") is None
    expect(page.get_by_role("status")).to_have_text("Sorted by Value, highest on top")

    page.get_by_role("button", name="Practice").click()

    expect(heads.nth(0)).to_have_attribute("aria-sort", "ascending")
    assert heads.nth(1).get_attribute("aria-sort") is None
    expect(page.get_by_role("status")).to_have_text("Sorted by Practice, lowest on top")
