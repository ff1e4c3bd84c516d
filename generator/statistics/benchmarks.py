"""What each result is compared with: country, parent area, target; and the thresholds that hold for it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.vocabulary import BenchmarkKind
from generator.statistics.categories import choose
from generator.statistics.keys import Numbers, Positions, find_rows, key_of, keys_of, take_or_blank
from generator.statistics.periods import Calendar
from generator.statistics.places import Places

TARGET_COLUMNS = ("target", "threshold_good", "threshold_acceptable")


def find_benchmarks(
    rows: pd.DataFrame, metric: Metric, places: Places, calendar: Calendar, targets: pd.DataFrame
) -> pd.DataFrame:
    """Return what each row can be compared with, as columns aligned with the rows.

    country, parent and target are values in the metric's unit, NaN where there is none or where it may not
    serve; country_place and parent_place the numbers of the organisations they belong to, -1 for none;
    threshold_good and threshold_acceptable those that hold for the row. A country is compared with no
    country, an area with no parent. `targets` holds the rows of TARGETS for the metric. The rows are sorted
    by key.
    """
    organisation = rows["organisation"].to_numpy(np.int64)
    period = rows["period"].to_numpy(np.int64)
    country, parent = (np.full(len(rows), -1, dtype=np.int64) for _ in range(2))
    levels = {name: np.full(len(rows), np.nan) for name in TARGET_COLUMNS}
    for number in np.unique(period):
        here = period == number
        standing = places.on(calendar.end[number])
        country[here] = standing.country[organisation[here]]
        parent[here] = standing.parent[organisation[here]]
        for name, by_place in _levels_by_place(metric, places, calendar.end[number], targets).items():
            levels[name][here] = by_place[organisation[here]]
    country[places.is_country[organisation]] = -1
    parent[places.is_group[organisation] | places.is_country[parent]] = -1
    return pd.DataFrame(
        {
            "country_place": country,
            "country": _values_of(country, rows),
            "parent_place": parent,
            "parent": _values_of(parent, rows),
            **levels,
        },
        index=rows.index,
    )


def add_benchmarks(
    rows: pd.DataFrame, benchmarks: pd.DataFrame, metric: Metric, places: Places
) -> pd.DataFrame:
    """Return the rows with benchmark_kind, benchmark_place (a number) and benchmark of the scorecard.

    The metric says which. Areas, and organisations directly under the country, are compared with the country
    where others are with their parent or peers; the country itself only with a target. Peers are not built
    yet: such rows name them and have no benchmark.
    """
    wanted, organisation = metric.benchmark, rows["organisation"].to_numpy(np.int64)
    is_group, is_country = places.is_group[organisation], places.is_country[organisation]
    against_target = np.full(len(rows), wanted is BenchmarkKind.TARGET)
    none = np.full(len(rows), wanted is BenchmarkKind.NONE) | (is_country & ~against_target)
    has_parent = (benchmarks["parent_place"] >= 0).to_numpy()
    against_parent = has_parent & (wanted is BenchmarkKind.PARENT)
    against_peers = ~is_group & (wanted is BenchmarkKind.PEERS)
    kind = choose(
        "benchmark_kind",
        {
            BenchmarkKind.NONE: none,
            BenchmarkKind.TARGET: against_target,
            BenchmarkKind.PARENT: against_parent,
            BenchmarkKind.PEERS: against_peers,
        },
        otherwise=BenchmarkKind.COUNTRY,
    )
    choices = [none | against_peers, against_target, against_parent]
    return rows.assign(
        benchmark_kind=kind,
        benchmark_place=np.select(
            choices, [-1, -1, benchmarks["parent_place"]], default=benchmarks["country_place"]
        ),
        benchmark=np.select(
            choices, [np.nan, benchmarks["target"], benchmarks["parent"]], default=benchmarks["country"]
        ),
    )


def _values_of(place: Positions, rows: pd.DataFrame) -> Numbers:
    """Return the value of another organisation in the same breakdown and period, where it may serve."""
    wanted = key_of(place, rows["breakdown"].to_numpy(np.int64), rows["period"].to_numpy(np.int64))
    found = np.where(place >= 0, find_rows(keys_of(rows), wanted), -1)
    return take_or_blank(rows["value"].where(rows["serves"]).to_numpy(), found)


def _levels_by_place(
    metric: Metric, places: Places, day: np.datetime64, targets: pd.DataFrame
) -> dict[str, Numbers]:
    """Return target and thresholds of every organisation on a day; the nearest wins.

    Nearest is the organisation's own, then that of the smallest area it belongs to (in any tree, ties by
    code), then the country's, then the metric's. The two thresholds are taken together from one place.
    """
    levels = {
        name: np.full(len(places), np.nan if default is None else default)
        for name, default in (
            ("target", metric.target),
            ("threshold_good", metric.threshold_good),
            ("threshold_acceptable", metric.threshold_acceptable),
        )
    }
    if targets.empty:
        return levels
    begin, end = (targets[name].to_numpy("datetime64[s]") for name in ("from", "to"))
    targets = targets[(np.isnat(begin) | (begin <= day)) & (np.isnat(end) | (end >= day))]
    for columns in (("target",), ("threshold_good", "threshold_acceptable")):
        stated = targets[targets[list(columns)].notna().any(axis=1)]
        if len(stated):
            nearest = _nearest(stated, places, day)
            for name in columns:
                levels[name] = np.where(nearest >= 0, stated[name].to_numpy()[nearest], levels[name])
    return levels


def _nearest(stated: pd.DataFrame, places: Places, day: np.datetime64) -> Positions:
    """Return for each organisation the position of the nearest of these rows of TARGETS, -1 for none.

    Of two rows for one place, that which began last.
    """
    order = np.argsort(stated["from"].to_numpy("datetime64[s]").astype(np.int64), kind="stable")
    code = stated["organisation_code"].to_numpy(object)[order]
    by_place = np.full(len(places), -1, dtype=np.int64)
    for_all = order[code == ""]
    nearest = np.full(len(places), for_all[-1] if len(for_all) else -1, dtype=np.int64)
    by_place[places.codes.get_indexer(pd.Index(code[code != ""]))] = order[code != ""]

    standing = places.on(day)
    organisation, group = standing.members.nonzero()
    has_row = by_place[places.groups[group]] >= 0
    organisation, group = organisation[has_row], group[has_row]
    # The smallest group comes last, and so stays.
    far_first = np.lexsort((-group, -standing.size[group], organisation))
    nearest[organisation[far_first]] = by_place[places.groups[group[far_first]]]
    return np.where(by_place >= 0, by_place, nearest)
