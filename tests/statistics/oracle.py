"""The rules once more, slowly: plain Python over one row at a time, to hold the vectorised room against.

Nothing is imported from `generator.statistics`. What is written here follows docs/methods/ and the design,
not the code it checks; scipy gives quantiles and tests. Which rows are hidden beside those that are small is
a choice, not a rule: it is taken from the tables that are checked (`sacrifices`), and asked for its reasons.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from generator.model.methods import MethodOptions
from generator.model.policy import DisclosurePolicy
from generator.model.release import ProtectedTables, Publication, Release
from tests.statistics.oracle_counts import (
    FIGURES,
    WHOLE_COUNTRY,
    Sacrifice,
    is_dominated,
    is_excluded_hidden,
    is_primary,
    is_reported,
    protect,
    shows_counts,
    significant,
    total_of,
)
from tests.statistics.oracle_groups import add_up_fifths, fifths_of, funnel, percentiles_of, rank, slope_of
from tests.statistics.oracle_methods import COUNTED, add_interval, add_value, band, comparison, judgement
from tests.statistics.oracle_places import Whereabouts, records
from tests.statistics.oracle_series import Key, Series

Row = dict[str, Any]


class Oracle:
    """RESULTS and its companion tables as dictionaries by key; None is a missing number.

    `tables` are those that are checked: from them comes only what the gate chose to give up. `earlier` are
    the releases before, the oldest first.
    """

    def __init__(
        self,
        release: Release,
        tables: ProtectedTables,
        *,
        earlier: Sequence[Publication] = (),
        policy: DisclosurePolicy | None = None,
        options: MethodOptions | None = None,
    ) -> None:
        self.where = Whereabouts(release.directory)
        self.policy, self.options = policy or DisclosurePolicy(), options or MethodOptions()
        self.observations: dict[tuple[str, str, str], dict[str, Row]] = defaultdict(dict)
        for row in records(release.observations):
            figures = {name: row[name] if row["absence"] == "" else None for name in FIGURES}
            kept = {name: row[name] for name in ("absence", "submission", "note", "basis")}
            cell = (row["metric_id"], row["breakdown_id"], row["period"])
            self.observations[cell][row["organisation_code"]] = {**figures, **kept}
        self._add_missing_rows()

        self.earlier = earlier
        self.peers = self.where.peers(self.options.peers)
        self.deprivation = self.where.deprivation()
        self.published = by_key(tables.results)
        self.results: dict[Key, Row] = {}
        self.comparisons: dict[tuple[str, ...], Row] = {}
        self.metric_periods: dict[Key, Row] = {}
        self.fifths: dict[tuple[Any, ...], Row] = {}
        self.primary: set[Key] = set()
        self.dominated: set[Key] = set()
        self.sacrifices: dict[Key, Sacrifice] = {}
        for cell in sorted(self.observations):
            self._compute_cell(*cell)
        previous = by_key(earlier[-1].tables.results) if earlier else None
        series = Series(self.where, self.results, self.options, previous)
        series.add_all()
        self.spc = series.spc

    def _add_missing_rows(self) -> None:
        if not self.where.missing_rows:
            return
        blank = {
            **dict.fromkeys(FIGURES),
            "absence": self.where.missing_rows,
            "submission": "final",
            "note": "",
            "basis": "",
        }
        for metric_id, period in sorted({(cell[0], cell[2]) for cell in self.observations}):
            metric, rows = self.where.metric(metric_id, period), self.observations[metric_id, "all", period]
            for code in self.where.organisations:
                if code not in rows and self.where.is_expected(code, metric, period):
                    rows[code] = dict(blank)

    # One metric, breakdown and period

    def _compute_cell(self, metric_id: str, breakdown: str, period: str) -> None:
        where, end = self.where, self.where.periods[period]["end"]
        metric, members = where.metric(metric_id, period), where.members(end)
        raw = {
            code: {**row, "serves": True}
            for code, row in self.observations[metric_id, breakdown, period].items()
        }
        counting = {code: row for code, row in raw.items() if where.counts_in_totals(code, metric, period)}
        reporting = {code for code, row in counting.items() if is_reported(row, metric)}
        expected = reporting | {
            code
            for code in where.organisations
            if where.is_expected(code, metric, period)
            and raw.get(code, {"absence": ""})["absence"] != "not_applicable"
        }
        supplied = {code for code in raw if where.is_group(code)}
        described: dict[str, Row] = {}
        for group in sorted(code for code in where.organisations if where.is_group(code)):
            inside = members.get(group, set())
            own = {code: counting[code] for code in sorted(inside & counting.keys())}
            counts = {"reported": len(inside & reporting), "expected": len(inside & expected)}
            if inside & expected or own or group in supplied or group in where.countries:
                described[group] = counts
            if group not in supplied and metric["kind"] in COUNTED and metric["applies_to"] != "area":
                total = total_of(own, counts["reported"], counts["expected"])
                if total:
                    raw[group] = total
                    if is_dominated(own, metric, self.policy):
                        self.dominated.add((metric_id, group, breakdown, period))

        finished = {}
        for code, row in raw.items():
            key = (metric_id, code, breakdown, period)
            is_whole = code in where.countries and described[code]["reported"] >= WHOLE_COUNTRY
            finished[code] = self._finish(key, row, metric, is_whole=is_whole)
        for code, row in finished.items():
            self._compare(code, row, finished, metric, end)
            row["thresholds"] = where.levels(code, metric, end, ("threshold_good", "threshold_acceptable"))
            row["band"], row["band_stability"] = band(row, metric, *row["thresholds"])
            row |= {"percentile": None, "quintile": None, "outlier": ""}
            self.results[metric_id, code, breakdown, period] = row
            for kind, benchmark in row.pop("benchmarks").items():
                self.comparisons[metric_id, code, breakdown, period, kind] = benchmark
        for group, counts in described.items():
            total = finished.get(group, {})
            country = (
                self._describe_country(group, (metric_id, breakdown, period), raw, finished)
                if group in where.countries
                else {
                    **percentiles_of([], 0),
                    **dict.fromkeys(("phi", "tau2", "flagged", "flagged_by_chance")),
                    **dict.fromkeys(("sii", "sii_lower", "sii_upper")),
                    "limits_used": "",
                }
            )
            self.metric_periods[metric_id, breakdown, period, group] = {
                **{name: total.get(name) for name in ("numerator", "denominator", "value")},
                **counts,
                **country,
            }

    def _finish(self, key: Key, row: Row, metric: Row, *, is_whole: bool) -> Row:
        """Return the row protected, with value, coverage, absence and interval."""
        if is_primary(row, metric, self.policy) and not is_whole:
            self.primary.add(key)
        shown = self.published.get(key)
        sacrifice = self._sacrifice(row, shown, metric, key[2], is_whole=is_whole) if shown else Sacrifice()
        if key not in self.primary and sacrifice != Sacrifice():
            self.sacrifices[key] = sacrifice
        row = protect(
            row,
            metric,
            self.policy,
            is_group_of_patients=key[2] != "all",
            is_whole=is_whole,
            sacrifice=sacrifice,
        )
        row["version"] = metric["version"]
        add_value(row, metric)
        add_interval(row, metric)
        return row

    def _compare(self, code: str, row: Row, rows: dict[str, Row], metric: Row, day: date) -> None:
        where = self.where
        country = "" if code in where.countries else where.country_of(code, day)
        parent = where.smallest(where.groups(code, day, ["main"]), day)
        if where.is_group(code) or parent in where.countries:
            parent = ""
        row["target"] = where.levels(code, metric, day, ("target",))[0]
        candidates = {
            "country": (country, _serving(rows.get(country))),
            "parent": (parent, _serving(rows.get(parent))),
            "peers": self._peers_value(code, rows, metric),
            "target": ("", row["target"]),
        }
        kind = metric["benchmark"]
        if kind != "target" and code in where.countries:
            kind = "none"
        elif (kind == "parent" and not parent) or (kind == "peers" and where.is_group(code)):
            kind = "country"
        benchmark_code, benchmark = candidates.get(kind, ("", None))
        row |= {"benchmark_kind": kind, "benchmark_code": benchmark_code, "benchmark": benchmark}
        row["comparison"] = comparison(row, benchmark)
        row["judgement"] = judgement(row["comparison"], metric)
        row["benchmarks"] = {
            name: {
                "benchmark_code": place,
                "benchmark": value,
                "lower": row["lower"],
                "upper": row["upper"],
                "comparison": comparison(row, value),
                "judgement": judgement(comparison(row, value), metric),
            }
            for name, (place, value) in candidates.items()
            if value is not None and row["value"] is not None
        }

    def _peers_value(self, code: str, rows: dict[str, Row], metric: Row) -> tuple[str, float | None]:
        """Return what stands for an organisation's peers, and their value: of the counts they show."""
        peers = self.peers.get(code, [])
        shown = [rows[peer] for peer in peers if peer in rows and shows_counts(rows[peer])]
        whole = sum(row["denominator"] for row in shown)
        if metric["kind"] not in COUNTED or not whole or len(shown) < 0.8 * len(peers):
            return (code if peers else ""), None
        return code, sum(row["numerator"] for row in shown) * metric["multiplier"] / whole

    def _describe_country(
        self, country: str, cell: tuple[str, str, str], raw: dict[str, Row], finished: dict[str, Row]
    ) -> Row:
        """Return what is said of a country's organisations together, and tell each where it stands."""
        metric_id, breakdown, period = cell
        where, metric = self.where, self.where.metric(metric_id, period)
        end = where.periods[period]["end"]
        everyone = {
            code
            for code in where.organisations
            if where.counts_in_totals(code, metric, period) and where.country_of(code, end) == country
        }
        own = {code: finished[code] for code in sorted(everyone & finished.keys())}
        values = sorted(row["value"] for row in own.values() if row["value"] is not None)
        hidden = sum(
            row["absence"] in ("suppressed", "suppressed_at_source", "too_few") for row in own.values()
        )
        for code, row in own.items():
            # Areas are of several levels, and hold each other.
            if (
                row["value"] is not None
                and metric["kind"] not in ("count", "status")
                and not where.is_group(code)
            ):
                row["percentile"], row["quintile"] = rank(row["value"], values)

        total = finished.get(country)
        judged = {code: row for code, row in own.items() if not where.is_group(code)}
        columns, outliers = funnel(
            {code: raw[code] for code in judged}, judged, total["value"] if total else None, metric
        )
        for code, outlier in outliers.items():
            own[code]["outlier"] = outlier

        slope: tuple[float | None, ...] = (None, None, None)
        if metric["kind"] in COUNTED:
            fifth_of = fifths_of(
                {code: self.deprivation[code] for code in everyone & self.deprivation.keys()}
            )
            fifths = add_up_fifths(own, fifth_of, metric)
            for fifth, row in fifths.items():
                self.fifths[metric_id, breakdown, period, country, fifth] = row
            concerned = Counter(
                fifth_of[code]
                for code in fifth_of.keys() & own.keys()
                if own[code]["absence"] != "not_applicable"
            )
            if all(row["organisations"] >= 0.8 * concerned[fifth] for fifth, row in fifths.items()):
                slope = slope_of(fifths)
        return {
            **percentiles_of(values, hidden),
            **columns,
            **dict(zip(("sii", "sii_lower", "sii_upper"), slope, strict=True)),
        }

    # What the gate chose

    def _sacrifice(self, row: Row, shown: Row, metric: Row, breakdown: str, *, is_whole: bool) -> Sacrifice:
        """Return what is missing of a row as it is shown, as far as the gate decides it."""
        if shown["protection"] == "hidden":
            return Sacrifice(hidden=True)
        is_blank = row["excluded"] is not None and shown["excluded"] is None
        is_ruled = breakdown != "all" and shown["protection"] == "rounded"
        if not is_whole:
            is_ruled |= is_excluded_hidden(row, metric, self.policy)
        excluded = is_blank and not is_ruled
        if is_whole and shown["protection"] == "rounded":
            fits = [
                digits
                for digits in (4, 3, 2)
                if all(shown[name] == significant(row[name], digits) for name in ("numerator", "denominator"))
            ]
            return Sacrifice(excluded=excluded, digits=max(fits, default=4))
        return Sacrifice(excluded=excluded)

    def unexplained(self) -> list[Key]:
        """Return the rows that were given up without need: nothing small is near them, now or earlier."""
        near = {(key[0], key[3]) for key in self.primary}
        for publication in self.earlier:
            results = publication.tables.results
            hidden = results[results["protection"] == "hidden"]
            near |= set(zip(hidden["metric_id"], hidden["period"], strict=True))
        for (metric_id, _, period), rows in self.observations.items():
            metric = self.where.metric(metric_id, period)
            if any(is_excluded_hidden(row, metric, self.policy) for row in rows.values()):
                near.add((metric_id, period))
        return [
            key
            for key in self.sacrifices
            if (key[0], key[3]) not in near or self.where.metric(key[0], key[3])["disclosure"] == "open"
        ]

    def unprotected(self) -> list[Key]:
        """Return the rows that had to be hidden, for their own size or as dominated, and are not."""
        return sorted(
            key
            for key in self.primary | self.dominated
            if key in self.published and self.published[key]["protection"] != "hidden"
        )


def by_key(results: pd.DataFrame) -> dict[Key, Row]:
    """Return RESULTS as dictionaries by key."""
    return {
        (row["metric_id"], row["organisation_code"], row["breakdown_id"], row["period"]): row
        for row in records(results)
    }


def _serving(row: Row | None) -> float | None:
    return row["value"] if row and row["serves"] else None
