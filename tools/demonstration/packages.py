"""The packages as they are written: one of practices, one of hospitals, for each release."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from generator.model.release import Descriptor, Licence, Source
from generator.model.schemas import (
    DESCRIPTOR_NAME,
    boundaries_descriptor,
    candour_keys,
    package_descriptor,
    resource_descriptor,
)
from generator.model.tables import INPUT_TABLES, ColumnType, Table
from generator.model.vocabulary import Status
from tools.demonstration import stories
from tools.demonstration.boundaries import area_boundaries
from tools.demonstration.figures import draw_figures
from tools.demonstration.hospital_metrics import HOSPITAL_METRICS
from tools.demonstration.periods import RELEASES, Period, ReleasePlan, all_periods, periods_of
from tools.demonstration.places import (
    AREAS,
    COUNTRY,
    HOSPITALS,
    PRACTICES,
    PROVISIONS,
    RENAMED,
    SERVICES,
    SITES,
    TOWNS,
    Hospital,
    Practice,
)
from tools.demonstration.plans import QUALITY_OFFICE, SOURCES, MetricPlan
from tools.demonstration.population import SEED, Population, area_today, practice_memberships
from tools.demonstration.practice_metrics import PRACTICE_METRICS
from tools.demonstration.revisions import as_released
from tools.demonstration.supplied import supplied_figures
from tools.demonstration.surprises import apply_surprises

Rows = list[dict[str, Any]]
Tables = dict[str, Rows]

LICENCES = (
    Licence("CC0-1.0", "Creative Commons Zero 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
)
CONTACT = "quality-office@example.org"
DESCRIPTION = (
    "A demonstration. Fernmark does not exist: its practices, hospitals, people and figures are invented,"
    " and were made up by a program."
)
_UNIT_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"  # those that British postcodes use in their last two places
_OPENING_HOURS = (
    "Monday to Friday 8am to 6.30pm",
    "Monday to Friday 8am to 6.30pm, Tuesday until 8pm",
    "Monday to Friday 8.30am to 6pm, Saturday 9am to noon",
    "Monday to Friday 7.30am to 6.30pm; closed Wednesday afternoon",
)
_ACCESS = (
    "Step-free entrance, accessible toilet, hearing loop",
    "Step-free entrance, two parking spaces for disabled people, hearing loop",
    "Ramp at the side entrance; consulting rooms on the ground floor",
    "Step-free entrance and lift; please tell us if you need an interpreter for sign language",
)


def write_publication(to: Path) -> list[Path]:
    """Write both releases below the folder, in place of what is there, and return their folders."""
    population = Population()
    figures = _draw_everything(population)
    folders = []
    for plan in RELEASES:
        folder = to / plan.release
        if folder.exists():
            shutil.rmtree(folder)
        _write_package(
            folder / "practices", plan, "Practices", _practice_tables(plan, population, figures), is_lead=True
        )
        _write_package(
            folder / "providers", plan, "Hospitals", _hospital_tables(plan, figures), is_lead=False
        )
        folders.append(folder)
    return folders


def _draw_everything(population: Population) -> pd.DataFrame:
    """Return OBSERVATIONS of every metric and period of both releases, as they are known in the end."""
    periods = all_periods()
    plans = {plan.metric_id: plan for plan in (*PRACTICE_METRICS, *HOSPITAL_METRICS)}
    frames: list[pd.DataFrame] = []
    for plan in plans.values():
        own = draw_figures(plan, periods, population)
        frames.append(own)
        if plan.recipe.supplied_places:
            frames.append(supplied_figures(plan, own, periods))
    everything = pd.concat([frame.astype(object) for frame in frames], ignore_index=True)
    numbers = ["numerator", "denominator", "base", "effective_base", "excluded"]
    numbers += ["value", "lower", "upper", "standard_deviation"]
    everything[numbers] = everything[numbers].astype(float)
    return apply_surprises(everything, plans, periods, population)


def _practice_tables(plan: ReleasePlan, population: Population, figures: pd.DataFrame) -> Tables:
    return {
        "metrics": _metric_rows(PRACTICE_METRICS),
        "domains": stories.DOMAINS,
        "organisations": [*_area_rows(), *_practice_rows(plan, population)],
        "memberships": _practice_membership_rows(),
        "periods": _period_rows(periods_of(plan)),
        "observations": _observation_rows(PRACTICE_METRICS, as_released(figures, plan)),
        "breakdowns": stories.BREAKDOWNS,
        "targets": stories.PRACTICE_TARGETS,
        "rebases": stories.PRACTICE_REBASES,
        "characteristics": stories.CHARACTERISTICS,
        "context": _practice_context(plan, population),
        "comments": stories.practice_comments(plan),
        "events": stories.practice_events(plan),
        "deadlines": stories.deadlines(plan),
        "assurance": stories.practice_assurance(plan),
        "actions": stories.practice_actions(plan),
        "postcodes": _postcode_rows(),
    }


def _hospital_tables(plan: ReleasePlan, figures: pd.DataFrame) -> Tables:
    return {
        "metrics": _metric_rows(HOSPITAL_METRICS),
        "domains": stories.DOMAINS,
        "organisations": _hospital_rows(),
        "memberships": _hospital_membership_rows(),
        "periods": _period_rows(periods_of(plan)),
        "observations": _observation_rows(HOSPITAL_METRICS, as_released(figures, plan)),
        "services": _service_rows(),
        "provisions": _provision_rows(),
        "targets": stories.HOSPITAL_TARGETS,
        "rebases": stories.HOSPITAL_REBASES,
        "context": _hospital_context(plan),
        "comments": stories.hospital_comments(plan),
        "events": stories.hospital_events(plan),
        "assurance": stories.hospital_assurance(plan),
        "actions": stories.hospital_actions(plan),
    }


def _metric_rows(plans: Iterable[MetricPlan]) -> Rows:
    rows: Rows = []
    names = {"is_sensitive": "sensitive", "is_rolling": "rolling"}
    columns = INPUT_TABLES["metrics"].column_names
    for plan in plans:
        row = {name: getattr(plan, name) for name in columns if hasattr(plan, name)}
        row |= {column: True for field, column in names.items() if getattr(plan, field)}
        row |= {"levels": "|".join(plan.levels), "section": stories.LOCAL_SECTIONS.get(plan.domain_id, "")}
        if not plan.versions:
            rows.append(row)
        rows.extend(
            row
            | {
                "version": version.version,
                "valid_from": version.valid_from,
                "valid_to": version.valid_to,
                "breaks_series": version.breaks_series or None,
                "description": version.description,
                "caveats": version.caveats,
            }
            for version in plan.versions
        )
    return rows


def _observation_rows(plans: Iterable[MetricPlan], figures: pd.DataFrame) -> Rows:
    own = figures[figures["metric_id"].isin([plan.metric_id for plan in plans])]
    rows: Rows = own.to_dict("records")  # type: ignore[assignment]  # columns are named by text
    return rows


def _period_rows(periods: Iterable[Period]) -> Rows:
    return [
        {
            "period": period.period,
            "start": period.start,
            "end": period.end,
            "frequency": period.frequency,
            "label": period.label,
        }
        for period in periods
    ]


def _area_rows() -> Rows:
    return [
        {
            "organisation_code": area.code,
            "name": area.name,
            "kind": "country" if area.code == COUNTRY else "area",
            "level": area.level,
            "parent_code": area.parent,
            "status": Status.OPEN,
        }
        for area in AREAS
    ]


def _practice_rows(plan: ReleasePlan, population: Population) -> Rows:
    rng = np.random.default_rng([SEED, 3])
    rows: Rows = []
    for number, practice in enumerate(PRACTICES):
        letters = "".join(_UNIT_LETTERS[place] for place in rng.integers(0, len(_UNIT_LETTERS), 2))
        hours, access = rng.integers(0, 4, 2).tolist()
        latitude, longitude = _place_of_sector(practice.sector)
        is_closed = practice.closed_on is not None and practice.closed_on < plan.publication_date
        row = {
            "organisation_code": practice.code,
            "name": _name_at(practice, plan),
            "kind": "practice",
            "parent_code": area_today(practice),
            "status": Status.OPEN,
            "opened_on": practice.opened_on,
            "address": f"{practice.street}, {practice.town}",
            "postcode": practice.sector + letters,
            "latitude": latitude,
            "longitude": longitude,
            "phone": f"01632 960{100 + number}",
        }
        if is_closed:
            row |= {
                "status": Status.MERGED if practice.successor else Status.CLOSED,
                "closed_on": practice.closed_on,
                "successor_code": practice.successor,
            }
        else:
            row |= {
                "website": f"https://example.org/practices/{practice.code.lower()}",
                "list_size": population.patients(practice.code, _last_day(plan)),
                "accepting_patients": practice.is_accepting,
                "opening_hours": _OPENING_HOURS[hours],
                "languages": practice.languages,
                "accessibility": _ACCESS[access],
            }
        rows.append(row)
    return rows


def _name_at(practice: Practice, plan: ReleasePlan) -> str:
    is_before = practice.code == RENAMED and plan is RELEASES[0]
    return practice.name.replace("Practice", "Surgery") if is_before else practice.name


def _last_day(plan: ReleasePlan) -> date:
    return max(period.end for period in periods_of(plan))


def _hospital_rows() -> Rows:
    return [
        {
            "organisation_code": hospital.code,
            "name": hospital.name,
            "kind": "site" if hospital.parent else "provider",
            "parent_code": hospital.parent or TOWNS[hospital.town].area,
            "status": Status.OPEN,
            "address": f"{hospital.street}, {hospital.town}",
            "postcode": hospital.postcode,
            "latitude": _place_of_hospital(hospital)[0],
            "longitude": _place_of_hospital(hospital)[1],
            "phone": f"01632 960{900 + number}",
            "website": f"https://example.org/hospitals/{hospital.code.lower()}",
            "accessibility": "Step-free entrances and lifts; help desk at the main entrance",
        }
        for number, hospital in enumerate((*HOSPITALS, *SITES))
    ]


def _practice_membership_rows() -> Rows:
    areas = [
        {
            "organisation_code": area.code,
            "parent_code": area.parent,
            "tree": area.level if area.level == "local-authority" else "main",
        }
        for area in AREAS
        if area.parent
    ]
    practices = [
        {
            "organisation_code": membership.code,
            "parent_code": membership.parent,
            "tree": membership.tree or "main",
            "from": membership.start,
            "to": membership.end,
        }
        for membership in practice_memberships()
    ]
    return [*areas, *practices]


def _hospital_membership_rows() -> Rows:
    return [
        {
            "organisation_code": hospital.code,
            "parent_code": hospital.parent or TOWNS[hospital.town].area,
            "tree": "main",
        }
        for hospital in (*HOSPITALS, *SITES)
    ]


def _service_rows() -> Rows:
    return [
        {
            "service_id": service.service_id,
            "title": service.title,
            "programme_of_care": service.programme,
            "description": service.description,
        }
        for service in SERVICES
    ]


def _provision_rows() -> Rows:
    return [
        {
            "organisation_code": provision.provider,
            "service_id": provision.service_id,
            "from": provision.start,
            "to": provision.end,
            "site_code": provision.site,
            "lead_role": "Clinical lead",
            "contact": f"{provision.service_id}.{provision.provider.lower()}@example.org",
        }
        for provision in PROVISIONS
    ]


def _practice_context(plan: ReleasePlan, population: Population) -> Rows:
    rows: Rows = []
    for period in _snapshots(plan):
        for practice in PRACTICES:
            if (practice.opened_on or period.end) > period.end or (
                practice.closed_on or period.end
            ) < period.end:
                continue
            values = {
                "deprivation-score": population.deprivation[practice.code],
                "aged-65-and-over": round(100 * population.older[practice.code], 1),
                "registered-patients": population.patients(practice.code, period.end),
            }
            rows.extend(_context_row(practice.code, name, period, value) for name, value in values.items())
    return rows


def _hospital_context(plan: ReleasePlan) -> Rows:
    return [
        _context_row(hospital.code, name, period, value)
        for period in _snapshots(plan)
        for hospital in HOSPITALS
        for name, value in {
            "deprivation-score": TOWNS[hospital.town].deprivation,
            "beds": float(hospital.beds),
        }.items()
    ]


def _context_row(code: str, characteristic: str, period: Period, value: float) -> dict[str, Any]:
    return {
        "organisation_code": code,
        "characteristic_id": characteristic,
        "period": period.period,
        "value": value,
    }


def _snapshots(plan: ReleasePlan) -> list[Period]:
    return [period for period in periods_of(plan) if period.frequency == "snapshot"]


def _postcode_rows() -> Rows:
    sectors = {practice.sector for practice in PRACTICES} | {
        hospital.postcode[:-2] for hospital in (*HOSPITALS, *SITES)
    }
    outward = {code: _place_of_outward(code) for town in TOWNS.values() for code in town.outward_codes}
    places = outward | {sector: _place_of_sector(sector) for sector in sectors}
    return [
        {"postcode": postcode, "latitude": place[0], "longitude": place[1]}
        for postcode, place in sorted(places.items(), key=lambda item: _postcode_order(item[0]))
    ]


def _postcode_order(postcode: str) -> tuple[int, int]:
    outward, _, sector = postcode.removeprefix("ZN").partition(" ")
    return int(outward), int(sector or -1)


def _place_of_outward(code: str) -> tuple[float, float]:
    """Return the centre of an outward code: its town's, or beside it where the town has several."""
    town = next(town for town in TOWNS.values() if code in town.outward_codes)
    number = town.outward_codes.index(code)
    beside = (
        (0.0, 0.0)
        if len(town.outward_codes) == 1
        else ((0.012, -0.02), (-0.012, 0.02), (-0.022, -0.018))[number]
    )
    return round(town.latitude + beside[0], 4), round(town.longitude + beside[1], 4)


def _place_of_sector(sector: str) -> tuple[float, float]:
    """Return the centre of a sector, on a ring around its outward code."""
    outward, digit = sector.split(" ")
    latitude, longitude = _place_of_outward(outward)
    north, east = _RING[int(digit)]
    return round(latitude + 0.008 * north, 4), round(longitude + 0.011 * east, 4)


_RING = (
    (0, 0),
    (1, 0),
    (0.7, 0.8),
    (0, 1.1),
    (-0.8, 0.7),
    (-1, 0),
    (-0.6, -0.9),
    (0, -1),
    (0.8, -0.7),
    (0.2, 0.3),
)


def _place_of_hospital(hospital: Hospital) -> tuple[float, float]:
    return _place_of_sector(hospital.postcode[:-2])


def _write_package(folder: Path, plan: ReleasePlan, title: str, tables: Tables, *, is_lead: bool) -> None:
    folder.mkdir(parents=True)
    resources: list[dict[str, Any]] = []
    for name, rows in tables.items():
        table = INPUT_TABLES[name]
        columns = _columns_used(table, rows)
        content = _csv_bytes(table, columns, rows)
        path = f"{name}.csv"
        (folder / path).write_bytes(content)
        resources.append(resource_descriptor(table, path, columns, content))
    if is_lead:
        content = _json_bytes(area_boundaries())
        (folder / "boundaries.geojson").write_bytes(content)
        resources.append(boundaries_descriptor("boundaries.geojson", content))
    sources = _sources(PRACTICE_METRICS if is_lead else HOSPITAL_METRICS)
    document = package_descriptor(
        f"fernmark-{title.lower()}-{plan.release}",
        # The lead package's title is that of the release.
        plan.title if is_lead else f"{plan.title}: {title.lower()}",
        resources,
        sources=sources,
        licences=LICENCES,
        candour=candour_keys(_descriptor(plan, sources)) if is_lead else None,
        description=DESCRIPTION,
    )
    (folder / DESCRIPTOR_NAME).write_bytes(_json_bytes(document))


def _descriptor(plan: ReleasePlan, sources: tuple[Source, ...]) -> Descriptor:
    return Descriptor(
        release=plan.release,
        title=plan.title,
        publication_date=plan.publication_date,
        publication_time="09:30",
        next_publication_date=plan.next_publication_date,
        publisher=QUALITY_OFFICE,
        contact=CONTACT,
        missing_rows="",
        demonstration=True,
        sources=sources,
        licences=LICENCES,
        description=DESCRIPTION,
    )


def _sources(plans: Iterable[MetricPlan]) -> tuple[Source, ...]:
    titles = {plan.source_name.split(",")[0]: plan.source_url for plan in plans}
    assert all(url.startswith(SOURCES) for url in titles.values())
    return tuple(Source(f"{title} (invented)", url) for title, url in titles.items())


def _columns_used(table: Table, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the table's columns that some row fills, and those that every row must fill."""
    return [
        column.name
        for column in table.columns
        if column.is_required or any(not _is_blank(row.get(column.name)) for row in rows)
    ]


def _csv_bytes(table: Table, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    types = [table.column(name).type for name in columns]
    for row in rows:
        writer.writerow([_cell(row.get(name), kind) for name, kind in zip(columns, types, strict=True)])
    return text.getvalue().encode()


def _cell(value: Any, kind: ColumnType) -> str:
    if _is_blank(value):
        return ""
    if kind is ColumnType.BOOLEAN:
        return "true" if value else "false"
    if kind in (ColumnType.NUMBER, ColumnType.INTEGER):
        return f"{value:.4f}".rstrip("0").rstrip(".")
    return value.isoformat() if isinstance(value, date) else str(value)


def _is_blank(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and np.isnan(value))


def _json_bytes(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
