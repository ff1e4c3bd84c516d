"""Work the figures of a release out again, from nothing but its public data package.

    python recompute.py datapackage.zip [METRIC ...]

Comparisons, bands, outliers, control charts and change, in the order of the methods pages; recompute_more.py
does the rest. Each method starts from what is published of the steps before. Nothing is shared with the
software that made the package. Exit status 1: a figure differs.
"""

import json
import sys
from collections import Counter, defaultdict
from typing import Any
from zipfile import ZipFile

import numpy as np
import pandas as pd
from pandas import DataFrame, Series
from scipy.stats import binomtest, chi2, norm

Tables = dict[str, Any]  # by name
ID = "metric_id organisation_code breakdown_id"
SERIES = ID.split()
KEY = [*SERIES, "period"]
CELL = ["metric_id", "breakdown_id", "period", "country"]  # organisations that are held against each other
LEVELS = ["threshold_good", "threshold_acceptable"]
WIDTH = 3.919928  # a 95% interval is so many standard errors wide
DEFAULTS = {"tree": "main", "from": "", "to": "9999", "opened_on": "", "closed_on": "9999", "multiplier": 1.0}
# What a package leaves out if it is empty; columns with a star hold numbers.
LIMITS = "target* threshold_good* threshold_acceptable*"
OPTIONAL = {
    "metrics": f"valid_from breaks_series rolling multiplier* minimum_denominator* {LIMITS}",
    "organisations": "parent_code opened_on closed_on",
    "memberships": "organisation_code parent_code tree from to",
    "kinds": "kind is_area",
    "targets": f"metric_id organisation_code from to {LIMITS}",
    "peers": "organisation_code peer_code",
    "comparisons": f"{ID} period benchmark_kind benchmark_code benchmark* lower* upper* comparison judgement",
    "rebases": "metric_id organisation_code date",
    "spc": f"{ID} segment* start points* mean* lower* upper*",
}


class Report:
    """What was recomputed of each column, what differs, and what is excepted and why."""

    def __init__(self) -> None:
        self.compared, self.excepted, self.different = Counter[str](), Counter[str](), list[str]()

    def compare(self, table: str, where: DataFrame, excepted: Any = "", **ours: Any) -> None:
        """Hold our columns against the published ones in `where`; after a merge these end in _listed."""
        reason = Series(excepted, where.index)
        for name, column in ours.items():
            published, wanted = where.get(f"{name}_listed", where.get(name)), Series(column, where.index)
            told, differs = (reason == "") & (wanted.notna() | published.notna()), wanted != published
            if pd.api.types.is_numeric_dtype(published):
                differs = ~np.isclose(wanted.astype(float), published, rtol=1e-9, atol=1e-11)
            self.compared[f"{table}.{name}"] += int(told.sum())
            self.excepted.update(f"{table}.{name}: {each}" for each in reason[reason != ""])
            for row in where.index[told & differs]:
                at = " ".join(where.loc[row].filter([*KEY, "against", "segment", "fifth"]).dropna().map(str))
                self.different += [f"{table}.{name} of {at}: published {published[row]}, ours {wanted[row]}"]

    def finish(self) -> int:
        """Print what came of it and return the exit status."""
        lines = [f"{name:34}{count:9,} recomputed" for name, count in sorted(self.compared.items())]
        lines += [f"{count:9,} not recomputed of {name}" for name, count in sorted(self.excepted.items())]
        print(*lines, *self.different[:20], f"{len(self.different):,} cells differ.", sep="\n")  # noqa: T201
        return min(len(self.different), 1)


def choose(default: Any, *cases: tuple[Series, Any]) -> Series:
    """Return for each row what stands beside the first condition that holds."""
    return Series(np.select(*zip(*cases, strict=True), default), cases[0][0].index)


def beyond(figure: Any, lower: Any, upper: Any, slack: Any = 0.0) -> Series:
    """Return 1 above the limits, -1 below, else 0; the slack is that of the computer's arithmetic."""
    return (figure - slack > upper).astype(int) - (figure + slack < lower).astype(int)


def beside(rows: DataFrame, of: DataFrame | None = None, **other: Series) -> DataFrame:
    """Return for each row that of another place or period, or of another table; blank where there is none."""
    wanted = pd.MultiIndex.from_frame(rows[KEY].assign(**other))
    return (rows if of is None else of).set_index(KEY).reindex(wanted).set_axis(rows.index)


def read(package: str, metrics: list[str]) -> Tables:
    """Return the tables of a package by name, of the metrics asked for or of all."""
    parts = defaultdict(list)
    for name, columns in OPTIONAL.items():
        types = {column.strip("*"): float if "*" in column else str for column in columns.split()}
        parts[name] = [DataFrame({column: Series(dtype=kind) for column, kind in types.items()})]
    with ZipFile(package) as files:
        document = json.loads(files.read("datapackage.json"))
        for item in document["resources"]:
            folder, _, name = item["path"].removesuffix(".csv").partition("/")
            if folder == "metadata" or name in metrics or (name and not metrics):
                fields, numbers = item["schema"]["fields"], ("number", "integer")
                types = {field["name"]: float if field["type"] in numbers else str for field in fields}
                part = pd.read_csv(files.open(item["path"]), dtype=types, keep_default_na=False, na_values="")
                parts[name if folder == "metadata" else folder].append(part)
    t = {name: pd.concat(tables, ignore_index=True).fillna(DEFAULTS) for name, tables in parts.items()}
    return {**t, "settings": document["candour"].get("methods", {})}


def find_groups(t: Tables) -> DataFrame:
    """Return who belonged to which area or country on each period's last day, smallest groups first."""
    places, columns = t["organisations"], ["end", "tree", "organisation_code", "parent_code"]
    links, days = t["memberships"], t["periods"][["end"]].drop_duplicates()
    # Today's parent stands where no membership in the main tree is given; a lone country holds everyone.
    placed = places.organisation_code.isin(links.organisation_code[links.tree == "main"])
    countries = places.organisation_code[places.own_kind == "country"]
    lone = countries.iloc[0] if len(countries) == 1 else None
    everyone = places[places.own_kind != "country"].assign(parent_code=lone)
    links = pd.concat([links, places[~placed], everyone]).dropna(subset="parent_code").fillna(DEFAULTS)
    links = links.merge(days, how="cross").query("`from` <= end <= to")[columns]
    found, steps = [links], links.set_axis(["end", "tree", "parent_code", "higher"], axis=1)
    while len(found[-1]):  # what an area belongs to holds its members too
        higher = found[-1].merge(steps).drop(columns="parent_code")
        found.append(higher.rename(columns={"higher": "parent_code"}).drop_duplicates())
    groups = pd.concat(found).drop_duplicates().rename(columns={"parent_code": "group"})
    groups = groups[groups.group.isin(places.organisation_code[places.is_area])]
    size = groups.groupby(["end", "group"]).organisation_code.transform("nunique")
    return groups.assign(size=size, is_country=groups.group.isin(countries)).sort_values(["size", "group"])


def describe(t: Tables) -> DataFrame:
    """Return the results, each with its definition, period, groups, target and thresholds."""
    metrics = t["metrics"].rename(columns={"benchmark": "own", "frequency": "metric_frequency"})
    metrics = metrics.sort_values(["valid_from", "version"], na_position="first")
    metrics["metric_frequency"] = metrics.groupby("metric_id").metric_frequency.transform("last")
    metrics["unbroken"] = (metrics.breaks_series == "true").groupby(metrics.metric_id).cumsum()
    metrics["sign"] = metrics.direction.map({"higher_is_better": 1, "lower_is_better": -1, "neutral": 0})
    metrics["is_share"] = metrics.kind == "proportion"
    metrics["is_counted"] = metrics.is_share | metrics.kind.isin(["rate", "ratio"])
    places = t["organisations"] = t["organisations"].rename(columns={"kind": "own_kind"})
    t["metric_periods"]["organisation_code"] = t["metric_periods"]["country"] = t["metric_periods"].group_code
    areas = ["area", "country", *t["kinds"].kind[t["kinds"].is_area == "true"]]
    places["is_area"] = places.own_kind.isin(areas)
    rows = t["results"].merge(metrics, "left", ["metric_id", "version"])
    rows = rows.merge(t["periods"], "left", "period").merge(places, "left", "organisation_code")
    rows["month"] = 12 * rows.end.str[:4].astype(int) + rows.end.str[5:7].astype(int)
    groups, at = find_groups(t), ["organisation_code", "end"]
    for name, some in (("country", groups[groups.is_country]), ("parent", groups[groups.tree == "main"])):
        rows[name] = rows[at].merge(some.drop_duplicates(at), "left", at).group
    rows["parent"] = rows.parent.mask(rows.parent.isin(groups.group[groups.is_country]) | rows.is_area)
    is_open = (rows.opened_on <= rows.end) & (rows.closed_on >= rows.start)
    rows["is_peer"] = is_open & rows.country.notna() & (rows.own_kind == rows.applies_to)
    # The nearest target wins: its own, else that of the smallest area, else one set for everybody.
    own, key = rows[at].drop_duplicates(), ["metric_id", *at]
    groups = [groups, own.assign(group=own.organisation_code, size=0), own.assign(group="", size=np.inf)]
    targets = t["targets"].assign(group=t["targets"].organisation_code.fillna("")).drop(columns=at[0])
    targets = targets.merge(pd.concat(groups), on="group").query("`from` <= end <= to")
    targets = targets.sort_values(["size", "group", "from"], ascending=[True, True, False])
    for names in (["target"], LEVELS):
        found = rows[key].merge(targets.dropna(subset=names, how="all").drop_duplicates(key), "left", key)
        for name in names:
            rows[name] = rows[name].mask(found["size"].notna(), found[name])
    return rows.assign(**counts_to_test(rows))


def counts_to_test(rows: DataFrame) -> DataFrame:
    """Return x of n that an interval rests on: of a survey, those of its effective base."""
    base = rows.effective_base.fillna(rows.base).where(rows.is_share)
    share = (rows.value / rows.multiplier).where(lambda share: share <= 1 + 1e-9).clip(upper=1)
    n = base.fillna(rows.denominator)
    x = rows.numerator.mask(rows.is_share & (base.notna() | rows.numerator.isna()), share * n)
    return DataFrame({"x": x, "n": n})


def wilson(x: Series, n: Series, confidence: float = 0.95) -> tuple[Series, Series]:
    """Return Wilson's limits of a share of 1."""
    n, z = n.where((n > 0) & (x >= 0) & (x <= n)), norm.ppf(0.5 + confidence / 2)
    middle, half = x + z**2 / 2, z * np.sqrt(x * (n - x) / n + z**2 / 4)
    lower, upper = (middle - half) / (n + z**2), (middle + half) / (n + z**2)
    return lower.mask((x == 0) & n.notna(), 0.0), upper.mask(x == n, 1.0)


def poisson(x: Series, n: Series, confidence: float = 0.95) -> tuple[Series, Series]:
    """Return the limits of events for 1 of the denominator: exact below 10 events, Byar's from 10."""
    x, tail, z = x.where((x >= 0) & (n > 0)), (1 - confidence) / 2, norm.ppf(0.5 + confidence / 2)
    y = x + 1
    lower = (x * (1 - 1 / (9 * x) - z / (3 * np.sqrt(x))) ** 3).where(x >= 10, chi2.ppf(tail, 2 * x) / 2)
    upper = (y * (1 - 1 / (9 * y) + z / (3 * np.sqrt(y))) ** 3).where(x >= 10, chi2.ppf(1 - tail, 2 * y) / 2)
    return lower.mask(x == 0, 0.0) / n, upper / n


def comparisons(rows: DataFrame, t: Tables, report: Report) -> None:
    """Hold each result against country, area, peers and target (comparison.md, aggregates.md, peers.md)."""
    rows["own"] = rows.own.mask((rows.own_kind == "country") & (rows.own != "target"), "none")
    lone = ((rows.own == "parent") & rows.parent.isna()) | ((rows.own == "peers") & rows.is_area)
    rows["own"] = rows.own.mask(lone, "country")
    kinds = [rows.assign(against="target", ours=rows.target), rows.assign(against="none")]
    for kind in ("country", "parent"):
        total = beside(rows, organisation_code=rows[kind]).value
        group = beside(rows, t["metric_periods"], organisation_code=rows[kind])
        serves = ~rows.is_counted | (group.reported * 100 >= group.expected * 80)
        kinds.append(rows.assign(against=kind, code=rows[kind], ours=total.where(serves), total=total))
    shown = rows[KEY].assign(x=rows.numerator, n=rows.denominator, shown=1).dropna()
    sums = t["peers"].merge(shown.rename(columns={"organisation_code": "peer_code"})).groupby(KEY)
    peers = beside(rows, sums[["x", "n", "shown"]].sum().reset_index())
    asked = rows.organisation_code.map(t["peers"].value_counts("organisation_code"))
    serves = rows.is_counted & (peers.n > 0) & (peers.shown * 100 >= asked * 80)
    value = (peers.x * rows.multiplier / peers.n).where(serves)
    kinds.append(rows.assign(against="peers", code=rows.organisation_code.where(asked.notna()), ours=value))
    results, columns = pd.concat(kinds), ["benchmark_code", "benchmark", "comparison", "judgement"]
    listed = t["comparisons"].rename(columns={"benchmark_kind": "against"})
    listed = results.drop(columns=columns).merge(listed, "outer", [*KEY, "against"], suffixes=("", "_listed"))
    listed = listed[listed.comparison.notna() | (listed.ours.notna() & listed.value.notna())]
    report.compare("results", rows, benchmark_kind=rows.own)
    for table, where in (("results", results[results.own == results.against]), ("comparisons", listed)):
        # How many counts are in a total, or that the source supplied it, is not told.
        untold = where.total.notna() & where.is_counted.eq(True) & where.ours.ne(where.benchmark)
        untold &= where.benchmark.isna() | (where.benchmark == where.total)
        told = np.where(untold, "whether this total serves is not told", "")
        report.compare(table, where, told, benchmark=where.ours)
        where = where.assign(ours=where.ours.mask(untold, where.benchmark))[
            where.comparison.notna() | ~untold
        ]
        lies = position(where, where.ours)
        judged = judge(lies, where.sign)
        report.compare(table, where, benchmark_code=where.code, comparison=lies, judgement=judged)
    report.compare("comparisons", where, lower=where.lower, upper=where.upper)


def position(rows: DataFrame, benchmark: Series) -> Series:
    """Return where the whole interval lies against the benchmark."""
    words = choose("similar", (rows.upper < benchmark, "lower"), (rows.lower > benchmark, "higher"))
    return words.mask(rows.lower.isna() | rows.upper.isna() | benchmark.isna(), "not_compared")


def judge(lies: Series, sign: Series) -> Series:
    """Return what a comparison means, through the metric's direction."""
    good = lies.map({"higher": 1, "lower": -1}) * sign
    words = lies.mask((lies != "not_compared") & (sign == 0), "no_judgement")
    return words.mask(good > 0, "better").mask(good < 0, "worse")


def band_of(rows: DataFrame, asked: DataFrame) -> Series:
    """Return bands by the thresholds of the rows asked; counts decide where there are any (bands.md)."""
    has_counts = asked.is_counted & rows.numerator.notna() & (rows.denominator > 0)
    reached = rows.value.mask(has_counts, rows.numerator * asked.multiplier)
    levels = asked[LEVELS].mul(rows.denominator.where(has_counts, 1), axis=0)
    # The slack is that of the computer's arithmetic, in which 0.07 * 100 is a little more than 7.
    ahead = levels.rsub(reached, axis=0).mul(asked.sign, axis=0) >= -1e-14 * levels.abs()
    too_few = rows.denominator.fillna(rows.base).fillna(0) < asked.minimum_denominator
    none = rows.value.isna() | too_few | (asked.sign == 0) | levels.isna().all(axis=1)
    cases = (none, "not_banded"), (ahead.threshold_good, "good"), (ahead.threshold_acceptable, "acceptable")
    return choose("below_standard", *cases)


def in_funnels(rows: DataFrame, t: Tables) -> DataFrame:
    """Return who is judged, with centre p0 and tau2 as published; w is 1 over the variance by chance."""
    group = rows[CELL].merge(t["metric_periods"], "left")
    cells = rows.assign(p0=group.value / rows.multiplier, reported=group.reported, p=rows.x / rows.n)
    cells["tau2"] = group.tau2.where(group.phi > 1)
    cells["w"] = 4 * cells.n * cells.p0.mask(cells.is_share, 1)
    cells = cells[rows.is_peer & ~rows.is_area & rows.is_counted & rows.absence.isna()]
    cells = cells[(cells.numerator >= 0) & (cells.denominator > 0) & (cells.n > 0) & (cells.p0 > 0)]
    cells = cells[~cells.is_share | ((cells.p <= 1) & (cells.p0 < 1))]
    return cells[(cells.groupby(CELL).n.transform("size") >= 10) | (cells.reported >= 50)]


def outliers(rows: DataFrame, t: Tables, report: Report) -> None:
    """Judge each organisation by funnel limits (outliers.md)."""
    cells = in_funnels(rows, t)
    flags = flag(cells)
    report.compare("results", rows, outlier=flags.reindex(rows.index))
    ours = cells.assign(is_flagged=flags != "none").groupby(CELL, as_index=False)
    ours = ours.agg(k=("n", "size"), flagged=("is_flagged", "sum"))
    found = t["metric_periods"].merge(ours, "left", CELL, suffixes=("_listed", ""))
    used = choose("exact", (found.k.isna(), None), (found.phi > 1, "adjusted"))
    ours = {"limits_used": used, "flagged": found.flagged, "flagged_by_chance": 0.05 * found.k}
    report.compare("metric_periods", found, **ours)


def flag(cells: DataFrame) -> Series:
    """Return on which side of the funnel limits each organisation lies, and how far out."""
    is_share, p, p0, steps = cells.is_share, cells.p, cells.p0, 0
    for q, confidence in ((1.959964, 0.95), (3.090232, 0.998)):
        half, wide = q * np.sqrt(p0 * (1 - p0) / cells.n), q * np.sqrt(1 / cells.w + cells.tau2)
        share = beyond(p, (p0 - half).clip(lower=0), (p0 + half).clip(upper=1), 1e-12 * p)
        exact = share.where(is_share, -beyond(p0, *poisson(cells.x, cells.n, confidence), 1e-12 * p0))
        limits = []
        for end in (-wide, wide):
            angle = (np.arcsin(np.sqrt(p0)) + end).clip(0, np.pi / 2)
            limits.append((p0 * (1 + end).clip(lower=0) ** 2).mask(is_share, np.sin(angle) ** 2))
        adjusted = beyond(p, *limits, 1e-12 * p)
        steps += exact.where(cells.tau2.isna() | (exact == adjusted), 0)
    return steps.map({-2: "alarm_low", -1: "alert_low", 0: "none", 1: "alert_high", 2: "alarm_high"})


def charts(rows: DataFrame, t: Tables, report: Report) -> None:
    """Draw each control chart again: its segments and limits, what each point says (control-charts.md)."""
    charted = on_axis(rows, t["rebases"])
    points = charted[charted.value.notna()]
    follows = (points.chart == points.chart.shift()) & (points.place.diff() == 1)  # a gap ends everything
    ranges, by = points.value.diff().abs().where(follows), points.groupby("chart").value
    usual = ranges[(ranges < 3.267 * ranges.groupby(points.chart).transform("mean")) | (ranges == 0)]
    half = (2.66 * usual.groupby(points.chart).mean()).reindex(by.size().index).where(by.size() >= 13)
    low, high = by.mean() - half, by.mean() + half
    lines = DataFrame({"points": by.size(), "mean": (low + high) / 2, "low": low, "high": high})
    lines["noise"] = 1e-12 * np.maximum(1, np.maximum(low.abs(), high.abs()))
    segments = charted.groupby("chart")[KEY].first().join(lines, how="inner")
    segments = segments.rename(columns={"period": "start", "low": "lower", "high": "upper"})
    segments["segment"] = segments.groupby(SERIES).cumcount() + 1.0
    found = segments.merge(t["spc"], "outer", [*SERIES, "segment"], suffixes=("", "_listed"))
    report.compare("spc", found, **found[["start", "points", "mean", "lower", "upper"]])
    has_chart = charted.groupby(SERIES).value.transform("count") > 0
    charted, points = charted.join(lines, on="chart"), points.assign(follows=follows).join(lines, on="chart")
    marked = mark(points, t["settings"].get("two_of_three") == "before_2023").reindex(charted.index)
    has_value, has_limits, good = charted.value.notna(), charted.low.notna(), marked * charted.sign
    word = choose("neutral", (good > 0, "improvement"), (good < 0, "concern"))
    cases = (~has_chart, None), (~has_value, "no_data"), (~has_limits, "not_enough_points")
    words = choose(word + "_low", *cases, (marked == 0, "common_cause"), (marked > 0, word + "_high"))
    above = beyond(charted.target, charted.low, charted.high, charted.noise) * charted.sign
    none = charted.target.isna() | (charted.sign == 0) | ~has_limits | ~has_value
    cases = (none, None), (above > 0, "consistently_failing"), (above < 0, "consistently_passing")
    assurance = choose("hit_and_miss", *cases).reindex(rows.index)
    report.compare("results", rows, variation=words.reindex(rows.index), assurance=assurance)


def on_axis(rows: DataFrame, rebases: DataFrame) -> DataFrame:
    """Return the rows of charted periods in their order: place on the axis, and number of the segment."""
    step = rows.frequency.map({"month": 1, "quarter": 3}).where(rows.frequency == rows.metric_frequency)
    axis = rows.assign(step=step)[step.notna() & (rows["rolling"] != "true") & (rows.kind != "status")]
    axis = axis.drop_duplicates(["metric_id", "period"]).sort_values(["end", "start", "period"])
    by = axis.groupby("metric_id")
    share_days = axis.metric_id.isin(axis.metric_id[axis.start <= by.end.shift()])
    after_gap = by.month.diff() > axis.step  # a period was left out
    axis["place"] = (1 + after_gap).groupby(axis.metric_id).cumsum()
    axis = axis.loc[~share_days, ["metric_id", "period", "place"]]
    place = rows[["metric_id", "period"]].merge(axis, "left").place
    dates = rebases.rename(columns={"organisation_code": "only"}).merge(rows.reset_index(), on="metric_id")
    holds = (dates.only.isna() | (dates.only == dates.organisation_code)) & (dates.date <= dates.end)
    begun = dates[holds].value_counts("index").reindex(rows.index, fill_value=0)
    rows = rows.assign(place=place, begun=begun)[place.notna()].sort_values([*SERIES, "place"])
    return rows.assign(chart=rows.groupby([*SERIES, "unbroken", "begun"], sort=False).ngroup())


def mark(p: DataFrame, is_older: bool) -> Series:
    """Return 1 for points marked high or rising, -1 for low or falling, else 0: the first rule that fits."""
    sigma = (p.high - p["mean"]) / 3
    side, outside = beyond(p.value, p["mean"], p["mean"], p.noise), beyond(p.value, p.low, p.high, p.noise)
    far = beyond(p.value, p["mean"] - 2 * sigma, p["mean"] + 2 * sigma, p.noise) != 0
    far &= (outside == 0) | (not is_older)
    step = beyond(p.value.diff().where(p.follows), 0, 0, p.noise)
    # Stretches of equal signs without a gap, by number, and how long each is.
    sides, steps = ((~p.follows | (sign != sign.shift())).cumsum() for sign in (side, step))
    length, rise = (stretch.groupby(stretch).transform("size") for stretch in (sides, steps))
    trend = step.where(rise >= 6, 0)
    trend = trend.mask(trend == 0, trend.shift(-1, fill_value=0))  # the point that the first step leaves
    others = [far.groupby(sides).shift(by, fill_value=False) for by in (-2, -1, 1, 2)]
    pairs = side.where(far & np.any(others, axis=0) & (length >= 3), 0)
    rules = [outside, trend, pairs, side.where(length >= 7, 0)]
    return choose(0, *((rule != 0, rule) for rule in rules))


def change(rows: DataFrame, report: Report) -> None:
    """Hold each result against the period before, quarters and months against a year before (change.md)."""
    for name, period in zip(("change", "change_year"), earlier_periods(rows), strict=True):
        moved = movement(rows, beside(rows, period=period))
        none, good = rows.value.isna() | period.isna(), moved * rows.sign
        cases = (none, None), (moved.isna(), "not_comparable"), (good > 0, "improved"), (good < 0, "worsened")
        words = choose("no_clear_change", *cases, (moved > 0, "rose"), (moved < 0, "fell"))
        report.compare("results", rows, **{name: words})


def earlier_periods(rows: DataFrame) -> tuple[Series, Series]:
    """Return the period before, of those the metric has, for quarters and months that a year before."""
    have = rows.drop_duplicates(["metric_id", "period"]).sort_values(["end", "start", "period"])
    have["before"] = have.groupby(["metric_id", "frequency"]).period.shift()
    key = ["metric_id", "frequency", "month"]
    ago = have[have.frequency.isin(["quarter", "month"])].drop_duplicates(key, keep="last")
    ago = ago.assign(month=ago.month + 12, ago=ago.period)[[*key, "ago"]]
    found = rows[[*key, "period"]].merge(have[["metric_id", "period", "before"]], "left").merge(ago, "left")
    return found.before, found.ago


def movement(now: DataFrame, then: DataFrame) -> Series:
    """Return 1 for a clear rise, -1 for a clear fall, 0 for neither, blank where they are not comparable."""
    # Shares: Newcombe's interval of the difference.
    (l1, u1), (l2, u2) = wilson(then.x, then.n, 0.99), wilson(now.x, now.n, 0.99)
    p1, p2 = then.x / then.n, now.x / now.n
    lower = p2 - p1 - np.sqrt((p2 - l2) ** 2 + (u1 - p1) ** 2)
    upper = p2 - p1 + np.sqrt((u2 - p2) ** 2 + (p1 - l1) ** 2)
    share = -beyond(0, lower, upper)
    # Events: the exact conditional test.
    counts = pd.concat([then.x.round(), now.x.round(), then.n / (then.n + now.n)], axis=1)
    counts = counts[now.is_counted & ~now.is_share & (then.n > 0) & (now.n > 0)].dropna()
    p = [binomtest(int(a), int(a + b), c).pvalue if a + b else 1.0 for a, b, c in counts.to_numpy()]
    p = Series(p, counts.index, float).reindex(now.index)
    rate = np.sign(p2 - p1).where(p < 0.01, 0)
    # Everything else: both intervals taken for normal.
    limit = 2.575829 * np.sqrt((then.upper - then.lower) ** 2 + (now.upper - now.lower) ** 2) / WIDTH
    other = beyond(now.value - then.value, -limit, limit)
    rolling = (now["rolling"] == "true") | now[["metric_frequency", "frequency"]].eq("rolling_year").any(
        axis=1
    )
    apart = rolling | (now.version != then.version) | ~(now.start > then.end)
    cases = (now.is_share & lower.notna(), share), (p.notna(), rate), (limit.notna(), other)
    return choose(np.nan, (apart, np.nan), *cases)


def main() -> int:
    """Check the package that the command line names."""
    np.seterr(all="ignore")
    t, report = read(sys.argv[1], sys.argv[2:]), Report()
    rows = describe(t)
    comparisons(rows, t, report)
    report.compare("results", rows, band=band_of(rows, rows))
    outliers(rows, t, report)
    charts(rows, t, report)
    change(rows, report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main() if sys.argv[1:] else __doc__)
