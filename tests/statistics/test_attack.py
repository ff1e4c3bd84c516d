"""The adversary finds what can be worked out, and nothing else: worked examples, publications by seed."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any

import numpy as np
import pytest

from generator.errors import CandourError, ExitStatus
from generator.model.policy import DisclosurePolicy
from generator.model.release import Release
from generator.statistics.adversary.attack import Exposed, attack, attack_releases
from generator.statistics.adversary.attacked import AttackedRelease, Figures
from generator.statistics.adversary.published_rows import CountedRow, RowReader
from generator.statistics.worlds import Asked, Counts, FalseKnowledgeError, add_sums, find_ranges
from tests.factories import ORGANISATIONS, Row, make_metric, make_release
from tests.statistics.publications import protect, random_publication
from tests.statistics.weak_policy import hide_and_round_only, protect_weakly

PERIOD = "2025-q4"
SMALL_RATE: Row = {"disclosure": "people", "kind": "ratio", "multiplier": 1}
"""Only its numerators are counts of people."""
OTHERS = {"P3": 60, "P4": 70}
"""The practices of the second area."""


def make_people(counts: dict[str, int | None], revised: Iterable[str] = (), **tables: Any) -> Release:
    """Return a release of counts by practice, or by practice and breakdown ("P1 women"); None is late."""
    rows = []
    for place, count in counts.items():
        code, _, breakdown = place.partition(" ")
        figures = {"absence": "late"} if count is None else {"numerator": count, "denominator": 9.5}
        rows.append(
            {
                "organisation_code": code,
                "breakdown_id": breakdown or "all",
                "submission": "revised" if place in revised else "final",
                **figures,
            }
        )
    return make_release(rows, metrics=[SMALL_RATE], **tables)


def publish(release: Release, *also: str, step: float = 5.0) -> AttackedRelease:
    """Return the release with small counts hidden, the others rounded, and these organisations hidden too."""
    return hide_and_round_only(release, also_hidden={(code, "all", PERIOD) for code in also}, step=step)


def ranges(exposed: Iterable[Exposed]) -> dict[str, tuple[float, float]]:
    return {f"{each.organisation_code} {each.breakdown_id}": (each.low, each.high) for each in exposed}


def test_one_hidden_practice_of_two_is_narrowed_down_by_its_area() -> None:
    """The area is shown as 20, so 18 to 22, as is the other practice, which leaves 1 to 4."""
    release = make_people({"P1": 3, "P2": 18, **OTHERS})

    exposed = attack([publish(release)])

    assert ranges(exposed) == {"P1 all": (1, 4)}


def test_rounding_alone_may_be_enough() -> None:
    """The area of 4 and 20 is shown as 25, so 23 to 27, beside 18 to 22: all of 1 to 7 remain possible."""
    assert attack([publish(make_people({"P1": 4, "P2": 20, **OTHERS}))]) == []


def test_hiding_the_totals_makes_the_practice_safe() -> None:
    release = make_people({"P1": 3, "P2": 18, **OTHERS})

    assert attack([publish(release, "A1")]) == []


def test_of_a_count_hidden_for_the_sake_of_another_nothing_is_known() -> None:
    """The area is shown as 10, so 8 to 12. Were P2 known to be no small count, P1 would be 4 at most."""
    release = make_people({"P1": 2, "P2": 9, **OTHERS})

    assert attack([publish(release, "P2")]) == []


@pytest.mark.parametrize(
    ("figures", "known"),
    [
        ((3, 5), {"numerator"}),
        ((0, 5), {"complement"}),
        ((40, 43), {"complement"}),
        ((20, 40), set()),
    ],
    ids=["3 of 5", "0 of 5", "40 of 43", "20 of 40"],
)
def test_of_a_hidden_row_one_reason_is_known(figures: tuple[int, int], known: set[str]) -> None:
    """That is the first small one of numerator, complement and denominator; the others are 0 or more."""
    truth = {"numerator": float(figures[0]), "denominator": float(figures[1])}
    counts = Counts()
    sums = {name: counts.add(count, whole=True) for name, count in truth.items()}
    sums["complement"] = add_sums([(sums["denominator"], 1), (sums["numerator"], -1)])
    truth["complement"] = counts.value(sums["complement"])
    row = CountedRow(make_metric(disclosure="people"), sums, published=Figures({}, "hidden"), truth=truth)

    RowReader(counts, DisclosurePolicy(), {"numerator": True, "denominator": True}).read(
        row, knows_class=True
    )

    assert {name for name, total in sums.items() if counts.limits.get(total) == (1.0, 7.0)} == known
    others = [counts.limits[sums[name]] for name in ("numerator", "denominator") if name not in known]
    assert set(others) <= {(0.0, np.inf)}


def test_a_hidden_total_of_parts_that_are_shown_is_no_secret() -> None:
    release = make_people({"P1": 0, "P2": 0, **OTHERS})

    assert attack([publish(release, "A1")]) == []


def test_a_late_figure_is_the_difference_of_two_exact_totals() -> None:
    """Over 50 practices a country is shown to four digits: 51 practices of 20 make 1,020, then 1,024."""
    practices = [f"Q{number:02}" for number in range(52)]
    organisations = [
        {"organisation_code": "C1", "kind": "country", "name": "Exampleland"},
        *({"organisation_code": code, "kind": "practice", "name": code} for code in practices),
    ]
    counts: dict[str, int | None] = dict.fromkeys(practices, 20)
    before = publish(make_people({**counts, "Q51": None}, organisations=organisations))
    after = publish(make_people({**counts, "Q51": 4}, organisations=organisations))

    assert attack([before]) == attack([after]) == []
    (exposed,) = attack([before, after])
    assert (exposed.release, exposed.organisation_code, exposed.low, exposed.high) == (1, "Q51", 4, 4)
    (finding,) = attack_releases([before, after])
    assert (finding.code, finding.status) == ("SDC_DIFF_RELEASE", ExitStatus.DISCLOSURE)
    assert "metric m1, Q51, all, 2025-q4, release 2025-q4" in finding.reason
    assert not finding.value


@pytest.mark.parametrize("is_marked", [True, False])
def test_a_revised_figure_is_another_unknown(*, is_marked: bool) -> None:
    """Of a neighbour that is marked as revised nobody knows that it stayed as it was."""
    counts: dict[str, int | None] = {"P1": None, "P2": 12, "P3": 13, "P4": 13}
    whole = {"parent_code": "C1"}
    organisations = [row if row["kind"] != "practice" else {**row, **whole} for row in ORGANISATIONS]
    before = publish(make_people(counts, organisations=organisations))
    after = publish(
        make_people(
            {**counts, "P1": 2}, revised=["P2", "P3", "P4"] if is_marked else [], organisations=organisations
        )
    )

    # The country is shown as 40, so 38 to 42, without P1 and with it.
    assert attack([before]) == attack([after]) == []
    exposed = attack([before, after])

    assert (exposed == []) is is_marked


def test_two_hidden_in_each_row_and_column_may_still_give_one_away() -> None:
    """The four that P1 and P2 share with the first two ages add up to known sums but for P2's third age."""
    ages = ("b1", "b2", "b3", "b4")
    cells = [[4, 6, 30, 20], [5, 3, 6, 25], [40, 22, 5, 4], [31, 28, 3, 6]]
    counts: dict[str, int | None] = {}
    for place, row in enumerate(cells, start=1):
        counts |= {f"P{place} {age}": count for age, count in zip(ages, row, strict=True)}
        counts[f"P{place}"] = sum(row)
    organisations = [
        {**row, "parent_code": "A1"} if row["kind"] == "practice" else row for row in ORGANISATIONS
    ]
    release = make_people(
        counts,
        organisations=[row for row in organisations if row["organisation_code"] != "A2"],
        breakdowns=[
            {"breakdown_id": age, "dimension": "age", "title": age, "position": place}
            for place, age in enumerate(ages)
        ],
    )

    published = publish(release, step=1.0)
    exposed = ranges(attack([published], policy=DisclosurePolicy(round_to=1)))

    hidden = published.tables.results.query("protection == 'hidden'")
    assert hidden.groupby("organisation_code").size().tolist() == [2, 3, 2, 2]
    assert hidden.groupby("breakdown_id").size().tolist() == [2, 2, 3, 2]
    assert exposed["P2 b3"] == (6, 6)


SEX = [{"breakdown_id": name, "dimension": "sex", "title": name, "position": 1} for name in ("women", "men")]


def test_groups_that_add_up_only_since_a_correction_are_not_relied_on_before_it() -> None:
    """All were shown as 20 (18 to 22) when men were 12, and hidden since: 7 women would be 6 or 7."""
    counts: dict[str, int | None] = {"P1": 19, "P1 women": 7, "P1 men": 12, **OTHERS}
    before = publish(make_people({**counts, "P1 men": 9}, breakdowns=SEX), "A1", "C1")
    shown, after = (publish(make_people(counts, breakdowns=SEX), "A1", "C1", *more) for more in ((), ("P1",)))

    assert attack([before, after]) == []
    assert ranges(attack([shown]))["P1 women"] == (6, 7)


def test_what_follows_from_exact_figures_of_two_releases_is_no_secret() -> None:
    """Areas of events among many are exact: 10 and 20 before, so 31 now that P1 has one more."""
    rows: list[Row] = [
        {"organisation_code": code, "numerator": count, "denominator": 2000}
        for code, count in {"P1": 10, "P2": 20, "P3": 60, "P4": 70}.items()
    ]
    metric = {"disclosure": "events", "kind": "rate", "multiplier": 1000}
    before = hide_and_round_only(make_release(rows, metrics=[metric]))
    changed = [{**rows[0], "numerator": 11, "submission": "revised"}, *rows[1:]]
    after = hide_and_round_only(
        make_release(changed, metrics=[metric]),
        also_hidden={(code, "all", PERIOD) for code in ("A1", "C1", "P2")},
    )

    assert attack([before, after]) == []


def test_findings_tell_how_a_count_is_worked_out() -> None:
    """In the main tree alone P1 is safe; the local authority of P1 and P2 narrows it down."""
    counts: dict[str, int | None] = {"P1": 3, "P2": 18, **OTHERS}
    local = [{"organisation_code": code, "parent_code": "L1", "tree": "local"} for code in ("P1", "P2")]
    organisations = [
        {**row, "parent_code": "A1"} if row["kind"] == "practice" else row for row in ORGANISATIONS
    ] + [{"organisation_code": "L1", "name": "Eastborough", "kind": "area"}]
    linked = publish(
        make_people(
            counts,
            organisations=organisations,
            memberships=[
                *local,
                *({"organisation_code": code, "parent_code": "A1"} for code in ("P1", "P2", "P3", "P4")),
            ],
        )
    )

    assert [finding.code for finding in attack_releases([linked])] == ["SDC_LINKED"]
    simple = publish(make_people(counts))
    assert [finding.code for finding in attack_releases([simple])] == ["SDC_RECOVERABLE"]


@pytest.mark.parametrize("seed", range(40))
def test_ranges_are_those_of_every_world_counted_one_by_one(seed: int) -> None:
    """Five unknown counts with sums: every combination is tried."""
    draw = np.random.default_rng(seed)
    truth = draw.integers(0, 5, 5)
    counts = Counts()
    singles = [counts.add(float(count), whole=True) for count in truth]
    for single, count in zip(singles, truth, strict=True):
        counts.limit(single, 0.0, float(count + draw.integers(0, 4)))
    for _ in range(4):
        total = add_sums((single, int(draw.choice([-1, 1, 1]))) for single in singles if draw.random() < 0.6)
        value = counts.value(total)
        counts.limit(total, value - draw.integers(0, 3), value + draw.integers(0, 3))
    asked = [*singles, add_sums([(singles[0], 1), (singles[1], -1)]), add_sums((each, 1) for each in singles)]

    found = find_ranges(counts, dict.fromkeys(asked, Asked(1000.0)))

    worlds = np.array(list(product(*(range(int(counts.limits[single][1]) + 1) for single in singles))))
    possible = np.ones(len(worlds), dtype=np.bool_)
    for total, (low, high) in counts.limits.items():
        sums = worlds[:, [number for number, _ in total]] @ [factor for _, factor in total]
        possible &= (low <= sums) & (sums <= high)
    for total in asked:
        values = worlds[possible][:, [number for number, _ in total]] @ [factor for _, factor in total]
        assert (found[total].low, found[total].high) == (values.min(), values.max())


@pytest.mark.parametrize("seed", range(10))
def test_what_is_exposed_is_what_every_possible_country_leaves_open(seed: int) -> None:
    """All countries of four practices with up to 29 people are published: which look the same?"""
    draw = np.random.default_rng(seed)
    truth = [int(draw.integers(1, 8)), *draw.integers(12, 25, 3).tolist()]
    worlds = np.stack(np.meshgrid(*[np.arange(30)] * 4, indexing="ij"), axis=-1).reshape(-1, 4)
    sums = np.column_stack([worlds, worlds[:, :2].sum(1), worlds[:, 2:].sum(1), worlds.sum(1)])
    printed = np.where((sums > 0) & (sums < 8), -1, (sums + 2) // 5 * 5)
    own = (printed == printed[(worlds == truth).all(axis=1)]).all(axis=1)
    possible = np.unique(worlds[own, 0])

    exposed = attack([publish(make_people(dict(zip(["P1", "P2", "P3", "P4"], truth, strict=True))))])

    expected = {"P1 all": (possible.min(), possible.max())} if len(possible) < 6 else {}
    assert ranges(exposed) == expected


def test_knowledge_that_the_truth_contradicts_is_refused() -> None:
    counts = Counts()
    counts.limit(counts.add(3.0, whole=True), 4.0, 9.0)

    with pytest.raises(FalseKnowledgeError):
        find_ranges(counts, {})


def test_figures_that_are_not_those_behind_the_results_are_refused() -> None:
    """An attack on the wrong packages would find nothing, and say so."""
    published = publish(make_people({"P1": 40, "P2": 50}))
    other = make_people({"P1": 40, "P2": 90})

    with pytest.raises(CandourError, match="SDC_UNDECIDED") as caught:
        attack([AttackedRelease(other.directory, other.observations, published.tables)])

    assert caught.value.status is ExitStatus.DISCLOSURE


ONCE_BROKEN = (516, 561, 577, 603, 612, 628, 705, 711)
"""Corrections, late figures, moves and exact sums that protection or the adversary once got wrong.

Those below 300 are in the long suite.
"""


@pytest.mark.parametrize("seed", [*range(10), *ONCE_BROKEN])
def test_nothing_hidden_can_be_worked_out_of_a_publication(seed: int) -> None:
    assert attack(protect(random_publication(seed))) == []


def test_the_same_attack_breaks_a_weak_policy() -> None:
    """Small counts hidden and the rest rounded, but nothing hidden beside them."""
    broken = [seed for seed in range(10) if attack(protect_weakly(random_publication(seed)))]

    assert len(broken) >= 7
