"""The gate: a second look at what is about to be published, which knows nothing of how it was protected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from generator.errors import ExitStatus, Finding, FindingsError
from generator.model.policy import Rule
from generator.model.vocabulary import COUNTED_KINDS, DisclosureClass, Kind, Protection
from generator.statistics.absence import FIGURES
from generator.statistics.disclosure.blocks import Block
from generator.statistics.disclosure.certificate import Certificate
from generator.statistics.disclosure.linked import Linked, unsafe_rows
from generator.statistics.disclosure.nesting import spread
from generator.statistics.disclosure.subject import Subject
from generator.statistics.keys import Flags, Numbers, Positions

COUNTRY_FROM = 50
MOST_FINDINGS = 100
"""Of each code so many places are listed."""

_ADVICE = "Nothing is published. See docs/methods/disclosure.md; if the input is right, report it as our bug."


def check_protected(shown: pd.DataFrame, subject: Subject) -> None:
    """Do nothing if these rows of one metric, in the order of the subject's, may be published.

    Raises:
        FindingsError: With exit status 4; a finding names metric, place and period, never a figure.
    """
    if subject.rule is Rule.OPEN:
        return
    broken = [*_broken_rules(shown, subject)]
    if not any(rows.any() for _, rows in broken):
        broken += _recoverable(shown, subject)
    if any(rows.any() for _, rows in broken):
        raise FindingsError(
            finding for code, rows in broken for finding in findings(code, np.flatnonzero(rows), subject)
        )


def findings(code: str, rows: Positions, subject: Subject) -> Iterator[Finding]:
    """Yield a finding of this code for each of these rows."""
    places, calendar = subject.places, subject.calendar
    organisation, period = (subject.raw[name].to_numpy(np.int64) for name in ("organisation", "period"))
    for row in rows[:MOST_FINDINGS].tolist():
        yield Finding(
            "results",
            None,
            "",
            f"metric {subject.metric.metric_id}, {places.codes[organisation[row]]}, "
            f"{calendar.names[period[row]]}: {_REASONS[code]}",
            code=code,
            advice=_ADVICE,
            status=ExitStatus.DISCLOSURE,
        )


def _broken_rules(shown: pd.DataFrame, subject: Subject) -> Iterator[tuple[str, Flags]]:
    """Yield each rule's code and the rows that break it."""
    raw, metric, places, policy = subject.raw, subject.metric, subject.places, subject.policy
    figure = {name: shown[name].to_numpy(np.float64) for name in FIGURES}
    count = {name: raw[name].to_numpy(np.float64) for name in FIGURES}
    organisation = raw["organisation"].to_numpy(np.int64)
    country = places.is_country[organisation] & (raw["reported"].to_numpy(np.float64) >= COUNTRY_FROM)
    treated = (raw["absence"] == "").to_numpy() & ~country
    if metric.disclosure is DisclosureClass.EVENTS:
        treated &= ~(count["denominator"] >= policy.events_open_from)
    stated = np.logical_or.reduce([~np.isnan(each) for each in figure.values()])
    visible = treated & stated

    def small(each: Numbers, up_to: int) -> Flags:
        return np.asarray((each > 0) & (each < up_to + 1))

    if subject.rule is Rule.HIDE:
        few = small(count["numerator"], policy.hide_up_to)
        if metric.kind is not Kind.RATIO:
            few |= small(count["denominator"], policy.hide_up_to)
        few |= small(count["excluded"], policy.hide_up_to) & ~np.isnan(figure["excluded"])
        yield "SDC_PRIMARY", visible & few
        if metric.kind is Kind.PROPORTION:
            others = small(count["denominator"] - count["numerator"], policy.hide_up_to)
            yield "SDC_COMPLEMENT", visible & others
    yield "SDC_BASE", visible & (count["base"] > 0) & (count["base"] < policy.minimum_base)
    if metric.kind is Kind.PROPORTION and metric.sensitive:
        extreme = (count["numerator"] == 0) | (count["numerator"] == count["denominator"])
        yield "SDC_CLASS", visible & extreme & (count["denominator"] > 0)
    hidden = (shown["protection"] == Protection.HIDDEN).to_numpy()
    follows = np.zeros(len(raw), dtype=np.bool_)
    if metric.kind in COUNTED_KINDS:
        # A supplied value with all its digits would give the exact counts back.
        exact = ~np.isnan(count["numerator"]) & ~np.isnan(count["denominator"])
        follows = visible & exact & ~np.isnan(figure["value"])
    yield "SDC_DERIVED", (hidden & stated) | follows
    odd = np.zeros(len(raw), dtype=np.bool_)
    for name in ("numerator", "denominator", "base", "effective_base", "excluded"):
        if name == "denominator" and metric.kind is Kind.RATIO:
            continue
        each = figure[name]
        odd |= visible & ~np.isnan(each) & (np.rint(each / policy.round_to) * policy.round_to != each)
    yield "SDC_ROUNDING", odd


def _recoverable(shown: pd.DataFrame, subject: Subject) -> Iterator[tuple[str, Flags]]:
    """Yield by code the rows with a hidden count that could be worked out."""
    sight = subject.sight(shown)
    blank = sight.hidden
    if not blank.any():
        return
    linked = Linked()
    names = ("numerator",) if subject.metric.kind is Kind.RATIO else ("numerator", "denominator")
    counts = {name: sight.raw[name] for name in names if name in sight.raw}
    codes = ("SDC_DOMINANCE", "SDC_SECONDARY", "SDC_RECOVERABLE", "SDC_LINKED", "SDC_DIFF_RELEASE")
    found = {code: np.zeros(len(blank), dtype=np.bool_) for code in codes}
    certificate = Certificate(sight)
    for block in subject.blocks(blank):
        totals = block.group[dominated(block, counts, sight.hidden, subject.policy.dominance)]
        found["SDC_DOMINANCE"][totals[~sight.hidden[totals]]] = True
        unsafe = unsafe_rows(block, certificate, subject.history, linked)
        if len(unsafe):
            unsafe = unsafe[~_is_withheld(shown, subject)[unsafe]]
        if not len(unsafe):
            continue
        now = Certificate(sight).unsafe_rows(block)
        found["SDC_DIFF_RELEASE"][np.setdiff1d(unsafe, now)] = True
        simple = Certificate(sight, linked=False)
        alone = np.unique(
            np.concatenate([simple.unsafe_rows(block, worlds=[world]) for world in block.nesting.single])
        )
        found["SDC_LINKED"][np.setdiff1d(np.intersect1d(unsafe, now), alone)] = True
        rest = np.intersect1d(np.intersect1d(unsafe, now), alone)
        one = _is_only_one(block, sight.hidden)
        found["SDC_SECONDARY"][rest[one[rest]]] = True
        found["SDC_RECOVERABLE"][rest[~one[rest]]] = True
    yield from found.items()


def _is_withheld(shown: pd.DataFrame, subject: Subject) -> Flags:
    """Return which rows are of a period of which no sum is published.

    No total is, and each organisation's groups of patients are all shown or all hidden. What does not add up
    cannot be worked out.
    """
    metric, places = subject.metric, subject.places
    organisation, period = (subject.raw[name].to_numpy(np.int64) for name in ("organisation", "period"))
    names = [name for name in FIGURES if name != "excluded"]
    stated = shown[names].notna().any(axis=1).to_numpy()
    summed = places.is_group[organisation] & (places.kind[organisation] != metric.applies_to)
    hidden = (shown["protection"] == Protection.HIDDEN).to_numpy()
    place = organisation << 20 | period
    torn = np.isin(place, np.intersect1d(place[hidden], place[stated]))
    return ~np.isin(period, period[(summed & stated) | torn])


def _is_only_one(block: Block, hidden: Flags) -> Flags:
    """Return which rows are the only hidden ones of their lowest group."""
    only = np.zeros(len(hidden), dtype=np.bool_)
    here = (block.inside >= 0) & hidden[block.inside]
    for family in block.nesting.families:
        count = np.zeros(block.group.shape)
        held = family.lowest >= 0
        np.add.at(count, family.lowest[held], here[held])
        alone = here & held[:, np.newaxis] & (count[family.lowest] == 1)
        only[block.inside[alone]] = True
    return only


def dominated(block: Block, counts: Mapping[str, Numbers], hidden: Flags, share: float) -> Flags:
    """Return which totals over a hidden count one organisation makes up nearly alone, by group and column."""
    members = block.nesting.members.T.tocsr()
    inside, group = block.inside, block.group
    there = inside >= 0
    found = np.zeros(group.shape, dtype=np.bool_)
    over_hidden = (members @ (there & np.append(hidden, False)[inside]).astype(float)) > 0
    several = (members @ there.astype(float)) > 1
    held = np.flatnonzero(np.diff(members.indptr))
    for count in counts.values():
        parts, total = np.nan_to_num(spread(count, 0.0, inside)), np.nan_to_num(spread(count, 0.0, group))
        largest = np.zeros(group.shape)
        if len(held):
            largest[held] = np.maximum.reduceat(parts[members.indices], members.indptr[held], axis=0)
        found |= (total > 0) & (largest >= share * total)
    return np.asarray(found & over_hidden & several & (group >= 0))


_REASONS = {
    "SDC_PRIMARY": "a small count of people is not hidden",
    "SDC_BASE": "a result that rests on few respondents is not hidden",
    "SDC_COMPLEMENT": "what is not counted is small, and the row not hidden",
    "SDC_CLASS": "none or all of a group, in a sensitive metric, is not hidden",
    "SDC_DERIVED": "a figure stands that follows from hidden or unrounded counts",
    "SDC_ROUNDING": "a count is not rounded as the others are",
    "SDC_DOMINANCE": "a total over hidden counts that is nearly that of one organisation is not hidden",
    "SDC_SECONDARY": "the one count hidden in a published sum can be worked out",
    "SDC_RECOVERABLE": "a hidden count can be worked out, or nearly, from the totals it is in",
    "SDC_LINKED": "a hidden count can be worked out, or nearly, from trees or groups of patients together",
    "SDC_DIFF_RELEASE": "a hidden count can be worked out, or nearly, from this release and earlier ones",
}
