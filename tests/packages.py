"""A small, complete and valid data package for tests, which they alter to plant what they are about."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from generator.model.release import Descriptor, Licence, Source
from generator.model.schemas import (
    DESCRIPTOR_NAME,
    boundaries_descriptor,
    candour_keys,
    package_descriptor,
    resource_descriptor,
)
from generator.model.tables import BOUNDARIES, INPUT_TABLES

Row = dict[str, str]
Rows = list[Row]

PRACTICES = ("Z00001", "Z00002", "Z00003")
AREA = "ZA1"
COUNTRY = "ZZ0"
PERIODS = {
    "2025-q1": ("2025-01-01", "2025-03-31"),
    "2025-q2": ("2025-04-01", "2025-06-30"),
    "2025-q3": ("2025-07-01", "2025-09-30"),
}
METRICS = ("blood-pressure-checked", "emergency-admissions", "waiting-days")

SOURCES = (Source("Invented health survey", "https://source.example/survey"),)
LICENCES = (
    Licence("OGL-UK-3.0", "Open Government Licence v3.0", "https://licence.example/open-government-licence/"),
)
DESCRIPTOR = Descriptor(
    release="2025-q3",
    title="Quality of care in Exampleshire",
    publication_date=date(2025, 11, 20),
    publication_time="09:30",
    next_publication_date=date(2026, 2, 19),
    publisher="Exampleshire Quality Team",
    contact="quality@exampleshire.example",
    missing_rows="",
    demonstration=True,
    sources=SOURCES,
    licences=LICENCES,
)


def write_package(folder: Path, **changes: Any) -> Path:
    """Write a valid package to the folder (made where needed), changed as asked, and return the folder.

    Unchanged it is a release of 3 practices in 1 area of 1 country, 3 metrics (a proportion, a rate and a
    mean, of classes people, events and open), 3 quarters and 27 observations. A change is named after what it
    changes:

    - a table: the function that turns its rows (dictionaries of text) into others, the rows themselves, the
      file's text or bytes, or None to leave the table out. A table that is not there yet may be given;
    - `boundaries`: text or bytes of the GeoJSON file;
    - `candour`: a dictionary laid over the descriptor's `candour` keys (None as a value removes the key),
      or None for a package without them;
    - `descriptor`: the function that turns the finished descriptor into another, or into its text or bytes;
    - `files`: further files by path below the folder, as text or bytes.

    Hashes and sizes in the descriptor are those of the files as they are written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    resources = []
    for name, content, columns in _contents(changes):
        path = f"{name}.csv"
        (folder / path).write_bytes(content)
        resources.append(_resource(name, path, columns, content))
    if BOUNDARIES in changes:
        content = _encoded(changes.pop(BOUNDARIES))
        (folder / "boundaries.geojson").write_bytes(content)
        resources.append(boundaries_descriptor("boundaries.geojson", content))
    document: Any = package_descriptor(
        "exampleshire-quality",
        DESCRIPTOR.title,
        resources,
        sources=SOURCES,
        licences=LICENCES,
        candour=_candour(changes.pop("candour", {})),
    )
    document = changes.pop("descriptor", lambda unchanged: unchanged)(document)
    text = (
        document if isinstance(document, str | bytes) else json.dumps(document, indent=2, ensure_ascii=False)
    )
    (folder / DESCRIPTOR_NAME).write_bytes(_encoded(text))
    for path, extra in changes.pop("files", {}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(_encoded(extra))
    if changes:
        raise TypeError(f"no such table: {', '.join(changes)}")
    return folder


def edit(where: Mapping[str, str], **cells: str) -> Callable[[Rows], Rows]:
    """Return a change of a table: the rows that hold the cells of `where` get these cells. One must match."""

    def change(rows: Rows) -> Rows:
        matches = [row for row in rows if all(row[name] == text for name, text in where.items())]
        assert matches, f"no row holds {where}"
        for row in matches:
            row.update(cells)
        return rows

    return change


def with_column(name: str, text: str = "") -> Callable[[Rows], Rows]:
    """Return a change of a table: a further column with this text in every row."""
    return lambda rows: [{**row, name: text} for row in rows]


def as_csv(rows: Rows) -> str:
    """Return the rows as the text of a CSV file, columns as in the first row."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def package_tables() -> dict[str, Rows]:
    """Return the rows of the unchanged package by table."""
    return {
        "metrics": _metrics(),
        "domains": [
            {
                "domain_id": "long-term-conditions",
                "title": "Long-term conditions",
                "description": "Care for people who live with an illness.",
                "position": "1",
            }
        ],
        "organisations": _organisations(),
        "memberships": [
            *({"organisation_code": code, "parent_code": AREA} for code in PRACTICES),
            {"organisation_code": AREA, "parent_code": COUNTRY},
        ],
        "periods": [
            {"period": period, "start": start, "end": end, "frequency": "quarter"}
            for period, (start, end) in PERIODS.items()
        ],
        "observations": _observations(),
    }


def _resource(name: str, path: str, columns: list[str], content: bytes) -> dict[str, Any]:
    """Return a resource's descriptor; a column that the contract does not have is described as text."""
    known = INPUT_TABLES[name].column_names
    resource = resource_descriptor(
        INPUT_TABLES[name], path, [label for label in columns if label in known], content
    )
    fields = {field["name"]: field for field in resource["schema"]["fields"]}
    resource["schema"]["fields"] = [fields.get(label, {"name": label, "type": "string"}) for label in columns]
    return resource


def _contents(changes: dict[str, Any]) -> list[tuple[str, bytes, list[str]]]:
    tables = package_tables()
    contents = []
    for name in INPUT_TABLES:
        rows = tables.get(name, [])
        change = changes.pop(name) if name in changes else rows
        if callable(change):
            change = change(rows)
        if change is None or change == []:
            continue
        if isinstance(change, list):
            contents.append((name, as_csv(change).encode(), list(change[0])))
        else:
            contents.append((name, _encoded(change), list(rows[0]) if rows else []))
    return contents


def _candour(changes: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if changes is None:
        return None
    keys = {**candour_keys(DESCRIPTOR), **changes}
    return {name: value for name, value in keys.items() if value is not None}


def _encoded(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _metrics() -> Rows:
    common = {
        "direction": "higher_is_better",
        "domain_id": "long-term-conditions",
        "applies_to": "practice",
        "benchmark": "country",
        "frequency": "quarter",
        "source_name": "Invented health survey",
        "source_url": "https://source.example/survey",
    }
    return [
        {
            "metric_id": METRICS[0],
            "title": "Blood pressure checked",
            "question": "Was my blood pressure checked?",
            "description": "Patients with high blood pressure who were checked in the last year.",
            "why_it_matters": "High blood pressure can be treated before it does harm.",
            "numerator_label": "patients checked",
            "denominator_label": "patients with high blood pressure",
            "kind": "proportion",
            "unit": "%",
            "multiplier": "100",
            "range_low": "",
            "range_high": "",
            "threshold_good": "80",
            "threshold_acceptable": "60",
            "disclosure": "people",
            **common,
        },
        {
            "metric_id": METRICS[1],
            "title": "Emergency admissions",
            "question": "How often did patients go to hospital in an emergency?",
            "description": "Emergency admissions for each 1,000 patients.",
            "why_it_matters": "Good care outside hospital prevents emergencies.",
            "numerator_label": "emergency admissions",
            "denominator_label": "registered patients",
            "kind": "rate",
            "unit": "per 1,000 patients",
            "multiplier": "1000",
            "range_low": "",
            "range_high": "",
            "threshold_good": "",
            "threshold_acceptable": "",
            "disclosure": "events",
            **common,
            "direction": "lower_is_better",
        },
        {
            "metric_id": METRICS[2],
            "title": "Days until an appointment",
            "question": "How long did patients wait for an appointment?",
            "description": "Average number of days between asking for an appointment and having it.",
            "why_it_matters": "Waiting is worrying.",
            "numerator_label": "patients asked",
            "denominator_label": "",
            "kind": "mean",
            "unit": "days",
            "multiplier": "1",
            "range_low": "0",
            "range_high": "60",
            "threshold_good": "",
            "threshold_acceptable": "",
            "disclosure": "open",
            **common,
            "direction": "neutral",
        },
    ]


def _organisations() -> Rows:
    practices = [
        {
            "organisation_code": code,
            "name": f"{name} Surgery",
            "kind": "practice",
            "level": "",
            "parent_code": AREA,
            "status": "open",
            "opened_on": "1990-04-01",
            "closed_on": "",
            "address": f"{number} High Street, Exampleton",
            "postcode": f"ZZ{number} 1AA",
        }
        for number, (code, name) in enumerate(
            zip(PRACTICES, ("Alder", "Birch", "Cedar"), strict=True), start=1
        )
    ]
    area = {"organisation_code": AREA, "name": "Exampleshire", "kind": "area", "level": "icb"}
    country = {"organisation_code": COUNTRY, "name": "Exampleland", "kind": "country"}
    blank = dict.fromkeys(practices[0], "")
    return [
        *practices,
        {**blank, **area, "parent_code": COUNTRY, "status": "open"},
        {**blank, **country, "status": "open"},
    ]


def _observations() -> Rows:
    blank = dict.fromkeys(
        (
            "metric_id",
            "organisation_code",
            "period",
            "numerator",
            "denominator",
            "value",
            "lower",
            "upper",
            "absence",
        ),
        "",
    )
    rows = []
    for metric_id in METRICS:
        for place, code in enumerate(PRACTICES, start=1):
            for quarter, period in enumerate(PERIODS, start=1):
                row = {**blank, "metric_id": metric_id, "organisation_code": code, "period": period}
                if metric_id == METRICS[0]:
                    row |= {"numerator": str(100 * place + 10 * quarter), "denominator": str(150 * place)}
                elif metric_id == METRICS[1]:
                    row |= {"numerator": str(20 * place + quarter), "denominator": str(2000 * place)}
                else:
                    mean = 4 + place + quarter / 2
                    row |= {"value": f"{mean:.1f}", "lower": f"{mean - 1:.1f}", "upper": f"{mean + 1:.1f}"}
                rows.append(row)
    return rows
