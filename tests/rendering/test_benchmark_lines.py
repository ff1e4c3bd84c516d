"""The line on a scorecard's chart is that of whom the title and the sentence name."""

from __future__ import annotations

import re

import pytest

from generator.rendering import PageReference
from tests.factories import Row
from tests.rendering.editions import make_edition

ROWS: list[Row] = [
    {"organisation_code": code, "numerator": 30 + 5 * place, "denominator": 60}
    for place, code in enumerate(("P1", "P2", "P3", "P4", "P6"))
]
PEERS: list[Row] = [{"organisation_code": "P1", "peer_code": code} for code in ("P2", "P3", "P4")]


@pytest.mark.parametrize(
    ("metric", "title", "name"),
    [
        ({"benchmark": "country"}, "66.7% in Exampleland", "Exampleland"),
        ({"benchmark": "parent"}, "54.2% in Northshire", "Northshire"),
        ({"benchmark": "peers"}, "66.7% in GP practices like it", "GP practices like it"),
        ({"benchmark": "target", "target": 75}, "target 75.0%", "Target"),
    ],
)
def test_the_line_is_that_of_whom_the_title_names(metric: Row, title: str, name: str) -> None:
    edition = make_edition(ROWS, metrics=[metric], peers=PEERS)
    plate = edition.book.plates["m1"].spread
    assert plate is not None

    body = edition.make_page(PageReference("organisation", ("P1",))).body

    figure = body.split('<figure class="candour-figure">')[1].split("</figure>")[0]
    said = re.sub("<[^>]*>", "", figure.split("</figcaption>")[0])
    assert title in said
    assert re.findall(r'class="m-label"[^>]*>([^<]*)<', figure) == [name]
    (line,) = re.findall(r'class="m-bench" d="M(\d+) ', figure)
    value = float(re.findall(r"([\d.]+)%", title)[0])
    assert float(line) + 1 == pytest.approx(plate.x(value), abs=1.5)
