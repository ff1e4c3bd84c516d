from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from generator.model.methods import MethodOptions
from generator.model.tables import PEERS
from generator.statistics.keys import Numbers
from generator.statistics.peers import (
    Peers,
    distances,
    find_peers,
    nearest,
    peer_places,
    peer_values,
    standardise,
)
from tests.factories import Row
from tests.statistics.numbered import Numbered, number_rows, practices
from tests.statistics.results import compute, result
from tests.statistics.specs import read_rules
from tests.statistics.vectors import assert_agrees, read_cases

AGE: Row = {"characteristic_id": "age", "title": "Over 65", "unit": "%", "use_for_peers": True}
LIST: Row = {"characteristic_id": "list", "title": "List size", "unit": "patients", "use_for_peers": True}
NOTHING: Row = {"value": 1}

points = st.tuples(st.integers(1, 25), st.integers(1, 3)).flatmap(
    lambda shape: arrays.arrays(np.float64, shape, elements=st.integers(0, 5).map(float))
)


def test_the_nearest_by_what_describes_the_patients_are_peers() -> None:
    places = _release(practices(5), _context(age=(10, 11, 19, 20, 40)), [AGE])

    assert _peers(places, 2) == {
        "P01": ["P02", "P03"],
        "P02": ["P01", "P03"],
        "P03": ["P02", "P04"],
        "P04": ["P02", "P03"],
        "P05": ["P03", "P04"],
    }


def test_of_two_equally_far_the_first_code_is_taken() -> None:
    places = _release(practices(3), _context(age=(10, 20, 30)), [AGE])

    assert _peers(places, 1) == {"P01": ["P02"], "P02": ["P01"], "P03": ["P02"]}


def test_characteristics_weigh_the_same_whatever_their_unit() -> None:
    """A thousand patients of a list are little, and 30 in 100 patients over 65 are much."""
    context = _context(age=(10, 40, 11, 25, 25), list=(8000, 8100, 9000, 2000, 15000))

    assert _peers(_release(practices(5), context, [AGE, LIST]), 1)["P01"] == ["P03"]


def test_a_characteristic_that_does_not_vary_tells_nobody_apart() -> None:
    context = _context(age=(0.1, 0.1, 0.1), list=(8000, 8100, 9000))

    assert _peers(_release(practices(3), context, [AGE, LIST]), 1)["P01"] == ["P02"]
    assert _peers(_release(practices(3), context, [AGE]), 1) == {}


def test_a_characteristic_that_is_not_for_peers_plays_no_part() -> None:
    context = _context(age=(10, 40, 11), list=(8000, 8100, 9500))
    own = {**LIST, "use_for_peers": False}

    assert _peers(_release(practices(3), context, [AGE, own]), 1)["P01"] == ["P03"]
    assert _peers(_release(practices(3), context, [own]), 1) == {}


def test_the_latest_value_of_a_characteristic_counts() -> None:
    earlier = [{**row, "period": "2024-q1", "value": 50 - row["value"]} for row in _context(age=(10, 12))]
    context = [*_context(age=(10, 12, 45)), *earlier]

    assert _peers(_release(practices(3), context, [AGE]), 1)["P01"] == ["P02"]


def test_who_lacks_a_characteristic_stands_at_its_mean_and_is_named() -> None:
    context = _context(age=(10, 20, 30, 20), list=(4000, 6000, 8000, math.nan))
    beds = {"characteristic_id": "beds", "title": "Beds", "unit": "beds", "use_for_peers": True}

    numbered = _release(practices(4), context, [AGE, LIST, beds])
    peers = find_peers(numbered.directory, numbered.places, MethodOptions(peers=1))

    assert numbered.places.codes[peers.incomplete].tolist() == ["P04"]
    assert _by_code(peers, numbered)["P04"] == ["P02"]


def test_who_lacks_them_all_has_no_peers_and_is_nobodys() -> None:
    places = _release(practices(3), _context(age=(10, math.nan, 30)), [AGE])

    assert _peers(places, 2) == {"P01": ["P03"], "P03": ["P01"]}


def test_peers_are_open_and_of_the_same_kind() -> None:
    listed = practices(4)
    listed[1] = {**listed[1], "status": "closed", "closed_on": "2025-01-01"}
    listed[2] = {**listed[2], "kind": "provider"}

    assert _peers(_release(listed, _context(age=(10, 11, 12, 40)), [AGE]), 2) == {
        "P01": ["P04"],
        "P04": ["P01"],
    }


def test_peers_that_the_package_names_stand_for_their_kind() -> None:
    """P03 is given none; the providers, for which nothing is given, are matched by distance."""
    listed = practices(5)
    listed[3], listed[4] = ({**row, "kind": "provider"} for row in listed[3:5])
    given_ = [
        {"organisation_code": "P01", "peer_code": "P03"},
        {"organisation_code": "P02", "peer_code": "P03"},
        {"organisation_code": "P02", "peer_code": "P02"},
        {"organisation_code": "P02", "peer_code": "P01"},
    ]
    numbered = _release(listed, _context(age=(1, 2, 3, 4, 5)), [AGE], peers=given_)

    assert _peers(numbered, 2) == {"P01": ["P03"], "P02": ["P01", "P03"], "P04": ["P05"], "P05": ["P04"]}


def test_without_characteristics_there_are_no_peers() -> None:
    numbered = _release(practices(3), [], [])

    peers = find_peers(numbered.directory, numbered.places, MethodOptions())

    assert len(peers.peer) == 0
    assert peers.table(numbered.places).columns.tolist() == list(PEERS.column_names)
    assert np.isnan(peer_values(numbered.rows, numbered.metric, peers)).all()


def test_the_peers_can_be_published() -> None:
    numbered = _release(practices(3), _context(age=(10, 20, 30)), [AGE])

    table = find_peers(numbered.directory, numbered.places, MethodOptions(peers=1)).table(numbered.places)

    assert table.to_dict("list") == {
        "organisation_code": ["P01", "P02", "P03"],
        "peer_code": ["P02", "P01", "P02"],
    }


def test_the_value_of_peers_is_that_of_their_sums_without_oneself() -> None:
    counts = {"P01": (90, 100), "P02": (10, 100), "P03": (100, 200), "C1": (200, 400)}
    rows = [
        {"organisation_code": code, "numerator": count, "denominator": size}
        for code, (count, size) in counts.items()
    ]
    numbered = number_rows(rows, organisations=practices(3), peers=_everyone(3))
    peers = find_peers(numbered.directory, numbered.places, MethodOptions())

    values = numbered.by_code(peer_values(numbered.rows, numbered.metric, peers))
    places = numbered.by_code(peer_places(numbered.rows, peers))

    assert values == {"P01": pytest.approx(110 / 3), "P02": 190 / 3, "P03": 50, "C1": None}
    assert [numbered.places.codes[place] for place in list(places.values())[1:]] == ["P01", "P02", "P03"]
    assert places["C1"] == -1


def test_peers_are_compared_in_the_same_breakdown_and_period() -> None:
    rows = [
        {
            "organisation_code": code,
            "period": period,
            "breakdown_id": group,
            "numerator": count,
            "denominator": 100,
        }
        for period, group, counts in (
            ("2025-q3", "all", (10, 20)),
            ("2025-q4", "all", (30, 40)),
            ("2025-q4", "women", (50,)),
        )
        for code, count in zip(("P01", "P02"), counts, strict=False)
    ]
    women = {"breakdown_id": "women", "dimension": "sex", "title": "Women", "position": 1}
    numbered = number_rows(rows, organisations=practices(2), peers=_everyone(2), breakdowns=[women])
    peers = find_peers(numbered.directory, numbered.places, MethodOptions())

    values = peer_values(numbered.rows, numbered.metric, peers)

    assert numbered.by_code(values, "2025-q3") == {"P01": 20, "P02": 10}
    assert numbered.by_code(values, "2025-q4") == {"P01": 40, "P02": 30}
    assert numbered.by_code(values, "2025-q4", "women") == {"P01": None}


def test_a_peer_group_goes_under_the_code_of_the_one_whose_peers_they_are() -> None:
    """Results and comparisons then lead to the rows of the table of peers."""
    rows = [
        {"organisation_code": f"P{number:02d}", "numerator": 10 * number, "denominator": 100}
        for number in range(1, 4)
    ]

    tables = compute(rows, {"benchmark": "peers"}, organisations=practices(3), peers=_everyone(3))

    first = result(tables, "P01")
    assert (first["benchmark_kind"], first["benchmark_code"], first["benchmark"]) == ("peers", "P01", 25)
    listed = tables.comparisons[tables.comparisons["benchmark_kind"] == "peers"]
    assert listed["benchmark_code"].tolist() == listed["organisation_code"].tolist() == ["P01", "P02", "P03"]
    assert tables.peers.loc[tables.peers["organisation_code"] == "P01", "peer_code"].tolist() == [
        "P02",
        "P03",
    ]


@pytest.mark.parametrize("kind", ["mean", "standardised", "score", "count", "status"])
def test_kinds_that_are_not_summed_have_no_value_of_peers(kind: str) -> None:
    rows = [{"organisation_code": f"P{number:02d}", "value": number} for number in range(1, 4)]
    numbered = number_rows(rows, {"kind": kind}, organisations=practices(3), peers=_everyone(3))
    peers = find_peers(numbered.directory, numbered.places, MethodOptions())

    assert np.isnan(peer_values(numbered.rows, numbered.metric, peers)).all()


@pytest.mark.parametrize("rule", read_rules("peers"), ids=lambda rule: f"{rule['shown']} of {rule['peers']}")
def test_rules_of_peers(rule: dict[str, str]) -> None:
    size, shown = int(rule["peers"]), int(rule["shown"])
    rows: list[Row] = [{"organisation_code": "P01", "numerator": 1, "denominator": 2}]
    for number in range(size):
        code = {"organisation_code": f"P{number + 2:02d}"}
        hidden = {"absence": "suppressed"} if number >= shown else {"numerator": 1, "denominator": 2}
        rows.append(code | hidden)
    numbered = number_rows(rows, organisations=practices(size + 1), peers=_everyone(size + 1))
    peers = find_peers(numbered.directory, numbered.places, MethodOptions())

    value = numbered.by_code(peer_values(numbered.rows, numbered.metric, peers))["P01"]

    assert value == (50 if rule["value"] == "yes" else None)


@given(points=points, count=st.integers(1, 6))
def test_the_nearest_are_those_found_one_by_one(points: Numbers, count: int) -> None:
    found = nearest(points, count)

    for place, row in enumerate(found.tolist()):
        others = [other for other in range(len(points)) if other != place]
        others.sort(key=lambda other: (round(math.dist(points[place], points[other]), 9), other))
        assert row == sorted(others[:count])


@given(points=points, count=st.integers(1, 6), scale=st.sampled_from([0.125, 4.0, 1024.0]))
def test_the_unit_of_a_characteristic_is_irrelevant(points: Numbers, count: int, scale: float) -> None:
    as_they_are = nearest(standardise(points), count)

    np.testing.assert_array_equal(as_they_are, nearest(standardise(points * scale + 8), count))


@given(points=points)
def test_standardised_columns_have_mean_0_and_deviation_1(points: Numbers) -> None:
    scores = standardise(points)

    np.testing.assert_allclose(scores.mean(axis=0), 0, atol=1e-12)
    varies = np.ptp(points, axis=0) > 0
    np.testing.assert_allclose((scores[:, varies] ** 2).sum(axis=0), len(points) - 1)
    assert (scores[:, ~varies] == 0).all()


@pytest.mark.shared
def test_distances_reproduce_the_reference_case() -> None:
    (case,), tolerance = read_cases("composite_peers_other", "peers-euclid")
    scores = standardise(np.array(case["in"]["rows"]))

    found = distances(scores, scores)

    wanted = np.array(case["expect"]["distance"])
    pairs = [(row, column) for row in range(len(wanted)) for column in range(len(wanted))]
    assert_agrees(
        {**case, "expect": {str(pair): float(wanted[pair]) for pair in pairs}},
        {str(pair): float(found[pair]) for pair in pairs},
        tolerance,
    )
    names = np.array(case["in"]["ids"])
    for count in range(1, len(names)):
        assert names[nearest(scores, count)[0]].tolist() == sorted(case["expect"]["nearest_first_A"][:count])


def _release(
    listed: Iterable[Row], context: Iterable[Row], characteristics: Iterable[Row], **tables: Any
) -> Numbered:
    return number_rows(
        [{"organisation_code": "P01", **NOTHING}],
        organisations=listed,
        context=context,
        characteristics=characteristics,
        **tables,
    )


def _context(**values: tuple[float, ...]) -> list[dict[str, Any]]:
    """Return CONTEXT: each characteristic's values of P01, P02 …, those that are numbers."""
    return [
        {
            "organisation_code": f"P{number:02d}",
            "characteristic_id": name,
            "period": "2025-q4",
            "value": value,
        }
        for name, column in values.items()
        for number, value in enumerate(column, start=1)
        if not math.isnan(value)
    ]


def _everyone(count: int) -> list[Row]:
    """Return PEERS in which everyone is a peer of everyone else."""
    codes = [f"P{number:02d}" for number in range(1, count + 1)]
    return [{"organisation_code": own, "peer_code": peer} for own in codes for peer in codes if peer != own]


def _peers(numbered: Numbered, count: int) -> dict[str, list[str]]:
    return _by_code(find_peers(numbered.directory, numbered.places, MethodOptions(peers=count)), numbered)


def _by_code(peers: Peers, numbered: Numbered) -> dict[str, list[str]]:
    table = peers.table(numbered.places)
    return {str(code): group.tolist() for code, group in table.groupby("organisation_code")["peer_code"]}
