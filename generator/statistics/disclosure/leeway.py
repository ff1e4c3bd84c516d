"""By how much each count may move before what is published of its own row would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.policy import DisclosurePolicy, Rule
from generator.model.vocabulary import DisclosureClass, Kind, Protection
from generator.statistics.disclosure.forest import UNLIMITED, Range
from generator.statistics.disclosure.protection import (
    TOTAL_DIGITS,
    counts_of,
    is_small,
    is_whole_country,
    round_to_digits,
)
from generator.statistics.keys import Flags, Numbers, Positions
from generator.statistics.places import Places

COUNTS = ("numerator", "denominator", "base")
COMPLEMENT = "complement"
PROPORTION = ("numerator", "denominator", COMPLEMENT)
"""Of these three any two give the third."""
REASONS = ("numerator", COMPLEMENT, "denominator", "base")
"""Counts for which a row is hidden, in the order in which a reader thinks of them."""

Coordinates = tuple[str, str]
COORDINATES: tuple[Coordinates, ...] = (
    ("numerator", "denominator"),
    ("denominator", "numerator"),
    ("numerator", COMPLEMENT),
    (COMPLEMENT, "numerator"),
)
"""Which two counts of a proportion move, in the order in which they share the room there is."""
ENOUGH = 8.0
"""No proof asks for larger moves than this."""
_NEARLY = 1e-9


@dataclass(frozen=True)
class Sight:
    """What a reader sees of each row of one metric, and the counts behind it."""

    raw: dict[str, Numbers]
    """Numerator, denominator, base and complement as they are; NaN where there is none."""
    shown: dict[str, Numbers]
    """Numerator, denominator and base as they are published."""
    hidden: Flags
    exact: Flags
    digits: Numbers
    """Significant digits of a country's counts, 0 in other rows."""
    is_known: Flags
    """A reader is taken to know of these rows why they are hidden. Of sums nobody does."""
    policy: DisclosurePolicy
    metric: Metric

    @classmethod
    def of(
        cls,
        raw: pd.DataFrame,
        shown: pd.DataFrame,
        is_sum: Flags,
        metric: Metric,
        places: Places,
        policy: DisclosurePolicy,
    ) -> Sight:
        """Return what is seen of these rows; `is_sum` tells which are sums of others."""
        numerator, denominator, base = counts_of(raw, metric)
        given = zip(COUNTS, (numerator, denominator, base), strict=True)
        counts = {name: count for name, count in given if not np.isnan(count).all()}
        if metric.kind is Kind.PROPORTION and {"numerator", "denominator"} <= counts.keys():
            counts[COMPLEMENT] = denominator - numerator
        published = {name: shown[name].to_numpy(np.float64) for name in COUNTS if name in counts}
        if metric.kind is Kind.COUNT and "numerator" in counts:
            value = shown["value"].to_numpy(np.float64) / metric.multiplier
            published["numerator"] = np.where(np.isnan(published["numerator"]), value, published["numerator"])
        country = is_whole_country(raw, places) & (shown["protection"] == Protection.ROUNDED).to_numpy()
        return cls(
            raw=counts,
            shown=published,
            hidden=(shown["protection"] == Protection.HIDDEN).to_numpy(),
            exact=(shown["protection"] == Protection.NONE).to_numpy(),
            digits=_digits(counts, published, country),
            is_known=~is_sum,
            policy=policy,
            metric=metric,
        )

    def take(self, rows: Positions) -> Sight:
        """Return these rows alone."""
        return replace(
            self,
            raw={name: count[rows] for name, count in self.raw.items()},
            shown={name: count[rows] for name, count in self.shown.items()},
            hidden=self.hidden[rows],
            exact=self.exact[rows],
            digits=self.digits[rows],
            is_known=self.is_known[rows],
        )

    def small_up_to(self, name: str) -> int:
        """Return up to which number a count of this name is small."""
        return self.policy.minimum_base - 1 if name == "base" else self.policy.hide_up_to

    def is_blank(self, name: str) -> Flags:
        """Tell which rows have this count but do not show it."""
        if name == COMPLEMENT or name not in self.raw:
            return self.hidden
        blank = ~np.isnan(self.raw[name]) & np.isnan(self.shown[name])
        return self.hidden | (blank & ~self.exact)

    def limits(self, name: str) -> Range:
        """Return by how much each count of this name may fall and rise with its row still published so.

        A row without the count moves freely: nothing is published of it.
        """
        count = self.raw[name]
        up_to = self.small_up_to(name)
        low, high = self._complement_bins() if name == COMPLEMENT else self._bins(name)
        blank = self.is_blank(name)
        known = self._is_known_small(name)
        low = np.where(blank, np.where(known, _NEARLY * 2, 0), low)
        high = np.where(blank, np.where(known, up_to + 1, np.inf), high)
        with np.errstate(invalid="ignore"):
            fall = np.ceil(low - count - _NEARLY)
            rise = np.ceil(high - count - _NEARLY) - 1
        stated = ~np.isnan(count)
        fall = np.where(stated, np.clip(fall, -UNLIMITED, 0), -UNLIMITED)
        rise = np.where(stated, np.clip(rise, 0, UNLIMITED), UNLIMITED)
        return fall, rise

    def _is_known_small(self, name: str) -> Flags:
        """Tell which hidden counts of this name a reader is taken to know to be small.

        Of a row that is hidden for its own sake that is the one count that is the reason, the first of those
        that might be; of the others, and of rows that are hidden for others' sake, nothing is known.
        """
        small = self.is_known & is_small(self.raw[name], self.small_up_to(name))
        for other in REASONS[: REASONS.index(name)]:
            if other in self.raw:
                small &= ~is_small(self.raw[other], self.small_up_to(other))
        return np.asarray(small)

    def _bins(self, name: str) -> Range:
        """Return from where (in) to where (out) a count may lie that is shown as it is."""
        count, shown, policy = self.raw[name], self.shown[name], self.policy
        up_to = self.small_up_to(name)
        half = policy.round_to / 2
        least = 0 if self._rounds_all(name) else up_to + 1
        low, high = np.maximum(shown - half, least), shown + half
        if self._rounds_all(name):
            few = is_small(count, policy.hide_up_to)
            low, high = np.where(few, _NEARLY * 2, low), np.where(few, policy.hide_up_to + 1, high)
        if name == "denominator" and self.metric.disclosure is DisclosureClass.EVENTS:
            high = np.minimum(high, np.where(self.digits == 0, policy.events_open_from, np.inf))
        coarse = np.flatnonzero(self.digits)
        if len(coarse):
            low[coarse], high[coarse] = _bins_of_digits(shown[coarse], self.digits[coarse])
        same = self.exact | ((shown == 0) & (self.digits == 0))
        return np.where(same, count, low), np.where(same, count + 1e-6, high)

    def _complement_bins(self) -> Range:
        """Return between which limits the complement of a shown proportion lies."""
        count = self.raw[COMPLEMENT]
        least = 0 if self._rounds_all(COMPLEMENT) else self.policy.hide_up_to + 1
        nobody = (count == 0) & (least > 0)
        free = self.exact | (self.digits > 0)
        low = np.where(free | nobody, 0.0, least)
        return low, np.where(nobody & ~free, 1e-6, np.inf)

    def _rounds_all(self, name: str) -> bool:
        return name != "base" and self.policy.rule_for(self.metric.disclosure) is Rule.ROUND_ALL


def is_sum(raw: pd.DataFrame, metric: Metric, places: Places, dimension: Positions) -> Flags:
    """Tell which rows are sums of others: of areas, and of all patients where groups of patients are shown.

    Of those a reader is not taken to know which hidden counts are small: nothing published tells whether a
    sum is hidden for its own sake.
    """
    organisation, breakdown, period = (
        raw[name].to_numpy(np.int64) for name in ("organisation", "breakdown", "period")
    )
    summed = places.is_group[organisation] & (places.kind[organisation] != metric.applies_to)
    part = dimension[breakdown] >= 0
    if part.any():
        key = organisation << 20 | period
        summed |= ~part & np.isin(key, np.unique(key[part]))
    return np.asarray(summed)


def share_out(limits: Mapping[str, Range], pair: Coordinates) -> dict[str, Range]:
    """Return by how much each count may move, whatever the other counts of its row do within theirs.

    `limits` are those of `Sight.limits`. Of a proportion the two counts of the pair move, the first as far as
    it may be asked for, the second within what is left; the third follows from them.
    """
    shared = dict(limits)
    if COMPLEMENT not in shared:
        return shared
    first, second = pair
    (third,) = set(PROPORTION) - set(pair)
    one, other, rest = shared[first], shared[second], shared.pop(third)
    if third == COMPLEMENT:
        sign = 1.0 if first == "numerator" else -1.0
        low, high = (rest[0], rest[1]) if sign > 0 else (-rest[1], -rest[0])
        one = np.maximum(one[0], -_portion(high)), np.minimum(one[1], _portion(-low))
        other = np.maximum(other[0], low + one[1]), np.minimum(other[1], high + one[0])
    else:
        low, high = rest
        one = np.maximum(one[0], -_portion(-low)), np.minimum(one[1], _portion(high))
        other = np.maximum(other[0], low - one[0]), np.minimum(other[1], high - one[1])
    return shared | {first: one, second: other}


def _portion(room: Numbers) -> Numbers:
    return np.asarray(np.maximum(np.minimum(room, ENOUGH), np.floor(room / 2)))


def _digits(raw: dict[str, Numbers], shown: dict[str, Numbers], country: Flags) -> Numbers:
    """Return to how many digits a country's counts are shown: the most that they all agree with."""
    digits = np.zeros(len(country))
    here = np.flatnonzero(country)
    for number in range(1, TOTAL_DIGITS + 1):
        fits = np.ones(len(here), dtype=np.bool_)
        for name, counts in shown.items():
            count = counts[here]
            fits &= np.isnan(count) | (round_to_digits(raw[name][here], number) == count)
        digits[here[fits]] = number
    return digits


def _bins_of_digits(shown: Numbers, digits: Numbers) -> Range:
    """Return between which counts one lies that is shown to so many significant digits."""
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.where(shown > 0, np.floor(np.log10(np.abs(shown))), 0)
    step = 10.0 ** (size - digits + 1)
    # Below a power of ten the numbers that are rounded up to it lie closer together.
    below = np.where(shown == 10.0**size, step / 20, step / 2)
    low = np.where(step <= 1, shown, shown - below)
    return low, np.where(step <= 1, shown + 1e-6, shown + step / 2)
