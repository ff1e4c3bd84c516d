"""What moved so far since the previous release that a person should look before it is published."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from generator.errors import ExitStatus, Finding, Severity
from generator.model.metric import Metric
from generator.model.release import Directory, Publication
from generator.model.settings import Acceptance, SanityLimits
from generator.model.tables import ALL_PATIENTS
from generator.model.vocabulary import Absence, Audience
from generator.statistics.keys import Flags, Positions
from generator.statistics.periods import Calendar
from generator.statistics.places import Places

ROWS = "rows"
ORGANISATIONS = "organisations"


@dataclass(frozen=True)
class Surprise:
    """One movement beyond its limit."""

    what: str
    """`rows`, `organisations` or a metric_id."""
    reason: str
    """What moved and how far, in plain words; figures only where they are public."""


def find_surprises(publication: Publication, previous: Publication, limits: SanityLimits) -> list[Surprise]:
    """Return what moved beyond its limit since the previous release.

    Rows are results that were reported, hidden ones among them: those of each metric's newest period, and
    those of the periods that both releases have. Organisations are those of each metric's newest period,
    first the ones that are gone, then the ones that are new. A country's figure is held against that of the
    same period in the previous release, and the figure of its newest period against the newest one there.
    """
    now, then = _Reported.of(publication), _Reported.of(previous)
    return [
        *_surprising_rows(now, then, limits.rows),
        *_surprising_organisations(now, then, limits.organisations),
        *_surprising_figures(publication.directory, now, then, limits.country_figure),
    ]


def judge_surprises(
    release: str, surprises: Sequence[Surprise], accepted: Sequence[Acceptance], releases: Collection[str]
) -> list[Finding]:
    """Return a finding for each surprise: a note where somebody has accepted it, otherwise an error.

    An acceptance for this release that meets no surprise, or for one that is not among `releases`, is a note.
    """
    findings = []
    by_what = {item.what: item for item in accepted if item.release == release}
    for surprise in surprises:
        item = by_what.get(surprise.what)
        findings.append(
            Finding(
                file=release,
                row=None,
                column=surprise.what,
                reason=f"{surprise.reason} Accepted by {item.role}: {item.reason}"
                if item
                else surprise.reason,
                code=ACCEPTED if item else SURPRISE,
                advice="" if item else _ADVICE,
                status=ExitStatus.APPROVAL,
                severity=Severity.NOTE if item else Severity.ERROR,
            )
        )
    moved = {surprise.what for surprise in surprises}
    for item in accepted:
        if item.release not in releases:
            reason = "There is no such release to accept anything of."
        elif item.release == release and item.what not in moved:
            reason = "Accepted, but it did not move beyond its limit."
        else:
            continue
        findings.append(_unmet(item, reason))
    return findings


SURPRISE = "CHG_SURPRISE"
ACCEPTED = "CHG_ACCEPTED"
UNMET = "CHG_UNMET"

_ADVICE = (
    "Find out why. Where it is right, somebody answers for it under `accepted` in the configuration "
    "(docs/reference/configuration.md) with release, what (rows, organisations or the metric's id), role "
    "and reason."
)


@dataclass(frozen=True)
class _Reported:
    """The results of a release that were reported, hidden by us or shown, with what is asked of them."""

    period: Positions
    """The number of each row's period in the calendar."""
    is_newest: Flags
    """Whether the row's period is the newest that its metric has."""
    organisations: frozenset[str]
    """Who reported for the newest period of a metric, without areas and countries."""
    country_rows: pd.DataFrame
    """The countries' values: metric_id, organisation_code, period (number), value."""
    calendar: Calendar

    @classmethod
    def of(cls, publication: Publication) -> _Reported:
        """Return the reported results of a release."""
        directory, results = publication.directory, publication.tables.results
        reported = results["absence"].isin(["", Absence.SUPPRESSED]).to_numpy()
        calendar, places = Calendar.of(directory["periods"]), Places.of(directory)
        numbers = calendar.names.get_indexer(pd.Index(results["period"].cat.categories.astype(object)))
        period = numbers[results["period"].cat.codes.to_numpy()].astype(np.int64)
        metric = results["metric_id"].cat.codes.to_numpy()[reported]
        newest = np.full(len(results["metric_id"].cat.categories), -1, dtype=np.int64)
        np.maximum.at(newest, metric, period[reported])
        is_newest = period[reported] == newest[metric]

        codes = results["organisation_code"].cat
        organisation = codes.codes.to_numpy()
        who = set(codes.categories[np.unique(organisation[reported][is_newest])])
        countries = np.isin(
            codes.categories.to_numpy(object), places.codes[places.is_country].to_numpy(object)
        )
        of_country = np.flatnonzero(reported & countries[organisation] & results["value"].notna().to_numpy())
        rows = results[["metric_id", "organisation_code", "breakdown_id", "value"]].iloc[of_country]
        rows = rows.assign(period=period[of_country])
        return cls(
            period=period[reported],
            is_newest=is_newest,
            organisations=frozenset(who - set(places.codes[places.is_group])),
            country_rows=rows[(rows["breakdown_id"] == ALL_PATIENTS).to_numpy()],
            calendar=calendar,
        )

    def in_periods(self, names: Collection[str]) -> Flags:
        """Tell which rows are of periods of these names."""
        return np.isin(self.period, self.calendar.names.get_indexer(pd.Index(sorted(names), dtype=object)))

    def period_names(self) -> set[str]:
        """Return the names of the periods that somebody reported for."""
        return set(self.calendar.names[np.unique(self.period)])

    def country_figures(self, metric_id: str) -> dict[str, dict[int, float]]:
        """Return a metric's values by country, then by number of the period, in order of time."""
        own = self.country_rows[(self.country_rows["metric_id"] == metric_id).to_numpy()]
        figures: dict[str, dict[int, float]] = {}
        for code, number, value in sorted(
            zip(own["organisation_code"].astype(str), own["period"], own["value"], strict=True)
        ):
            figures.setdefault(code, {})[int(number)] = float(value)
        return figures


def _surprising_rows(now: _Reported, then: _Reported, limit: float) -> Iterator[Surprise]:
    both = now.period_names() & then.period_names()
    counts = {
        "of each metric's newest period": (now.is_newest, then.is_newest),
        "of the periods that both releases have": (now.in_periods(both), then.in_periods(both)),
    }
    for which, chosen in counts.items():
        after, before = (int(rows.sum()) for rows in chosen)
        if _is_beyond(after, before, limit):
            yield Surprise(
                ROWS,
                f"{after:,} reported results {which}, where the previous release had {before:,} "
                f"({_percent(after, before)}; the limit is {limit:g}%).",
            )


def _surprising_organisations(now: _Reported, then: _Reported, limit: float) -> Iterator[Surprise]:
    after, before = now.organisations, then.organisations
    for moved, how in ((before - after, "no longer report"), (after - before, "are new")):
        if _is_beyond(len(before) + len(moved), len(before), limit):
            yield Surprise(
                ORGANISATIONS,
                f"{len(moved):,} organisations {how}, of {len(before):,} in the previous release "
                f"({len(moved) / max(len(before), 1):.1%}; the limit is {limit:g}%).",
            )


def _surprising_figures(
    directory: Directory, now: _Reported, then: _Reported, limit: float
) -> Iterator[Surprise]:
    for metric_id, metric in sorted(directory.metrics.items()):
        then_by_country = then.country_figures(metric_id)
        for country, after in now.country_figures(metric_id).items():
            before = then_by_country.get(country, {})
            for reason in (
                _revision(metric, now.calendar, after, then.calendar, before, limit),
                _step(metric, now.calendar, after, then.calendar, before, limit),
            ):
                if reason:
                    yield Surprise(metric_id, f"{country}: {reason} (the limit is {limit:g}%).")


def _revision(
    metric: Metric,
    calendar: Calendar,
    after: dict[int, float],
    calendar_then: Calendar,
    before: dict[int, float],
    limit: float,
) -> str:
    """Return how far the figure of one period was revised, for the newest one; empty within the limit."""
    by_name = {calendar_then.names[number]: value for number, value in before.items()}
    revised = [
        (calendar.names[number], by_name[calendar.names[number]], value)
        for number, value in after.items()
        if calendar.names[number] in by_name and _is_beyond(value, by_name[calendar.names[number]], limit)
    ]
    if not revised:
        return ""
    period, old, new = revised[-1]
    further = f", and {len(revised) - 1} earlier periods likewise" if len(revised) > 1 else ""
    return f"the figure of {period} was revised{_figures(metric, old, new)}{further}"


def _step(
    metric: Metric,
    calendar: Calendar,
    after: dict[int, float],
    calendar_then: Calendar,
    before: dict[int, float],
    limit: float,
) -> str:
    """Return how far the newest figure is from the newest of the previous release; empty within the limit.

    Both are of the same frequency. Of one and the same period it is a revision, and no step.
    """
    newest = max(after)
    same = [number for number in before if calendar_then.frequency[number] == calendar.frequency[newest]]
    if not same:
        return ""
    period, period_then = calendar.names[newest], calendar_then.names[max(same)]
    old, new = before[max(same)], after[newest]
    if period == period_then or not _is_beyond(new, old, limit):
        return ""
    return f"from {period_then} to {period} the figure moved{_figures(metric, old, new)}"


def _is_beyond(after: float, before: float, limit: float) -> bool:
    """Tell whether a figure moved by more than so many percent; from nothing to something always."""
    return abs(after - before) * 100 > limit * abs(before) * (1 + 1e-12)


def _percent(after: float, before: float) -> str:
    return f"{(after - before) / abs(before):+.1%}" if before else "from nothing"


def _figures(metric: Metric, old: float, new: float) -> str:
    """Return the two protected figures in words; none of a metric that is not for everyone."""
    if metric.audience is not Audience.PUBLIC:
        return ""
    return f" from {old:.{metric.decimals}f} to {new:.{metric.decimals}f}, {_percent(new, old)}"


def _unmet(item: Acceptance, reason: str) -> Finding:
    return Finding(
        file=item.release,
        row=None,
        column=item.what,
        reason=reason,
        code=UNMET,
        advice="Take the entry out of `accepted`, or mend its release or what.",
        status=ExitStatus.APPROVAL,
        severity=Severity.NOTE,
    )
