"""The page about releases: which figures may change or have changed, and dates as they come."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from generator.rendering import PageReference
from tests.factories import Row
from tests.rendering.editions import make_edition


def section(fragment: str, observations: Sequence[Row] | None = None, **changes: Any) -> str:
    body = make_edition(observations, **changes).make_page(PageReference("releases")).body
    found = body.split(f'<h2 id="{fragment}">')
    return found[1].split("</section>")[0] if len(found) > 1 else ""


def rows_of(html: str) -> list[list[str]]:
    """Return the texts of the cells of each row, heads of columns left out."""
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall("<tr>(.*?)</tr>", html)]
    texts = [[Markup(cell).striptags() for cell in row] for row in rows]
    return [row for row in texts if row[0] not in ("What is measured", "Figures of", "Release")]


def test_provisional_and_revised_figures_are_listed_by_measure_and_period() -> None:
    """Of Emergency admissions one practice is revised, and with it its area and the country."""
    found = section("unsettled")

    assert rows_of(found) == [
        ["Blood pressure checked", "October to December 2025", "9", "0"],
        ["Emergency admissions", "October to December 2025", "0", "3"],
    ]
    assert 'href="../metrics/checked/"' in found


def test_where_all_is_final_there_is_no_list() -> None:
    final = [{"metric_id": "checked", "organisation_code": "P1", "numerator": 8, "denominator": 10}]

    assert section("unsettled", final) == ""


def test_dates_to_come_stand_before_those_gone_by() -> None:
    """The release is of 19 February 2026."""
    deadlines = [
        {"period": period, "opens": opens, "closes": closes, "published": published}
        for period, opens, closes, published in (
            ("2025-q1", "2025-04-01", "2025-04-20", "2025-05-15"),
            ("2025-q4", "2026-05-01", "2026-05-20", "2026-08-20"),
            ("2025-q2", "2025-07-01", "2025-07-20", "2025-08-14"),
            ("2025-q3", "2026-03-01", "2026-03-20", "2026-05-21"),
        )
    ]

    found = section("deadlines", deadlines=deadlines)

    assert [row[3] for row in rows_of(found)] == [
        *("21 May 2026", "20 August 2026"),
        *("14 August 2025", "15 May 2025"),
    ]
    assert found.index("Dates still to come") < found.index("20 August 2026") < found.index("Dates gone by")
