"""The book: which period is the latest, who belongs where, and which metrics an audience may see."""

from __future__ import annotations

import re

import pytest

from generator.model.vocabulary import Audience, BenchmarkKind
from generator.rendering import Edition, PageReference
from tests.factories import ORGANISATIONS, Row
from tests.rendering.editions import PLACES, make_book, make_edition

COUNTS = {"numerator": 30, "denominator": 40}


def names(**cells: str) -> Row:
    """Return an organisation; unless given, an open practice."""
    return {"name": cells["organisation_code"], "kind": "practice", **cells}


def test_the_latest_period_is_each_metrics_own_and_the_last_with_a_value() -> None:
    """Late figures of one metric must not make the pages of all others look empty."""
    book = make_book(
        [
            {"period": "2025-q4", **COUNTS},
            {"period": "2025-q2", "metric_id": "slow", **COUNTS},
            {"period": "2025-q3", "metric_id": "slow", "absence": "late"},
            {"period": "2025-q4", "metric_id": "silent", "absence": "not_collected"},
        ],
        metrics=[{"metric_id": "m1"}, {"metric_id": "slow"}, {"metric_id": "silent"}],
    )

    assert book.latest == {"m1": "2025-q4", "slow": "2025-q2"}


def test_periods_are_ordered_by_end_then_start() -> None:
    book = make_book(
        [{"period": "quarter", **COUNTS}, {"period": "year", **COUNTS}],
        periods=[
            {"period": "quarter", "start": "2025-10-01", "end": "2025-12-31", "frequency": "quarter"},
            {"period": "year", "start": "2025-01-01", "end": "2025-12-31", "frequency": "year"},
            {"period": "before", "start": "2025-07-01", "end": "2025-09-30", "frequency": "quarter"},
        ],
    )

    assert list(book.periods) == ["before", "year", "quarter"]


def test_who_has_no_row_in_the_latest_period_keeps_the_facts_of_before() -> None:
    book = make_book(
        [
            {"organisation_code": "P1", "period": "2025-q2", **COUNTS},
            {"organisation_code": "P1", "period": "2025-q1", **COUNTS},
            {"organisation_code": "P2", "period": "2025-q4", **COUNTS},
        ],
        metrics=[{"metric_id": "m1"}],
    )

    facts = book.facts_of("P1")["m1"]["all"]

    assert [fact.period.period for fact in facts if fact.has_value] == ["2025-q1", "2025-q2"]
    assert [fact.result.organisation_code for fact in book.latest_facts("m1", ["P1", "P2"])] == ["P2"]
    assert book.reporters("m1") == ["P2"]
    assert book.facts_of("P3") == {}


def test_a_past_figure_is_said_to_be_past() -> None:
    edition = make_edition(
        [
            {"organisation_code": "P1", "period": "2025-q2", **COUNTS},
            {"organisation_code": "P2", "period": "2025-q4", **COUNTS},
        ],
        metrics=[{"metric_id": "m1"}],
        comments=[],
    )

    said = {code: edition.make_page(PageReference("organisation", (code,))).body for code in ("P1", "P2")}

    assert ("chip-past" in said["P1"], "chip-past" in said["P2"]) == (True, False)
    assert "April to June 2025" in said["P1"]


def test_members_are_those_of_today_in_every_tree() -> None:
    """Where memberships are given for the main tree, a parent_code adds nobody; elsewhere it does."""
    book = make_book(
        [COUNTS],
        metrics=[{"metric_id": "m1"}],
        memberships=[
            {"organisation_code": "P1", "parent_code": "A1", "to": "2025-06-30"},
            {"organisation_code": "P1", "parent_code": "A2", "from": "2025-07-01"},
            {"organisation_code": "P2", "parent_code": "A1"},
            {"organisation_code": "P2", "parent_code": "A2", "tree": "council"},
            {"organisation_code": "A1", "parent_code": "C1"},
        ],
    )

    members = {code: [member.code for member in book.members_of(code)] for code in ("A1", "A2", "C1")}

    assert members["A1"] == ["P2", "P5", "H1"]
    assert members["A2"] == ["P1", "P2", "P3", "P4", "P6"]
    assert members["C1"] == ["A1", "A2"]
    assert [member.code for member in book.inside("C1")] == ["P1", "P2", "P3", "P4", "P5", "H1", "P6"]


def test_areas_with_somebody_who_reports_have_a_page_about_a_metric() -> None:
    book = make_book(
        [{"organisation_code": "P1", **COUNTS}],
        metrics=[{"metric_id": "m1"}],
        organisations=[
            *PLACES,
            names(organisation_code="A3", kind="area", level="icb", parent_code="C1"),
            names(organisation_code="L1", kind="area", level="council"),
        ],
        memberships=[{"organisation_code": "P1", "parent_code": "L1", "tree": "council"}],
    )

    assert book.area_pages == {"m1": ("C1", "A1")}


def test_an_area_with_more_than_200_who_report_has_no_page_about_a_metric() -> None:
    crowd = [names(organisation_code=f"Q{number:03}", parent_code="A1") for number in range(201)]
    book = make_book(
        [{"organisation_code": row["organisation_code"], **COUNTS} for row in crowd]
        + [{"organisation_code": "P3", **COUNTS}],
        metrics=[{"metric_id": "m1"}],
        organisations=[*ORGANISATIONS, *crowd],
        provisions=(),
    )

    assert book.area_pages == {"m1": ("A2",)}


@pytest.mark.parametrize(
    "parents",
    [{"A1": "A1"}, {"A1": "A2", "A2": "A1"}, {"A1": "A2", "A2": "C1", "C1": "A1"}],
    ids=["itself", "two", "three"],
)
def test_a_circle_of_parents_ends(parents: dict[str, str]) -> None:
    edition = make_edition(
        [COUNTS],
        metrics=[{"metric_id": "m1"}],
        organisations=[
            {**row, "parent_code": parents.get(row["organisation_code"], row.get("parent_code", ""))}
            for row in PLACES
        ],
        comments=[],
    )

    trail = edition.book.trail(edition.book.organisations["P1"])

    codes = [area.code for area in trail]
    assert len(codes) == len(set(codes))
    assert codes[-1:] == ["A1"]
    assert edition.make_page(PageReference("area", ("A1",))).body
    assert {member.code for member in edition.book.inside("A1")} >= {"P1", "P2"}


SEEN = {
    Audience.PUBLIC: set[str](),
    Audience.BOARD: {"staffing"},
    Audience.ORGANISATION: {"staffing", "own-audit"},
}


@pytest.mark.parametrize("audience", Audience)
def test_an_audience_sees_its_metrics_and_no_others_anywhere(audience: Audience) -> None:
    """In no page, download, chart, search entry or file of the finder."""
    events = [
        {"date": "2025-11-01", "label": "Nurses left", "metric_id": "staffing", "organisation_code": code}
        for code in ("P1", "")
    ]
    edition = make_edition(audience=audience, events=events)

    written = "\n".join(everything(edition))

    for metric_id, title in (("staffing", "Posts filled"), ("own-audit", "Own audit")):
        is_seen = metric_id in SEEN[audience]
        assert (metric_id in written, title in written) == (is_seen, is_seen)
    assert ("Governance" in written) == bool(SEEN[audience])
    assert ("Nurses left" in written) == bool(SEEN[audience])


def test_results_that_an_audience_may_not_see_are_not_counted() -> None:
    figures = [{"metric_id": "staffing", "submission": "provisional", **COUNTS}]

    told = {
        audience: make_edition(figures, audience=audience, comments=[]).make_page(PageReference("releases"))
        for audience in (Audience.PUBLIC, Audience.BOARD)
    }

    assert "provisional" not in told[Audience.PUBLIC].body
    assert "provisional" in told[Audience.BOARD].body


def everything(edition: Edition) -> list[str]:
    """Return the text of everything that is published of an edition."""
    references = edition.pages()
    pages = [edition.make_page(reference) for reference in references]
    files = [
        *(file for reference in references for file in edition.downloads_of(reference)),
        *edition.shared_files(),
        *edition.text_stubs([]),
    ]
    return [
        *(text for page in pages for text in (page.address, page.title, page.description, page.body)),
        *(heading.title for page in pages for heading in page.contents),
        *(file.path + file.content.decode("utf-8", errors="replace") for file in files),
    ]


def test_an_index_is_made_for_every_organisation_open_or_not() -> None:
    book = make_book()

    assert [item.code for item in book.scorecards] == ["P1", "P2", "P3", "P4", "P5", "H1", "H1-S", "P6"]
    assert [item.code for item in book.areas] == ["C1", "A1", "A2"]
    assert re.fullmatch("organisations/[a-z0-9-]+/", book.organisations["H1-S"].path)


def test_those_of_one_kind_and_name_are_told_apart_by_their_town_else_by_their_code() -> None:
    book = make_book(
        organisations=[
            names(organisation_code="P1", name="Mill Surgery", address="1 High Street, Ham"),
            names(organisation_code="P2", name="Mill Surgery", address="2 Low Street, Eye"),
            names(organisation_code="P3", name="Park Surgery", address="3 Park Road, Eye"),
            names(organisation_code="P4", name="Park Surgery", address="4 Park Road, Eye"),
            names(organisation_code="P5", name="Elm Surgery", address="5 Elm Row, Eye"),
            names(organisation_code="H1", name="Elm Surgery", kind="provider", address="6 Elm Row, Eye"),
            names(organisation_code="A1", name="Vale", kind="area", level="icb"),
            names(organisation_code="A2", name="Vale", kind="area", level="region"),
        ]
    )

    assert {code: item.full_name for code, item in book.organisations.items()} == {
        "P1": "Mill Surgery, Ham",
        "P2": "Mill Surgery, Eye",
        "P3": "Park Surgery, P3",
        "P4": "Park Surgery, P4",
        "P5": "Elm Surgery",
        "H1": "Elm Surgery",
        "A1": "Vale",
        "A2": "Vale",
    }


def test_peers_are_named_as_organisations_like_it() -> None:
    edition = make_edition(
        [{"organisation_code": code, "numerator": 30 + 5 * place, "denominator": 60}
         for place, code in enumerate(("P1", "P2", "P3", "P4"))],
        metrics=[{"metric_id": "m1", "benchmark": "peers"}],
        peers=[{"organisation_code": "P1", "peer_code": code} for code in ("P2", "P3", "P4")],
    )  # fmt: skip

    (fact,) = edition.book.latest_facts("m1", ["P1"])

    assert fact.benchmark_name == "GP practices like it"
    assert fact.result.benchmark == pytest.approx((35 + 40 + 45) / 180 * 100)


PEERS = [{"organisation_code": "P1", "peer_code": code} for code in ("P2", "P3", "P4")]
FOUR: list[Row] = [
    {
        "organisation_code": code,
        "metric_id": metric_id,
        "numerator": 80 if code == "P1" else rest,
        "denominator": 100,
    }
    for metric_id, rest in (("m1", 40), ("m2", 78))
    for code in ("P1", "P2", "P3", "P4")
]


def test_a_fact_finds_its_other_comparisons() -> None:
    """Each its own: metrics stand one after the other in the tables, and an audience may not see them all."""
    book = make_book(
        FOUR,
        metrics=[{"metric_id": "m1", "audience": "board"}, {"metric_id": "m2", "threshold_good": 90}],
        peers=PEERS,
    )

    fact = book.facts_of("P1")["m2"]["all"][0]
    like = book.against(fact, BenchmarkKind.PEERS)

    assert fact.result.benchmark_kind == "country"
    assert like
    assert like.result.benchmark == pytest.approx(78)
    assert like.result.judgement == "similar"
    assert like.result[:16] == fact.result[:16]
    assert book.against(fact, BenchmarkKind.COUNTRY) is fact
    assert book.against(fact, BenchmarkKind.TARGET) is None
    assert book.against(book.facts_of("P2")["m2"]["all"][0], BenchmarkKind.PEERS) is None
    assert book.peers == {"P1": ("P2", "P3", "P4")}


def test_every_comparison_is_found_where_the_published_table_has_it() -> None:
    book = make_book(audience=Audience.ORGANISATION, peers=PEERS)
    table = book.publication.tables.comparisons

    found = {
        (fact.result.metric_id, code, fact.result.breakdown_id, fact.result.period, str(kind)): (
            against.result.benchmark,
            against.result.judgement,
        )
        for code in book.organisations
        for facts in book.facts_of(code).values()
        for history in facts.values()
        for fact in history
        for kind in BenchmarkKind
        if (against := book.against(fact, kind))
        if fact.has_value
    }

    listed = {
        tuple(map(str, row[:5])): row[5:]
        for row in zip(
            *(table[name] for name in ("metric_id", "organisation_code", "breakdown_id", "period")),
            *(table[name] for name in ("benchmark_kind", "benchmark", "judgement")),
            strict=True,
        )
    }
    assert len(found) > 50
    assert found == listed


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"2024-q3": 30, "2025-q2": 30}, ["no_clear_change since 2024-q3"]),
        ({"2024-q3": 30, "2025-q2": 55}, ["no_clear_change since 2024-q3", "worsened since 2025-q2"]),
        ({"2024-q3": 55, "2025-q2": 30}, ["worsened since 2024-q3"]),
        ({"2024-q3": 55, "2025-q2": 55}, ["worsened since 2024-q3"]),
        ({"2024-q3": 55, "2025-q2": 5}, ["worsened since 2024-q3", "improved since 2025-q2"]),
        ({"2025-q2": 55}, ["worsened since 2025-q2"]),
        ({"2024-q3": 30}, ["no_clear_change since 2024-q3"]),
        ({"2025-q1": 55}, []),
        ({}, []),
    ],
    ids=lambda case: " ".join(case) or "nothing",
)
def test_the_change_in_a_year_is_told_first_and_that_between_seasons_if_it_is_another(
    values: dict[str, int], told: list[str]
) -> None:
    """P2 reports always, so that every quarter is one of the metric's."""
    quarters = dict.fromkeys(["2024-q3", "2024-q4", "2025-q1", "2025-q2", "2025-q3"], 30)
    book = make_book(
        [
            {"organisation_code": code, "period": period, "numerator": numerator, "denominator": 60}
            for code, own in (("P1", {**values, "2025-q3": 30}), ("P2", quarters))
            for period, numerator in own.items()
        ],
        metrics=[{"metric_id": "m1"}],
    )

    moves = book.moves_of(book.facts_of("P1")["m1"]["all"][-1])

    assert [f"{move.word} since {move.since.period}" for move in moves] == told
    assert all(move.is_year_before == (move.since.period == "2024-q3") for move in moves)
    assert all(move.is_of_another_season != move.is_year_before for move in moves)


def test_years_are_compared_without_a_word_on_seasons() -> None:
    years = [
        {"period": f"{year}", "start": f"{year}-01-01", "end": f"{year}-12-31", "frequency": "year"}
        for year in (2024, 2025)
    ]
    rows = [{"period": f"{year}", "numerator": 30, "denominator": 60} for year in (2024, 2025)]
    book = make_book(rows, metrics=[{"metric_id": "m1", "frequency": "year"}], periods=years)

    [move] = book.moves_of(book.facts_of("P1")["m1"]["all"][-1])

    assert (move.since.period, move.is_year_before, move.is_of_another_season) == ("2024", False, False)


def test_pages_lead_with_the_last_period_that_has_arrived_for_anybody() -> None:
    """A quarter that is late for everybody must not push every last figure off the cards."""
    late = [{"organisation_code": code, "period": "2025-q4", "absence": "late"} for code in ("P1", "P2")]
    book = make_book(
        [
            {"organisation_code": "P1", "period": "2025-q2", "numerator": 30, "denominator": 60},
            {"organisation_code": "P1", "period": "2025-q3", "absence": "not_submitted"},
            {"organisation_code": "P2", "period": "2025-q3", "numerator": 40, "denominator": 60},
            *late,
        ],
        metrics=[{"metric_id": "m1"}],
    )

    current = {code: book.current(book.facts_of(code)["m1"]["all"]).result for code in ("P1", "P2")}

    assert (current["P1"].period, current["P1"].absence) == ("2025-q3", "not_submitted")
    assert (current["P2"].period, current["P2"].absence) == ("2025-q3", "")
