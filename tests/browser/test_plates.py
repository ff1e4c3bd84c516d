"""Plates in a real browser: the symbols of another file take the page's colours."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from playwright.sync_api import Page

from generator.model.vocabulary import Judgement
from generator.rendering.charts import draw_spread
from generator.rendering.marks import benchmark_mark, spread_mark
from generator.rendering.plates import plate_sheet
from tests.browser.conftest import Serve
from tests.factories import make_metric

pytestmark = pytest.mark.browser

COUNT_PIXELS = """async picture => {
    const image = new Image();
    image.src = "data:image/png;base64," + picture;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const counts = {};
    const bytes = context.getImageData(0, 0, image.width, image.height).data;
    for (let place = 0; place < bytes.length; place += 4) {
        const colour = bytes.slice(place, place + 3).join(" ");
        counts[colour] = (counts[colour] || 0) + 1;
    }
    return counts;
}"""
STYLE = """
:root { --candour-spread: rgb(10, 200, 30); --candour-line: rgb(200, 10, 220); --candour-ground: white;
        --candour-rule: white; --candour-edge: white; --candour-muted: white;
        --candour-worse: rgb(250, 120, 0); }
body { margin: 0; color: rgb(1, 2, 250); }
svg { display: block; width: 640px; }
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, serve: Serve) -> str:
    """Return the address of a page, two folders below its plates, with one plate and a mark at 61.2."""
    values = np.random.default_rng(1).normal(70, 9, 500)
    plate = draw_spread(make_metric("m1"), values, benchmarks=[69.6])
    assert plate is not None
    benchmark = benchmark_mark(plate, 69.6, "England 69.6%")
    assert benchmark is not None
    sheet = plate_sheet("care", [plate])
    mark = spread_mark(plate, 61.2, 57, 65, Judgement.WORSE)
    folder = tmp_path_factory.mktemp("plates")
    page = folder / "quality" / "organisations" / "p1" / "index.html"
    for path, content in (
        (folder / "quality" / sheet.path, sheet.content),
        (folder / "quality" / "style.css", STYLE.encode()),
        (
            page,
            f'<!doctype html><title>Plates</title><link rel="icon" href="data:,">'
            f'<link rel="stylesheet" href="../../style.css">'
            f'<svg viewBox="{plate.view_box}" fill="none"><use href="../../{sheet.path}#{plate.symbol_id}"/>'
            f'<path d="{benchmark.path}" fill="var(--candour-line)"/>'
            f'<path d="{mark.sign.path}" fill="var(--candour-{mark.sign.judgement})"/></svg>'.encode(),
        ),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return serve(folder) + "quality/organisations/p1/"


def test_symbols_of_another_file_take_the_pages_colours(page: Page, address: str) -> None:
    """Custom properties and the text colour are inherited through <use>: plates lean on it."""
    page.goto(address, wait_until="networkidle")
    picture = base64.b64encode(page.locator("svg").screenshot()).decode()

    counts = page.evaluate(COUNT_PIXELS, picture)

    assert counts.get("10 200 30", 0) > 5000, "bars"
    assert counts.get("200 10 220", 0) > 500, "the benchmark's line"
    assert counts.get("250 120 0", 0) > 100, "the organisation's sign"


def test_plates_ask_nobody_else(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(address, wait_until="networkidle")

    origin = address.split("/quality/")[0]
    assert any("/assets/plates/care." in url for url in asked)
    assert all(url.startswith(origin) for url in asked)
