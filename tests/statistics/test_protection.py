from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from generator.model.policy import DisclosurePolicy
from generator.model.tables import RESULTS
from generator.statistics import compute_tables
from generator.statistics.disclosure.protection import round_counts, round_to_digits
from tests.factories import ORGANISATIONS, make_release
from tests.statistics.numbered import practices
from tests.statistics.random_releases import random_release
from tests.statistics.results import compute, group, result
from tests.statistics.specs import number, read_rules
from tests.statistics.vectors import read_cases

PEOPLE = {"disclosure": "people"}
DERIVED = ("comparison", "judgement", "band", "change", "change_year", "interval")


@pytest.mark.parametrize("rule", read_rules("protection"), ids=lambda rule: rule["rule"])
def test_rules_of_disclosure(rule: dict[str, str]) -> None:
    figures = {name: number(rule[name]) for name in ("numerator", "denominator", "base")}
    metric = {name: rule[name] for name in ("disclosure", "kind")} | {"sensitive": rule["sensitive"] == "yes"}

    row = result(compute([figures], metric))

    assert row["protection"] == rule["protection"]
    assert _shown(row, "numerator") == number(rule["shown_numerator"])
    assert _shown(row, "denominator") == number(rule["shown_denominator"])


def test_everything_that_follows_from_a_hidden_count_is_blank() -> None:
    before = {"numerator": 30, "denominator": 60, "period": "2025-q3"}
    year_before = {**before, "period": "2024-q4"}
    small = {
        "numerator": 3,
        "denominator": 60,
        "base": 50,
        "effective_base": 40,
        "excluded": 12,
        "note": "3 of 60",
    }

    row = result(compute([year_before, before, small], {**PEOPLE, "threshold_good": 50, "target": 40}))

    figures = [
        "numerator",
        "denominator",
        "base",
        "effective_base",
        "standard_deviation",
        "excluded",
        "coverage",
        "value",
        "lower",
        "upper",
        "band_stability",
    ]
    assert row[figures].isna().all()
    assert [row[name] for name in DERIVED] == ["not_compared", "not_compared", "not_banded", "", "", "none"]
    assert (row["absence"], row["protection"], row["note"]) == ("suppressed", "hidden", "")


def test_values_follow_from_rounded_counts() -> None:
    """A supplied percentage with all its digits would give the exact counts back."""
    supplied = {"numerator": 13, "denominator": 41, "value": 1300 / 41, "lower": 19.0, "upper": 47.0}

    row = result(compute([supplied], PEOPLE))

    assert (row["numerator"], row["denominator"], row["value"]) == (15, 40, 37.5)
    assert row["interval"] == "computed"


def test_a_supplied_percentage_of_few_is_hidden_without_its_numerator() -> None:
    row = result(compute([{"denominator": 200, "value": 1.5}], PEOPLE))

    assert row["protection"] == "hidden"


def test_standardised_values_stand_unless_their_count_is_hidden() -> None:
    metric = {**PEOPLE, "kind": "standardised", "multiplier": 1}
    figures = {"value": 104.2, "lower": 90.1, "upper": 120.0}

    few, enough = (result(compute([{**figures, "numerator": count}], metric)) for count in (7, 12))

    assert (few["protection"], few["absence"]) == ("hidden", "suppressed")
    assert (enough["value"], enough["upper"], enough["numerator"]) == (104.2, 120.0, 10)


@pytest.mark.parametrize("kind", ["mean", "score"])
def test_means_and_scores_over_few_people_are_hidden(kind: str) -> None:
    metric = {**PEOPLE, "kind": kind, "multiplier": 1}

    few, enough = (result(compute([{"value": 4.5, "denominator": size}], metric)) for size in (7, 8))

    assert few["protection"] == "hidden"
    assert (enough["value"], enough["denominator"]) == (4.5, 10)


def test_few_excluded_patients_are_hidden_and_the_result_is_not() -> None:
    row = result(compute([{"numerator": 60, "denominator": 100, "excluded": 3}], PEOPLE))

    assert (row["value"], row["protection"]) == (60, "rounded")
    assert row[["excluded", "coverage"]].isna().all()


@pytest.mark.parametrize(
    ("count", "numerator", "denominator"), [(50, 98_000, 300_100), (49, 96_040, 294_050)]
)
def test_totals_of_fifty_organisations_of_a_country_are_shown_to_four_digits(
    count: int, numerator: float, denominator: float
) -> None:
    """Over fewer they are an area's."""
    organisations = practices(count, parent_code="C1")
    observations = [
        {"organisation_code": row["organisation_code"], "numerator": 1960, "denominator": 6001}
        for row in organisations[:count]
    ]

    country = group(compute(observations, PEOPLE, organisations=organisations))

    assert (country["numerator"], country["denominator"]) == (numerator, denominator)
    assert country["reported"] == count


def test_a_country_that_loses_a_digit_is_rounded_from_its_raw_count() -> None:
    """To 27,450 (27,445 to 27,454) it would leave 6 and 7 for the hidden count, beside at most 27,439 others.

    So it loses a digit: 27,400. From 27,450 it would be 27,500.
    """
    organisations = practices(50, parent_code="C1")
    numerators = [7, 13_722, 13_717, *[0] * 47]
    observations = [
        {"organisation_code": row["organisation_code"], "numerator": numerator, "denominator": 40_000}
        for row, numerator in zip(organisations[:50], numerators, strict=True)
    ]

    country = group(compute(observations, PEOPLE, organisations=organisations))

    assert (country["numerator"], country["denominator"]) == (27_400, 2_000_000)


def test_an_area_is_a_cell_of_its_own() -> None:
    """It is summed from raw counts and hidden by its own size, not by those of its parts."""
    observations = [
        {"organisation_code": code, "numerator": count, "denominator": 60}
        for code, count in (("P1", 4), ("P2", 5), ("P3", 2), ("P4", 3))
    ]

    tables = compute(observations, PEOPLE)

    assert result(tables, "A1")["numerator"] == 10
    assert result(tables, "A2")["protection"] == "hidden"
    assert np.isnan(group(tables, "A2")["value"])


@pytest.mark.parametrize(
    ("note", "row", "kept"),
    [
        ("Checked by hand.", {"numerator": 3, "denominator": 60}, True),
        ("3 of 60", {"numerator": 3, "denominator": 60}, False),
        ("412 of 400", {"absence": "failed_checks"}, False),
        ("under 8", {"absence": "too_few"}, False),
        ("Due on 3 May", {"absence": "late"}, True),
        ("Really 1,412 of 2,000", {"numerator": 1412, "denominator": 2000}, False),
        ("Revised on 3 May", {"numerator": 1412, "denominator": 2000}, True),
    ],
)
def test_notes_that_might_give_a_figure_away_are_cleared(
    note: str, row: dict[str, object], kept: bool
) -> None:
    protected = result(compute([{**row, "note": note}], PEOPLE))
    untouched = result(compute([{**row, "note": note}]))

    assert protected["note"] == (note if kept else "")
    assert untouched["note"] == note


def test_counts_are_rounded_half_up() -> None:
    assert round_counts(np.array([0.0, 8.0, 12.5, 13.0, 17.4]), DisclosurePolicy()).tolist() == [
        0,
        10,
        15,
        15,
        15,
    ]
    counts = np.array([0.0, 7.0, 1234.0, 12_344.0, 12_345.0, 59_999_999.0, 1.23456, np.nan])
    rounded = round_to_digits(counts, 4)
    assert rounded[:-1].tolist() == [0, 7, 1234, 12_340, 12_350, 60_000_000, 1.235]
    assert np.isnan(rounded[-1])


@pytest.mark.parametrize("seed", range(6))
def test_no_count_of_one_to_seven_people_is_ever_shown(seed: int) -> None:
    release = random_release(seed)
    people = release.directory["metrics"].assign(disclosure="people")
    directory = replace(release.directory, tables={**release.directory.tables, "metrics": people})

    results = compute_tables(replace(release, directory=directory)).results

    below = results[~results["organisation_code"].isin(["C1", "C2"])]
    kind = below["metric_id"].astype(str).map(dict(zip(people["metric_id"], people["kind"], strict=True)))
    for name in ("numerator", "denominator", "base", "effective_base", "excluded"):
        shown = below.loc[~((kind == "ratio") & (name == "denominator")), name].dropna()
        assert not shown.between(0.001, 7.999).any(), name
        assert (shown % 5 == 0).all(), name
    proportions = below[kind == "proportion"]
    assert not (proportions["denominator"] - proportions["numerator"]).between(0.001, 4.999).any()
    assert (below["protection"] == "hidden").any()


def test_an_open_release_is_untouched() -> None:
    tables = compute_tables(make_release([{"numerator": 1, "denominator": 3}]))

    row = result(tables)
    assert (row["numerator"], row["denominator"], row["protection"]) == (1, 3, "none")
    assert list(tables.results.columns) == list(RESULTS.column_names)


@pytest.mark.shared
def test_counts_of_people_reproduce_the_reference_cases() -> None:
    """Those of our rule: 0 shown, 1 to 7 hidden, the rest to the nearest 5, nothing at country level."""
    cases, _ = read_cases("suppression", "hes", "round5-0", "round5-8", "round5-57", "gpps-under10")
    for case in cases:
        given = case["in"]
        code = "C1" if given.get("level") == "national" else "P1"
        if given["rule"] == "survey_base":
            figures, metric = (
                {"value": given["percent"], "base": given["respondents"]},
                {"kind": "proportion"},
            )
        elif given["rule"] == "mean_of_n_people":
            figures, metric = {"value": given["value"], "denominator": given["n"]}, {"kind": "mean"}
        else:
            figures, metric = {"numerator": given["value"]}, {"kind": "count"}
        # A country's figures are those of a country from 50 organisations on.
        organisations = practices(50) if code == "C1" else ORGANISATIONS
        others = [{"organisation_code": f"P{number:02d}", "numerator": 100} for number in range(1, 51)]
        row = result(
            compute(
                [{**figures, "organisation_code": code}, *(others if code == "C1" else ())],
                {**PEOPLE, **metric, "multiplier": 1},
                organisations=organisations,
            ),
            code,
        )
        shown = "*" if row["protection"] == "hidden" else f"{row['value']:g}"
        assert shown == case["expect"]["shown"].replace("suppressed", "*"), case["id"]


def _shown(row: pd.Series, name: str) -> float | None:
    return None if np.isnan(row[name]) else float(row[name])
