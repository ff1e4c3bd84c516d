"""What each result is compared with: country, parent area, target; and the thresholds that hold for it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.vocabulary import BenchmarkKind
from generator.statistics.categories import choose
from generator.statistics.keys import Numbers, Positions, take_or_blank
from generator.statistics.panel import Panel
from generator.statistics.peers import Peers, peer_places, peer_values
from generator.statistics.periods import Calendar
from generator.statistics.places import Places

TARGET_COLUMNS = ("target", "threshold_good", "threshold_acceptable")


def find_benchmarks(
    rows: pd.DataFrame,
    metric: Metric,
    places: Places,
    calendar: Calendar,
    targets: pd.DataFrame,
    peers: Peers,
) -> pd.DataFrame:
    """Return what each row can be compared with, as columns aligned with the rows.

    country, parent, peers and target are values in the metric's unit, NaN where there is none or where it may
    not serve. country_place, parent_place and peers_place are the numbers of the organisations they belong
    to, -1 for none; a peer group goes under the organisation whose peers they are. threshold_good and
    threshold_acceptable are those that hold for the row. A country is compared with no country, an area with
    no parent. `targets` holds the rows of TARGETS for the metric. The rows are sorted by key.
    """
    panel, timeline = Panel.of(rows), places.through(calendar)
    organisation, period = (rows[name].to_numpy(np.int64) for name in ("organisation", "period"))
    standing = timeline.standing[period]
    country, parent = timeline.country[standing, organisation], timeline.parent[standing, organisation]
    country[places.is_country[organisation]] = -1
    parent[places.is_group[organisation] | places.is_country[parent]] = -1
    serving = np.where(rows["serves"].to_numpy(np.bool_), rows["value"].to_numpy(), np.nan)
    return pd.DataFrame(
        {
            "country_place": country,
            "country": take_or_blank(serving, panel.find(country, panel.column)),
            "parent_place": parent,
            "parent": take_or_blank(serving, panel.find(parent, panel.column)),
            "peers_place": peer_places(rows, peers),
            "peers": peer_values(rows, metric, peers),
            **_levels(organisation, period, metric, places, calendar, targets),
        },
        copy=False,
    )


def add_benchmarks(
    rows: pd.DataFrame, benchmarks: pd.DataFrame, metric: Metric, places: Places
) -> pd.DataFrame:
    """Return the rows with benchmark_kind, benchmark_place (a number) and benchmark of the scorecard.

    The metric says which. Areas, and organisations directly under the country, are compared with the country
    where others are with their parent or peers; the country itself only with a target.
    """
    wanted, organisation = metric.benchmark, rows["organisation"].to_numpy(np.int64)
    place, benchmark = (benchmarks[name].to_numpy(copy=True) for name in ("country_place", "country"))
    parent_place, parent, peers_place, peers, target = (
        benchmarks[name].to_numpy() for name in ("parent_place", "parent", "peers_place", "peers", "target")
    )
    everyone = np.ones(len(rows), dtype=np.bool_)
    against_target = everyone & (wanted is BenchmarkKind.TARGET)
    none = (everyone & (wanted is BenchmarkKind.NONE)) | (places.is_country[organisation] & ~against_target)
    against_parent = (parent_place >= 0) & (wanted is BenchmarkKind.PARENT)
    against_peers = ~places.is_group[organisation] & (wanted is BenchmarkKind.PEERS)
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
    for chosen, other_place, other in (
        (against_peers, peers_place, peers),
        (against_parent, parent_place, parent),
        (against_target, -1, target),
        (none, -1, np.nan),
    ):
        np.copyto(place, other_place, where=chosen)
        np.copyto(benchmark, other, where=chosen)
    return rows.assign(benchmark_kind=kind, benchmark_place=place, benchmark=benchmark)


def _levels(
    organisation: Positions,
    period: Positions,
    metric: Metric,
    places: Places,
    calendar: Calendar,
    targets: pd.DataFrame,
) -> dict[str, Numbers]:
    """Return target and thresholds that hold for each organisation and period."""
    if targets.empty:
        levels = _levels_of_metric(metric)
        return {name: np.full(len(period), level) for name, level in levels.items()}
    used = np.unique(period)
    by_place = [_levels_by_place(metric, places, calendar.end[number], targets) for number in used]
    place = np.searchsorted(used, period)
    return {
        name: np.array([levels[name] for levels in by_place])[place, organisation] for name in TARGET_COLUMNS
    }


def _levels_of_metric(metric: Metric) -> dict[str, float]:
    """Return the metric's own target and thresholds, NaN for none."""
    stated = (metric.target, metric.threshold_good, metric.threshold_acceptable)
    return {
        name: np.nan if level is None else level for name, level in zip(TARGET_COLUMNS, stated, strict=True)
    }


def _levels_by_place(
    metric: Metric, places: Places, day: np.datetime64, targets: pd.DataFrame
) -> dict[str, Numbers]:
    """Return target and thresholds of every organisation on a day; the nearest wins.

    Nearest is the organisation's own, then that of the smallest area it belongs to (in any tree, ties by
    code), then the country's, then the metric's. The two thresholds are taken together from one place.
    """
    levels = {name: np.full(len(places), level) for name, level in _levels_of_metric(metric).items()}
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
