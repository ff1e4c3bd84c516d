"""The methods over time, for the slow rules: control charts, the annual trend, change and its cause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from generator.model.methods import MethodOptions, TwoOfThree
from tests.statistics.oracle_methods import band, comparison, judgement, moved, trend
from tests.statistics.oracle_places import Whereabouts, overlap
from tests.statistics.slow_control_charts import slow_limits, slow_signals

Row = dict[str, Any]
Key = tuple[str, str, str, str]
"""Metric, organisation, breakdown and period."""

POINTS_NEEDED = 13


class Series:
    """The results of a release in time: adds what follows from other periods, or from the release before."""

    def __init__(
        self,
        where: Whereabouts,
        results: dict[Key, Row],
        options: MethodOptions,
        previous: Mapping[Key, Row] | None,
    ) -> None:
        self.where = where
        self.results = results
        self.options = options
        self.previous = previous
        self.spc: dict[tuple[str, str, str, int], Row] = {}
        self.used: dict[str, set[str]] = defaultdict(set)
        for metric_id, _, _, period in results:
            self.used[metric_id].add(period)

    def add_all(self) -> None:
        for metric_id, code, breakdown in sorted({key[:3] for key in self.results}):
            self._chart(metric_id, code, breakdown)
        for key, row in self.results.items():
            row["trend"] = self._trend(key)
            row["change"] = self._change(key, self._before(key)[-1:])
            row["change_year"] = self._change(key, self._same_a_year_before(key))
        for key, row in self.results.items():
            row["change_cause"] = self._cause(key)

    # Control charts

    def _axis(self, metric_id: str) -> list[str]:
        """Return the periods of a metric that can be charted, in order; empty where none can."""
        latest = self.where.versions(metric_id)[-1]
        if latest["rolling"] or latest["kind"] == "status":
            return []
        axis = [
            period
            for frequency in ("month", "quarter")
            for period in self.where.in_time(frequency)
            if period in self.used[metric_id]
        ]
        return [] if overlap([self.where.periods[period] for period in axis]) else axis

    def _chart(self, metric_id: str, code: str, breakdown: str) -> None:
        axis = self._axis(metric_id)
        for key in [(metric_id, code, breakdown, period) for period in self.used[metric_id]]:
            if key in self.results:
                self.results[key] |= {"variation": "", "assurance": ""}
        values: dict[str, float] = {}
        segments: dict[int, list[str]] = defaultdict(list)
        for period in axis:
            row = self.results.get((metric_id, code, breakdown, period))
            if row is not None and row["value"] is not None:
                values[period] = row["value"]
            segments[self._segment(metric_id, code, period)].append(period)
        if not values:
            return
        for number, periods in segments.items():
            # A chart begins with the series' first row.
            rows = [period for period in periods if (metric_id, code, breakdown, period) in self.results]
            segments[number] = periods[periods.index(rows[0]) :] if rows else []
        charted = [periods for _, periods in sorted(segments.items()) if set(periods) & set(values)]
        for number, periods in enumerate(charted, start=1):
            self._chart_segment((metric_id, code, breakdown), number, periods, values)
        for period in axis:
            key = (metric_id, code, breakdown, period)
            if period not in values and key in self.results:
                self.results[key]["variation"] = "no_data"

    def _segment(self, metric_id: str, code: str, period: str) -> int:
        """Return a number that grows wherever the chart starts again."""
        end = self.where.periods[period]["end"]
        dates = {
            row["date"]
            for row in self.where.tables["rebases"]
            if row["metric_id"] == metric_id and row["organisation_code"] in ("", code)
        }
        return len([day for day in dates if day <= end]) + self.where.breaks(metric_id, period)

    def _chart_segment(
        self, series: tuple[str, str, str], number: int, periods: list[str], values: dict[str, float]
    ) -> None:
        """Judge the points of one segment, with a gap wherever a period is not there."""
        points: list[tuple[str | None, float | None]] = []
        for place, period in enumerate(periods):
            if place and not self.where.follows(period, periods[place - 1]):
                points.append((None, None))
            points.append((period, values.get(period)))
        line = [value for _, value in points]
        count = sum(value is not None for value in line)
        limits = slow_limits(line) if count >= POINTS_NEEDED else None
        mean, lower, upper = limits or (None, None, None)
        self.spc[(*series, number)] = {
            "start": periods[0],
            "mean": mean,
            "lower": lower,
            "upper": upper,
            "points": count,
        }
        before_2023 = self.options.two_of_three is TwoOfThree.BEFORE_2023
        signals = slow_signals(line, limits, before_2023=before_2023) if limits else [""] * len(line)
        for (at, value), signal in zip(points, signals, strict=True):
            if at is None or value is None:
                continue
            row = self.results[(*series, at)]
            metric = self.where.metric(series[0], at)
            row["variation"] = _variation(signal, metric) if limits else "not_enough_points"
            if limits:
                row["assurance"] = _assurance(row["target"], limits, metric)

    # Trend and change

    def _trend(self, key: Key) -> str:
        metric_id, code, breakdown, period = key
        metric, dates = self.where.metric(metric_id, period), self.where.periods[period]
        if metric["frequency"] not in ("year", "rolling_year") or dates["frequency"] not in (
            "year",
            "rolling_year",
        ):
            return ""
        points, broken = [self.results[key]], self.where.breaks(metric_id, period)
        while len(points) < 5:
            before = self._year_before(metric_id, period)
            if before is None or self.where.breaks(metric_id, before) != broken:
                return "cannot_be_calculated"
            period = before
            row = self.results.get((metric_id, code, breakdown, period))
            if row is None:
                return "cannot_be_calculated"
            points.insert(0, row)
        return trend(points, metric)

    def _year_before(self, metric_id: str, period: str) -> str | None:
        dates = self.where.periods[period]
        slack = 0 if dates["frequency"] == "rolling_year" else 2
        candidates = []
        for other in self.where.in_time(dates["frequency"]):
            then = self.where.periods[other]
            months = (dates["end"].year - then["end"].year) * 12 + dates["end"].month - then["end"].month
            if other in self.used[metric_id] and abs(months - 12) <= slack and then["end"] < dates["start"]:
                candidates.append(other)
        return candidates[-1] if candidates else None

    def _before(self, key: Key) -> list[str]:
        """Return the periods of a metric before this one, of its frequency, in order."""
        metric_id, _, _, period = key
        names = self.where.in_time(self.where.periods[period]["frequency"])
        return [name for name in names[: names.index(period)] if name in self.used[metric_id]]

    def _same_a_year_before(self, key: Key) -> list[str]:
        """Return the same quarter or month a year before, if the metric has it."""
        dates = self.where.periods[key[3]]
        if dates["frequency"] not in ("quarter", "month"):
            return []
        return [
            other
            for other in self._before(key)
            if (self.where.periods[other]["end"].year + 1, self.where.periods[other]["end"].month)
            == (dates["end"].year, dates["end"].month)
        ][-1:]

    def _change(self, key: Key, since: list[str]) -> str:
        metric_id, code, breakdown, period = key
        metric, row = self.where.metric(metric_id, period), self.results[key]
        dates = self.where.periods[period]
        if row["value"] is None or not since:
            return ""
        latest = self.where.versions(metric_id)[-1]
        earlier = self.results.get((metric_id, code, breakdown, since[0]))
        if (
            earlier is None
            or earlier["value"] is None
            or earlier["version"] != row["version"]
            or latest["rolling"]
            or "rolling_year" in (latest["frequency"], dates["frequency"])
            or dates["start"] <= self.where.periods[since[0]]["end"]
        ):
            return "not_comparable"
        direction = moved(earlier, row, metric)
        if direction is None:
            return "not_comparable"
        if direction == 0:
            return "no_clear_change"
        if metric["direction"] == "neutral":
            return "rose" if direction > 0 else "fell"
        return "improved" if (direction > 0) == (metric["direction"] == "higher_is_better") else "worsened"

    # Causes

    def _cause(self, key: Key) -> str:
        metric_id, code, breakdown, _ = key
        now = self.results[key]
        then = (self.previous or {}).get(key)
        figures = "revised_value"
        if then is None:
            before = self._before(key)
            then = self.results.get((metric_id, code, breakdown, before[-1])) if before else None
            figures = "new_period"
        if then is None or now["value"] is None or then["value"] is None:
            return ""
        band_moved, judgement_moved = (now[name] != then[name] for name in ("band", "judgement"))
        judgement_moved &= bool({now["judgement"], then["judgement"]} & {"better", "similar", "worse"})
        if not band_moved and not judgement_moved:
            return ""
        metric = self.where.metric(metric_id, key[3])
        if now["version"] != then["version"] or judgement(then["comparison"], metric) != then["judgement"]:
            return "definition"
        if band_moved:
            return "threshold" if band(then, metric, *now["thresholds"])[0] == now["band"] else figures
        judged = judgement(comparison(then, now["benchmark"]), metric)
        return "benchmark" if judged == now["judgement"] else figures


def _variation(signal: str, metric: Row) -> str:
    """Return the category of Making Data Count for a rule that marks a point."""
    if signal == "none":
        return "common_cause"
    side = "high" if signal in ("above_limit", "trend_up", "two_of_three_high", "run_above") else "low"
    if metric["direction"] == "neutral":
        return f"neutral_{side}"
    is_better = (side == "high") == (metric["direction"] == "higher_is_better")
    return f"{'improvement' if is_better else 'concern'}_{side}"


def _assurance(target: float | None, limits: tuple[float, float, float], metric: Row) -> str:
    _, lower, upper = limits
    if target is None or metric["direction"] == "neutral":
        return ""
    noise = 1e-12 * max(1, abs(lower), abs(upper))
    if lower - noise <= target <= upper + noise:
        return "hit_and_miss"
    is_met = (target < lower) == (metric["direction"] == "higher_is_better")
    return "consistently_passing" if is_met else "consistently_failing"
