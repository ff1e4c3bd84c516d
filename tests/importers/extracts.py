"""Small invented extracts in the layouts of the publishers, as their files hold them."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

REGISTER_HEADERS = {
    "1718": "PRACTICE_CODE,INDICATOR_GROUP_CODE,REGISTER,PATIENT_LIST_TYPE,PATIENT_LIST_SIZE",
    "1819": "PRACTICE_CODE,INDICATOR_GROUP_CODE,REGISTER,PATIENT_LIST_TYPE,PATIENT_LIST_SIZE",
    "1920": "PRACTICE_CODE,GROUP_CODE,REGISTER,PATIENT_LIST_TYPE,PATIENT_LIST_SIZE",
    "2021": "PRACTICE_CODE,GROUP_CODE,REGISTER,PATIENT_LIST_TYPE,PRACTICE_LIST_SIZE",
}
GEOGRAPHY_1718 = (
    "PRACTICE_CODE,PRACTICE_NAME,CCG_CODE,CCG_GEOGRAPHY_CODE,CCG_NAME,STP_CODE,STP_NAME,SUBREGION_CODE,"
    "SUBREGION_GEOGRAPHY_CODE,SUBREGION_NAME,REGION_CODE,REGION_GEOGRAPHY_CODE,REGION_NAME,COUNTRY,"
    "REVISED_MAXIMUM_POINTS"
)
GEOGRAPHY_1819 = (
    "PRACTICE_CODE,PRACTICE_NAME,CCG_CODE,CCG_ONS_CODE,CCG_NAME,STP_ONS_CODE,STP_NAME,"
    "REGIONAL_LOCAL_OFFICE_CODE,REGIONAL_LOCAL_OFFICE_ONS_CODE,REGIONAL_LOCAL_OFFICE_NAME,REGION_CODE,"
    "REGION_ONS_CODE,REGION_NAME,COUNTRY,REVISED_MAXIMUM_POINTS"
)
GEOGRAPHY_1920 = (
    "NAT_ONS_CODE,NAT_CODE,COUNTRY,REGION_ODS_CODE,REGION_ONS_CODE,REGION_NAME,STP_ODS_CODE,STP_ONS_CODE,STP_NAME,"
    "CCG_ODS_CODE,CCG_ONS_CODE,CCG_NAME,PCN_ODS_CODE,PCN_NAME,PRACTICE_CODE,PRACTICE_NAME"
)
INDICATORS_1819 = (
    "INDICATOR_CODE,INDICATOR_DESCRIPTION,INDICATOR_POINT_VALUE,INDICATOR_GROUP_CODE,INDICATOR_GROUP_DESCRIPTION,"
    "DOMAIN_CODE,DOMAIN_DESCRIPTION,PATIENT_LIST_TYPE"
)
INDICATORS_1920 = (
    "INDICATOR_CODE,INDICATOR_POINT_VALUE,GROUP_CODE,GROUP_DESCRIPTION,DOMAIN_CODE,DOMAIN_DESCRIPTION,"
    "PATIENT_LIST_TYPE"
)


def write_csv(
    path: Path,
    header: str,
    rows: Iterable[Sequence[object]],
    *,
    newline: str = "\r\n",
    encoding: str = "utf-8",
) -> Path:
    """Write a file as a publisher does: CRLF, quotes only where needed, gzipped where the name says so."""
    text = io.StringIO()
    csv.writer(text, lineterminator=newline).writerows(rows)
    content = ((header + newline if header else "") + text.getvalue()).encode(encoding)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
    return path


def write_registers(folder: Path, year: str, rows: Iterable[Sequence[object]]) -> Path:
    """Write PREVALENCE_<year>.csv of rows (practice, group, register, list type, list size)."""
    return write_csv(folder / f"PREVALENCE_{year}.csv", REGISTER_HEADERS[year], rows)


def write_geography(folder: Path, year: str, rows: Iterable[Mapping[str, str]]) -> Path:
    """Write the geography file of the year; what a row does not say is filled in."""
    layouts = {"1718": GEOGRAPHY_1718, "1819": GEOGRAPHY_1819}
    header = layouts.get(year, GEOGRAPHY_1920)
    name = "ORGANISATION_REFERENCE" if year in layouts else "MAPPING_NHS_GEOGRAPHIES"
    cells = [
        [{**_PLACE, **row}[_MEANINGS.get(column, column)] for column in header.split(",")] for row in rows
    ]
    return write_csv(folder / f"{name}_{year}.csv", header, cells)


def write_year(
    folder: Path, year: str, registers: Iterable[Sequence[object]], places: Iterable[Mapping[str, str]] = ()
) -> list[Path]:
    """Write registers and geography of one year; practices that no place names lie where `_PLACE` says."""
    rows = [tuple(row) for row in registers]
    named = [dict(place) for place in places]
    for practice in dict.fromkeys(str(row[0]) for row in rows):
        if practice not in [place["practice"] for place in named]:
            named.append({"practice": practice, "practice_name": f"{practice} Surgery"})
    return [write_registers(folder, year, rows), write_geography(folder, year, named)]


def write_epraccur(path: Path, rows: Iterable[Mapping[str, str]]) -> Path:
    """Write 27 quoted columns without a header; what a row does not say is that of an active practice."""
    numbers = {"code": 1, "name": 2, "postcode": 10, "opened": 11, "closed": 12, "status": 13, "phone": 18}
    numbers |= {f"address_{line}": 4 + line for line in range(1, 6)}
    lines = []
    for row in rows:
        cells = [""] * 27
        for name, value in {**_PRACTICE, **row}.items():
            cells[numbers[name] - 1] = value
        cells[25] = "4"
        lines.append(",".join(f'"{cell}"' for cell in cells))
    path.write_bytes(("\n".join(lines) + "\n").encode())
    return path


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """Return a table of the package as text, with "" where a cell is blank."""
    return pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)


def cells_of(table: pd.DataFrame, key: str, *columns: str) -> list[str]:
    """Return the cells of the row whose first column holds the key."""
    row = table.set_index(table.columns[0]).loc[key]
    return [str(row[column]) for column in columns]


_PLACE = {
    "practice": "A81001",
    "practice_name": "The Lime Surgery",
    "ccg": "00K",
    "ccg_name": "NHS Limeshire CCG",
    "stp": "QAA",
    "stp_ons": "E54000091",
    "stp_name": "Limeshire STP",
    "region": "Y54",
    "region_name": "North of Somewhere",
    "pcn": "U10001",
    "pcn_name": "Lime PCN",
    "COUNTRY": "England",
    "NAT_CODE": "ENG",
    "NAT_ONS_CODE": "E92000001",
    "CCG_GEOGRAPHY_CODE": "E38000091",
    "CCG_ONS_CODE": "E38000091",
    "SUBREGION_CODE": "Q72",
    "SUBREGION_GEOGRAPHY_CODE": "E39000091",
    "SUBREGION_NAME": "Subregion",
    "REGIONAL_LOCAL_OFFICE_CODE": "Q72",
    "REGIONAL_LOCAL_OFFICE_ONS_CODE": "E39000091",
    "REGIONAL_LOCAL_OFFICE_NAME": "Office",
    "REGION_GEOGRAPHY_CODE": "E40000091",
    "REGION_ONS_CODE": "E40000091",
    "REVISED_MAXIMUM_POINTS": "559",
}
_MEANINGS = {
    "PRACTICE_CODE": "practice",
    "PRACTICE_NAME": "practice_name",
    "CCG_CODE": "ccg",
    "CCG_ODS_CODE": "ccg",
    "CCG_NAME": "ccg_name",
    "STP_CODE": "stp_ons",
    "STP_ONS_CODE": "stp_ons",
    "STP_ODS_CODE": "stp",
    "STP_NAME": "stp_name",
    "REGION_CODE": "region",
    "REGION_ODS_CODE": "region",
    "REGION_NAME": "region_name",
    "PCN_ODS_CODE": "pcn",
    "PCN_NAME": "pcn_name",
}
_PRACTICE = {"name": "THE LIME SURGERY", "opened": "19740401", "status": "A"}
