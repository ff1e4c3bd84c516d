"""The rules once more, slowly: plain Python over one row at a time, to hold the vectorised room against.

Nothing is imported from `generator.statistics`. What is written here follows docs/methods/ and the design,
not the code it checks; scipy gives quantiles and tests.
"""

from __future__ import annotations

import math
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from generator.model.release import Release

Row = dict[str, Any]
Key = tuple[str, str, str, str]

FIGURES = (
    "numerator",
    "denominator",
    "base",
    "effective_base",
    "standard_deviation",
    "excluded",
    "value",
    "lower",
    "upper",
)
COUNTED = ("proportion", "rate", "ratio")


class Oracle:
    """RESULTS, COMPARISONS and METRIC_PERIODS as dictionaries by key; None is a missing number."""

    def __init__(self, release: Release) -> None:
        directory = release.directory
        self.tables = {name: _records(directory[name]) for name in directory.tables}
        self.missing_rows = directory.descriptor.missing_rows
        self.organisations = {row["organisation_code"]: row for row in self.tables["organisations"]}
        self.periods = {row["period"]: row for row in self.tables["periods"]}
        self.area_kinds = {"area"} | {row["kind"] for row in self.tables["kinds"] if row["is_area"]}
        self.countries = sorted(code for code, row in self.organisations.items() if row["kind"] == "country")
        self.known_groups: dict[tuple[str, date], set[str]] = {}
        self.known_sizes: dict[tuple[str, date], int] = {}
        self.observations: dict[Key, Row] = {}
        for row in _records(release.observations):
            key = (row["metric_id"], row["organisation_code"], row["breakdown_id"], row["period"])
            figures = {name: row[name] if row["absence"] == "" else None for name in FIGURES}
            kept = {name: row[name] for name in ("absence", "submission", "note")}
            self.observations[key] = {**figures, **kept}
        self.results: dict[Key, Row] = {}
        self.comparisons: dict[tuple[str, ...], Row] = {}
        self.metric_periods: dict[Key, Row] = {}
        self._add_missing_rows()
        cells = sorted({(key[0], key[2], key[3]) for key in self.observations})
        for cell in cells:
            self._compute_cell(*cell)
        self.used = {(key[0], key[3]) for key in self.results}
        for key in self.results:
            self.results[key]["change"] = self._change(key)

    # Who, where, when

    def metric(self, metric_id: str, period: str) -> Row:
        """Return the version in force on the period's last day."""
        end = self.periods[period]["end"]
        versions = [row for row in self.tables["metrics"] if row["metric_id"] == metric_id]
        versions.sort(key=lambda row: row["valid_from"] or date.min)
        for row in reversed(versions):
            if (row["valid_from"] or date.min) <= end <= (row["valid_to"] or date.max):
                return row
        begun = [row for row in versions if (row["valid_from"] or date.min) <= end]
        return begun[-1] if begun else versions[0]

    def parents(self, code: str, tree: str, day: date) -> set[str]:
        """Return the direct parents in one tree on a day."""
        own = [row for row in self.tables["memberships"] if row["organisation_code"] == code]
        parents = {
            row["parent_code"]
            for row in own
            if row["tree"] == tree and (row["from"] or date.min) <= day <= (row["to"] or date.max)
        }
        if tree == "main" and not [row for row in own if row["tree"] == "main"]:
            parent = self.organisations[code]["parent_code"]
            parents |= {parent} if parent else set()
        return parents

    def ancestors(self, code: str, tree: str, day: date) -> set[str]:
        """Return everything above an organisation in one tree."""
        found: set[str] = set()
        waiting = [code]
        while waiting:
            new = self.parents(waiting.pop(), tree, day) - found
            found |= new
            waiting += sorted(new)
        return found

    def groups(self, code: str, day: date, trees: list[str] | None = None) -> set[str]:
        """Return the areas and countries an organisation belongs to on a day."""
        if trees is None:
            if (code, day) not in self.known_groups:
                every = sorted({"main"} | {row["tree"] for row in self.tables["memberships"]})
                self.known_groups[code, day] = self.groups(code, day, every)
            return self.known_groups[code, day]
        found = set().union(*(self.ancestors(code, tree, day) for tree in trees))
        found = {above for above in found if self.is_group(above)}
        if len(self.countries) == 1 and code != self.countries[0]:
            found.add(self.countries[0])
        return found

    def is_group(self, code: str) -> bool:
        return self.organisations[code]["kind"] in self.area_kinds or code in self.countries

    def size(self, group: str, day: date) -> int:
        """Return how many organisations belong to a group."""
        if (group, day) not in self.known_sizes:
            members = sum(group in self.groups(code, day) for code in self.organisations)
            self.known_sizes[group, day] = members
        return self.known_sizes[group, day]

    def smallest(self, groups: set[str], day: date) -> str:
        """Return the group with the fewest members, ties by code; empty where there is none."""
        return min(groups, key=lambda group: (self.size(group, day), group), default="")

    def is_open(self, code: str, start: date, end: date) -> bool:
        row = self.organisations[code]
        return (row["opened_on"] or date.min) <= end and (row["closed_on"] or date.max) >= start

    def is_expected(self, code: str, metric: Row, period: str) -> bool:
        """Tell whether an organisation should report on the period's last day."""
        end = self.periods[period]["end"]
        if self.organisations[code]["kind"] != metric["applies_to"] or not self.is_open(code, end, end):
            return False
        return not metric["service_id"] or any(
            code in (row["organisation_code"], row["site_code"])
            and row["service_id"] == metric["service_id"]
            and (row["from"] or date.min) <= end <= (row["to"] or date.max)
            for row in self.tables["provisions"]
        )

    def counts_in_totals(self, code: str, metric: Row, period: str) -> bool:
        dates = self.periods[period]
        return self.organisations[code]["kind"] == metric["applies_to"] and self.is_open(
            code, dates["start"], dates["end"]
        )

    # Rows and totals

    def _add_missing_rows(self) -> None:
        if not self.missing_rows:
            return
        blank = {**dict.fromkeys(FIGURES), "absence": self.missing_rows, "submission": "final", "note": ""}
        for metric_id, period in sorted({(key[0], key[3]) for key in self.observations}):
            metric = self.metric(metric_id, period)
            for code in self.organisations:
                key = (metric_id, code, "all", period)
                if key not in self.observations and self.is_expected(code, metric, period):
                    self.observations[key] = dict(blank)

    def _compute_cell(self, metric_id: str, breakdown: str, period: str) -> None:
        metric, end = self.metric(metric_id, period), self.periods[period]["end"]
        rows = {
            key[1]: {**row, "serves": True}
            for key, row in self.observations.items()
            if (key[0], key[2], key[3]) == (metric_id, breakdown, period)
        }
        counting = {code: row for code, row in rows.items() if self.counts_in_totals(code, metric, period)}
        supplied = {code for code in rows if self.is_group(code)}
        described: dict[str, Row] = {}
        for group in sorted(code for code in self.organisations if self.is_group(code)):
            own = {code: row for code, row in counting.items() if group in self.groups(code, end)}
            reported = {code for code, row in own.items() if _is_reported(row, metric)}
            expected = reported | {
                code
                for code in self.organisations
                if self.is_expected(code, metric, period)
                and group in self.groups(code, end)
                and rows.get(code, {"absence": ""})["absence"] != "not_applicable"
            }
            if expected or own or group in supplied or group in self.countries:
                described[group] = {"reported": len(reported), "expected": len(expected)}
            if group not in supplied and metric["kind"] in COUNTED and metric["applies_to"] != "area":
                total = _total(own, len(reported), len(expected))
                if total:
                    rows[group] = total

        finished = {code: self._finish(row, metric, code in self.countries) for code, row in rows.items()}
        for code, row in finished.items():
            self._compare(code, row, finished, metric, period)
            self._band(code, row, metric, end)
            self.results[metric_id, code, breakdown, period] = row
            for kind, benchmark in row.pop("benchmarks").items():
                self.comparisons[metric_id, code, breakdown, period, kind] = benchmark
        for group, counts in described.items():
            total = finished.get(group, {})
            values = [
                row["value"]
                for code, row in finished.items()
                if code in counting and row["value"] is not None and self._country_of(code, end) == group
            ]
            percentiles = {
                f"p{percent}": float(np.quantile(values, percent / 100)) if values else None
                for percent in range(10, 100, 10)
            }
            self.metric_periods[metric_id, breakdown, period, group] = {
                **{name: total.get(name) for name in ("numerator", "denominator", "value")},
                **counts,
                **percentiles,
            }

    def _finish(self, row: Row, metric: Row, is_country: bool) -> Row:
        """Return the row protected, with value, coverage, absence and interval."""
        row = _protect(dict(row), metric, is_country)
        row["version"] = metric["version"]
        _add_value(row, metric)
        supplied = row["lower"] is not None or row["upper"] is not None
        if row["value"] is None:
            row["lower"] = row["upper"] = None
            row["interval"] = "none"
        elif supplied:
            row["interval"] = "supplied"
        else:
            row["lower"], row["upper"] = _interval(row, metric)
            row["interval"] = "none" if row["lower"] is None else "computed"
        return row

    # Comparison

    def _country_of(self, code: str, day: date) -> str:
        return self.smallest(self.groups(code, day) & set(self.countries), day)

    def _compare(self, code: str, row: Row, rows: dict[str, Row], metric: Row, period: str) -> None:
        day = self.periods[period]["end"]
        country = "" if code in self.countries else self._country_of(code, day)
        parent = self.smallest(self.groups(code, day, ["main"]), day)
        if self.is_group(code) or parent in self.countries:
            parent = ""
        target = self._levels(code, metric, day, ("target",))[0]
        candidates = {
            "country": (country, _serving(rows.get(country))),
            "parent": (parent, _serving(rows.get(parent))),
            "target": ("", target),
        }
        kind = metric["benchmark"]
        if kind != "target" and code in self.countries:
            kind = "none"
        elif (kind == "parent" and not parent) or (kind == "peers" and self.is_group(code)):
            kind = "country"
        benchmark_code, benchmark = candidates.get(kind, ("", None))
        row |= {"benchmark_kind": kind, "benchmark_code": benchmark_code, "benchmark": benchmark}
        row["comparison"] = _comparison(row, benchmark)
        row["judgement"] = _judgement(row["comparison"], metric)
        row["benchmarks"] = {
            name: {
                "benchmark_code": place,
                "benchmark": value,
                "lower": row["lower"],
                "upper": row["upper"],
                "comparison": _comparison(row, value),
                "judgement": _judgement(_comparison(row, value), metric),
            }
            for name, (place, value) in candidates.items()
            if value is not None and row["value"] is not None
        }

    def _levels(self, code: str, metric: Row, day: date, names: tuple[str, ...]) -> list[float | None]:
        """Return target or thresholds from the nearest place that states any of them."""
        stated = [
            row
            for row in self.tables["targets"]
            if row["metric_id"] == metric["metric_id"]
            and (row["from"] or date.min) <= day <= (row["to"] or date.max)
            and any(row[name] is not None for name in names)
        ]
        groups = sorted(self.groups(code, day), key=lambda group: (self.size(group, day), group))
        for place in [code, *groups, ""]:
            here = [row for row in stated if row["organisation_code"] == place]
            if here:
                latest = max(here, key=lambda row: row["from"] or date.min)
                return [latest[name] for name in names]
        return [metric[name] for name in names]

    def _band(self, code: str, row: Row, metric: Row, day: date) -> None:
        good, acceptable = self._levels(code, metric, day, ("threshold_good", "threshold_acceptable"))
        size = row["denominator"] if row["denominator"] is not None else row["base"]
        minimum = metric["minimum_denominator"]
        row["band"], row["band_stability"] = "not_banded", None
        if row["value"] is None or metric["direction"] == "neutral" or good is acceptable is None:
            return
        if minimum is not None and (size is None or size < minimum):
            return
        if good is not None and _reaches(row, good, metric):
            row["band"], worse, better = "good", good, None
        elif acceptable is not None and _reaches(row, acceptable, metric):
            row["band"], worse, better = "acceptable", acceptable, good
        else:
            row["band"], worse, better = "below_standard", None, good if acceptable is None else acceptable
        if metric["direction"] == "lower_is_better":
            worse, better = better, worse
        row["band_stability"] = _stability(row, metric, worse, better)

    def _change(self, key: Key) -> str:
        metric_id, code, breakdown, period = key
        metric, row = self.metric(metric_id, period), self.results[key]
        dates = self.periods[period]
        before = [
            other
            for other in sorted(
                self.periods, key=lambda name: (self.periods[name]["end"], self.periods[name]["start"], name)
            )
            if (metric_id, other) in self.used and self.periods[other]["frequency"] == dates["frequency"]
        ]
        before = before[: before.index(period)]
        if row["value"] is None or not before:
            return ""
        candidates = [before[-1]]
        if dates["frequency"] == "quarter":
            year_before = [
                other
                for other in before
                if (self.periods[other]["end"].year + 1, self.periods[other]["end"].month)
                == (dates["end"].year, dates["end"].month)
            ]
            candidates += year_before[-1:]
        latest = max(
            (row for row in self.tables["metrics"] if row["metric_id"] == metric_id),
            key=lambda row: row["valid_from"] or date.min,
        )
        for other in candidates:
            earlier = self.results.get((metric_id, code, breakdown, other))
            if (
                earlier is None
                or earlier["value"] is None
                or earlier["version"] != row["version"]
                or latest["rolling"]
                or "rolling_year" in (latest["frequency"], dates["frequency"])
                or dates["start"] <= self.periods[other]["end"]
            ):
                continue
            moved = _moved(earlier, row, metric)
            if moved is None:
                continue
            if moved == 0:
                return "no_clear_change"
            if metric["direction"] == "neutral":
                return "rose" if moved > 0 else "fell"
            return "improved" if (moved > 0) == (metric["direction"] == "higher_is_better") else "worsened"
        return "not_comparable"


def _records(table: pd.DataFrame) -> list[Row]:
    """Return rows as dictionaries: missing numbers and dates None, dates as dates, missing flags False."""
    rows = []
    for raw in table.to_dict("records"):
        row: Row = {}
        for name, value in raw.items():
            if isinstance(value, str):
                row[str(name)] = value
            elif pd.isna(value):
                row[str(name)] = None
            else:
                row[str(name)] = value.date() if isinstance(value, pd.Timestamp) else value
        rows.append(row)
    return rows


def _is_reported(row: Row, metric: Row) -> bool:
    if row["absence"]:
        return bool(row["absence"] == "zero_denominator")
    if row["value"] is not None or _is_of_nobody(row):
        return True
    if metric["kind"] == "count":
        return row["numerator"] is not None
    return metric["kind"] in (*COUNTED, "mean") and None not in (row["numerator"], row["denominator"])


def _is_of_nobody(row: Row) -> bool:
    return row["denominator"] == 0 or (row["denominator"] is None and row["base"] == 0)


def _total(own: dict[str, Row], reported: int, expected: int) -> Row | None:
    """Return the total of a group's rows, an absence where nobody has reported, None where neither is."""
    summed = [
        row
        for _, row in sorted(own.items())
        if not row["absence"] and None not in (row["numerator"], row["denominator"])
    ]
    total: Row = {**dict.fromkeys(FIGURES), "absence": "", "submission": "final", "note": ""}
    if not summed:
        if not own or reported:
            return None
        words = {row["absence"] for row in own.values()}
        total["absence"] = words.pop() if len(words) == 1 and "" not in words else "not_stated"
        total["serves"] = False
        return total
    for name in ("numerator", "denominator", "excluded", "base"):
        figures = [row[name] for row in summed]
        total[name] = None if None in figures else math.fsum(figures)
    if all(row["effective_base"] for row in summed):
        spread = math.fsum(row["denominator"] ** 2 / row["effective_base"] for row in summed)
        total["effective_base"] = total["denominator"] ** 2 / spread if spread else None
    for word in ("revised", "provisional"):
        if any(row["submission"] == word for row in summed):
            total["submission"] = word
    total["serves"] = len(summed) >= 0.8 * expected
    return total


def _protect(row: Row, metric: Row, is_country: bool) -> Row:
    row["protection"] = "none"
    counts = ("numerator", "denominator", "base", "effective_base", "excluded")
    kind, scale = metric["kind"], metric["multiplier"]
    if metric["disclosure"] == "open":
        return row
    has_digits = any(letter.isdigit() for letter in row["note"])
    if row["absence"]:
        if has_digits and row["absence"] in ("failed_checks", "too_few", "suppressed_at_source"):
            row["note"] = ""
        return row
    if is_country:
        for name in counts:
            row[name] = _significant(row[name])
        row["protection"] = "rounded"
        return row
    if metric["disclosure"] == "events" and row["denominator"] is not None and row["denominator"] >= 1000:
        return row

    numerator, denominator, value = row["numerator"], row["denominator"], row["value"]
    if kind in COUNTED and value is not None:
        if numerator is None and denominator is not None:
            numerator = float(np.rint(value * denominator / scale))
        elif denominator is None and numerator is not None and value:
            denominator = float(np.rint(numerator * scale / value))
    if kind == "count" and numerator is None and value is not None:
        numerator = value / scale
    hide = _small(numerator) or (row["base"] is not None and 0 < row["base"] < 10)
    hide = hide or (kind != "ratio" and _small(denominator))
    if kind == "proportion":
        if numerator is not None and denominator is not None:
            hide = hide or _small(denominator - numerator)
        share = (
            numerator / denominator
            if numerator is not None and denominator
            else (None if value is None or numerator is not None else value / scale)
        )
        hide = hide or bool(metric["sensitive"] and share in (0, 1))
    if hide:
        return {
            **row,
            **dict.fromkeys(FIGURES),
            "absence": "suppressed",
            "protection": "hidden",
            "note": "" if has_digits else row["note"],
        }

    if kind == "count" or any(row[name] is not None for name in counts):
        row["protection"] = "rounded"
    numbers = {float(word) for word in _numbers(row["note"])}
    if numbers & {row[name] for name in counts if row[name] is not None}:
        row["note"] = ""
    if _small(row["excluded"]):
        row["excluded"] = None
    if kind in COUNTED and None not in (row["numerator"], row["denominator"]):
        row["value"] = row["lower"] = row["upper"] = None
    if kind == "count":
        row["value"] = None if numerator is None else _five(numerator) * scale
        row["lower"] = row["upper"] = None
    for name in counts:
        if row[name] is not None and not (kind == "ratio" and name == "denominator"):
            row[name] = _five(row[name])
    return row


def _numbers(note: str) -> list[str]:
    text = "".join(letter if letter.isdigit() or letter in ".," else " " for letter in note).replace(",", "")
    return [word.strip(".") for word in text.split() if word.strip(".")]


def _small(count: float | None) -> bool:
    return count is not None and 0 < count < 8


def _five(count: float) -> float:
    return float(math.floor(count / 5 + 0.5) * 5)


def _significant(count: float | None) -> float | None:
    if not count:
        return count
    exact = Decimal(repr(float(count)))
    return float(exact.quantize(Decimal(1).scaleb(exact.adjusted() - 3), rounding=ROUND_HALF_UP))


def _add_value(row: Row, metric: Row) -> None:
    numerator, denominator, excluded = row["numerator"], row["denominator"], row["excluded"]
    row["coverage"] = None
    if row["value"] is None and not row["absence"]:
        if metric["kind"] == "count" and numerator is not None:
            row["value"] = numerator * metric["multiplier"]
        elif metric["kind"] in (*COUNTED, "mean") and numerator is not None and denominator:
            row["value"] = numerator * metric["multiplier"] / denominator
        elif _is_of_nobody(row):
            row["absence"] = "zero_denominator"
        else:
            row["absence"] = "not_stated"
    if (
        metric["kind"] in COUNTED
        and None not in (numerator, denominator, excluded)
        and denominator + excluded
    ):
        row["coverage"] = numerator * metric["multiplier"] / (denominator + excluded)


def _effective(row: Row, metric: Row) -> tuple[float | None, float | None]:
    """Return the counts that a proportion's uncertainty rests on."""
    base = row["effective_base"] if row["effective_base"] is not None else row["base"]
    size = row["denominator"] if base is None else base
    count = row["numerator"] if base is None else None
    share = row["value"] / metric["multiplier"]
    if count is None and size is not None and share <= 1 + 1e-9:
        count = min(share, 1.0) * size
    return count, size


def _wilson(count: float | None, size: float | None, confidence: float) -> tuple[float, float] | None:
    if count is None or not size or not 0 <= count <= size:
        return None
    z = stats.norm.ppf(0.5 + confidence / 2)
    share = count / size
    middle = share + z * z / (2 * size)
    half = z * math.sqrt(share * (1 - share) / size + z * z / (4 * size * size))
    scale = 1 + z * z / size
    lower, upper = (middle - half) / scale, (middle + half) / scale
    return (lower if count else 0.0), (upper if count < size else 1.0)


def _interval(row: Row, metric: Row) -> tuple[float | None, float | None]:
    kind, scale = metric["kind"], metric["multiplier"]
    if kind == "proportion":
        wilson = _wilson(*_effective(row, metric), 0.95)
        return (wilson[0] * scale, wilson[1] * scale) if wilson else (None, None)
    events, size = row["numerator"], row["denominator"]
    if kind in ("rate", "ratio") and events is not None and size and events >= 0:
        if events < 10:
            lower = stats.chi2.ppf(0.025, 2 * events) / 2 if events else 0.0
            upper = stats.chi2.ppf(0.975, 2 * events + 2) / 2
        else:
            z, more = stats.norm.ppf(0.975), events + 1
            lower = events * (1 - 1 / (9 * events) - z / (3 * math.sqrt(events))) ** 3
            upper = more * (1 - 1 / (9 * more) + z / (3 * math.sqrt(more))) ** 3
        return lower / size * scale, upper / size * scale
    if kind == "mean":
        people = size if size is not None else row["base"]
        if people is not None and people > 1 and row["standard_deviation"] is not None:
            half = stats.t.ppf(0.975, people - 1) * row["standard_deviation"] / math.sqrt(people)
            return row["value"] - half, row["value"] + half
    return None, None


def _serving(row: Row | None) -> float | None:
    return row["value"] if row and row["serves"] else None


def _comparison(row: Row, benchmark: float | None) -> str:
    if None in (row["lower"], row["upper"], benchmark):
        return "not_compared"
    if row["upper"] < benchmark:
        return "lower"
    return "higher" if row["lower"] > benchmark else "similar"


def _judgement(comparison: str, metric: Row) -> str:
    if comparison == "not_compared":
        return comparison
    if metric["direction"] == "neutral":
        return "no_judgement"
    if comparison == "similar":
        return comparison
    return "better" if (comparison == "higher") == (metric["direction"] == "higher_is_better") else "worse"


def _reaches(row: Row, threshold: float, metric: Row) -> bool:
    achieved, needed = row["value"], threshold
    if metric["kind"] in COUNTED and row["numerator"] is not None and row["denominator"]:
        achieved, needed = row["numerator"] * metric["multiplier"], threshold * row["denominator"]
    if math.isclose(achieved, needed, rel_tol=1e-13):
        return True
    return bool(achieved < needed if metric["direction"] == "lower_is_better" else achieved > needed)


def _stability(row: Row, metric: Row, lower: float | None, upper: float | None) -> float | None:
    scale = metric["multiplier"]
    if metric["kind"] == "proportion":
        count, size = _effective(row, metric)
        if count is not None and size is not None:
            posterior = stats.beta(count + 0.5, size - count + 0.5)
            return _between(posterior, lower, upper, scale)
    if metric["kind"] in ("rate", "ratio") and None not in (row["numerator"], row["denominator"]):
        posterior = stats.gamma(row["numerator"] + 0.5, scale=1 / row["denominator"])
        return _between(posterior, lower, upper, scale)
    if None in (row["lower"], row["upper"]) or row["lower"] == row["upper"]:
        return None
    normal = stats.norm(row["value"], (row["upper"] - row["lower"]) / 3.919928)
    return _between(normal, lower, upper, 1)


def _between(distribution: Any, lower: float | None, upper: float | None, scale: float) -> float:
    below = 1.0 if upper is None else distribution.cdf(upper / scale)
    return float(below - (0.0 if lower is None else distribution.cdf(lower / scale)))


def _moved(earlier: Row, later: Row, metric: Row) -> int | None:
    """Return 1 for a clear rise, -1 for a clear fall, 0 for neither, None where it cannot be tested."""
    if metric["kind"] == "proportion":
        counts = [_effective(row, metric) for row in (earlier, later)]
        first, second = (_wilson(*pair, 0.99) for pair in counts)
        if first and second:
            before, after = (count / size for count, size in counts if count is not None and size)
            difference = after - before
            if difference - math.hypot(after - second[0], first[1] - before) > 0:
                return 1
            return -1 if difference + math.hypot(second[1] - after, before - first[0]) < 0 else 0
    if metric["kind"] in ("rate", "ratio"):
        events = [row["numerator"] for row in (earlier, later)]
        sizes = [row["denominator"] for row in (earlier, later)]
        if None not in events and all(sizes):
            whole = [round(count) for count in events]
            if not sum(whole) or stats.binomtest(whole[0], sum(whole), sizes[0] / sum(sizes)).pvalue >= 0.01:
                return 0
            return 1 if events[1] * sizes[0] > events[0] * sizes[1] else -1
    limits = [row[name] for row in (earlier, later) for name in ("lower", "upper")]
    if None in limits:
        return None
    error = math.hypot(limits[1] - limits[0], limits[3] - limits[2]) / 3.919928
    difference = later["value"] - earlier["value"]
    if abs(difference) <= 2.575829 * error:
        return 0
    return 1 if difference > 0 else -1
