from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from generator.errors import ExitStatus, FindingsError
from generator.model.metric import Metric
from generator.model.policy import DisclosurePolicy, Rule
from generator.model.release import Release
from generator.statistics.aggregation import add_up
from generator.statistics.disclosure.gate import check_protected
from generator.statistics.disclosure.history import EarlierRelease
from generator.statistics.disclosure.protection import count_reporting, hide_and_round
from generator.statistics.disclosure.secondary import hide_secondary
from generator.statistics.disclosure.subject import Subject
from generator.statistics.keys import keys_of
from generator.statistics.numbering import Numbering, RawRows
from tests.factories import Row, make_metric, make_release

PEOPLE = {"disclosure": "people"}
PRACTICES = ("P1", "P2", "P3", "P4")
SEX = (
    {"breakdown_id": "women", "dimension": "sex", "title": "Women", "position": 1},
    {"breakdown_id": "men", "dimension": "sex", "title": "Men", "position": 2},
)


class Protected:
    """The rows of one metric, raw and protected, by code."""

    def __init__(
        self,
        rows: list[Row],
        *,
        earlier: tuple[EarlierRelease, ...] = (),
        policy: DisclosurePolicy | None = None,
        metric: Row | None = None,
    ) -> None:
        self.release: Release = make_release(rows, metrics=[{**PEOPLE, **(metric or {})}], breakdowns=SEX)
        self.numbering = Numbering.of(self.release)
        self.metric: Metric = make_metric(**{**PEOPLE, **(metric or {})})
        self.policy, self.earlier = policy or DisclosurePolicy(), earlier
        places, calendar = self.numbering.places, self.numbering.calendar
        own = RawRows.of(self.release.observations, self.numbering).of_metric("m1")
        aggregates = add_up(own, self.metric, places, calendar)
        raw = pd.concat([own.assign(serves=True), aggregates.totals], ignore_index=True)
        raw = raw.iloc[np.argsort(keys_of(raw), kind="stable")].reset_index(drop=True)
        self.raw = count_reporting(raw, aggregates.groups)
        self.first = hide_and_round(self.raw, self.metric, places, self.policy)
        dimension = np.where(self.numbering.breakdowns == "all", -1, 0)
        self.subject = Subject(self.raw, self.metric, places, calendar, dimension, self.earlier, self.policy)
        self.shown = hide_secondary(self.first, self.subject)

    def hidden(self) -> set[str]:
        """The places, with their breakdown unless it is that of all, that show nothing."""
        return set(self._places(self.shown[self.shown["protection"] == "hidden"]))

    def exclusions(self) -> dict[str, float]:
        """The excluded patients that are shown, by place as in `hidden`."""
        rows = self.shown[self.shown["excluded"].notna()]
        return dict(zip(self._places(rows), rows["excluded"], strict=True))

    def check(self, **changes: object) -> list[str]:
        """Return the codes of what is wrong with the row of P1 changed so."""
        broken = self.shown.copy()
        place = self.place("P1")
        for name, value in changes.items():
            cells = broken[name].astype(object).tolist()
            cells[place] = value
            broken[name] = pd.Series(cells, dtype=self.shown[name].dtype)
        return self.check_rows(broken)

    def check_rows(self, rows: pd.DataFrame) -> list[str]:
        try:
            check_protected(rows, self.subject)
        except FindingsError as error:
            return sorted({f"{finding.code}" for finding in error.findings})
        return []

    def place(self, code: str) -> int:
        """The row of an organisation, for all patients."""
        number = int(np.flatnonzero(self.numbering.places.codes == code)[0])
        here = (self.raw["organisation"] == number) & (self.raw["breakdown"] == self.numbering.everyone)
        return int(np.flatnonzero(here)[0])

    def _places(self, rows: pd.DataFrame) -> list[str]:
        codes = self.numbering.places.codes[rows["organisation"]]
        breakdowns = self.numbering.breakdowns[rows["breakdown"]]
        return [
            code if breakdown == "all" else f"{code} {breakdown}"
            for code, breakdown in zip(codes, breakdowns, strict=True)
        ]


def _counts(**numerators: float) -> list[Row]:
    return [
        {"organisation_code": code, "numerator": numerator, "denominator": 400}
        for code, numerator in numerators.items()
    ]


def _by_sex(**numerators: float) -> list[Row]:
    return [
        {"breakdown_id": name, "numerator": numerator, "denominator": 800 if name == "all" else 400}
        for name, numerator in numerators.items()
    ]


def test_nothing_more_is_hidden_where_nothing_is_small() -> None:
    assert Protected(_counts(P1=30, P2=40, P3=50, P4=60)).hidden() == set()


def test_the_total_above_one_hidden_count_is_hidden_too() -> None:
    """P1 is 3: a total of 45 less the 40 of P2 would leave only 1 to 5 (rounded: 43 to 47 less 38 to 42)."""
    protected = Protected(_counts(P1=3, P2=40, P3=50, P4=60))

    assert {"P1", "A1"} <= protected.hidden()
    assert not {"P2", "P3", "P4"} & protected.hidden()


def test_what_was_hidden_second_looks_like_what_was_hidden_first() -> None:
    protected = Protected(_counts(P1=3, P2=40, P3=50, P4=60))

    row = protected.shown.iloc[protected.place("A1")]

    assert (row["protection"], row["absence"], row["note"]) == ("hidden", "suppressed", "")
    assert row[["numerator", "denominator", "value", "lower", "upper"]].isna().all()


def test_organisations_are_shown_before_totals_are() -> None:
    """A practice's own figures matter more to readers than a total."""
    protected = Protected(_counts(P1=3, P2=2, P3=50, P4=60))

    assert {"P1", "P2"} <= protected.hidden()
    assert not {"P3", "P4"} & protected.hidden()


def test_the_other_group_of_patients_is_hidden_beside_a_small_one() -> None:
    tight = Protected(_by_sex(all=11, women=3, men=8))
    wide = Protected(_by_sex(all=43, women=3, men=40))

    assert {"P1 women", "P1 men"} <= tight.hidden()
    assert not {"P1", "P1 men"} & wide.hidden(), "43 to 47 less 38 to 42 leave all of 1 to 7"


def test_a_total_that_is_nearly_one_organisations_is_hidden() -> None:
    protected = Protected(_counts(P1=300, P2=2, P3=50, P4=60))

    assert "A1" in protected.hidden()


def test_exclusions_of_groups_of_patients_are_not_shown() -> None:
    """They are mostly very few. Nothing but the coverage depends on them."""
    rows: list[Row] = [
        {**row, "excluded": count}
        for row, count in zip(_by_sex(all=100, women=40, men=60), (20, 9, 11), strict=True)
    ]
    protected = Protected(rows)

    assert protected.hidden() == set()
    assert protected.exclusions() == {"P1": 20, "A1": 20, "C1": 20}


def test_totals_over_few_exclusions_show_none() -> None:
    excluded = {"P1": 3, "P2": 20, "P3": 30, "P4": 40}
    rows: list[Row] = [
        {**row, "excluded": excluded[row["organisation_code"]]} for row in _counts(P1=30, P2=40, P3=50, P4=60)
    ]
    protected = Protected(rows)

    assert protected.hidden() == set()
    assert protected.exclusions() == {"P2": 20, "P3": 30, "P4": 40, "A2": 70}


@pytest.mark.parametrize("rule", [Rule.OPEN, Rule.ROUND_ALL])
def test_policies_that_hide_no_small_count_hide_no_total(rule: Rule) -> None:
    protected = Protected(_counts(P1=3, P2=40, P3=50, P4=60), policy=DisclosurePolicy(people=rule))

    assert protected.hidden() == set()
    assert protected.shown["numerator"].iloc[protected.place("P1")] == (3 if rule is Rule.OPEN else 5)


def test_what_has_been_hidden_stays_hidden() -> None:
    """Shown in the next release, it would tell what it was."""
    before = Protected(_counts(P1=3, P2=40, P3=50, P4=60))
    earlier = EarlierRelease(before.shown, before.numbering.places)

    again = Protected(_counts(P1=3, P2=40, P3=50, P4=60), earlier=(earlier,))

    assert again.hidden() >= before.hidden()


@pytest.mark.parametrize(("rows", "is_hidden"), [(_by_sex(women=3, men=40), True), (_counts(P1=3), False)])
def test_a_revised_group_of_patients_stays_hidden(rows: list[Row], *, is_hidden: bool) -> None:
    """If the others and all patients stand, what it is now and what it was are the same."""
    before = Protected(rows)
    earlier = EarlierRelease(before.shown, before.numbering.places)
    small, *others = rows

    again = Protected([{**small, "numerator": 30, "submission": "revised"}, *others], earlier=(earlier,))

    assert bool({"P1", "P1 women"} & again.hidden()) is is_hidden


def test_the_gate_lets_pass_what_is_protected() -> None:
    protected = Protected(_counts(P1=3, P2=40, P3=50, P4=60))

    assert protected.check_rows(protected.shown) == []


@pytest.mark.parametrize(
    ("code", "raw", "metric", "broken"),
    [
        ("SDC_PRIMARY", {"numerator": 3}, {}, {"numerator": 5.0, "denominator": 400.0}),
        ("SDC_COMPLEMENT", {"numerator": 396}, {}, {"numerator": 395.0, "denominator": 400.0}),
        ("SDC_BASE", {"numerator": 40, "base": 9}, {}, {"numerator": 40.0, "denominator": 400.0}),
        ("SDC_CLASS", {"numerator": 0}, {"sensitive": True}, {"numerator": 0.0, "denominator": 400.0}),
        ("SDC_DERIVED", {"numerator": 3}, {}, {"value": 0.75, "protection": "hidden"}),
        ("SDC_ROUNDING", {"numerator": 43}, {}, {"numerator": 43.0}),
    ],
)
def test_the_gate_finds_a_row_that_must_not_be_shown(code: str, raw: Row, metric: Row, broken: Row) -> None:
    counts = _counts(P1=0, P2=60, P3=70)
    rows = [{**row, **raw} if row["organisation_code"] == "P1" else row for row in counts]
    protected = Protected(rows, metric=metric)

    assert code in protected.check(**{"protection": "rounded", **broken})


def test_the_gate_finds_a_total_that_gives_a_hidden_count_away() -> None:
    """P1 is 4: the total, 8 to 12, less the 8 to 12 of P2 leaves no more than 4."""
    protected = Protected(_counts(P1=4, P2=8, P3=50, P4=60))

    assert protected.check_rows(protected.first) == ["SDC_SECONDARY"]


def test_the_gate_finds_a_total_that_one_organisation_dominates() -> None:
    protected = Protected(_counts(P1=3, P2=40, P3=50, P4=60))

    assert protected.check_rows(protected.first) == ["SDC_DOMINANCE"]


def test_the_gate_finds_a_group_of_patients_that_gives_another_away() -> None:
    protected = Protected(_by_sex(all=11, women=3, men=8))

    assert "SDC_LINKED" in protected.check_rows(protected.first)


def test_findings_name_places_and_no_figures() -> None:
    protected = Protected(_counts(P1=3, P2=40, P3=50, P4=60))

    with pytest.raises(FindingsError) as error:
        check_protected(protected.first, protected.subject)

    assert error.value.status is ExitStatus.DISCLOSURE
    (finding, *_) = error.value.findings
    assert finding.reason.startswith("metric m1, ")
    assert "2025-q4" in finding.reason
    assert not finding.value
