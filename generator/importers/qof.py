"""QOF registers: how many patients of each practice have which condition, 2017-18 to 2020-21."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from generator.errors import CandourError, ExitStatus
from generator.importers import package, qof_areas
from generator.importers.expected_rows import with_missing_rows
from generator.importers.names import display_name
from generator.importers.qof_files import (
    QofFile,
    QofFiles,
    read_files,
    read_geography,
    read_group_descriptions,
    read_registers,
)
from generator.importers.qof_layouts import YEARS, Content, Year
from generator.importers.qof_registers import PUBLICATIONS_URL, build_domains, build_metrics, words_of
from generator.importers.report import FileCount, ImportReport
from generator.importers.source import ATTRIBUTION, OPEN_GOVERNMENT_LICENCE, SourceInfo
from generator.importers.text_tables import look_up, stack
from generator.model.release import Descriptor, Source
from generator.model.vocabulary import Absence, Frequency, Status

INFO = SourceInfo(
    name="qof",
    title="Quality and Outcomes Framework (QOF): registers by practice",
    files=(
        f"raw data CSV files (or .csv.gz) of {YEARS[0].period} to {YEARS[-1].period}, all in one command: "
        "of each year PREVALENCE_*.csv, and ORGANISATION_REFERENCE_*.csv or MAPPING_NHS_GEOGRAPHIES_*.csv; "
        "also INDICATOR_MAPPINGS_*.csv or MAPPING_INDICATORS_*.csv, for the publisher's names"
    ),
    publisher="NHS Digital",
    terms=OPEN_GOVERNMENT_LICENCE,
    url=PUBLICATIONS_URL,
)

_PUBLISHED_ON = {
    Year(2017): date(2018, 10, 25),
    Year(2018): date(2019, 10, 24),
    Year(2019): date(2020, 8, 27),
    Year(2020): date(2021, 9, 30),
}


def import_qof(paths: Sequence[Path], to: Path) -> ImportReport:
    """Write the registers of the files into a new package and return the report.

    A register without a figure becomes `not_stated`, one larger than its list `failed_checks`; the note says
    what was published. A practice of any of the years that has no row in another of them gets one with
    `not_stated`, because when it opened and closed is not known before `ods` is imported.

    Raises:
        CandourError: a file is not understood, or the files do not belong together. Nothing is written.
    """
    package.refuse_occupied(to)
    files = read_files(paths)
    descriptions = read_group_descriptions(files.indicators)
    words = words_of(descriptions)
    registers = pd.concat(
        [read_registers(file, words) for file in files.registers.values()], ignore_index=True
    )
    geography = _join_geographies(files, registers)

    last = files.years[-1]
    links = qof_areas.build_links(geography)
    list_types = registers[["group", "year", "list_type"]].drop_duplicates(ignore_index=True)
    metrics = build_metrics(list_types, words, descriptions)
    organisations = _build_organisations(registers, geography, qof_areas.main_parents(links), last)
    periods = _build_periods(files.years)
    observations, added = with_missing_rows(
        _build_observations(registers, {group: register.metric_id for group, register in words.items()}),
        metrics,
        organisations,
        periods,
    )
    tables = {
        "metrics": metrics,
        "domains": build_domains(metrics),
        "organisations": organisations,
        "memberships": qof_areas.build_memberships(links, last),
        "periods": periods,
        "observations": observations,
    }
    document = package.new_document("qof", _descriptor(files.years))
    return ImportReport(
        source=INFO.title,
        to=to,
        files=tuple(_count(file, registers) for file in files.every),
        added={Absence.NOT_STATED.value: added},
        rows=package.write_package(to, package.Package(tables, document)),
        remarks=(*_remarks(registers, geography), *_list_type_remarks(files.indicators, list_types)),
    )


def _join_geographies(files: QofFiles, registers: pd.DataFrame) -> pd.DataFrame:
    """Return GEOGRAPHY of all years, of the practices that have registers in the same year."""
    geography = pd.concat([read_geography(file) for file in files.geographies.values()], ignore_index=True)
    counted = registers[["practice", "year"]].drop_duplicates()
    return qof_areas.unify_stp_codes(geography.merge(counted, on=["practice", "year"]))


def _build_organisations(
    registers: pd.DataFrame, geography: pd.DataFrame, parents: pd.Series[str], last: Year
) -> pd.DataFrame:
    """Return ORGANISATIONS (as text): the country, every area and every practice of any year."""
    codes = registers["practice"].drop_duplicates()
    latest = geography.sort_values("year").drop_duplicates("practice", keep="last").set_index("practice")
    names = look_up(codes, latest["practice_name"].map(display_name))
    in_last = registers[(registers["year"] == last.start_year) & (registers["list_type"] == "TOTAL")]
    list_sizes = in_last.drop_duplicates("practice").set_index("practice")["list_size"]
    practices = pd.DataFrame(
        {
            "organisation_code": codes,
            "name": names.where(names != "", "Practice " + codes),
            "kind": "practice",
            "status": Status.OPEN.value,
            "list_size": look_up(codes, list_sizes),
        }
    )
    organisations = stack([qof_areas.build_areas(geography, last), practices])
    code = organisations["organisation_code"]
    if code.duplicated().any():
        raise CandourError(
            "IMP_AREAS",
            f"One code stands for two organisations: {', '.join(sorted(set(code[code.duplicated()])))}.",
            "Give the publisher's unchanged files.",
            ExitStatus.INPUT,
        )
    return organisations.assign(parent_code=look_up(code, parents)).sort_values(
        "organisation_code", ignore_index=True
    )


def _build_periods(years: Sequence[Year]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "period": [year.period for year in years],
            "start": [year.start.isoformat() for year in years],
            "end": [year.end.isoformat() for year in years],
            "frequency": Frequency.YEAR.value,
            "label": [year.period for year in years],
        }
    )


def _build_observations(registers: pd.DataFrame, metric_ids: Mapping[str, str]) -> pd.DataFrame:
    has_figure = registers["absence"] == ""
    return pd.DataFrame(
        {
            "metric_id": registers["group"].map(metric_ids),
            "organisation_code": registers["practice"],
            "period": registers["year"].map({year.start_year: year.period for year in YEARS}),
            "numerator": registers["register"].where(has_figure, ""),
            "denominator": registers["list_size"].where(has_figure, ""),
            "absence": registers["absence"],
            "note": registers["note"],
        }
    )


def _descriptor(years: Sequence[Year]) -> Descriptor:
    last = years[-1]
    span = last.period if len(years) == 1 else f"{years[0].period} to {last.period}"
    return Descriptor(
        release=last.period,
        title=f"Patients' conditions by GP practice in England, {span}",
        publication_date=_PUBLISHED_ON[last],
        publication_time="09:30",
        next_publication_date=None,
        publisher=INFO.publisher,
        # The publication's own page says whom to ask about the figures.
        contact=INFO.url,
        missing_rows="",
        demonstration=False,
        sources=(Source(f"Quality and Outcomes Framework (QOF), {span}, {INFO.publisher}", INFO.url),),
        licences=(INFO.terms,),
        description=ATTRIBUTION,
    )


def _count(file: QofFile, registers: pd.DataFrame) -> FileCount:
    of_year = registers[registers["year"] == file.year.start_year]
    absences: dict[str, int] = {}
    if file.layout.content is Content.REGISTERS:
        reason = "the same row stands above"
        left_out = len(file.cells) - len(of_year)
        counts = of_year.loc[of_year["absence"] != "", "absence"].value_counts()
        absences = dict(zip(counts.index.to_list(), counts.to_list(), strict=True))
    elif file.layout.content is Content.GEOGRAPHY:
        reason = "a practice without registers in that year"
        left_out = int((~file.cells["practice"].isin(of_year["practice"].unique())).sum())
    else:
        reason = "an indicator of a group without a register"
        left_out = int((~file.cells["group"].isin(registers["group"].unique())).sum())
    return FileCount(
        file.published.name,
        file.title,
        read=len(file.cells),
        written=len(file.cells) - left_out - sum(absences.values()),
        absences=absences,
        left_out={reason: left_out} if left_out else {},
    )


def _remarks(registers: pd.DataFrame, geography: pd.DataFrame) -> list[str]:
    remarks = ["Names in capitals are shown in capitals and small letters."]
    unallocated = geography.loc[geography["pcn"] == qof_areas.UNALLOCATED, "year"].value_counts().sort_index()
    remarks += [
        f"Practices of {Year(year).period} that belong to no primary care network: {count:,}."
        for year, count in zip(unallocated.index.to_list(), unallocated.to_list(), strict=True)
    ]
    unplaced = len(registers[["practice", "year"]].drop_duplicates()) - len(geography)
    if unplaced:
        remarks.append(
            f"Times a practice has registers and stands in no area in that year's file: {unplaced:,}."
        )
    empty = int(((registers["absence"] == "") & (registers["list_size"] == "0")).sum())
    if empty:
        remarks.append(f"Rows with a list of 0 patients, kept as they are: {empty:,}.")
    remarks.append("Areas that are not in the last year are closed on the last day of their own last year.")
    remarks.append(
        "When practices opened and closed is not known to QOF: import ods next, into the same folder."
    )
    return remarks


def _list_type_remarks(indicators: Sequence[QofFile], list_types: pd.DataFrame) -> list[str]:
    remarks: list[str] = []
    for file in indicators:
        named = set(zip(file.cells["group"], file.cells["list_type"], strict=True))
        of_year = list_types[list_types["year"] == file.year.start_year]
        remarks += [
            f"{file.published.name} gives {group} another list than {list_type}; the registers' stands."
            for group, list_type in zip(of_year["group"], of_year["list_type"], strict=True)
            if (group, list_type) not in named
        ]
    return remarks
