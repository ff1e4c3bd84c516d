"""The layouts in which QOF raw data have been published, and the year a file belongs to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from generator.errors import CandourError, ExitStatus, Finding, FindingsError
from generator.importers.published_files import PublishedFile, header_of


class Content(StrEnum):
    """What a QOF file holds."""

    REGISTERS = "registers"
    GEOGRAPHY = "practices and areas"
    INDICATORS = "indicators"


@dataclass(frozen=True)
class Layout:
    """One set of column names under which one kind of content was published."""

    content: Content
    name: str
    """How the publisher's files of this layout begin."""
    columns: tuple[str, ...]
    """Every column of the file."""
    renamed: Mapping[str, str]
    """The publisher's name of each column that is read, to ours."""
    encodings: tuple[str, ...] = ("utf-8-sig",)


@dataclass(frozen=True, order=True)
class Year:
    """One financial year, April to March, in which QOF is counted."""

    start_year: int

    @property
    def period(self) -> str:
        """Identifier of the year's period: 2018-19."""
        return f"{self.start_year}-{(self.start_year + 1) % 100:02d}"

    @property
    def start(self) -> date:
        """First day."""
        return date(self.start_year, 4, 1)

    @property
    def end(self) -> date:
        """Last day."""
        return date(self.start_year + 1, 3, 31)


YEARS = tuple(Year(start_year) for start_year in range(2017, 2021))
"""The years whose layouts are known."""


def layout_of(file: PublishedFile) -> Layout:
    """Return the layout that the file's header names. The order of the columns does not matter.

    Raises:
        FindingsError: the header is that of no known layout (IMP_LAYOUT).
    """
    header = header_of(file)
    for layout in LAYOUTS:
        if sorted(header) == sorted(layout.columns):
            return layout
    nearest = max(LAYOUTS, key=lambda layout: len(set(layout.columns) & set(header)))
    raise FindingsError(
        [
            Finding(
                file.name,
                1,
                "",
                f"the columns are those of no known QOF layout. Expected, for a file like {nearest.name}: "
                f"{', '.join(nearest.columns)}. Found",
                value=", ".join(header),
                code="IMP_LAYOUT",
                advice="Give the raw data CSV files of 2017-18 to 2020-21 as NHS Digital published them.",
            )
        ]
    )


def year_of(file: PublishedFile) -> Year:
    """Return the year that the file's name (…_1819.csv) or its folder's (2018-19) tells.

    Raises:
        CandourError: neither tells a year, they disagree, or the year's layout is not known (IMP_YEAR).
    """
    told = set(filter(None, (_year_in_name(file.name), _year_of_folder(file.path.parent.name))))
    if len(told) != 1:
        reason = "name and folder tell different years" if told else "neither name nor folder tells the year"
        raise CandourError(
            "IMP_YEAR",
            f"{file.path}: {reason}.",
            "Keep the publisher's file name, which ends in the year: PREVALENCE_1819.csv.",
            ExitStatus.INPUT,
        )
    year = told.pop()
    if year not in YEARS:
        raise CandourError(
            "IMP_YEAR",
            f"{file.path}: the layout of {year.period} is not known.",
            f"Give files of {YEARS[0].period} to {YEARS[-1].period}.",
            ExitStatus.INPUT,
        )
    return year


def _year_in_name(name: str) -> Year | None:
    match = re.search(r"_(\d\d)(\d\d)(?:_v\d+)?\.csv(?:\.gz)?$", name, re.IGNORECASE)
    return _year(*match.groups()) if match else None


def _year_of_folder(name: str) -> Year | None:
    match = re.fullmatch(r"20(\d\d)-(\d\d)", name)
    return _year(*match.groups()) if match else None


def _year(first: str, second: str) -> Year | None:
    return Year(2000 + int(first)) if int(second) == int(first) + 1 else None


_REGISTERS_1718 = (
    "PRACTICE_CODE",
    "INDICATOR_GROUP_CODE",
    "REGISTER",
    "PATIENT_LIST_TYPE",
    "PATIENT_LIST_SIZE",
)
_REGISTERS_1920 = ("PRACTICE_CODE", "GROUP_CODE", "REGISTER", "PATIENT_LIST_TYPE", "PATIENT_LIST_SIZE")
_REGISTERS_2021 = ("PRACTICE_CODE", "GROUP_CODE", "REGISTER", "PATIENT_LIST_TYPE", "PRACTICE_LIST_SIZE")
_REGISTER_NAMES = ("practice", "group", "register", "list_type", "list_size")

_AREAS_1718 = {
    "PRACTICE_CODE": "practice",
    "PRACTICE_NAME": "practice_name",
    "CCG_CODE": "ccg",
    "CCG_NAME": "ccg_name",
    "STP_CODE": "stp_ons",
    "STP_NAME": "stp_name",
    "REGION_CODE": "region",
    "REGION_NAME": "region_name",
}
_AREAS_1819 = {name.replace("STP_CODE", "STP_ONS_CODE"): ours for name, ours in _AREAS_1718.items()}
_AREAS_1920 = {
    "PRACTICE_CODE": "practice",
    "PRACTICE_NAME": "practice_name",
    "CCG_ODS_CODE": "ccg",
    "CCG_NAME": "ccg_name",
    "STP_ODS_CODE": "stp",
    "STP_ONS_CODE": "stp_ons",
    "STP_NAME": "stp_name",
    "REGION_ODS_CODE": "region",
    "REGION_NAME": "region_name",
    "PCN_ODS_CODE": "pcn",
    "PCN_NAME": "pcn_name",
}
_INDICATORS_1819 = {
    "INDICATOR_GROUP_CODE": "group",
    "INDICATOR_GROUP_DESCRIPTION": "group_description",
    "DOMAIN_DESCRIPTION": "domain_description",
    "PATIENT_LIST_TYPE": "list_type",
}
_INDICATORS_1920 = {name.removeprefix("INDICATOR_"): ours for name, ours in _INDICATORS_1819.items()}

LAYOUTS = (
    *(
        Layout(
            Content.REGISTERS, "PREVALENCE_*.csv", columns, dict(zip(columns, _REGISTER_NAMES, strict=True))
        )
        for columns in (_REGISTERS_1718, _REGISTERS_1920, _REGISTERS_2021)
    ),
    Layout(
        Content.GEOGRAPHY,
        "ORGANISATION_REFERENCE_1718.csv",
        (
            *(
                "PRACTICE_CODE",
                "PRACTICE_NAME",
                "CCG_CODE",
                "CCG_GEOGRAPHY_CODE",
                "CCG_NAME",
                "STP_CODE",
                "STP_NAME",
            ),
            *("SUBREGION_CODE", "SUBREGION_GEOGRAPHY_CODE", "SUBREGION_NAME"),
            *("REGION_CODE", "REGION_GEOGRAPHY_CODE", "REGION_NAME", "COUNTRY", "REVISED_MAXIMUM_POINTS"),
        ),
        _AREAS_1718,
    ),
    Layout(
        Content.GEOGRAPHY,
        "ORGANISATION_REFERENCE_1819.csv",
        (
            *(
                "PRACTICE_CODE",
                "PRACTICE_NAME",
                "CCG_CODE",
                "CCG_ONS_CODE",
                "CCG_NAME",
                "STP_ONS_CODE",
                "STP_NAME",
            ),
            *("REGIONAL_LOCAL_OFFICE_CODE", "REGIONAL_LOCAL_OFFICE_ONS_CODE", "REGIONAL_LOCAL_OFFICE_NAME"),
            *("REGION_CODE", "REGION_ONS_CODE", "REGION_NAME", "COUNTRY", "REVISED_MAXIMUM_POINTS"),
        ),
        _AREAS_1819,
    ),
    Layout(
        Content.GEOGRAPHY,
        "MAPPING_NHS_GEOGRAPHIES_*.csv",
        (
            *("NAT_ONS_CODE", "NAT_CODE", "COUNTRY", "REGION_ODS_CODE", "REGION_ONS_CODE", "REGION_NAME"),
            *("STP_ODS_CODE", "STP_ONS_CODE", "STP_NAME", "CCG_ODS_CODE", "CCG_ONS_CODE", "CCG_NAME"),
            *("PCN_ODS_CODE", "PCN_NAME", "PRACTICE_CODE", "PRACTICE_NAME"),
        ),
        _AREAS_1920,
    ),
    Layout(
        Content.INDICATORS,
        "INDICATOR_MAPPINGS_*.csv",
        (
            *("INDICATOR_CODE", "INDICATOR_DESCRIPTION", "INDICATOR_POINT_VALUE", "INDICATOR_GROUP_CODE"),
            *("INDICATOR_GROUP_DESCRIPTION", "DOMAIN_CODE", "DOMAIN_DESCRIPTION", "PATIENT_LIST_TYPE"),
        ),
        _INDICATORS_1819,
        ("utf-8-sig", "windows-1252"),
    ),
    Layout(
        Content.INDICATORS,
        "MAPPING_INDICATORS_*.csv",
        (
            *("INDICATOR_CODE", "INDICATOR_POINT_VALUE", "GROUP_CODE", "GROUP_DESCRIPTION"),
            *("DOMAIN_CODE", "DOMAIN_DESCRIPTION", "PATIENT_LIST_TYPE"),
        ),
        _INDICATORS_1920,
        ("utf-8-sig", "windows-1252"),
    ),
)
