"""Small metrics taken through the steps that funnels need, and single organisations held against limits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.vocabulary import Kind
from generator.statistics.aggregation import add_up
from generator.statistics.dispersion import measure_dispersion
from generator.statistics.funnels import (
    ALARM,
    ALERT,
    Judged,
    Level,
    Standing,
    add_outliers,
    describe_funnels,
    draw_funnels,
    find_sides,
    find_standing,
)
from generator.statistics.keys import Numbers, keys_of
from generator.statistics.numbering import Numbering, RawRows
from generator.statistics.values import add_values
from tests.factories import Row, make_release

AREAS: Sequence[Row] = (
    {"organisation_code": "A1", "name": "Northshire", "kind": "area", "parent_code": "C1"},
    {"organisation_code": "C1", "name": "Exampleland", "kind": "country"},
)

MULTIPLIERS = {"proportion": 100, "ratio": 1, "rate": 1000}
WORDS = {-2: "alarm_low", -1: "alert_low", 0: "none", 1: "alert_high", 2: "alarm_high"}
"""The outlier that sides of the 95% and the 99.8% limits add up to."""


@dataclass(frozen=True)
class Story:
    """One metric: its rows before protection, by number, and what they belong to."""

    numbering: Numbering
    metric: Metric
    raw: pd.DataFrame
    groups: pd.DataFrame

    def measure(self, shown: pd.DataFrame | None = None) -> pd.DataFrame:
        """Return what its funnels rest on; all rows are shown as they are unless others are given."""
        shown = self.raw if shown is None else shown
        places, calendar = self.numbering.places, self.numbering.calendar
        return measure_dispersion(self.raw, add_values(shown, self.metric), self.metric, places, calendar)

    def stand(self, shown: pd.DataFrame | None = None) -> tuple[pd.DataFrame, pd.DataFrame, Standing]:
        """Return the rows with values, what their funnels rest on, and where they stand in these."""
        rows = add_values(self.raw if shown is None else shown, self.metric)
        places, calendar = self.numbering.places, self.numbering.calendar
        dispersion = self.measure(shown)
        return rows, dispersion, find_standing(rows, dispersion, self.metric, places, calendar)

    def judge(self, shown: pd.DataFrame | None = None) -> pd.DataFrame:
        """Return the rows with values and outliers."""
        return add_outliers(*self.stand(shown), self.metric)

    def describe(self) -> pd.DataFrame:
        """Return the groups with the columns of the funnels and their codes."""
        rows, dispersion, standing = self.stand()
        judged = add_outliers(rows, dispersion, standing, self.metric)
        described = describe_funnels(self.groups, judged, dispersion, standing)
        return described.assign(code=self.numbering.places.codes[described["organisation"]])

    def draw(self, shown: pd.DataFrame | None = None) -> pd.DataFrame:
        """Return the curves of the funnels."""
        _, dispersion, standing = self.stand(shown)
        return draw_funnels(dispersion, standing, self.metric)

    def outliers(self, shown: pd.DataFrame | None = None) -> dict[str, str]:
        """Return the outlier of each organisation, by code; of the last period where there are several."""
        rows = self.judge(shown)
        codes = self.numbering.places.codes[rows["organisation"]]
        return dict(zip(codes, rows["outlier"].astype(str), strict=True))

    def rows_of(self, *codes: str) -> np.ndarray:
        """Tell which rows are of these organisations."""
        return np.isin(self.numbering.places.codes[self.raw["organisation"]], codes)


def tell(
    counts: Mapping[str, tuple[float | None, float | None]] | Sequence[Row],
    metric: Row | None = None,
    organisations: Sequence[Row] | None = None,
    **tables: Any,
) -> Story:
    """Return the story of one metric: numerator and denominator by practice, or whole observations."""
    observations: Sequence[Row]
    if isinstance(counts, Mapping):
        observations = [
            {"organisation_code": code, "numerator": numerator, "denominator": denominator}
            for code, (numerator, denominator) in counts.items()
        ]
    else:
        observations = counts
    practices: list[dict[str, Any]] = [
        {"organisation_code": code, "name": code, "kind": "practice", "parent_code": "A1"}
        for code in sorted({str(row["organisation_code"]) for row in observations} - {"A1", "C1"})
    ]
    release = make_release(
        observations,
        metrics=[metric or {}],
        organisations=[*practices, *AREAS] if organisations is None else organisations,
        **tables,
    )
    numbering = Numbering.of(release)
    rows = RawRows.of(release.observations, numbering).of_metric("m1")
    version = numbering.versions["m1"][-1]
    aggregates = add_up(rows, version, numbering.places, numbering.calendar)
    together = pd.concat([rows.assign(serves=True), aggregates.totals], ignore_index=True)
    together = together.iloc[np.argsort(keys_of(together), kind="stable")].reset_index(drop=True)
    return Story(numbering, version, together, aggregates.groups)


def one_judged(numerator: float, denominator: float, centre: float, tau2: float | None) -> Judged:
    """Return one organisation in its funnel, with exact limits where there is no tau2."""
    return Judged(one(numerator), one(denominator), one(centre), one(math.nan if tau2 is None else tau2))


def side_of(judged: Judged, kind: Kind, level: Level) -> int:
    """Return on which side of its limits the one organisation lies."""
    return int(find_sides(judged, kind, level)[0])


def outliers_of(judged: Judged, kind: Kind) -> list[str]:
    """Return the outlier of each organisation."""
    sides = find_sides(judged, kind, ALERT) + find_sides(judged, kind, ALARM)
    return [WORDS[side] for side in sides.tolist()]


def one(figure: float) -> Numbers:
    """Return an array of one figure."""
    return np.array([float(figure)])


def series_of(figure: float) -> pd.Series:
    """Return a series of one figure."""
    return pd.Series([float(figure)])
