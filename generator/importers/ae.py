"""A&E attendances and emergency admissions of NHS trusts and integrated care boards, by quarter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from generator.importers import package
from generator.importers.ae_files import AeFile, Content, read_files, read_months, read_names
from generator.importers.ae_metrics import (
    AE_METRICS,
    PUBLICATIONS_URL,
    SOURCE_NAME,
    AeMetric,
    build_domains,
    build_metrics,
)
from generator.importers.ae_quarters import Quarter, first_day, month_name, published_notes
from generator.importers.ae_remarks import remarks_about
from generator.importers.ae_series import Names, Series, make_series
from generator.importers.names import display_address, display_name
from generator.importers.report import FileCount, ImportReport
from generator.importers.source import ATTRIBUTION, OPEN_GOVERNMENT_LICENCE, SourceInfo
from generator.importers.text_tables import look_up, stack
from generator.model.release import Descriptor, Source
from generator.model.vocabulary import Absence, Frequency, Status

INFO = SourceInfo(
    name="ae",
    title="A&E attendances and emergency admissions, by NHS trust and integrated care board",
    files=(
        "CSV files (or .csv.gz), all in one command: the figures of trusts by month; also those of "
        "integrated care boards; also ODS' list of trusts (etr.csv), and QOF's MAPPING_NHS_GEOGRAPHIES_*.csv "
        "from 2022-23, for names"
    ),
    publisher="NHS England",
    terms=OPEN_GOVERNMENT_LICENCE,
    url=PUBLICATIONS_URL,
)

COUNTRY = "ENG"
_FIGURES = (Content.TRUSTS, Content.BOARDS)
_ADDRESS = [f"address_{line}" for line in range(1, 6)]
_THURSDAY = 3


def import_ae(paths: Sequence[Path], to: Path) -> ImportReport:
    """Write the figures of the files into a new package, months made into quarters, and return the report.

    A quarter without all of its months has an absence, and its note says what was published: see
    `ae_quarters`. A share of which a count is blank in a month is `not_stated`, one that cannot be
    `failed_checks`.

    Raises:
        CandourError: a file is not understood, or the files do not belong together. Nothing is written.
    """
    package.refuse_occupied(to)
    files = read_files(paths)
    names = Names(read_names(files, Content.TRUST_NAMES), read_names(files, Content.BOARD_NAMES))
    series = {
        content: make_series(files.by_content[content], read_months(files.by_content[content]))
        for content in _FIGURES
        if content in files.by_content
    }
    quarters = sorted({quarter for one in series.values() for quarter in one.quarters})
    organisations = _build_organisations(series, names)
    observations = pd.concat(
        [_build_observations(one, metric) for one in series.values() for metric in AE_METRICS],
        ignore_index=True,
    )
    tables = {
        "metrics": build_metrics(),
        "domains": build_domains(),
        "organisations": organisations,
        "memberships": _build_memberships(organisations, series),
        "periods": _build_periods(quarters),
        "observations": observations.drop(columns="rows").sort_values(
            ["metric_id", "organisation_code", "period"], ignore_index=True
        ),
    }
    document = package.new_document("ae", _descriptor(series, names, quarters[-1]))
    in_no_file = observations.loc[observations["rows"] == 0, "absence"].value_counts().sort_index()
    remarks = tuple(remarks_about(series, names, organisations, COUNTRY))
    return ImportReport(
        source=INFO.title,
        to=to,
        files=tuple(_count(file, series, organisations) for file in files.every),
        added=dict(zip(in_no_file.index.to_list(), in_no_file.to_list(), strict=True)),
        rows=package.write_package(
            to, package.Package({k: t for k, t in tables.items() if len(t)}, document)
        ),
        remarks=remarks,
    )


def _build_organisations(series: Mapping[Content, Series], names: Names) -> pd.DataFrame:
    """Return ORGANISATIONS (as text): the country, the boards and the trusts that have figures."""
    country = {"organisation_code": COUNTRY, "name": "England", "kind": "country"}
    tables = [pd.DataFrame([country])]
    boards: set[str] = set()
    if Content.BOARDS in series:
        codes = _codes(series[Content.BOARDS])
        boards = set(codes)
        known = look_up(codes, names.boards.set_index("code")["name"].map(display_name))
        tables.append(
            pd.DataFrame(
                {
                    "organisation_code": codes,
                    "name": known.where(known != "", "Integrated care board " + codes),
                    "kind": "area",
                    "level": "icb",
                    "parent_code": COUNTRY,
                }
            )
        )
    codes = _codes(series[Content.TRUSTS])
    listed = names.trusts.set_index("code")
    known = look_up(codes, listed["name"].map(display_name))
    addresses = pd.Series(
        [display_address(lines) for lines in listed[_ADDRESS].to_numpy()], listed.index, dtype="str"
    )
    # The list of trusts names a board by its ODS code, the figures by its ONS code.
    ons_codes = names.boards[names.boards["code"].isin(boards)].set_index("ods_code")["code"]
    board = look_up(look_up(codes, listed["board"]), ons_codes)
    trusts = pd.DataFrame(
        {
            "organisation_code": codes,
            "name": known.where(known != "", "NHS trust " + codes),
            "kind": "provider",
            "parent_code": board.where(board != "", COUNTRY),
            "address": look_up(codes, addresses),
            "postcode": look_up(codes, listed["postcode"]),
        }
    )
    return stack([*tables, trusts]).assign(status=Status.OPEN.value)


def _build_memberships(organisations: pd.DataFrame, series: Mapping[Content, Series]) -> pd.DataFrame:
    """Return MEMBERSHIPS (as text); trusts belong to their board from its first month on."""
    members = organisations.loc[organisations["parent_code"] != "", ["organisation_code", "parent_code"]]
    first = first_day(int(series[Content.BOARDS].months["month"].min())) if Content.BOARDS in series else None
    starts = first.isoformat() if first else ""
    return members.assign(**{"from": members["parent_code"].ne(COUNTRY).map({True: starts, False: ""})})


def _build_periods(quarters: Sequence[Quarter]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "period": [quarter.period for quarter in quarters],
            "start": [quarter.start.isoformat() for quarter in quarters],
            "end": [quarter.end.isoformat() for quarter in quarters],
            "frequency": Frequency.QUARTER.value,
            "label": [quarter.label for quarter in quarters],
        }
    )


def _build_observations(series: Series, metric: AeMetric) -> pd.DataFrame:
    """Return OBSERVATIONS of one metric (as text), with `rows`: how many months of the quarter have a row."""
    quarters = series.by_quarter
    counts = [metric.part, metric.whole] if metric.whole else [metric.part]
    is_blank = quarters[counts].isna().any(axis=1)
    fails = quarters[f"{metric.part}_fail"] if metric.whole else pd.Series(data=False, index=quarters.index)
    absence = quarters["absence"].mask((quarters["absence"] == "") & fails, Absence.FAILED_CHECKS.value)
    absence = absence.mask((absence == "") & is_blank, Absence.NOT_STATED.value)

    figures = quarters[counts].fillna(0).astype("int64")
    numerator = figures[metric.part]
    if metric.is_rest:
        numerator = figures[metric.whole] - numerator
    has_figure = absence == ""
    without = quarters[~has_figure]
    told = published_notes(without, series.months, metric.part, metric.whole, series.copies)
    notes = pd.Series(told, index=without.index, dtype="str").reindex(quarters.index, fill_value="")
    return pd.DataFrame(
        {
            "metric_id": metric.metric_id,
            "organisation_code": quarters["organisation"],
            "period": quarters["quarter"].map(
                {quarter.first_month: quarter.period for quarter in series.quarters}
            ),
            "numerator": numerator.astype("str").where(has_figure, ""),
            "denominator": figures[metric.whole].astype("str").where(has_figure, "") if metric.whole else "",
            "absence": absence,
            "note": notes,
            "rows": quarters["rows"],
        }
    )


def _descriptor(series: Mapping[Content, Series], names: Names, last: Quarter) -> Descriptor:
    first = min(one.quarters[0] for one in series.values())
    latest = max(int(one.months["month"].max()) for one in series.values())
    earliest = min(int(one.months["month"].min()) for one in series.values())
    lists = [
        Source(f"{title}, {INFO.publisher}", url)
        for title, url, listed in (
            ("Organisation Data Service, list of trusts (etr)", _ODS_URL, names.trusts),
            ("Quality and Outcomes Framework, practices and areas", _QOF_URL, names.boards),
        )
        if len(listed)
    ]
    return Descriptor(
        release=last.period,
        title=f"A&E waiting times in England, {first.label} to {last.label}",
        publication_date=_published_on(last),
        publication_time="09:30",
        next_publication_date=None,
        publisher=INFO.publisher,
        # The publication's own page says whom to ask about the figures.
        contact=INFO.url,
        missing_rows="",
        demonstration=False,
        sources=(Source(f"{SOURCE_NAME}, {month_name(earliest)} to {month_name(latest)}", INFO.url), *lists),
        licences=(INFO.terms,),
        description=ATTRIBUTION,
    )


def _published_on(last: Quarter) -> date:
    """Return the second Thursday after the last quarter: the day on which its last month is published."""
    first = last.end + timedelta(days=1)
    return first + timedelta(days=(_THURSDAY - first.weekday()) % 7 + 7)


def _count(file: AeFile, series: Mapping[Content, Series], organisations: pd.DataFrame) -> FileCount:
    read = len(file.cells)
    if file.content in series:
        one = series[file.content]
        quarter = one.months["month"] - one.months["month"] % 3
        keys = pd.MultiIndex.from_arrays([one.months["organisation"], quarter])
        absence = one.by_quarter.set_index(["organisation", "quarter"])["absence"].reindex(keys)
        counts = absence[absence != ""].value_counts().sort_index()
        absences = dict(zip(counts.index.to_list(), counts.to_list(), strict=True))
        left_out, reason = read - len(one.months), "the same row stands above"
    else:
        absences = {}
        is_named = file.cells["code"].isin(organisations["organisation_code"])
        written = int((is_named & ~file.cells.duplicated("code")).sum())
        left_out, reason = read - written, "no organisation of the package, or one that is named above"
    return FileCount(
        file.published.name,
        str(file.content),
        read=read,
        written=read - left_out - sum(absences.values()),
        absences=absences,
        left_out={reason: left_out} if left_out else {},
    )


def _codes(series: Series) -> pd.Series[str]:
    return pd.Series(sorted(set(series.months["organisation"])), dtype="str")


_ODS_URL = "https://digital.nhs.uk/services/organisation-data-service"
_QOF_URL = (
    "https://digital.nhs.uk/data-and-information/publications/statistical/"
    "quality-and-outcomes-framework-achievement-prevalence-and-exceptions-data"
)
