from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.statistics.keys import Numbers
from generator.statistics.ranks import (
    CountryRanking,
    Ranking,
    add_ranks,
    list_percentiles,
    rank_shown,
    rank_within,
)
from tests.factories import ORGANISATIONS, Row
from tests.statistics.numbered import Numbered, number_rows, practices
from tests.statistics.specs import read_rules
from tests.statistics.vectors import assert_agrees, read_cases

few_values = st.lists(st.integers(0, 12) | st.none(), min_size=1, max_size=25)


@pytest.mark.parametrize("rule", read_rules("ranks"), ids=lambda rule: rule["rule"])
def test_rules_of_ranks(rule: dict[str, str]) -> None:
    values, percentiles, quintiles = (
        [math.nan if cell == "." else float(cell) for cell in rule[name].split()]
        for name in ("values", "percentiles", "quintiles")
    )

    ranking = _rank(values)

    np.testing.assert_array_equal(np.round(ranking.percentile(), 2), percentiles)
    np.testing.assert_array_equal(ranking.quantile(5), quintiles)


def test_values_are_ranked_among_organisations_of_the_kind_alone() -> None:
    """The area and the country stand beside the practices, and are no competitors."""
    figures = {"P1": 60, "P2": 70, "P3": 80, "P4": 90, "A1": 65, "C1": 75}
    numbered = number_rows([{"organisation_code": code, "value": value} for code, value in figures.items()])

    ranked = _add(numbered)

    assert ranked["percentile"] == {
        "P1": 0,
        "P2": pytest.approx(100 / 3),
        "P3": pytest.approx(200 / 3),
        "P4": 100,
        "A1": None,
        "C1": None,
    }
    assert set(ranked["quintile"].values()) == {None}


def test_what_is_hidden_has_no_rank_and_is_counted_in_none() -> None:
    rows = [{"organisation_code": f"P{number:02d}", "value": number} for number in range(1, 7)]
    rows[2] = {"organisation_code": "P03", "absence": "suppressed"}

    ranked = _add(number_rows(rows, organisations=practices(6)))

    assert ranked["percentile"]["P03"] is None
    assert ranked["quintile"] == {"P01": 1, "P02": 2, "P03": None, "P04": 3, "P05": 4, "P06": 5}


def test_periods_and_breakdowns_are_ranked_each_for_itself() -> None:
    rows = [
        {"organisation_code": code, "period": period, "breakdown_id": group, "value": value}
        for period, group, values in (
            ("2025-q3", "all", (1, 2)),
            ("2025-q4", "all", (40, 30)),
            ("2025-q4", "women", (50, 60)),
        )
        for code, value in zip(("P1", "P2"), values, strict=True)
    ]
    women = {"breakdown_id": "women", "dimension": "sex", "title": "Women", "position": 1}
    numbered = number_rows(rows, breakdowns=[women])

    percentile = _ranks(numbered)["percentile"]

    assert numbered.by_code(percentile, "2025-q3") == {"P1": 0, "P2": 100}
    assert numbered.by_code(percentile, "2025-q4") == {"P1": 100, "P2": 0}
    assert numbered.by_code(percentile, "2025-q4", "women") == {"P1": 0, "P2": 100}


def test_two_countries_are_ranked_each_for_itself() -> None:
    second = {"organisation_code": "C2", "name": "Otherland", "kind": "country"}
    places = [
        {**row, "parent_code": "C2"} if row["organisation_code"] == "A2" else row for row in ORGANISATIONS
    ]
    rows = [{"organisation_code": f"P{number}", "value": number} for number in range(1, 5)]

    ranked = _add(number_rows(rows, organisations=[*places, second]))

    assert ranked["percentile"] == {"P1": 0, "P2": 100, "P3": 0, "P4": 100}


def test_an_organisation_that_was_closed_all_through_the_period_is_not_ranked() -> None:
    places = [
        {**row, "closed_on": "2025-09-30"} if row["organisation_code"] == "P1" else row
        for row in ORGANISATIONS
    ]
    rows = [{"organisation_code": f"P{number}", "value": number} for number in range(1, 5)]

    ranked = _add(number_rows(rows, organisations=places))

    assert ranked["percentile"] == {"P1": None, "P2": 0, "P3": 50, "P4": 100}


@pytest.mark.parametrize("kind", ["count", "status"])
def test_counts_and_statuses_are_not_ranked(kind: str) -> None:
    rows = [{"organisation_code": f"P{number}", "value": number} for number in range(1, 5)]

    ranked = _add(number_rows(rows, {"kind": kind}))

    assert {*ranked["percentile"].values(), *ranked["quintile"].values()} == {None}


@pytest.mark.parametrize("kind", ["area", "network"])
def test_areas_of_any_kind_are_not_ranked(kind: str) -> None:
    places = [{**row, "kind": kind if row["kind"] == "area" else row["kind"]} for row in ORGANISATIONS]
    rows = [{"organisation_code": f"A{number}", "value": number} for number in range(1, 3)]
    networks = [{"kind": "network", "singular": "network", "plural": "networks", "is_area": True}]

    ranked = _add(number_rows(rows, {"applies_to": kind}, organisations=places, kinds=networks))

    assert ranked["percentile"] == {"A1": None, "A2": None}


@given(values=few_values, bands=st.integers(2, 10))
def test_ranks_are_those_counted_one_by_one(values: list[int | None], bands: int) -> None:
    ranking = _rank(_floats(values))
    shown = [value for value in values if value is not None]

    for value, percentile, band in zip(
        values, ranking.percentile().tolist(), ranking.quantile(bands).tolist(), strict=True
    ):
        size = len(shown)
        if value is None or size < 2:
            assert math.isnan(percentile)
        else:
            below = sum(other < value for other in shown)
            assert percentile == pytest.approx(100 * below / (size - 1))
        if value is None or size < bands:
            assert math.isnan(band)
        else:
            rank = 1 + sum(other < value for other in shown)
            assert band == bands + 1 - math.ceil((size + 1 - rank) * bands / size - 1e-9)


@given(values=few_values, bands=st.integers(2, 10))
def test_inverted_bands_are_those_of_the_values_turned_round(values: list[int | None], bands: int) -> None:
    inverted = _rank(_floats(values)).quantile(bands, invert=True)

    np.testing.assert_array_equal(inverted, _rank(-_floats(values)).quantile(bands))


@given(values=few_values)
def test_a_higher_value_never_has_a_lower_band(values: list[int | None]) -> None:
    figures = _floats(values)
    band = _rank(figures).quantile(4)
    shown = ~np.isnan(band)

    ordered = np.argsort(figures[shown], kind="stable")
    assert (np.diff(band[shown][ordered]) >= 0).all()


@given(values=few_values, groups=st.integers(1, 4))
def test_groups_do_not_touch_each_other(values: list[int | None], groups: int) -> None:
    figures = _floats(values)
    group = np.arange(len(figures)) % groups

    together = rank_within(group, figures, groups)

    for number in range(groups):
        alone = _rank(figures[group == number])
        np.testing.assert_array_equal(together.percentile()[group == number], alone.percentile())
        np.testing.assert_array_equal(together.quantile(3)[group == number], alone.quantile(3))


@given(values=few_values)
def test_percentiles_are_those_of_numpy(values: list[int | None]) -> None:
    shown = [value for value in values if value is not None]

    cuts = [cut[0] for cut in _rank(_floats(values)).cut_points((10, 50, 90))]

    expected = np.percentile(shown, (10, 50, 90)) if shown else [math.nan] * 3
    np.testing.assert_allclose(cuts, expected)


def _listed(shown: int, hidden: int) -> tuple[Numbered, pd.DataFrame]:
    values: list[Row] = [{"value": 10 * number} for number in range(1, shown + 1)]
    absences: list[Row] = [{"absence": word} for word in ("suppressed", "suppressed_at_source", "too_few")]
    rows = [
        {"organisation_code": f"P{number:02d}", **cells}
        for number, cells in enumerate([*values, *(absences * hidden)[:hidden], {"absence": "late"}], start=1)
    ]
    numbered = number_rows(
        [*rows, {"organisation_code": "C1", "value": 0}], organisations=practices(len(rows))
    )
    return numbered, list_percentiles(numbered.rows, _shown(numbered))


def test_percentiles_are_listed_by_country_breakdown_and_period() -> None:
    numbered, listed = _listed(11, 0)

    assert len(listed) == 1
    line = listed.iloc[0]
    assert numbered.places.codes[int(line["organisation"])] == "C1"
    assert line[["p10", "p50", "p90"]].tolist() == pytest.approx([20, 60, 100])


@pytest.mark.parametrize(
    ("shown", "hidden", "are_listed"),
    [(9, 0, False), (10, 0, True), (10, 1, True), (10, 2, False), (17, 2, False), (18, 2, True)],
)
def test_percentiles_need_ten_values_and_few_that_are_hidden(
    shown: int, hidden: int, are_listed: bool
) -> None:
    """What is hidden are small organisations; the percentiles of the others would not be everybody's."""
    assert len(_listed(shown, hidden)[1]) == are_listed


@pytest.mark.shared
def test_bands_reproduce_the_reference_cases() -> None:
    cases, _ = read_cases("quantiles")
    for case in cases:
        ranking = _rank(_floats(case["in"]["values"]))
        band = ranking.quantile(case["in"]["k"], invert=case["in"]["invert"])
        np.testing.assert_array_equal(band, _floats(case["expect"]["quantile"]), case["id"])


@pytest.mark.shared
def test_five_areas_are_the_fifths_one_to_five_of_the_reference_cases() -> None:
    """The cases go on to words such as worst and best, which we do not print: the band has its number."""
    cases, _ = read_cases("benchmark_and_trend", "quintile-label")
    for case in cases:
        fifths = case["in"]["quintile_low_to_high"]
        assert _rank(10.0 * _floats(fifths)).quantile(case["in"]["n_areas"]).tolist() == fifths
        assert len(case["expect"]["label"]) == len(fifths)


@pytest.mark.shared
def test_percentiles_reproduce_the_reference_cases() -> None:
    (rank,), tolerance = read_cases("composite_peers_other", "percentile-rank")
    (deciles,), _ = read_cases("composite_peers_other", "deciles")

    percentile = _rank(_floats(rank["in"]["values"])).percentile()
    cuts = _rank(_floats(deciles["in"]["values"])).cut_points(range(10, 100, 10))

    for case, got, name in ((rank, percentile, "percentile"), (deciles, np.concatenate(cuts), "cuts")):
        wanted = {str(place): number for place, number in enumerate(case["expect"][name])}
        assert len(got) == len(wanted)
        found = {str(place): number for place, number in enumerate(got.tolist())}
        assert_agrees({**case, "expect": wanted}, found, tolerance)


def _rank(values: list[float] | Numbers) -> Ranking:
    return rank_within(np.zeros(len(values), dtype=np.int64), np.asarray(values, dtype=np.float64), 1)


def _floats(values: list[float | None] | list[int | None]) -> Numbers:
    return np.array([math.nan if value is None else value for value in values], dtype=np.float64)


def _shown(numbered: Numbered) -> CountryRanking:
    return rank_shown(numbered.rows, numbered.metric, numbered.places, numbered.calendar)


def _ranks(numbered: Numbered) -> pd.DataFrame:
    return add_ranks(numbered.rows, numbered.metric, _shown(numbered))


def _add(numbered: Numbered) -> dict[str, dict[str, float | None]]:
    rows = _ranks(numbered)
    return {name: numbered.by_code(rows[name]) for name in ("percentile", "quintile")}
