"""The figures themselves: drawn from each metric's recipe, with a seed of the metric's own."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from generator.model.vocabulary import Basis, Frequency, Kind
from tools.demonstration.adjustments import ADJUSTMENTS
from tools.demonstration.periods import Period
from tools.demonstration.places import SITES, TWO_SITES
from tools.demonstration.plans import MetricPlan, Scale, Split
from tools.demonstration.population import SEED, Member, Population, size_factors

FIGURES = (
    "numerator",
    "denominator",
    "base",
    "effective_base",
    "excluded",
    "value",
    "lower",
    "upper",
    "standard_deviation",
)
METRICS_WITH_SITES = ("emergency-four-hours", "friends-and-family")
_LAST_DAY = date(2026, 6, 30)
_DAYS_OF_A_YEAR = 365.25
_Z = NormalDist().inv_cdf(0.975)

Array = npt.NDArray[np.float64]
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Grid:
    """Members by periods, with the value each would have if there were no chance."""

    members: Sequence[Member]
    periods: Sequence[Period]
    sizes: Array
    """Denominators."""
    effects: Array
    """On the metric's scale: difference from the level."""
    values: Array
    """In the metric's unit; proportions as fractions of 1."""


def draw_figures(plan: MetricPlan, periods: Sequence[Period], population: Population) -> pd.DataFrame:
    """Return the metric's rows of OBSERVATIONS, as if everybody had reported everything.

    A row stands for each member, breakdown and period in which the member was open on any day. Figures that
    the source supplies for areas and the country are not among them.
    """
    rng = np.random.default_rng([SEED, zlib.crc32(plan.metric_id.encode())])
    members = population.members_of(plan)
    wanted = [period for period in periods if period.frequency is plan.frequency]
    if plan.frequency in _WINDOWS:
        rows = _windows(plan, members, wanted, population, rng)
    else:
        rows = _DRAW[plan.kind](plan, _grid(plan, members, wanted, population, rng), rng)
    columns = ["metric_id", "organisation_code", "breakdown_id", "period", *FIGURES, "basis"]
    defaults = {"metric_id": plan.metric_id, "breakdown_id": "all", "basis": ""}
    return pd.DataFrame([defaults | row for row in rows], columns=columns)


def _grid(
    plan: MetricPlan,
    members: Sequence[Member],
    periods: Sequence[Period],
    population: Population,
    rng: np.random.Generator,
) -> Grid:
    recipe = plan.recipe
    shape = len(members), len(periods)
    days = [period.end for period in periods]
    sizes = np.array([[population.size(member, recipe.size, day) for day in days] for member in members])
    deprivation = np.array([member.deprivation for member in members])[:, None]
    sizes = sizes * recipe.share * np.exp(recipe.size_slope * deprivation)
    sizes *= np.array(size_factors(members, plan.metric_id))[:, None]
    if recipe.share != 1:
        sizes *= 1 + (0.003 if recipe.is_stock else 0.02) * rng.normal(size=shape)

    years = np.array([(day - _LAST_DAY).days / _DAYS_OF_A_YEAR for day in days])
    middles = [(period.start + (period.end - period.start) / 2).timetuple().tm_yday for period in periods]
    seasons = np.cos((np.array(middles) - 20) / 365 * 2 * np.pi)
    is_seasonal = plan.frequency in (Frequency.MONTH, Frequency.QUARTER, Frequency.ROLLING_YEAR)
    effects = (
        recipe.spread * rng.normal(size=(shape[0], 1))
        + recipe.slope * deprivation
        + recipe.drift * years
        + (recipe.season * seasons if is_seasonal else 0)
        + recipe.wobble * _wobbles(shape, rng, is_smooth=recipe.is_stock)
    )
    by_place = [adjustment for adjustment in ADJUSTMENTS if adjustment.metric_id == plan.metric_id]
    for row, member in enumerate(members):
        for adjustment in by_place:
            if adjustment.code == member.code:
                effects[row] += [adjustment.at(day) for day in days]
    for version in plan.versions:
        holds = [(version.valid_from or day) <= day <= (version.valid_to or day) for day in days]
        effects[:, holds] += version.level
    if isinstance(recipe.level, Mapping):
        level = np.array([recipe.level[period.period] for period in periods])
    else:
        level = np.full(len(periods), float(recipe.level))
    values = _values(plan, level, effects)
    return Grid(members, periods, sizes, effects, values)


def _values(plan: MetricPlan, level: Array, effects: Array) -> Array:
    if plan.recipe.scale is Scale.LOGIT:
        odds = level / (100 - level) * np.exp(effects)
        values = odds / (1 + odds)
    elif plan.recipe.scale is Scale.LOG:
        values = level * np.exp(effects)
    else:
        values = level + effects
    # Rounded, so that the last bit of an exponential, which differs between machines, decides no draw.
    return np.asarray(np.round(values, 9))


def _wobbles(shape: tuple[int, int], rng: np.random.Generator, *, is_smooth: bool) -> Array:
    steps = rng.normal(size=shape)
    if not is_smooth:
        return steps
    walk = steps.copy()
    for column in range(1, shape[1]):
        walk[:, column] = 0.8 * walk[:, column - 1] + 0.6 * steps[:, column]
    return walk


def _rows(grid: Grid) -> list[tuple[int, int, dict[str, Any]]]:
    """Return the places of the grid where the member was open on any day, with the keys of their rows."""
    return [
        (row, column, {"organisation_code": member.code, "period": period.period})
        for row, member in enumerate(grid.members)
        for column, period in enumerate(grid.periods)
        if member.is_open_in(period.start, period.end)
    ]


def _proportions(plan: MetricPlan, grid: Grid, rng: np.random.Generator) -> Rows:
    if plan.recipe.is_survey:
        return _surveys(plan, grid, rng)
    denominators = np.round(grid.sizes).astype(int)
    if plan.recipe.is_stock:
        spread = (
            0.25 * np.sqrt(denominators * grid.values * (1 - grid.values)) * rng.normal(size=grid.sizes.shape)
        )
        numerators = np.clip(np.round(denominators * grid.values + spread), 0, denominators).astype(int)
    else:
        numerators = rng.binomial(denominators, grid.values)
    excluded = rng.poisson(denominators * plan.recipe.excluded)
    rows: Rows = []
    for row, column, key in _rows(grid):
        counts = {
            "numerator": int(numerators[row, column]),
            "denominator": int(denominators[row, column]),
            "excluded": int(excluded[row, column]) if plan.recipe.excluded else None,
        }
        rows.append(key | counts)
        for split in plan.recipe.splits:
            for breakdown, parts in _split(split, counts, grid.members[row].deprivation).items():
                rows.append(key | {"breakdown_id": breakdown} | parts)
        if plan.metric_id in METRICS_WITH_SITES and grid.members[row].code == TWO_SITES:
            for site, parts in _split(_SITES_SPLIT, counts, 0.0).items():
                rows.append(key | {"organisation_code": site} | parts)
    return rows


_SITES_SPLIT = Split(
    "site", {site.code: site.share for site in SITES}, {SITES[0].code: -0.08, SITES[1].code: 0.15}
)


def _split(
    split: Split, counts: Mapping[str, int | None], deprivation: float
) -> dict[str, dict[str, int | None]]:
    """Return the counts of each group; together they are the counts of everyone."""
    groups = list(split.shares)
    shares = np.array([split.shares[group] for group in groups])
    if split.dimension == "deprivation":
        # The most deprived fifth comes first: the poorer people are, the more of them live there.
        shares = shares * np.exp(0.55 * deprivation * np.arange(2, -3, -1))
    shares = shares / shares.sum()
    whole, part = counts["denominator"] or 0, counts["numerator"] or 0
    denominators = _shared_out(whole, shares)
    rate = min(max(part / whole, 0.001), 0.999) if whole else 0.5
    odds = rate / (1 - rate) * np.exp([split.differences[group] for group in groups])
    numerators = np.minimum(np.round(denominators * odds / (1 + odds)).astype(int), denominators)
    # What rounding left over goes to the largest groups that can take it.
    for place in np.argsort(-denominators, kind="stable").tolist() * 50:
        missing = part - int(numerators.sum())
        if missing == 0:
            break
        step = 1 if missing > 0 else -1
        if 0 <= numerators[place] + step <= denominators[place]:
            numerators[place] += step
    excluded = counts.get("excluded")
    excluded_parts = [None] * len(groups) if excluded is None else _shared_out(excluded, shares).tolist()
    return {
        group: {"numerator": int(numerator), "denominator": int(denominator), "excluded": adjustment}
        for group, numerator, denominator, adjustment in zip(
            groups, numerators, denominators, excluded_parts, strict=True
        )
    }


def _shared_out(whole: int, shares: Array) -> npt.NDArray[np.int64]:
    """Return whole numbers in these shares that add up to the whole (largest remainder)."""
    exact = np.round(whole * shares, 9)
    parts = np.floor(exact).astype(np.int64)
    order = np.argsort(parts - exact, kind="stable")
    parts[order[: whole - int(parts.sum())]] += 1
    return parts


def _surveys(plan: MetricPlan, grid: Grid, rng: np.random.Generator) -> Rows:
    split = plan.recipe.splits[0] if plan.recipe.splits else Split("", {"all": 1.0}, {"all": 0.0})
    asked = np.maximum(5, np.round(grid.sizes**0.25 * 33 if plan.applies_to == "practice" else grid.sizes))
    small = grid.sizes < 10
    asked[small] = np.maximum(5, np.round(grid.sizes[small]))
    rows: Rows = []
    for row, column, key in _rows(grid):
        groups: Rows = []
        for group, share in split.shares.items():
            value = grid.values[row, column]
            odds = value / (1 - value) * float(np.exp(split.differences[group]))
            base = max(2, int(rng.poisson(asked[row, column] * share * 0.9)) if not small[row, column] else 3)
            if not plan.recipe.splits and small[row, column]:
                base = int(rng.integers(5, 9))
            answers = int(rng.binomial(base, round(odds / (1 + odds), 9)))
            weight = round(float(rng.uniform(0.85, 1.15)), 2)
            # Weighting moves the share of answers a little.
            weighted = min(max(answers + float(rng.normal(0, 0.12)) * base**0.5, 0.0), float(base))
            groups.append(
                {
                    "breakdown_id": group,
                    "numerator": round(weighted * weight, 2),
                    "denominator": round(base * weight, 2),
                    "base": base,
                    "effective_base": round(base / float(rng.uniform(1.15, 1.5)), 1),
                }
            )
        total = {
            name: round(sum(group[name] for group in groups), 2)
            for name in groups[0]
            if name != "breakdown_id"
        }
        total["base"] = int(total["base"])
        if plan.recipe.has_supplied_intervals:
            total |= _supplied_interval(total)
        rows.append(key | total)
        if plan.recipe.splits:
            rows.extend(key | group for group in groups)
    return rows


def _supplied_interval(counts: Mapping[str, float]) -> dict[str, float]:
    """Return the value of a survey and its Wilson interval over the effective base, in percent."""
    share, base = counts["numerator"] / counts["denominator"], counts["effective_base"]
    middle = share + _Z**2 / 2 / base
    reach = _Z * (share * (1 - share) / base + _Z**2 / 4 / base**2) ** 0.5
    lower, upper = (middle - reach) / (1 + _Z**2 / base), (middle + reach) / (1 + _Z**2 / base)
    names = {"value": share, "lower": max(lower, 0.0), "upper": min(upper, 1.0)}
    return {name: round(100 * number, 4) for name, number in names.items()}


def _rates(plan: MetricPlan, grid: Grid, rng: np.random.Generator) -> Rows:
    denominators = np.round(grid.sizes).astype(int)
    numerators = rng.poisson(denominators * grid.values / plan.multiplier)
    return [
        key | {"numerator": int(numerators[row, column]), "denominator": int(denominators[row, column])}
        for row, column, key in _rows(grid)
    ]


def _means(plan: MetricPlan, grid: Grid, rng: np.random.Generator) -> Rows:
    counts = np.maximum(1, np.round(grid.sizes)).astype(int)
    deviation = plan.recipe.deviation * (1 if plan.recipe.scale is Scale.PLAIN else grid.values)
    deviations = deviation * (1 + 0.04 * rng.normal(size=grid.sizes.shape))
    means = grid.values + deviations / np.sqrt(counts) * rng.normal(size=grid.sizes.shape)
    return [
        key
        | {
            "denominator": int(counts[row, column]),
            "value": round(float(means[row, column]), 2),
            "standard_deviation": round(float(deviations[row, column]), 2),
        }
        for row, column, key in _rows(grid)
    ]


def _standardised(plan: MetricPlan, grid: Grid, rng: np.random.Generator) -> Rows:
    denominators = np.round(grid.sizes).astype(int)
    # How much older or younger than the standard population a practice's older patients are.
    ages = np.round(np.exp(0.06 * rng.normal(size=(len(grid.members), 1))), 4)
    numerators = rng.poisson(denominators * grid.values / ages / plan.multiplier)
    return [
        key
        | standardised_rate(
            int(numerators[row, column]), int(denominators[row, column]), float(ages[row, 0]), plan.multiplier
        )
        for row, column, key in _rows(grid)
    ]


def standardised_rate(events: int, people: int, ages: float, multiplier: float) -> dict[str, float | None]:
    """Return a rate as its source would supply it: with limits (Byar's), and none at all below ten events."""
    counts: dict[str, float | None] = {"numerator": events, "denominator": people}
    if events < 10:
        return counts
    lower = events * (1 - 1 / 9 / events - _Z / 3 / events**0.5) ** 3
    upper = (events + 1) * (1 - 1 / 9 / (events + 1) + _Z / 3 / (events + 1) ** 0.5) ** 3
    rates = {"value": events, "lower": lower, "upper": upper}
    return counts | {name: round(number / people * multiplier * ages, 1) for name, number in rates.items()}


def _scores(plan: MetricPlan, grid: Grid, rng: np.random.Generator) -> Rows:
    verified = rng.random(grid.sizes.shape) < 0.2
    points = np.clip(np.round(grid.values * 2) / 2, plan.range_low or 0, plan.range_high or 10)
    return [
        key
        | {
            "value": float(points[row, column]),
            "basis": Basis.VERIFIED if verified[row, column] else Basis.SELF_DECLARED,
        }
        for row, column, key in _rows(grid)
    ]


def _counts(_: MetricPlan, grid: Grid, rng: np.random.Generator) -> Rows:
    numerators = rng.poisson(grid.sizes * grid.values)
    return [key | {"numerator": int(numerators[row, column])} for row, column, key in _rows(grid)]


def _statuses(plan: MetricPlan, grid: Grid, rng: np.random.Generator) -> Rows:
    verified = rng.random(grid.sizes.shape) < 0.25
    levels = np.clip(np.round(grid.values), 1, len(plan.levels)).astype(int)
    return [
        key
        | {
            "value": int(levels[row, column]),
            "basis": Basis.VERIFIED if verified[row, column] else Basis.SELF_DECLARED,
        }
        for row, column, key in _rows(grid)
    ]


_WINDOWS = {Frequency.ROLLING_YEAR: 4, Frequency.MULTI_YEAR: 3}
"""How many components the figures of a period are the sum of: quarters, calendar years."""


def _windows(
    plan: MetricPlan,
    members: Sequence[Member],
    periods: Sequence[Period],
    population: Population,
    rng: np.random.Generator,
) -> Rows:
    """Return the rows of overlapping periods, whose figures are sums over the parts they share."""
    width = _WINDOWS[plan.frequency]
    parts = _parts(periods, plan.frequency)
    # Numbers of people on a list stay what they are over time; deaths expected, say, come with time.
    is_list = plan.kind is Kind.RATE
    part_plan = (
        plan if is_list else replace(plan, recipe=replace(plan.recipe, share=plan.recipe.share / width))
    )
    grid = _grid(part_plan, members, parts, population, rng)
    if plan.kind is Kind.PROPORTION:
        denominators = np.round(grid.sizes)
        numerators = rng.binomial(denominators.astype(int), grid.values)
    else:
        denominators = np.round(grid.sizes, 1)
        per_part = plan.multiplier * (width if is_list else 1)
        numerators = rng.poisson(denominators * grid.values / per_part)
    rows: Rows = []
    for row, member in enumerate(members):
        for column, period in enumerate(periods):
            if not member.is_open_in(period.start, period.end):
                continue
            window = slice(column, column + width)
            total = round(float(denominators[row, window].sum()), 1)
            rows.append(
                {
                    "organisation_code": member.code,
                    "period": period.period,
                    "numerator": int(numerators[row, window].sum()),
                    "denominator": population.size(member, plan.recipe.size, period.end)
                    if is_list
                    else total,
                }
            )
    return rows


def _parts(periods: Sequence[Period], frequency: Frequency) -> list[Period]:
    """Return the quarters or years that make up the periods, oldest first."""
    starts = {period.start for period in periods}
    last = periods[-1]
    step = 3 if frequency is Frequency.ROLLING_YEAR else 12
    starts |= {_months_later(last.start, step * number) for number in range(_WINDOWS[frequency])}
    return [
        Period(str(start), start, _months_later(start, step) - timedelta(days=1), frequency, "")
        for start in sorted(starts)
    ]


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


_DRAW: dict[Kind, Callable[[MetricPlan, Grid, np.random.Generator], Rows]] = {
    Kind.PROPORTION: _proportions,
    Kind.RATE: _rates,
    Kind.RATIO: _rates,
    Kind.MEAN: _means,
    Kind.STANDARDISED: _standardised,
    Kind.SCORE: _scores,
    Kind.COUNT: _counts,
    Kind.STATUS: _statuses,
}
