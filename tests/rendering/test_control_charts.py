"""Control charts: which sentence a chart says, where its lines and gaps are, and why it starts again."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import pytest

from generator.model.vocabulary import Judgement
from generator.rendering.control_charts import ControlChart, Reason, control_chart
from generator.rendering.templates import Templates
from tests.rendering.editions import TEMPLATES, make_book

WORDS = Templates(TEMPLATES)
STEADY = (71.0, 72.0, 70.0, 71.0, 72.0, 70.0, 72.0, 71.0, 70.0, 71.0, 72.0, 71.0, 72.0, 71.0)
QUARTERS = [
    {
        "period": f"{year}-q{quarter}",
        "start": f"{year}-{3 * quarter - 2:02d}-01",
        "end": f"{year}-{end}",
        "frequency": "quarter",
    }
    for year in range(2019, 2026)
    for quarter, end in enumerate(("03-31", "06-30", "09-30", "12-31"), start=1)
]


def make_chart(values: Sequence[float | None], **changes: Any) -> ControlChart | None:
    """Return the chart of a practice with these values in the last quarters; None is one not sent in."""
    changes = {"metrics": [{"metric_id": "m1", "disclosure": "open", "target": 90}], **changes}
    rows = [
        {"period": quarter["period"], **({"absence": "not_submitted"} if value is None else {"value": value})}
        for quarter, value in zip(QUARTERS[-len(values) :], values, strict=True)
    ]
    book = make_book(rows, periods=QUARTERS, **changes)
    return control_chart(book, book.facts_of("P1")["m1"]["all"])


def charted(values: Sequence[float | None], **changes: Any) -> ControlChart:
    chart = make_chart(values, **changes)
    assert chart is not None
    return chart


def title(chart: ControlChart) -> str:
    return WORDS.words("control_charts", "title", chart)


@pytest.mark.parametrize(
    ("latest", "reason", "said"),
    [
        ((78.0,), Reason.ABOVE_LIMIT, "Better than usual: the latest quarter lies above the usual range"),
        ((62.0,), Reason.BELOW_LIMIT, "Worse than usual: the latest quarter lies below the usual range"),
        (
            (72.0, 71.8, 72.1, 71.9, 72.2, 72.0, 72.1),
            Reason.ABOVE_MEAN,
            "Improving: the last 7 quarters lie above the average",
        ),
        (
            (73.0, 72.4, 71.8, 71.2, 70.6, 70.0, 69.4),
            Reason.FALLING,
            "Getting worse: down 7 quarters in a row",
        ),
        ((), None, "Steady: the latest ups and downs are no more than usual"),
    ],
)
def test_the_title_says_why_the_latest_point_is_marked(
    latest: Sequence[float], reason: Reason | None, said: str
) -> None:
    # One quarter on the mean's other side ends a run that the values before would lengthen.
    before = (*STEADY, 70.0) if latest else STEADY

    chart = charted((*before, *latest))

    assert (chart.signal.reason if chart.signal else None) == reason
    assert title(chart) == said


def test_lower_is_better_turns_the_words_round() -> None:
    lower = {"metric_id": "m1", "disclosure": "open", "direction": "lower_is_better"}

    chart = charted((*STEADY, 78.0), metrics=[lower])

    assert chart.signal is not None
    assert chart.signal.meaning is Judgement.WORSE
    assert title(chart).startswith("Worse than usual: the latest quarter lies above")


def test_a_direction_that_is_neither_gives_no_judgement() -> None:
    neutral = {"metric_id": "m1", "disclosure": "open", "direction": "neutral"}

    chart = charted((*STEADY, 78.0), metrics=[neutral])

    assert chart.meanings == (Judgement.NO_JUDGEMENT,)
    assert title(chart).startswith("Unlike before: ")


def test_a_missing_quarter_leaves_a_gap_and_a_cross() -> None:
    chart = charted((*STEADY[:7], None, *STEADY[7:]))

    assert chart.drawing.line.count("M") == 2
    assert len(re.findall("M", chart.drawing.gaps)) == 1
    assert chart.drawing.dots.count("M") == len(STEADY)


def test_a_quarter_for_which_nothing_was_published_keeps_its_place() -> None:
    values = [*STEADY[:7], None, *STEADY[7:]]
    rows = [
        {"period": quarter["period"], "value": value}
        for quarter, value in zip(QUARTERS[-len(values) :], values, strict=True)
        if value is not None
    ]
    book = make_book(rows, periods=QUARTERS, metrics=[{"metric_id": "m1", "disclosure": "open"}])

    chart = control_chart(book, book.facts_of("P1")["m1"]["all"])

    assert chart is not None
    assert chart.drawing.line.count("M") == 2


def test_no_figure_in_the_latest_quarter_is_the_title() -> None:
    chart = charted((*STEADY, None))

    assert title(chart) == "No figure for Oct\N{EN DASH}Dec 2025: not sent in"


def test_too_few_quarters_have_no_lines_and_say_so() -> None:
    chart = charted(STEADY[:5])

    assert not chart.has_limits
    assert chart.drawing.lines == ()
    assert title(chart) == "5 quarters so far: too few to tell a change from chance"


def test_a_rebase_starts_new_lines_and_says_why() -> None:
    later = tuple(value + 10 for value in STEADY)
    rebase = {
        "metric_id": "m1",
        "organisation_code": "P1",
        "date": "2022-07-01",
        "reason": "A second clinic.",
    }
    of_others = {**rebase, "organisation_code": "P2", "reason": "Not ours."}

    chart = charted((*STEADY, *later), rebases=[rebase, of_others])

    (restart,) = chart.restarts
    assert (restart.reason, restart.period) == ("A second clinic.", "July to September 2022")
    assert len(chart.drawing.lines) == 2
    assert chart.drawing.line.count("M") == 2
    assert (chart.rows[0].mean, chart.rows[-1].mean) == ("81.1", "71.1")


def test_limits_end_where_shares_must_end() -> None:
    chart = charted(tuple(99.0 if place % 2 else 91.0 for place in range(14)))

    assert chart.upper == "100.0%"
    assert float(chart.rows[0].upper) == 100


def test_the_target_is_drawn_and_named() -> None:
    assert charted(STEADY).target == "90.0%"
    assert charted(STEADY, metrics=[{"metric_id": "m1", "disclosure": "open"}]).target == ""


@pytest.mark.parametrize("changes", [{"rolling": True}, {"frequency": "year"}])
def test_what_is_not_charted_has_no_chart(changes: dict[str, Any]) -> None:
    assert make_chart(STEADY, metrics=[{"metric_id": "m1", "disclosure": "open", **changes}]) is None


def test_everything_lies_on_the_chart() -> None:
    chart = charted((*STEADY, 10.0, None, 100.0))

    width, height = (float(length) for length in chart.drawing.view_box.split()[2:])
    for path in (chart.drawing.line, chart.drawing.dots, *(lines.area for lines in chart.drawing.lines)):
        for x, y in re.findall(r"[ML]([-\d.]+) ([-\d.]+)", path):
            assert 0 <= float(x) <= width
            assert 0 <= float(y) <= height
    assert not any(math.isnan(row.fact.result.value) and row.meaning for row in chart.rows)
