"""The fact: one result with its metric and comparisons, which sentence, cell, mark and download all read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from generator.model.metric import Metric
from generator.model.tables import ALL_PATIENTS
from generator.model.vocabulary import Absence, Band, Comparison, Judgement, Kind, Outlier
from generator.rendering import numbers
from generator.rendering.period_names import PeriodName

CHANCE = 0.05
"""How often a 95% interval misses the true value by chance alone. See docs/methods/comparison.md."""
VERY_LIKELY = 0.95
"""From this probability on, a band is said to be very likely. See docs/methods/bands.md."""
MANY = 10_000
"""From so many on, an interval too narrow to print is due to their number."""


class Result(NamedTuple):
    """One row of RESULTS; missing numbers are NaN, missing words empty."""

    metric_id: str
    organisation_code: str
    breakdown_id: str
    period: str
    version: str
    numerator: float
    denominator: float
    base: float
    effective_base: float
    standard_deviation: float
    excluded: float
    coverage: float
    value: float
    lower: float
    upper: float
    interval: str
    benchmark_kind: str
    benchmark_code: str
    benchmark: float
    comparison: str
    judgement: str
    band: str
    band_stability: float
    percentile: float
    quintile: float
    outlier: str
    variation: str
    assurance: str
    trend: str
    change: str
    change_cause: str
    protection: str
    absence: str
    submission: str
    note: str
    basis: str
    change_year: str


@dataclass(frozen=True)
class Moved:
    """How a result moved since an earlier period."""

    word: str
    """A word of Change, but for not_comparable."""
    since: PeriodName
    is_year_before: bool
    """Whether that was the same quarter or month, a year before."""
    is_of_another_season: bool
    """Whether that was another time of the year, so that the move may be due to the season."""


@dataclass(frozen=True)
class Fact:
    """One result as a reader meets it. Texts are ready to print; nothing is rounded elsewhere."""

    result: Result
    metric: Metric
    period: PeriodName
    benchmark_name: str
    """Name of the country or area compared with, or of organisations like it; empty for a target or none."""
    place: int = -1
    """Where the result stands in RESULTS, by which its further comparisons are found; -1: not known."""

    @property
    def has_value(self) -> bool:
        """Whether there is a value; if not, the absence says why."""
        return not math.isnan(self.result.value)

    @property
    def has_interval(self) -> bool:
        """Whether there is a confidence interval."""
        return not math.isnan(self.result.lower) and not math.isnan(self.result.upper)

    @property
    def has_benchmark(self) -> bool:
        """Whether there is a figure to compare with."""
        return not math.isnan(self.result.benchmark)

    @property
    def has_counts(self) -> bool:
        """Whether numerator and denominator are known."""
        return not math.isnan(self.result.numerator) and not math.isnan(self.result.denominator)

    @property
    def is_compared(self) -> bool:
        """Whether the interval was set against the benchmark."""
        return self.result.comparison != Comparison.NOT_COMPARED

    @property
    def is_judged(self) -> bool:
        """Whether the comparison means better, similar or worse."""
        return self.result.judgement in (Judgement.BETTER, Judgement.SIMILAR, Judgement.WORSE)

    @property
    def is_outlier(self) -> bool:
        """Whether it lies beyond the 99.8% limits of chance, where one organisation in 500 would."""
        return self.result.outlier in (Outlier.ALARM_LOW, Outlier.ALARM_HIGH)

    @property
    def is_banded(self) -> bool:
        """Whether the publisher's levels apply."""
        return self.result.band != Band.NOT_BANDED

    @property
    def is_all_but_certain(self) -> bool:
        """Whether so many are counted that both limits are printed alike."""
        return self.has_interval and self.result.denominator >= MANY and self.lower == self.upper

    @property
    def is_hidden(self) -> bool:
        """Whether the figure exists but is not shown, to protect patients."""
        return self.result.absence in (Absence.SUPPRESSED, Absence.SUPPRESSED_AT_SOURCE, Absence.TOO_FEW)

    @property
    def is_not_applicable(self) -> bool:
        """Whether there could be no figure."""
        return self.result.absence in (Absence.NOT_APPLICABLE, Absence.ZERO_DENOMINATOR, Absence.CLOSED)

    @property
    def address(self) -> str:
        """What `candour trace` takes: organisation, metric, period and, but for everyone, breakdown."""
        parts = [self.result.organisation_code, self.result.metric_id, self.result.period]
        if self.result.breakdown_id != ALL_PATIENTS:
            parts.append(self.result.breakdown_id)
        return " ".join(parts)

    @property
    def value(self) -> str:
        """The value with its unit."""
        return numbers.value_text(self.result.value, self.metric)

    @property
    def figure(self) -> str:
        """The value without its unit."""
        return numbers.figure_text(self.result.value, self.metric)

    @property
    def _decimals_more(self) -> int:
        """How many more decimals show that a limit is clear of the benchmark, where it is."""
        result = self.result
        if result.comparison not in (Comparison.HIGHER, Comparison.LOWER) or not self.has_interval:
            return 0
        limit = result.lower if result.comparison == Comparison.HIGHER else result.upper
        return numbers.decimals_to_tell_apart(limit, result.benchmark, self.metric)

    @property
    def band_tenths(self) -> int | None:
        """How sure the band is: so many times in ten, rounded down; None where that is not known."""
        stability = self.result.band_stability
        return None if math.isnan(stability) else math.floor(stability * 10)

    @property
    def is_band_very_likely(self) -> bool:
        """Whether the true value lies in the band with a probability of 95% or more."""
        return self.result.band_stability >= VERY_LIKELY

    @property
    def lower(self) -> str:
        """The lower limit with its unit."""
        return numbers.value_text(self.result.lower, self.metric, self._decimals_more)

    @property
    def upper(self) -> str:
        """The upper limit with its unit."""
        return numbers.value_text(self.result.upper, self.metric, self._decimals_more)

    @property
    def lower_figure(self) -> str:
        """The lower limit without its unit."""
        return numbers.figure_text(self.result.lower, self.metric, self._decimals_more)

    @property
    def upper_figure(self) -> str:
        """The upper limit without its unit."""
        return numbers.figure_text(self.result.upper, self.metric, self._decimals_more)

    @property
    def benchmark(self) -> str:
        """The figure compared with, with its unit."""
        return numbers.value_text(self.result.benchmark, self.metric, self._decimals_more)

    @property
    def benchmark_figure(self) -> str:
        """The figure compared with, without its unit."""
        return numbers.figure_text(self.result.benchmark, self.metric, self._decimals_more)

    @property
    def cell(self) -> str:
        """The value for a table whose head names the unit: only % stays with the figure."""
        return self.value if self.metric.unit == "%" else self.figure

    @property
    def interval_cell(self) -> str:
        """The interval for such a table: 80.3 to 91.2, or nothing."""
        if not self.has_interval or self.metric.kind is Kind.STATUS:
            return ""
        return f"{self.lower_figure} to {self.upper_figure}"

    @property
    def benchmark_cell(self) -> str:
        """The figure compared with, for a table whose head names the unit."""
        return self.benchmark if self.metric.unit == "%" else self.benchmark_figure

    @property
    def numerator(self) -> str:
        """The numerator as a count."""
        return numbers.count_text(self.result.numerator)

    @property
    def denominator(self) -> str:
        """The denominator as a count."""
        return numbers.count_text(self.result.denominator)

    @property
    def verdict(self) -> str:
        """Which word suits the comparison: the judgement, or where the value lies if none is better."""
        if self.is_judged:
            return self.result.judgement
        return self.result.comparison

    @property
    def in_every(self) -> tuple[str, str]:
        """A proportion as 'A in every B': the two numbers."""
        return numbers.in_every(self.result.value, self.metric)

    @property
    def share(self) -> str:
        """Which words suit a proportion: none, all, few (out of 1,000), or some."""
        if self.result.value == 0:
            return "none"
        if self.metric.kind is Kind.PROPORTION and self.result.value == self.metric.multiplier:
            return "all"
        return "some"


def signs_of(facts: Sequence[Fact]) -> dict[str, int]:
    """Return how many of the facts are better, similar, worse, without a judgement, and without a value.

    `judged` is the sum of the first three, `by_chance` how many of these chance alone would make look better
    or worse if all were like their benchmark, to the nearest whole one.
    """
    counts = dict.fromkeys(("better", "similar", "worse", "judged", "not_judged", "absent"), 0)
    for fact in facts:
        if not fact.has_value:
            counts["absent"] += 1
        elif fact.is_judged:
            counts[fact.result.judgement] += 1
            counts["judged"] += 1
        else:
            counts["not_judged"] += 1
    return {**counts, "by_chance": math.floor(counts["judged"] * CHANCE + 0.5)}
