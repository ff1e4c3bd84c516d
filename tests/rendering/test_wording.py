"""Worked examples of every sentence about a result, whole, as a reader meets them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from markupsafe import Markup

from generator.model.policy import DisclosurePolicy, Rule
from generator.model.vocabulary import Absence, Change, Comparison, Direction, Judgement, Kind, Submission
from generator.rendering.facts import Fact, Moved, Result
from generator.rendering.period_names import PeriodName
from generator.rendering.records import MetricPeriod
from generator.rendering.templates import Templates
from tests.factories import make_metric
from tests.rendering.editions import TEMPLATES

WORDS = Templates(TEMPLATES)
PERIOD = PeriodName("2025-q4", "October to December 2025", "Q4 2025")
BEFORE = PeriodName("2025-q3", "July to September 2025", "Q3 2025")
YEAR_BEFORE = PeriodName("2024-q4", "October to December 2024", "Q4 2024")

PROPORTION: dict[str, Any] = {
    "numerator_label": "patients checked",
    "denominator_label": "patients with high blood pressure",
}
RATE: dict[str, Any] = {
    "kind": "rate",
    "numerator_label": "emergency admissions",
    "unit": "per 1,000 patients",
    "multiplier": 1000,
    "direction": "lower_is_better",
}
RATIO: dict[str, Any] = {
    "kind": "ratio",
    "numerator_label": "deaths",
    "denominator_label": "deaths expected",
    "unit": "",
    "decimals": 0,
    "direction": "lower_is_better",
}
MEAN: dict[str, Any] = {
    "kind": "mean",
    "title": "Days until an appointment",
    "unit": "days",
    "multiplier": 1,
    "direction": "neutral",
}
STANDARDISED: dict[str, Any] = {
    "kind": "standardised",
    "numerator_label": "hospital stays",
    "unit": "per 100,000 people",
    "direction": "lower_is_better",
}
SCORE: dict[str, Any] = {"kind": "score", "title": "Kindness", "unit": "out of 10", "multiplier": 1}
COUNT: dict[str, Any] = {
    "kind": "count",
    "numerator_label": "home visits",
    "unit": "visits",
    "decimals": 0,
    "direction": "neutral",
}
STATUS: dict[str, Any] = {
    "kind": "status",
    "numerator_label": "what the service says",
    "unit": "",
    "levels": "met|partly met|not met",
}


def make_fact(metric: dict[str, Any], *, name: str = "Exampleland", **cells: Any) -> Fact:
    """Return the fact of one result; whatever is not given is missing or nothing in particular."""
    settled = {
        "comparison": "not_compared",
        "judgement": "not_compared",
        "band": "not_banded",
        "submission": "final",
        "benchmark_kind": "country",
    }
    texts = {column: "" for column, kind in Result.__annotations__.items() if kind == "str"}
    blank = dict.fromkeys(set(Result._fields) - set(texts), math.nan)
    return Fact(Result(**{**blank, **texts, **settled, **cells}), make_metric("m1", **metric), PERIOD, name)


def said(macro: str, *values: Any) -> str:
    """Return the plain text of one wording macro."""
    return " ".join(Markup(WORDS.words("results", macro, *values)).striptags().split())


@pytest.mark.parametrize(
    ("metric", "value", "sentence"),
    [
        (
            PROPORTION,
            80.0,
            "Patients checked: about 80 in every 100 patients with high blood pressure (80.0%).",
        ),
        (
            PROPORTION,
            0.4,
            "Patients checked: about 4 in every 1,000 patients with high blood pressure (0.4%).",
        ),
        (
            PROPORTION,
            99.7,
            "Patients checked: about 997 in every 1,000 patients with high blood pressure (99.7%).",
        ),
        (PROPORTION, 0.0, "Patients checked: none of the patients with high blood pressure (0.0%)."),
        (PROPORTION, 100.0, "Patients checked: all of the patients with high blood pressure (100.0%)."),
        (RATE, 12.34, "Emergency admissions: 12.3 per 1,000 patients."),
        (
            RATIO,
            118.0,
            "Deaths: 118. A figure of 100 would mean: just as many as expected for patients like these.",
        ),
        (MEAN, 4.25, "Days until an appointment: 4.3 days on average."),
        (
            STANDARDISED,
            431.0,
            "Hospital stays: 431.0 per 100,000 people, after allowing for differences between patients.",
        ),
        (SCORE, 7.5, "Kindness: a score of 7.5 out of 10."),
        (COUNT, 1234.0, "Home visits: 1,234."),
        (STATUS, 2.0, "What the service says: partly met."),
    ],
)
def test_each_kind_of_value_is_said_in_its_own_way(
    metric: dict[str, Any], value: float, sentence: str
) -> None:
    assert said("value_sentence", make_fact(metric, value=value)) == sentence


def test_the_examples_cover_every_kind() -> None:
    metrics = (PROPORTION, RATE, RATIO, MEAN, STANDARDISED, SCORE, COUNT, STATUS)

    assert {metric.get("kind", "proportion") for metric in metrics} == set(Kind)


@pytest.mark.parametrize(
    ("metric", "cells", "sentence", "verdict"),
    [
        (
            PROPORTION,
            {"comparison": "higher", "judgement": "better", "benchmark": 67.3},
            "That is better than Exampleland (67.3%), by more than chance would explain.",
            "Better than Exampleland",
        ),
        (
            PROPORTION,
            {"comparison": "lower", "judgement": "worse", "benchmark": 90, "benchmark_kind": "target"},
            "That is worse than the target (90.0%), by more than chance would explain.",
            "Worse than the target",
        ),
        (
            PROPORTION,
            {"comparison": "similar", "judgement": "similar", "benchmark": 79.9},
            "That is similar to Exampleland (79.9%): the difference could be chance.",
            "Similar to Exampleland",
        ),
        (
            RATE,
            {"comparison": "higher", "judgement": "worse", "benchmark": 14.93},
            "That is worse than Exampleland (14.9), by more than chance would explain.",
            "Worse than Exampleland",
        ),
        (
            RATE,
            {"comparison": "lower", "judgement": "better", "benchmark": 14.93},
            "That is better than Exampleland (14.9), by more than chance would explain.",
            "Better than Exampleland",
        ),
        (
            MEAN,
            {"comparison": "higher", "judgement": "no_judgement", "benchmark": 3},
            "That is higher than Exampleland (3.0), by more than chance would explain.",
            "Higher than Exampleland",
        ),
        (
            MEAN,
            {"comparison": "lower", "judgement": "no_judgement", "benchmark": 5, "benchmark_kind": "target"},
            "That is lower than the target (5.0), by more than chance would explain.",
            "Lower than the target",
        ),
        (
            MEAN,
            {"comparison": "similar", "judgement": "similar", "benchmark": 4},
            "That is similar to Exampleland (4.0).",
            "Similar to Exampleland",
        ),
        (
            COUNT,
            {"benchmark": 12},
            "The figure for Exampleland is 12 visits. We do not call this better or worse, because we cannot "
            "say how much is chance.",
            "Not compared",
        ),
        (PROPORTION, {}, "", "Not compared"),
    ],
)
def test_a_comparison_says_with_whom_how_far_and_whether_it_could_be_chance(
    metric: dict[str, Any], cells: dict[str, Any], sentence: str, verdict: str
) -> None:
    """Only a metric with a direction is called better or worse; the others are higher or lower."""
    fact = make_fact(metric, value=4.0, **cells)

    assert (said("comparison_sentence", fact), said("verdict", fact)) == (sentence, verdict)


@pytest.mark.parametrize("judgement", Judgement)
@pytest.mark.parametrize("comparison", Comparison)
def test_no_comparison_without_a_word(comparison: Comparison, judgement: Judgement) -> None:
    fact = make_fact(PROPORTION, value=4.0, comparison=comparison, judgement=judgement, benchmark=4.0)

    assert said("verdict", fact)
    assert said("comparison_sentence", fact).endswith(".")


@pytest.mark.parametrize(
    ("metric", "sentence"),
    [
        (PROPORTION, "Higher is better."),
        (RATE, "Lower is better."),
        (MEAN, "Neither higher nor lower is better."),
        (STATUS, "The best level is: met. After it come: partly met; not met."),
    ],
)
def test_the_direction_is_said(metric: dict[str, Any], sentence: str) -> None:
    assert said("direction", make_metric("m1", **metric)) == sentence


def test_the_examples_cover_every_direction() -> None:
    directions = {make_metric("m1", **metric).direction for metric in (PROPORTION, RATE, MEAN)}

    assert directions == set(Direction)


@pytest.mark.parametrize(
    ("metric", "lower", "upper", "sentence"),
    [
        (
            PROPORTION,
            71.1,
            86.7,
            "We can be fairly sure (95%) that the true figure is between 71.1% and 86.7%.",
        ),
        (
            RATE,
            6.5,
            16.05,
            "We can be fairly sure (95%) that the true figure is between 6.5 and 16.1 per 1,000 patients.",
        ),
        (COUNT, math.nan, math.nan, ""),
        (STATUS, 1.0, 2.0, ""),
    ],
)
def test_doubt_is_said_where_there_is_an_interval(
    metric: dict[str, Any], lower: float, upper: float, sentence: str
) -> None:
    assert said("doubt_sentence", make_fact(metric, value=1.0, lower=lower, upper=upper)) == sentence


def test_an_interval_too_narrow_to_print_is_put_into_words() -> None:
    fact = make_fact({"unit": "%"}, value=13.93, lower=13.921, upper=13.938, denominator=60_000_000)

    assert said("doubt_sentence", fact) == "So many are counted here that chance hardly matters."


def since_before(word: str) -> Moved:
    return Moved(word, BEFORE, is_year_before=False, is_of_another_season=True)


def since_a_year(word: str) -> Moved:
    return Moved(word, YEAR_BEFORE, is_year_before=True, is_of_another_season=False)


CHANGES = {
    "improved": "It has improved since",
    "worsened": "It has got worse since",
    "rose": "It has gone up since",
    "fell": "It has gone down since",
    "no_clear_change": "There is no clear change since",
}


@pytest.mark.parametrize("word", sorted({*Change} - {Change.NOT_COMPARABLE}))
def test_each_change_is_said_with_the_period_it_is_counted_from(word: str) -> None:
    in_a_year = replace(
        since_before(word), since=PeriodName("2024", "2024", "2024"), is_of_another_season=False
    )

    assert (
        said("change_sentence", [since_a_year(word)])
        == f"{CHANGES[word]} {YEAR_BEFORE.label}, the same season."
    )
    assert said("change_sentence", [in_a_year]) == f"{CHANGES[word]} 2024."
    assert said("change_sentence", []) == ""


def test_a_chart_over_time_is_titled_by_the_change_that_leads() -> None:
    assert said("change_title", since_a_year("rose")) == f"It has gone up since {YEAR_BEFORE.label}"
    assert said("change_title", since_before("no_clear_change")) == f"No clear change since {BEFORE.label}"


def test_a_change_between_seasons_says_that_they_may_play_a_part() -> None:
    told = said("change_sentence", [since_before("improved")])
    still = said("change_sentence", [since_before("no_clear_change")])

    assert told == f"It has improved since {BEFORE.label}; seasons may play a part."
    assert still == f"There is no clear change since {BEFORE.label}."


def test_the_change_in_a_year_is_said_before_that_between_seasons() -> None:
    told = said("change_sentence", [since_a_year("no_clear_change"), since_before("worsened")])

    assert told == (
        f"There is no clear change since {YEAR_BEFORE.label}, the same season. "
        f"It has got worse since {BEFORE.label}; seasons may play a part."
    )


SUBMISSIONS = {
    "final": "",
    "provisional": "This figure is provisional and may still change.",
    "revised": "This figure has been revised since it was first published.",
}


@pytest.mark.parametrize("submission", Submission)
def test_a_figure_that_is_not_settled_says_so(submission: Submission) -> None:
    fact = make_fact(PROPORTION, value=80.0, submission=submission)

    assert said("submission_sentence", fact) == SUBMISSIONS[submission]


BANDS = {
    "good": "By the standard set for this, it is good.",
    "acceptable": "By the standard set for this, it is acceptable.",
    "below_standard": "It is below the standard set for this.",
    "not_banded": "",
}


@pytest.mark.parametrize("band", BANDS)
def test_each_band_is_said(band: str) -> None:
    assert said("band_sentence", make_fact(PROPORTION, value=80.0, band=band)) == BANDS[band]


@pytest.mark.parametrize(
    ("stability", "doubt"),
    [
        (0.04, " (less than 1 in 10 sure)"),
        (0.58, " (about 5 in 10 sure)"),
        (0.949, " (about 9 in 10 sure)"),
        (0.95, " (very likely)"),
        (math.nan, ""),
    ],
)
def test_how_sure_a_band_is_follows_its_name(stability: float, doubt: str) -> None:
    """Rounded down, as the method asks: nothing is said to be surer than it is."""
    fact = make_fact(PROPORTION, value=80.0, band="good", band_stability=stability)

    assert said("band_sentence", fact) == f"By the standard set for this, it is good{doubt}."


@pytest.mark.parametrize(
    ("disclosure", "policy", "note"),
    [
        ("open", {}, "Counts are not rounded here: they stand as the source publishes them."),
        (
            "people",
            {"hide_up_to": 9, "round_to": 10},
            "Counts are rounded to the nearest 10 to protect patients, and shares are worked out from the "
            "rounded counts. Counts from 1 to 9 are hidden.",
        ),
        (
            "people",
            {"people": Rule.ROUND_ALL},
            "Counts are rounded to the nearest 5 to protect patients, and shares are worked out from the "
            "rounded counts.",
        ),
        (
            "events",
            {},
            "Among fewer than 1,000 people, counts are rounded to the nearest 5 to protect patients, and "
            "shares are worked out from the rounded counts. Counts from 1 to 7 are hidden.",
        ),
    ],
)
def test_what_was_done_to_protect_patients_follows_the_policy(
    disclosure: str, policy: dict[str, Any], note: str
) -> None:
    metric = make_metric("m1", **PROPORTION, disclosure=disclosure)

    assert said("protection", metric, DisclosurePolicy(**policy)) == note


ABSENCES = {
    "not_submitted": ("No figures were sent in for this period.", "[x] not sent in"),
    "late": ("The figures came too late for this release.", "[x] sent in late"),
    "not_applicable": ("This does not apply here.", "[z] does not apply"),
    "not_collected": ("This was not collected for this period.", "[x] not collected"),
    "not_stated": (
        "The source gives no figure here, and does not say why.",
        "[x] no figure, no reason given",
    ),
    "too_few": ("There are too few people for a figure that can be trusted.", "[c] too few people"),
    "failed_checks": (
        "The figures that were sent in cannot be right, so they are not shown.",
        "[x] cannot be right",
    ),
    "closed": ("It was closed by then, so there is no figure.", "[z] closed"),
    "withdrawn": ("The figure has been withdrawn.", "[x] withdrawn"),
    "suppressed_at_source": ("Hidden by the source to protect patients.", "[c] hidden by the source"),
    "suppressed": (
        "Hidden to keep details of patients private.",
        "[c] hidden to protect patients",
    ),
    "zero_denominator": ("There was nobody to count, so there is no figure.", "[z] nobody to count"),
}


def test_twelve_months_are_not_told_as_one() -> None:
    """Nor is a year that has a name of its own lengthened."""
    fact = make_fact({**PROPORTION, "frequency": "rolling_year"})
    year = replace(fact, period=PeriodName("r", "July 2025 to June 2026", "to Jun 2026"))

    assert said("period_in_table", year) == "year to Jun 2026"
    assert said("period_in_table", replace(year, period=PeriodName("r", "", "2025-26"))) == "2025-26"
    assert said("period_in_table", replace(year, metric=make_metric("m1", **PROPORTION))) == "to Jun 2026"


@pytest.mark.parametrize("absence", Absence)
def test_each_absence_is_said_in_a_sentence_and_in_a_table_cell(absence: Absence) -> None:
    """The cell has the sign of official statistics, and says in words what is meant."""
    sentence = said("absence", absence)
    cell = said("shorthand", make_fact(PROPORTION, absence=absence))

    assert (sentence, cell) == ABSENCES[absence]


def test_a_value_next_to_its_threshold_is_never_printed_as_the_threshold() -> None:
    """79.96 is below a threshold of 80: printed as 80.0 it would contradict its band."""
    fact = make_fact({**PROPORTION, "threshold_good": 80}, value=79.96)

    assert said("value_sentence", fact).endswith("(79.96%).")


@pytest.mark.parametrize(
    ("lower", "upper", "benchmark", "comparison", "printed"),
    [
        (84.04, 91.26, 80.0, "higher", ("84.0%", "91.3%", "80.0%")),
        (80.04, 91.26, 80.0, "higher", ("80.04%", "91.26%", "80.00%")),
        (70.11, 79.96, 79.99, "lower", ("70.11%", "79.96%", "79.99%")),
        (70.11, 79.9951, 79.9958, "lower", ("70.110%", "79.995%", "79.996%")),
        (79.96, 91.26, 80.0, "similar", ("80.0%", "91.3%", "80.0%")),
    ],
)
def test_a_limit_clear_of_the_benchmark_is_never_printed_as_the_benchmark(
    lower: float, upper: float, benchmark: float, comparison: str, printed: tuple[str, str, str]
) -> None:
    """Better than 80.0%, with a range that seems to reach 80.0%, reads as a mistake."""
    limits: dict[str, Any] = {"lower": lower, "upper": upper, "benchmark": benchmark}
    fact = make_fact(PROPORTION, value=75.0, comparison=comparison, **limits)

    assert (fact.lower, fact.upper, fact.benchmark) == printed


def test_labels_are_printed_as_they_are_written() -> None:
    """Only the first letter follows its place in the sentence, and no capitals are taken from a name."""
    fact = make_fact({**PROPORTION, "numerator_label": "HbA1c below 58 <mmol>"}, value=50.0)

    assert WORDS.words("results", "value_sentence", fact).startswith("HbA1c below 58 <mmol>: about 50 in")


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (
            {"flagged": 4.0, "flagged_by_chance": 3.2, "limits_used": "exact"},
            "4 GP practices lie unusually far from the average. By chance alone, about 3.2 would. "
            "This is a reason to look closer, not a verdict.",
        ),
        (
            {"flagged": 1.0, "flagged_by_chance": math.nan, "limits_used": "adjusted"},
            "1 of the GP practices lies unusually far from the average. This is a reason to look closer, "
            "not a verdict. They all differ from each other more than chance explains, so the limits were "
            "widened.",
        ),
        (
            {"flagged": 0.0, "flagged_by_chance": 0.5, "limits_used": "exact"},
            "None of the GP practices lies unusually far from the average. By chance alone, fewer than 1 "
            "would. This is a reason to look closer, not a verdict.",
        ),
    ],
)
def test_outliers_are_counted_beside_what_chance_would_give(row: dict[str, Any], sentence: str) -> None:
    described = MetricPeriod(10, 20, 50, 64, 64, **{"phi": 3.214, "tau2": 0.01, **row})

    assert said("outliers", described, "GP practices") == sentence
