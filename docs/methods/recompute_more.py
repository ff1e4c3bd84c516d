"""Work out again what recompute.py, which must lie beside this file, leaves out.

    python recompute_more.py datapackage.zip [METRIC ...] [--before EARLIER.zip | --first]

Values and intervals, how sure bands are, phi and tau2, percentiles, causes of movement, five-year trend and
fifths of deprivation. A cause depends on the release before: give its package, or say that there is none.
"""

import argparse
import sys

import numpy as np
from pandas import DataFrame, Series
from scipy.special import betainc, gammainc
from scipy.stats import norm
from scipy.stats import t as student

sys.dont_write_bytecode = True  # nothing is left beside the scripts

import recompute as main  # noqa: E402
from recompute import CELL, LEVELS, WIDTH, Report, Tables, beside, choose  # noqa: E402

main.OPTIONAL |= {
    "context": "organisation_code characteristic_id period value*",
    "characteristics": "characteristic_id role",
    "fifths": "metric_id breakdown_id period group_code fifth* organisations* numerator* denominator* value*"
    " lower* upper*",
}
FIGURES = ["numerator", "denominator", "value", "lower", "upper"]
JUDGED = ["better", "similar", "worse"]
KEPT_BACK = ["suppressed", "suppressed_at_source", "too_few"]
SUPPLIED, HIDDEN, RAW = (
    "supplied by the source",
    "hidden to protect patients",
    "measured on counts as sent in",
)


def values(rows: DataFrame, report: Report) -> None:
    """Work out values, coverage and intervals from the published counts (index.md, intervals.md)."""
    hidden = rows[rows.protection == "hidden"]
    for name in FIGURES:
        report.compare("results", hidden, np.where(hidden[name].isna(), HIDDEN, ""), **{name: np.nan})
    rows = rows[rows.protection != "hidden"]
    x, n = rows.numerator * rows.multiplier, rows.denominator.where(rows.denominator > 0)
    value = choose(np.nan, (rows.is_counted | (rows.kind == "mean"), x / n), (rows.kind == "count", x))
    # A value that the source supplied stands. It may be rounded, but has to agree with its counts.
    decimals = rows.value.astype(str).str.extract(r"\.(\d*?)0*$")[0].str.len()
    agrees = (rows.protection == "none") & ((rows.value - value).abs() <= 0.5000001 * 10.0**-decimals)
    is_other = rows.value.notna() & ~np.isclose(rows.value, value, rtol=1e-9, atol=0)
    is_supplied = is_other & (value.isna() | ~rows.is_counted | agrees)
    report.compare("results", rows, np.where(is_supplied, SUPPLIED, ""), value=value)
    report.compare("results", rows, coverage=(x / (rows.denominator + rows.excluded)).where(rows.is_counted))
    lower, upper = interval(rows)
    told, source = (
        np.where(rows.interval == "supplied", SUPPLIED, ""),
        choose("computed", (lower.isna(), "none")),
    )
    report.compare("results", rows, told, lower=lower, upper=upper, interval=source)


def interval(rows: DataFrame) -> list[Series]:
    """Return the 95% limits in the metric's unit."""
    n, limits = rows.denominator.fillna(rows.base), []
    half = student.ppf(0.975, n - 1) * rows.standard_deviation / np.sqrt(n)
    means, shares = (rows.value - half, rows.value + half), main.wilson(rows.x, rows.n)
    for share, rate, mean in zip(shares, main.poisson(rows.x, rows.n), means, strict=True):
        limit = share.where(rows.is_share, rate).where(rows.is_counted) * rows.multiplier
        limits.append(limit.mask(rows.kind == "mean", mean).where(rows.value.notna()))
    return limits


def stability(rows: DataFrame, report: Report) -> None:
    """Work out the probability that the true value lies in the band (bands.md)."""
    good, acceptable, best = rows.threshold_good, rows.threshold_acceptable, rows.sign * np.inf
    is_good, is_between, is_below = (rows.band == word for word in ("good", "acceptable", "below_standard"))
    start = choose(np.nan, (is_good, good), (is_between, acceptable), (is_below, -best))
    end = choose(best, (is_between, good.fillna(best)), (is_below, acceptable.fillna(good)))
    report.compare(
        "results", rows, band_stability=(chance_below(rows, start) - chance_below(rows, end)).abs()
    )


def chance_below(rows: DataFrame, level: Series) -> Series:
    """Return the probability that the true value lies below a level: Jeffreys' prior, else a normal one."""
    share, has_counts = (level / rows.multiplier).clip(lower=0), rows.x.notna() & rows.n.notna()
    error = ((rows.upper - rows.lower) / WIDTH).where(lambda error: error > 0)
    beta = betainc(rows.x + 0.5, rows.n - rows.x + 0.5, share.clip(upper=1))
    gamma, normal = gammainc(rows.x + 0.5, share * rows.n), norm.cdf((level - rows.value) / error)
    return choose(normal, (has_counts & rows.is_share, beta), (has_counts & rows.is_counted, gamma))


def dispersion(rows: DataFrame, t: Tables, report: Report) -> None:
    """Work out phi and tau2, where they are not of counts as they were sent in (outliers.md)."""
    cells = main.in_funnels(rows, t)
    angle = np.arcsin(np.sqrt(cells.p)) - np.arcsin(np.sqrt(cells.p0))
    z = (np.sqrt(cells.p / cells.p0) - 1).mask(cells.is_share, angle) * np.sqrt(cells.w)
    low, high = (z.groupby([cells[name] for name in CELL]).transform("quantile", q) for q in (0.1, 0.9))
    by = cells.assign(z2=z.clip(low, high) ** 2, w2=cells.w**2).groupby(CELL)
    ours = by[["z2", "w", "w2"]].sum().assign(k=by.size(), disclosure=by.disclosure.first())
    found = t["metric_periods"].merge(ours.reset_index(), "left", CELL)
    tau2 = ((found.z2 - (found.k - 1)) / (found.w - found.w2 / found.w)).clip(lower=0)
    is_raw = found.k.notna() & (found.reported >= 50) & (found.disclosure != "open")
    report.compare("metric_periods", found, np.where(is_raw, RAW, ""), phi=found.z2 / found.k, tau2=tau2)


def ranks(rows: DataFrame, t: Tables, report: Report) -> None:
    """Rank the values shown in each country, for each group of patients and period (ranks.md)."""
    cells = rows[rows.is_peer & rows.value.notna()]
    by = cells.groupby(CELL).value
    rank, n = by.rank("min"), by.transform("size")
    is_ranked = ~cells.kind.isin(["count", "status"]) & ~cells.is_area
    percentile = ((rank - 1) / (n - 1) * 100).where(is_ranked & (n > 1)).reindex(rows.index)
    quintile = (6 - np.ceil((n + 1 - rank) * 5 / n)).where(is_ranked & (n >= 5)).reindex(rows.index)
    report.compare("results", rows, percentile=percentile, quintile=quintile)
    hidden = rows[rows.is_peer & rows.absence.isin(KEPT_BACK)].groupby(CELL).size()
    is_told = (by.size() >= 10) & (by.size() >= 9 * hidden.reindex(by.size().index, fill_value=0))
    lines = {f"p{10 * tenth}": by.quantile(tenth / 10).where(is_told) for tenth in range(1, 10)}
    found = t["metric_periods"].merge(DataFrame(lines), "left", CELL, suffixes=("_listed", ""))
    report.compare("metric_periods", found, **found[[*lines]], **beside(found, rows)[FIGURES[:3]])


def causes(rows: DataFrame, before: DataFrame, report: Report) -> None:
    """Say why a band or judgement moved, since the release before or else the period before (change.md)."""
    previous, _ = main.earlier_periods(rows)
    now, then, old = rows, beside(rows, period=previous), beside(rows, before)
    is_old, columns = old.version.notna(), ["version", *FIGURES, "base", "band", "comparison", "judgement"]
    then[columns] = then[columns].mask(is_old, old[columns])
    same_levels = ~is_old & now[LEVELS].fillna(np.inf).eq(then[LEVELS].fillna(np.inf)).all(axis=1)
    is_judged = now.judgement.isin(JUDGED) | then.judgement.isin(JUDGED)
    band_moved, judgement_moved = now.band != then.band, is_judged & (now.judgement != then.judgement)
    none = then.value.isna() | now.value.isna() | ~(band_moved | judgement_moved)
    redefined = (now.version != then.version) | (main.judge(then.comparison, now.sign) != then.judgement)
    by_threshold = band_moved & ~same_levels & (main.band_of(then, now) == now.band)
    by_benchmark = main.judge(main.position(then, now.benchmark), now.sign) == now.judgement
    words = (none, None), (redefined, "definition"), (by_threshold, "threshold")
    figures = choose("new_period", (is_old, "revised_value"))
    cause = choose(figures, *words, (~band_moved & by_benchmark, "benchmark"))
    report.compare("results", rows, change_cause=cause)


def trend(rows: DataFrame, report: Report) -> None:
    """Tell of each annual figure which way it and the four before it go (trend.md)."""
    is_annual = rows[["frequency", "metric_frequency"]].isin(["year", "rolling_year"]).all(axis=1)
    key = ["metric_id", "frequency", "unbroken"]
    have = rows[is_annual].drop_duplicates(["metric_id", "period"])[[*key, "period", "start", "end", "month"]]
    pairs = have.merge(have, on=key, suffixes=("", "_ago"))
    pairs["off"] = (pairs.month - 12 - pairs.month_ago).abs()
    pairs = pairs[(pairs.end_ago < pairs.start) & (pairs.off <= np.where(pairs.frequency == "year", 2, 0))]
    ago = pairs.sort_values(["off", "end_ago"]).drop_duplicates(["metric_id", "period"])
    points, period = [rows], rows.period
    for _ in range(4):
        period = (
            rows[["metric_id"]].assign(period=period).merge(ago, "left", ["metric_id", "period"]).period_ago
        )
        points.insert(0, beside(rows, period=period))
    w, y = np.empty((2, 5, len(rows)))
    for year, point in enumerate(points):
        is_full = (point.numerator == point.denominator) | (rows.is_share & (point.value == rows.multiplier))
        is_usable = (point.upper > point.lower) & (~is_full | (rows.kind == "ratio"))
        w[year] = (WIDTH / (point.upper - point.lower)).where(is_usable) ** 2
        y[year] = point.value - rows.value
    size, sign = slope(w, y)
    signs = [slope(np.where(np.arange(5)[:, None] == left_out, 0, w), y)[1] for left_out in range(5)]
    moved = Series(np.where((size > 9.5495) & np.all(np.equal(signs, sign), axis=0), sign, 0), rows.index)
    good, none = moved * rows.sign, Series(np.isnan(w).any(axis=0), rows.index)
    cases = (
        (~is_annual, None),
        (none, "cannot_be_calculated"),
        (good > 0, "improving"),
        (good < 0, "worsening"),
    )
    words = choose("no_clear_trend", *cases, (moved > 0, "rising"), (moved < 0, "falling"))
    report.compare("results", rows, trend=words)


def slope(w: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the square of slope by its standard error, and the sign of the slope."""
    x = np.arange(5)[:, None]
    sw, swx, swy, swxy, swxx = (np.sum(each, axis=0) for each in (w, w * x, w * y, w * x * y, w * x * x))
    tilt, spread = sw * swxy - swx * swy, sw * swxx - swx**2
    # A slope this small comes from how computers calculate.
    is_flat = np.abs(tilt) <= 1e-12 * sw * np.sum(np.abs(w * x * y), axis=0)
    return tilt**2 / (spread * sw), np.where(is_flat, 0, np.sign(tilt))


def fifths(rows: DataFrame, t: Tables, report: Report) -> None:
    """Add up the fifths of deprivation again, and lay the line through them (inequality.md)."""
    cells, key = (
        find_fifths(rows[rows.is_peer & rows.is_counted & (rows.applies_to != "area")], t),
        [*CELL, "fifth"],
    )
    shown = cells[cells.numerator.notna() & cells.denominator.notna()]
    by = shown.assign(
        spread=shown.denominator**2 / shown.effective_base.where(shown.effective_base > 0)
    ).groupby(key)
    ours = by[["numerator", "denominator"]].sum().assign(organisations=by.size(), standard_deviation=np.nan)
    ours = ours.join(by[["kind", "multiplier", "is_share", "is_counted"]].first())
    ours["asked"] = cells[cells.absence.ne("not_applicable")].groupby(key).size()
    ours["base"] = by.base.sum().where((by.base.count() == by.size()) & (by.base.sum() > 0))
    ours["effective_base"] = (ours.denominator**2 / by.spread.sum()).where(by.spread.count() == by.size())
    ours["value"] = ours.numerator * ours.multiplier / ours.denominator.where(ours.denominator > 0)
    ours = ours.join(main.counts_to_test(ours))
    ours["lower"], ours["upper"] = interval(ours)
    listed = t["fifths"].rename(columns={"group_code": "country"})
    found = ours.reset_index().merge(listed, "outer", key, suffixes=("", "_listed"))
    found["organisation_code"] = found.country
    report.compare("fifths", found, **found[["organisations", *FIGURES]])
    # The slope index: w is the weight of each fifth in it.
    by = ours.groupby(CELL)
    a = ours.denominator / by.denominator.transform("sum")
    b = a.groupby(CELL).cumsum() - a / 2
    m = (a * b).groupby(CELL).transform("sum")
    w = a * (b - m) / (a * (b - m) ** 2).groupby(CELL).transform("sum")
    index = (w * ours.value).groupby(CELL).sum()
    half = 1.959964 * np.sqrt(((w * (ours.upper - ours.lower) / WIDTH) ** 2).groupby(CELL).sum())
    is_enough = ours.lower.notna() & (ours.organisations * 100 >= ours.asked * 80)
    is_told = is_enough.groupby(CELL).sum() == 5
    slopes = DataFrame({"sii": index, "sii_lower": index - half, "sii_upper": index + half})[is_told]
    found = t["metric_periods"].merge(slopes, "left", CELL, suffixes=("_listed", ""))
    report.compare("metric_periods", found, **found[[*slopes]])


def find_fifths(cells: DataFrame, t: Tables) -> DataFrame:
    """Return the rows with the fifth of each organisation among the open ones of its kind and country."""
    role = t["characteristics"].characteristic_id[t["characteristics"].role == "deprivation"]
    score = t["context"][t["context"].characteristic_id.isin(role.head(1))].merge(t["periods"], on="period")
    score = score.sort_values(["end", "start", "period"]).drop_duplicates("organisation_code", keep="last")
    groups = main.find_groups(t)
    country = groups[groups.is_country].drop_duplicates(["organisation_code", "end"])
    key = ["applies_to", "period", "country"]
    asked = cells[[*key, "start", "end"]].drop_duplicates()
    places = t["organisations"].merge(score[["organisation_code", "value"]])
    members = asked.merge(places, left_on="applies_to", right_on="own_kind")
    members = members[(members.opened_on <= members.end) & (members.closed_on >= members.start)]
    members = members.merge(
        country.rename(columns={"group": "country"})[["organisation_code", "end", "country"]]
    )
    by = members.groupby(key).value
    n, rank = by.transform("size"), by.rank("min", ascending=False)
    members["fifth"] = (6 - np.ceil((n + 1 - rank) * 5 / n)).where(n >= 5)
    return cells.merge(members.dropna(subset="fifth")[[*key, "organisation_code", "fifth"]])


def run() -> int:
    """Check the package that the command line names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("package")
    parser.add_argument("metrics", nargs="*")
    parser.add_argument("--before", help="the package of the release before")
    parser.add_argument("--first", action="store_true", help="there is no release before")
    options = parser.parse_args()
    np.seterr(all="ignore")
    t, report = main.read(options.package, options.metrics), Report()
    rows = main.describe(t)
    values(rows, report)
    stability(rows, report)
    dispersion(rows, t, report)
    ranks(rows, t, report)
    if options.before or options.first:
        before = main.read(options.before, options.metrics)["results"] if options.before else rows.head(0)
        causes(rows, before, report)
    trend(rows, report)
    fifths(rows, t, report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(run())
