"""Small releases in memory for tests: build what the test is about, the rest is filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from generator.model.metric import Metric, metric_from_row
from generator.model.release import SOURCE_FILE, SOURCE_ROW, Descriptor, Directory, Licence, Release, Source
from generator.model.tables import INPUT_TABLES, OBSERVATIONS, ColumnType

Row = Mapping[str, Any]

CODED = ("metric_id", "organisation_code", "breakdown_id", "period", "basis", "submission", "absence")
"""Columns of OBSERVATIONS that are categoricals."""

METRIC_ROW: Row = {
    "metric_id": "m1",
    "title": "Patients checked",
    "question": "Was I checked?",
    "description": "Patients who were checked in the last year.",
    "why_it_matters": "Checks find illness early.",
    "numerator_label": "patients checked",
    "denominator_label": "patients",
    "kind": "proportion",
    "unit": "%",
    "multiplier": 100,
    "direction": "higher_is_better",
    "domain_id": "care",
    "applies_to": "practice",
    "benchmark": "country",
    "disclosure": "open",
    "frequency": "quarter",
    "source_name": "Invented survey",
}

DOMAINS: Sequence[Row] = (
    {"domain_id": "care", "title": "Care", "description": "How patients are cared for.", "position": 1},
)

ORGANISATIONS: Sequence[Row] = (
    {"organisation_code": "P1", "name": "Alder Surgery", "kind": "practice", "parent_code": "A1"},
    {"organisation_code": "P2", "name": "Birch Surgery", "kind": "practice", "parent_code": "A1"},
    {"organisation_code": "P3", "name": "Cedar Surgery", "kind": "practice", "parent_code": "A2"},
    {"organisation_code": "P4", "name": "Damson Surgery", "kind": "practice", "parent_code": "A2"},
    {"organisation_code": "A1", "name": "Northshire", "kind": "area", "parent_code": "C1"},
    {"organisation_code": "A2", "name": "Southshire", "kind": "area", "parent_code": "C1"},
    {"organisation_code": "C1", "name": "Exampleland", "kind": "country"},
)
"""Four practices in two areas of one country."""

PERIODS: Sequence[Row] = tuple(
    {
        "period": f"{year}-q{quarter}",
        "start": f"{year}-{3 * quarter - 2:02d}-01",
        "end": f"{year}-{end}",
        "frequency": "quarter",
    }
    for year in (2024, 2025)
    for quarter, end in enumerate(("03-31", "06-30", "09-30", "12-31"), start=1)
)
"""Eight quarters, 2024-q1 to 2025-q4."""


def make_table(name: str, rows: Iterable[Row] = ()) -> pd.DataFrame:
    """Return an input table as loading hands it on: all columns, defaults applied, and the source's place."""
    table = INPUT_TABLES[name]
    rows = list(rows)
    columns: dict[str, Any] = {}
    for column in table.columns:
        cells = [row.get(column.name) for row in rows]
        if column.type in (ColumnType.NUMBER, ColumnType.INTEGER):
            default = float(column.default) if column.default else None
            columns[column.name] = pd.Series(
                [default if cell is None else cell for cell in cells], dtype=column.type.dtype
            )
        elif column.type is ColumnType.DATE:
            columns[column.name] = pd.Series(pd.to_datetime(pd.Series(cells, dtype="str"))).astype(
                "datetime64[s]"
            )
        elif column.type is ColumnType.BOOLEAN:
            columns[column.name] = pd.Series(cells, dtype="boolean")
        else:
            text = [column.default if cell is None else str(cell) for cell in cells]
            columns[column.name] = pd.Series(text, dtype="str")
    made = pd.DataFrame(columns)
    made[SOURCE_FILE] = 0
    made[SOURCE_ROW] = range(2, len(rows) + 2)
    return made


def make_metric(metric_id: str = "m1", **changes: Any) -> Metric:
    """Return one version of a metric: a quarterly proportion of open class, unless changed."""
    row = make_table("metrics", [{**METRIC_ROW, "metric_id": metric_id, **changes}]).to_dict("records")[0]
    return metric_from_row({str(name): value for name, value in row.items()})


def make_descriptor(**changes: Any) -> Descriptor:
    """Return the descriptor of an invented release."""
    return Descriptor(
        **{
            "release": "2025-q4",
            "title": "Quality of care in Exampleland",
            "publication_date": date(2026, 2, 19),
            "publication_time": "09:30",
            "next_publication_date": None,
            "publisher": "Exampleland Quality Team",
            "contact": "quality@exampleland.example",
            "missing_rows": "",
            "demonstration": True,
            "sources": (Source("Invented survey"),),
            "licences": (Licence("OGL-UK-3.0", "Open Government Licence v3.0"),),
            **changes,
        }
    )


def make_observations(rows: Iterable[Row]) -> pd.DataFrame:
    """Return OBSERVATIONS; a row may leave out metric (m1), organisation (P1) and period (2025-q4)."""
    common = {"metric_id": "m1", "organisation_code": "P1", "period": "2025-q4"}
    observations = make_table("observations", [{**common, **row} for row in rows])
    for name in CODED:
        observations[name] = observations[name].astype(pd.CategoricalDtype(sorted(set(observations[name]))))
    assert list(observations.columns[: len(OBSERVATIONS.columns)]) == list(OBSERVATIONS.column_names)
    return observations


def make_release(
    observations: Iterable[Row] | pd.DataFrame,
    *,
    metrics: Iterable[Row] = (METRIC_ROW,),
    descriptor: Mapping[str, Any] | None = None,
    **tables: Iterable[Row],
) -> Release:
    """Return a release of these observations; metrics are laid over METRIC_ROW.

    Unless given, the organisations are four practices in two areas of one country and the periods eight
    quarters.
    """
    given: dict[str, Iterable[Row]] = {
        "domains": DOMAINS,
        "organisations": ORGANISATIONS,
        "periods": PERIODS,
        **tables,
        "metrics": [{**METRIC_ROW, **metric} for metric in metrics],
    }
    made = {name: make_table(name, given.get(name, ())) for name in INPUT_TABLES if name != "observations"}
    organisations = made["organisations"]
    made["organisations"] = organisations.assign(status=organisations["status"].replace("", "open"))
    if not isinstance(observations, pd.DataFrame):
        observations = make_observations(observations)
    return Release(Directory(make_descriptor(**(descriptor or {})), made), observations, ())
