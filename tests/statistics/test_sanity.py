"""Movements between releases that somebody has to look at, just beyond and just within their limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from generator.errors import ExitStatus, Severity, exit_status_of
from generator.model.release import Publication
from generator.model.settings import Acceptance, SanityLimits
from generator.statistics import compute_tables
from generator.statistics.earlier import keep_for_later
from generator.statistics.sanity import Surprise, find_surprises, judge_surprises
from tests.factories import ORGANISATIONS, PERIODS, make_release

OLD, NEW = "2025-q3", "2025-q4"
MANY = [f"P{number:03}" for number in range(100)]


def test_a_release_like_the_one_before_surprises_nobody() -> None:
    before = made(reports(MANY, [OLD]))
    after = made(reports(MANY, [OLD, NEW]))

    assert find_surprises(after, before, SanityLimits()) == []


@pytest.mark.parametrize(("missing", "surprises"), [(10, 0), (11, 1)])
def test_rows_that_go_missing_surprise_beyond_the_limit(missing: int, surprises: int) -> None:
    before = made(reports(MANY, [OLD]))
    absent = [
        {"organisation_code": code, "period": NEW, "absence": "not_submitted"} for code in MANY[:missing]
    ]
    after = made([*reports(MANY, [OLD]), *reports(MANY[missing:], [NEW]), *absent])

    found = find_surprises(after, before, SanityLimits(organisations=100))

    assert [surprise.what for surprise in found] == ["rows"] * surprises
    if found:
        # With the country and the area that are summed.
        assert found[0].reason == (
            "91 reported results of each metric's newest period, where the previous release had 102 "
            "(-10.8%; the limit is 10%)."
        )


def test_history_that_goes_missing_surprises() -> None:
    """The newest period alone looks as it should."""
    periods = ["2024-q4", OLD]
    before = made(reports(MANY, periods))
    after = made([*reports(MANY[:70], periods), *reports(MANY, [NEW])])

    found = find_surprises(after, before, SanityLimits())

    assert [surprise.what for surprise in found] == ["rows"]
    assert "of the periods that both releases have" in found[0].reason


def test_hidden_results_were_reported() -> None:
    """Otherwise a stricter policy would look like data that went missing."""
    people = {"disclosure": "people"}
    before = made(reports(MANY, [OLD], numerator=40), people)
    after = made(reports(MANY, [NEW], numerator=3), people)

    found = find_surprises(after, before, SanityLimits(country_figure=1000))

    assert set(after.tables.results["protection"]) >= {"hidden"}
    assert found == []


@pytest.mark.parametrize(
    ("number", "reasons"),
    [
        (5, []),
        (6, ["6 organisations no longer report, of 100 in the previous release (6.0%; the limit is 5%)."]),
    ],
)
def test_organisations_that_are_gone_surprise_beyond_the_limit(number: int, reasons: list[str]) -> None:
    before = made(reports(MANY, [OLD]))
    after = made(reports(MANY[number:], [NEW]))

    found = find_surprises(after, before, SanityLimits(rows=100))

    assert found == [Surprise("organisations", reason) for reason in reasons]


def test_as_many_organisations_gone_as_new_surprise_too() -> None:
    """Their number is as it was; codes may have been changed by mistake."""
    before = made(reports(MANY[10:], [OLD]))
    after = made(reports(MANY[:90], [NEW]))

    found = find_surprises(after, before, SanityLimits())

    assert [surprise.reason.split(",")[0] for surprise in found] == [
        "10 organisations no longer report",
        "10 organisations are new",
    ]


@pytest.mark.parametrize(("numerator", "surprises"), [(25, 0), (26, 1), (15, 0), (14, 1)])
def test_a_revised_figure_of_the_country_surprises_beyond_a_quarter(numerator: int, surprises: int) -> None:
    before = made(reports(MANY, [OLD], numerator=20))
    after = made(reports(MANY, [OLD], numerator=numerator))

    found = find_surprises(after, before, SanityLimits())

    assert len(found) == surprises
    if surprises:
        assert found == [
            Surprise(
                "m1",
                f"C1: the figure of 2025-q3 was revised from 40.0 to {numerator * 2:.1f}, "
                f"{(numerator - 20) / 20:+.1%} (the limit is 25%).",
            )
        ]


def test_several_revisions_are_one_surprise_about_the_newest() -> None:
    periods = ["2024-q4", "2025-q1", OLD]
    before, after = (made(reports(MANY, periods, numerator=numerator)) for numerator in (20, 40))

    (found,) = find_surprises(after, before, SanityLimits())

    assert "of 2025-q3 was revised" in found.reason
    assert "and 2 earlier periods likewise" in found.reason


@pytest.mark.parametrize(("numerator", "surprises"), [(25, 0), (26, 1)])
def test_the_newest_figure_is_held_against_the_newest_of_the_release_before(
    numerator: int, surprises: int
) -> None:
    before = made(reports(MANY, [OLD], numerator=20))
    after = made([*reports(MANY, [OLD], numerator=20), *reports(MANY, [NEW], numerator=numerator)])

    found = find_surprises(after, before, SanityLimits())

    assert len(found) == surprises
    if surprises:
        assert "from 2025-q3 to 2025-q4 the figure moved from 40.0 to 52.0, +30.0%" in found[0].reason


def test_periods_of_another_frequency_are_not_held_against_each_other() -> None:
    year = {"period": "2025", "start": "2025-01-01", "end": "2025-12-31", "frequency": "year"}
    before = made(reports(MANY, [OLD], numerator=10))
    after = made(reports(MANY, ["2025"], numerator=40), periods=[*PERIODS, year])

    assert find_surprises(after, before, SanityLimits()) == []


def test_from_nothing_to_something_is_always_a_surprise() -> None:
    before, after = (made(reports(MANY, [OLD], numerator=numerator)) for numerator in (0, 1))

    (found,) = find_surprises(after, before, SanityLimits(country_figure=1000))

    assert "from 0.0 to 2.0, from nothing" in found.reason


def test_figures_of_metrics_that_are_not_for_everyone_are_not_told() -> None:
    board = {"audience": "board"}
    before, after = (made(reports(MANY, [OLD], numerator=numerator), board) for numerator in (20, 41))

    (found,) = find_surprises(after, before, SanityLimits())

    assert found == Surprise("m1", "C1: the figure of 2025-q3 was revised (the limit is 25%).")


def test_a_metric_that_is_new_or_gone_is_held_against_nothing() -> None:
    before = made(reports(MANY, [OLD]))
    after = made(reports(MANY, [OLD]), {"metric_id": "m2"}, metric_id="m2")

    assert find_surprises(after, before, SanityLimits()) == []


SURPRISES = [Surprise("rows", "Fewer."), Surprise("m1", "Higher.")]


def test_a_surprise_stops_until_somebody_accepts_it_by_name() -> None:
    accepted = Acceptance("R2", "rows", "head of analysis", "two practices merged")

    rows, figure = judge_surprises("R2", SURPRISES, [accepted], ["R1", "R2"])

    assert (rows.severity, figure.severity) == (Severity.NOTE, Severity.ERROR)
    assert rows.reason == "Fewer. Accepted by head of analysis: two practices merged"
    assert (figure.file, figure.column, figure.code) == ("R2", "m1", "CHG_SURPRISE")
    assert exit_status_of([rows, figure]) is ExitStatus.APPROVAL


def test_what_is_accepted_in_vain_is_noted_and_another_releases_acceptance_is_left_alone() -> None:
    accepted = [
        Acceptance("R2", "organisations", "head of analysis", "mergers"),
        Acceptance("R1", "rows", "head of analysis", "mergers"),
        Acceptance("R3", "rows", "head of analysis", "mergers"),
    ]

    findings = judge_surprises("R2", SURPRISES, accepted, ["R1", "R2"])

    assert [(item.code, item.file, item.column) for item in findings[2:]] == [
        ("CHG_UNMET", "R2", "organisations"),
        ("CHG_UNMET", "R3", "rows"),
    ]
    assert {item.severity for item in findings[:2]} == {Severity.ERROR}
    assert {item.severity for item in findings[2:]} == {Severity.NOTE}


def reports(codes: Iterable[str], periods: Iterable[str], **cells: Any) -> list[Mapping[str, Any]]:
    counts = {"numerator": 20, "denominator": 50, **cells}
    return [{"organisation_code": code, "period": period, **counts} for period in periods for code in codes]


def made(
    observations: Iterable[Mapping[str, Any]],
    metric: Mapping[str, Any] | None = None,
    *,
    metric_id: str = "m1",
    **tables: Any,
) -> Publication:
    """Return a release of a hundred practices in one area, as a later release gets to see it."""
    practices = [
        {"organisation_code": code, "name": code, "kind": "practice", "parent_code": "A1"} for code in MANY
    ]
    groups = [row for row in ORGANISATIONS if row["organisation_code"] in ("A1", "C1")]
    release = make_release(
        [{"metric_id": metric_id, **row} for row in observations],
        metrics=[{"minimum_denominator": None, "decimals": 1, **(metric or {})}],
        organisations=[*practices, *groups],
        **tables,
    )
    return keep_for_later(release.directory, compute_tables(release))
