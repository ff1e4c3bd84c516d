"""What the tables say together: rows 51 to 55 of the fault table, and what the design adds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator.errors import format_findings
from generator.loading import check, read_release
from generator.loading.checks import CHECKS
from tests.loading.places import find_places, places
from tests.packages import AREA, COUNTRY, METRICS, Row, Rows, edit, package_tables, with_column, write_package

PROPORTION, RATE, MEAN = METRICS


def where(metric_id: str, organisation_code: str = "Z00001", period: str = "2025-q1") -> Row:
    return {"metric_id": metric_id, "organisation_code": organisation_code, "period": period}


def both(*changes: Callable[[Rows], Rows]) -> Callable[[Rows], Rows]:
    """Return the changes one after the other."""

    def change(rows: Rows) -> Rows:
        for one in changes:
            rows = one(rows)
        return rows

    return change


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        (where(PROPORTION) | {"numerator": "151"}, "numerator"),
        (where(PROPORTION) | {"numerator": "-1"}, "numerator"),
        (where(PROPORTION) | {"denominator": "-150"}, "denominator"),
        (where(PROPORTION) | {"numerator": "", "denominator": "", "value": "100.5"}, "value"),
        (where(RATE) | {"numerator": "-1"}, "numerator"),
        (where(MEAN) | {"value": "-0.5", "lower": ""}, "value"),
        (where(MEAN) | {"value": "60.5", "upper": ""}, "value"),
    ],
)
def test_values_that_cannot_be_are_refused(tmp_path: Path, cells: Row, column: str) -> None:
    """Row 51."""
    place = {name: cells[name] for name in ("metric_id", "organisation_code", "period")}
    folder = write_package(tmp_path / "release", observations=edit(place, **cells))

    found = [place for place in find_places(folder) if place[0] == "VAL_RANGE"]

    row = {PROPORTION: 2, RATE: 11, MEAN: 20}[cells["metric_id"]]
    assert found == [("VAL_RANGE", "observations.csv", row, column)]


def test_rates_may_exceed_their_denominator_and_scores_may_be_negative(tmp_path: Path) -> None:
    """Row 51."""
    metrics = edit({"metric_id": MEAN}, kind="score", range_low="-100", range_high="100")
    observations = both(
        edit(where(RATE), numerator="3000", denominator="2000"),
        edit(where(MEAN), value="-3.5", lower="-4", upper="-3"),
    )

    assert find_places(write_package(tmp_path / "release", metrics=metrics, observations=observations)) == []


@pytest.mark.parametrize(
    ("value", "is_level"), [("1", True), ("3", True), ("0", False), ("4", False), ("1.5", False)]
)
def test_a_status_is_the_position_of_one_of_its_levels(tmp_path: Path, value: str, is_level: bool) -> None:
    """Row 51."""
    metrics = both(
        with_column("levels"), edit({"metric_id": MEAN}, kind="status", levels="met|nearly|not met")
    )
    observations = edit({"metric_id": MEAN}, value=value, lower="", upper="")
    folder = write_package(tmp_path / "release", metrics=metrics, observations=observations)

    assert {place[0] for place in find_places(folder)} == (set() if is_level else {"VAL_RANGE"})


@pytest.mark.parametrize(
    ("value", "agrees"), [("73.3", True), ("73.33", True), ("73", True), ("73.4", False), ("0.733", False)]
)
def test_a_supplied_value_agrees_with_its_counts_to_its_last_decimal(
    tmp_path: Path, value: str, agrees: bool
) -> None:
    """Row 53: 110 of 150 is 73.333…%."""
    folder = write_package(tmp_path / "release", observations=edit(where(PROPORTION), value=value))

    expected = [] if agrees else [("VAL_INCONSISTENT", "observations.csv", 2, "value")]
    assert find_places(folder) == expected


def test_other_rows_tell_how_many_decimals_a_source_prints(tmp_path: Path) -> None:
    """Row 53: 80.0 among 73.3 and 86.7 means 80.0, not anything from 79.5 to 80.5."""
    observations = both(
        edit(where(PROPORTION), value="73.3"),
        edit(where(PROPORTION, period="2025-q2"), numerator="119", value="80.0"),
    )
    folder = write_package(tmp_path / "release", observations=observations)

    assert find_places(folder) == [("VAL_INCONSISTENT", "observations.csv", 3, "value")]


def test_counts_beside_a_mean_describe_its_size(tmp_path: Path) -> None:
    """Numbers rules of the design: they are not checked against the value."""
    observations = edit(where(MEAN), numerator="1", denominator="1000")

    assert find_places(write_package(tmp_path / "release", observations=observations)) == []


@pytest.mark.parametrize(
    ("cells", "column"), [({"lower": "9"}, "lower"), ({"upper": "1"}, "upper"), ({"value": "12"}, "upper")]
)
def test_an_interval_contains_its_value(tmp_path: Path, cells: Row, column: str) -> None:
    """Row 53."""
    folder = write_package(tmp_path / "release", observations=edit(where(MEAN), **cells))

    assert find_places(folder) == [("VAL_INCONSISTENT", "observations.csv", 20, column)]


def test_unknown_codes_are_named(tmp_path: Path) -> None:
    """Row 54."""
    folder = write_package(
        tmp_path / "release", observations=edit(where(PROPORTION), organisation_code="Z99999")
    )

    found = check([folder])

    assert ("REF_UNKNOWN_CODE", "observations.csv", 2, "organisation_code") in places(found)
    assert '"Z99999"' in format_findings(found)


@pytest.mark.parametrize(
    ("table", "row", "cells"),
    [
        ("organisations", {"organisation_code": "Z00001"}, {"parent_code": "NOBODY"}),
        ("memberships", {"organisation_code": "Z00001"}, {"parent_code": "NOBODY"}),
        ("memberships", {"organisation_code": "Z00001"}, {"organisation_code": "NOBODY"}),
        ("metrics", {"metric_id": MEAN}, {"domain_id": "nothing"}),
        ("organisations", {"organisation_code": AREA}, {"kind": "galaxy"}),
    ],
)
def test_references_between_tables_hold(tmp_path: Path, table: str, row: Row, cells: Row) -> None:
    """Row 54."""
    folder = write_package(tmp_path / "release", **{table: edit(row, **cells)})

    found = [(place[1], place[3]) for place in find_places(folder) if place[0] == "REF_UNKNOWN_CODE"]

    assert found == [(f"{table}.csv", *cells)]


def test_unknown_metrics_breakdowns_and_kinds_are_named(tmp_path: Path) -> None:
    """Row 54."""
    observations = both(
        with_column("breakdown_id"),
        lambda rows: [*rows, {**rows[0], "breakdown_id": "women"}, {**rows[0], "metric_id": "unheard-of"}],
    )
    metrics = edit({"metric_id": MEAN}, applies_to="ambulance")
    folder = write_package(tmp_path / "release", observations=observations, metrics=metrics)

    assert find_places(folder) == [
        ("REF_UNKNOWN_CODE", "observations.csv", 30, "metric_id"),
        ("REF_UNKNOWN_CODE", "observations.csv", 29, "breakdown_id"),
        ("REF_UNKNOWN_CODE", "metrics.csv", 4, "applies_to"),
    ]


def test_declared_kinds_and_breakdowns_are_known(tmp_path: Path) -> None:
    observations = both(
        with_column("breakdown_id"), lambda rows: [*rows, {**rows[0], "breakdown_id": "women"}]
    )
    kinds = [{"kind": "network", "singular": "network", "plural": "networks", "is_area": "true"}]
    breakdowns = [{"breakdown_id": "women", "dimension": "sex", "title": "Women", "position": "1"}]
    organisations = edit({"organisation_code": AREA}, kind="network")
    folder = write_package(
        tmp_path / "release",
        observations=observations,
        kinds=kinds,
        breakdowns=breakdowns,
        organisations=organisations,
    )

    assert find_places(folder) == []


def test_closed_organisations_are_known(tmp_path: Path) -> None:
    """Row 54: their page says so."""
    closed = edit({"organisation_code": "Z00001"}, status="merged", closed_on="2025-06-15")
    organisations = both(with_column("successor_code"), closed)

    assert find_places(write_package(tmp_path / "release", organisations=organisations)) == []


def test_unknown_periods_are_named(tmp_path: Path) -> None:
    """Row 55."""
    folder = write_package(tmp_path / "release", periods=lambda rows: rows[:2])

    rows = [4, 7, 10, 13, 16, 19, 22, 25, 28]
    assert find_places(folder) == [("VAL_PERIOD", "observations.csv", row, "period") for row in rows]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"start": "2025-06-30", "end": "2025-04-01"}, "end"),
        ({"end": "2025-12-31"}, "end"),
        ({"start": "2025-03-31"}, "start"),
        ({"start": "2025-01-01", "end": "2025-03-31"}, "period"),
    ],
)
def test_periods_are_in_order_past_and_distinct(tmp_path: Path, cells: Row, column: str) -> None:
    """Row 55."""
    folder = write_package(tmp_path / "release", periods=edit({"period": "2025-q2"}, **cells))

    assert ("VAL_PERIOD", "periods.csv", 3, column) in find_places(folder)


def test_periods_of_a_rolling_metric_may_overlap(tmp_path: Path) -> None:
    """Row 55."""
    folder = write_package(
        tmp_path / "release",
        periods=edit({"period": "2025-q2"}, start="2025-03-01"),
        metrics=with_column("rolling", "true"),
    )

    assert find_places(folder) == []


def test_a_period_that_nothing_is_about_is_named(tmp_path: Path) -> None:
    """Row 55: the rows of a whole period may have been lost."""
    observations: Callable[[Rows], Rows] = lambda rows: [row for row in rows if row["period"] != "2025-q1"]  # noqa: E731
    folder = write_package(tmp_path / "release", observations=observations)

    assert find_places(folder) == [("VAL_PERIOD", "periods.csv", 2, "period")]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"numerator": "", "denominator": ""}, "absence"),
        ({"numerator": ""}, "numerator"),
        ({"denominator": ""}, "denominator"),
        ({"absence": "not_submitted"}, "numerator"),
    ],
)
def test_a_row_has_a_figure_or_a_reason(tmp_path: Path, cells: Row, column: str) -> None:
    folder = write_package(tmp_path / "release", observations=edit(where(PROPORTION), **cells))

    assert find_places(folder) == [("VAL_ABSENCE", "observations.csv", 2, column)]


def test_true_zeros_and_reasons_are_fine(tmp_path: Path) -> None:
    observations = both(
        edit(where(PROPORTION), numerator="0"),
        edit(where(RATE), numerator="", denominator="", absence="late"),
        edit(where(MEAN), value="", lower="", upper="", absence="too_few"),
    )

    assert find_places(write_package(tmp_path / "release", observations=observations)) == []


def without(*keys: Row) -> Callable[[Rows], Rows]:
    return lambda rows: [row for row in rows if not any(key.items() <= row.items() for key in keys)]


def test_an_expected_row_that_is_missing_is_named(tmp_path: Path) -> None:
    folder = write_package(tmp_path / "release", observations=without(where(RATE, "Z00002", "2025-q2")))

    found = check([folder])

    assert [finding.code for finding in found] == ["VAL_MISSING_ROW"]
    assert found[0].file == "observations.csv"
    assert "emergency-admissions, Z00002, 2025-q2" in found[0].reason
    assert "observations.csv, row 15" in found[0].reason


def test_a_metric_without_rows_between_its_periods_is_named_once(tmp_path: Path) -> None:
    keys = [where(RATE, code, "2025-q2") for code in ("Z00001", "Z00002", "Z00003")]
    folder = write_package(tmp_path / "release", observations=without(*keys))

    found = check([folder])

    assert [finding.code for finding in found] == ["VAL_MISSING_ROW"]
    assert "no row at all for emergency-admissions in 2025-q2" in found[0].reason


def test_missing_rows_may_stand_for_an_absence(tmp_path: Path) -> None:
    folder = write_package(
        tmp_path / "release",
        observations=without(where(RATE, "Z00002", "2025-q2")),
        candour={"missing_rows": "not_submitted"},
    )

    release, notes = read_release(folder)

    assert notes == []
    assert len(release.observations) == 27
    added = release.observations.iloc[-1]
    assert (added["metric_id"], added["organisation_code"], added["period"]) == (RATE, "Z00002", "2025-q2")
    assert (added["absence"], added["_row"], added["breakdown_id"]) == ("not_submitted", 0, "all")
    assert release.observations["absence"].cat.categories.tolist() == ["", "not_submitted"]


@pytest.mark.parametrize(
    "cells", [{"opened_on": "2025-07-01"}, {"status": "closed", "closed_on": "2025-06-29"}]
)
def test_nobody_is_expected_where_they_were_not_open_on_the_last_day(tmp_path: Path, cells: Row) -> None:
    keys = [where(metric_id, "Z00002", "2025-q2") for metric_id in METRICS]
    if "closed_on" in cells:
        keys += [where(metric_id, "Z00002", "2025-q3") for metric_id in METRICS]
    folder = write_package(
        tmp_path / "release",
        observations=without(*keys),
        organisations=edit({"organisation_code": "Z00002"}, **cells),
    )

    assert find_places(folder) == []


def test_metrics_of_a_service_are_expected_of_those_who_provide_it(tmp_path: Path) -> None:
    services = [{"service_id": "burns", "title": "Burns", "description": "Care of burns."}]
    provisions = [
        {"organisation_code": code, "service_id": "burns", "from": "", "to": end}
        for code, end in (("Z00001", ""), ("Z00002", "2025-06-29"))
    ]
    metrics = both(with_column("service_id"), edit({"metric_id": RATE}, service_id="burns"))
    lost = without(
        where(RATE, "Z00003", "2025-q1"),
        where(RATE, "Z00002", "2025-q2"),
        where(RATE, "Z00002", "2025-q3"),
        where(RATE, "Z00002", "2025-q1"),
    )
    folder = write_package(
        tmp_path / "release", metrics=metrics, services=services, provisions=provisions, observations=lost
    )

    found = check([folder])

    assert [finding.reason.partition(";")[0] for finding in found] == [f"no row for {RATE}, Z00002, 2025-q1"]


@pytest.mark.parametrize(
    ("row", "cells", "column"),
    [
        (MEAN, {"threshold_good": "5"}, "threshold_good"),
        (PROPORTION, {"threshold_good": "50"}, "threshold_good"),
        (RATE, {"threshold_good": "9", "threshold_acceptable": "5"}, "threshold_good"),
        (RATE, {"benchmark": "target"}, "target"),
    ],
)
def test_thresholds_fit_the_direction(tmp_path: Path, row: str, cells: Row, column: str) -> None:
    folder = write_package(tmp_path / "release", metrics=edit({"metric_id": row}, **cells))

    expected = METRICS.index(row) + 2
    assert find_places(folder) == [("VAL_THRESHOLD", "metrics.csv", expected, column)]


def test_targets_of_a_neutral_metric_are_refused(tmp_path: Path) -> None:
    targets = [{"metric_id": MEAN, "target": "3", "set_by": "The board"}]

    assert find_places(write_package(tmp_path / "release", targets=targets)) == [
        ("VAL_THRESHOLD", "targets.csv", 2, "target")
    ]


def versions(*spans: tuple[str, str]) -> Callable[[Rows], Rows]:
    """Return a change of METRICS: the proportion in versions that hold from and to these days."""

    def change(rows: Rows) -> Rows:
        blank = {"version": "1", "valid_from": "", "valid_to": ""}
        first, *others = ({**row, **blank} for row in rows)
        numbered = enumerate(spans, start=1)
        return [
            *(
                {**first, "version": str(number), "valid_from": a, "valid_to": b}
                for number, (a, b) in numbered
            ),
            *others,
        ]

    return change


def test_versions_that_follow_each_other_are_fine(tmp_path: Path) -> None:
    metrics = versions(("", "2025-03-31"), ("2025-04-01", ""))

    assert find_places(write_package(tmp_path / "release", metrics=metrics)) == []


def test_versions_that_overlap_are_refused(tmp_path: Path) -> None:
    metrics = versions(("", "2025-03-31"), ("2025-03-31", ""))
    folder = write_package(tmp_path / "release", metrics=metrics)

    assert find_places(folder) == [("VAL_VERSION", "metrics.csv", 3, "valid_from")]


def test_figures_need_a_version_that_holds(tmp_path: Path) -> None:
    metrics = versions(("", "2025-03-31"), ("2025-07-01", ""))
    folder = write_package(tmp_path / "release", metrics=metrics)

    assert find_places(folder) == [("VAL_VERSION", "observations.csv", row, "period") for row in (3, 6, 9)]


def more_areas(rows: Rows) -> Rows:
    area = next(row for row in rows if row["organisation_code"] == AREA)
    return [*rows, {**area, "organisation_code": "ZA2", "name": "Otherexampleshire"}]


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        ([{"organisation_code": "Z00001", "parent_code": "ZA2", "tree": "", "from": "", "to": ""}], True),
        (
            [{"organisation_code": "Z00001", "parent_code": "ZA2", "tree": "other", "from": "", "to": ""}],
            False,
        ),
        (
            [{"organisation_code": AREA, "parent_code": "ZA2", "tree": "", "from": "2025-01-01", "to": ""}],
            True,
        ),
    ],
)
def test_a_tree_counts_nobody_twice(tmp_path: Path, added: Rows, expected: bool) -> None:
    def add(rows: Rows) -> Rows:
        return [*({"tree": "", "from": "", "to": "", **row} for row in rows), *added]

    folder = write_package(tmp_path / "release", organisations=more_areas, memberships=add)

    assert ("REF_MEMBERSHIP" in {place[0] for place in find_places(folder)}) is expected


def test_who_moves_from_area_to_area_is_counted_once(tmp_path: Path) -> None:
    def move(rows: Rows) -> Rows:
        rows = [{"tree": "", "from": "", "to": "", **row} for row in rows]
        rows[0]["to"] = "2025-03-31"
        return [*rows, {**rows[0], "parent_code": "ZA2", "from": "2025-04-01", "to": ""}]

    folder = write_package(tmp_path / "release", organisations=more_areas, memberships=move)

    assert find_places(folder) == []


def test_areas_that_belong_to_their_own_members_are_refused(tmp_path: Path) -> None:
    def close_the_ring(rows: Rows) -> Rows:
        return [*rows, {"organisation_code": COUNTRY, "parent_code": AREA}]

    folder = write_package(
        tmp_path / "release",
        memberships=close_the_ring,
        organisations=edit({"organisation_code": COUNTRY}, parent_code=AREA),
    )

    found = {place[:2] for place in find_places(folder)}

    assert found == {("REF_MEMBERSHIP", "memberships.csv"), ("REF_MEMBERSHIP", "organisations.csv")}


def feature(code: str = AREA, ring: Any = ((0, 50), (1, 50), (1, 51), (0, 50))) -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": [[list(place) for place in ring]]}
    return {"type": "Feature", "properties": {"organisation_code": code}, "geometry": geometry}


def geojson(*features: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)})


TOPOLOGY = {
    "type": "Topology",
    "transform": {"scale": [0.5, 0.5], "translate": [0, 50]},
    "arcs": [[[0, 0], [2, 0], [0, 2]], [[0, 0], [2, 2]]],
    "objects": {
        "areas": {
            "type": "GeometryCollection",
            "geometries": [{"type": "Polygon", "arcs": [[0, -2]], "properties": {"organisation_code": AREA}}],
        }
    },
}


@pytest.mark.parametrize("text", [geojson(feature()), json.dumps(TOPOLOGY)])
def test_boundaries_become_a_feature_for_each_organisation(tmp_path: Path, text: str) -> None:
    release, _ = read_release(write_package(tmp_path / "release", boundaries=text))

    shape = release.directory.boundaries[AREA]["geometry"]
    assert shape == {"type": "Polygon", "coordinates": [[[0, 50], [1, 50], [1, 51], [0, 50]]]}


@pytest.mark.parametrize(
    "text",
    [
        geojson(feature())[:-20],
        geojson(),
        geojson(feature("ZA9")),
        geojson(feature("za1")),
        geojson(feature(), feature()),
        geojson(feature(ring=((0, 50), (1, 50), (0, 50)))),
        geojson(feature(ring=((0, 50), (1, 50), (1, 51), (2, 52)))),
        geojson(feature(ring=((400_000, 50), (1, 50), (1, 51), (400_000, 50)))),
        geojson({"type": "Feature", "properties": {}, "geometry": None}),
        geojson(None),
        json.dumps({"type": "Topology"}),
        "[]",
    ],
)
def test_broken_boundaries_are_refused(tmp_path: Path, text: str) -> None:
    found = find_places(write_package(tmp_path / "release", boundaries=text))

    assert [place[:2] for place in found] == [("GEO_INVALID", "boundaries.geojson")]


def test_packages_that_agree_on_a_row_give_it_once(tmp_path: Path) -> None:
    tables = package_tables()
    release = tmp_path / "release"
    write_package(release / "one")
    write_package(release / "two", **{**dict.fromkeys(tables), "domains": tables["domains"]}, candour=None)

    result, _ = read_release(release)

    assert len(result.directory["domains"]) == 1


def test_packages_that_disagree_on_a_row_are_both_named(tmp_path: Path) -> None:
    tables = package_tables()
    release = tmp_path / "release"
    write_package(release / "one")
    other = edit({"domain_id": "long-term-conditions"}, title="Chronic illness")
    write_package(release / "two", **{**dict.fromkeys(tables), "domains": other}, candour=None)

    found = check([release])

    assert places(found) == [("KEY_DUPLICATE", "two/domains.csv", 2, "title")]
    assert "one/domains.csv, row 2" in found[0].reason


def test_observations_of_two_packages_are_joined(tmp_path: Path) -> None:
    tables = package_tables()
    observations = tables["observations"]
    release = tmp_path / "release"
    write_package(release / "one", observations=observations[:14])
    rest = dict.fromkeys(tables)
    write_package(release / "two", **{**rest, "observations": observations[13:]}, candour=None)

    result, _ = read_release(release)

    assert len(result.observations) == 27
    assert result.observations["organisation_code"].cat.categories.tolist() == ["Z00001", "Z00002", "Z00003"]
    last = result.observations.iloc[-1]
    assert (result.files[last["_file"]].path, last["_row"]) == ("two/observations.csv", 15)


def test_figures_of_patients_are_never_printed(tmp_path: Path) -> None:
    """CI logs are public: findings name the cell, not what stands in it."""
    observations = both(
        edit(where(PROPORTION), numerator="98765"),
        edit(where(RATE), numerator="-98765"),
        edit(where(RATE, "Z00002"), numerator="98,765"),
        edit(where(PROPORTION, "Z00002"), organisation_code="98765"),
        edit(where(PROPORTION, "Z00003"), metric_id="98765"),
        edit(where(MEAN), value="12345", upper=""),
    )
    found = check([write_package(tmp_path / "release", observations=observations)])

    text = format_findings(found)

    assert "98765" not in text
    assert "98,765" not in text
    assert "12345" in text
    assert "98765" in format_findings(found, show_values=True)


def test_figures_stay_private_where_the_metrics_cannot_be_read(tmp_path: Path) -> None:
    folder = write_package(
        tmp_path / "release", observations=edit(where(MEAN), value="1_2345"), metrics="broken"
    )

    assert "1_2345" not in format_findings(check([folder]))


def test_checks_say_what_they_hold() -> None:
    assert all(rule.title and rule.advice and rule.find.__doc__ for rule in CHECKS)
    assert {rule.code for rule in CHECKS} >= {
        "GEO_INVALID",
        "KEY_DUPLICATE",
        "KEY_NEAR_DUPLICATE",
        "REF_MEMBERSHIP",
        "REF_UNKNOWN_CODE",
        "VAL_ABSENCE",
        "VAL_INCONSISTENT",
        "VAL_MISSING_ROW",
        "VAL_PERIOD",
        "VAL_RANGE",
        "VAL_THRESHOLD",
        "VAL_VERSION",
        "VAL_ZERO_DENOMINATOR",
    }
