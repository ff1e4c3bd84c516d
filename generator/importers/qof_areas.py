"""The areas that QOF's geography files name: who belonged where in which year, and what became of each area.

GEOGRAPHY is one row for each practice and year: year (in which the financial year starts, a number),
practice, ccg, stp, region, pcn, stp_ons (codes), and practice_name, ccg_name, stp_name, region_name,
pcn_name; blank where that year's layout has no such column.
"""

from __future__ import annotations

from itertools import pairwise

import pandas as pd

from generator.errors import Finding, FindingsError
from generator.importers.names import display_name
from generator.importers.qof_layouts import Year
from generator.importers.text_tables import look_up, stack
from generator.model.tables import MAIN_TREE
from generator.model.vocabulary import Status

COUNTRY = "ENG"
"""The code that QOF's own files give England."""
UNALLOCATED = "U"
"""What stands in place of the network of a practice that belongs to none."""
NETWORK_TREE = "pcn"

_MAIN_PATH = ("practice", "ccg", "stp", "region")
_LEVELS = ("ccg", "stp", "region", "pcn")


def unify_stp_codes(geography: pd.DataFrame) -> pd.DataFrame:
    """Return GEOGRAPHY with `stp` filled in every row.

    The files of 2017-18 and 2018-19 give only the ONS code of an STP. Where a later file gives an ODS code
    with the same ONS code, it is the same STP; the others ended before, and keep their ONS code.
    """
    known = geography.loc[geography["stp"] != "", ["stp_ons", "stp"]].drop_duplicates("stp_ons", keep="last")
    later = look_up(geography["stp_ons"], known.set_index("stp_ons")["stp"])
    stp = geography["stp"].where(geography["stp"] != "", later)
    return geography.assign(stp=stp.where(stp != "", geography["stp_ons"]))


def build_links(geography: pd.DataFrame) -> pd.DataFrame:
    """Return who belonged to whom in each year: organisation_code, parent_code, tree, year, each link once.

    Practices without a network have no link in the tree of networks. Networks may cross the borders of other
    areas, so they belong to none.

    Raises:
        FindingsError: an area lies in two areas of one level in the same year (IMP_AREAS).
    """
    steps = [(MAIN_TREE, *step) for step in pairwise(_MAIN_PATH)]
    steps.append((NETWORK_TREE, "practice", "pcn"))
    tables = [
        pd.DataFrame(
            {
                "organisation_code": geography[member],
                "parent_code": geography[parent],
                "tree": tree,
                "year": geography["year"],
            }
        )
        for tree, member, parent in steps
    ]
    top = geography[["region", "year"]].rename(columns={"region": "organisation_code"})
    tables.append(top.assign(parent_code=COUNTRY, tree=MAIN_TREE))
    links = pd.concat(tables, ignore_index=True)
    links = links[~links["parent_code"].isin(["", UNALLOCATED])].drop_duplicates(ignore_index=True)
    twice = links[links.duplicated(["organisation_code", "tree", "year"])]
    if len(twice):
        raise FindingsError(
            Finding(
                f"the file of practices and areas {Year(year).period}",
                None,
                "",
                "lies in two areas of one level",
                value=code,
                code="IMP_AREAS",
                advice="Give the publisher's unchanged file.",
            )
            for code, year in zip(twice["organisation_code"].to_list(), twice["year"].to_list(), strict=True)
        )
    return links


def build_memberships(links: pd.DataFrame, last: Year) -> pd.DataFrame:
    """Return MEMBERSHIPS (as text): neighbouring years with the same parent are one membership.

    It starts and ends with a financial year, because that is how the publisher groups practices; one that
    holds in the last year imported is open-ended.
    """
    ordered = links.sort_values(["organisation_code", "tree", "year"], ignore_index=True)
    continues = ordered["year"] == ordered["year"].shift() + 1
    for column in ("organisation_code", "tree", "parent_code"):
        continues &= ordered[column] == ordered[column].shift()
    runs = ordered.groupby((~continues).cumsum())
    memberships = runs[["organisation_code", "parent_code", "tree"]].first()
    memberships["from"] = runs["year"].first().map(_first_days(links["year"]))
    ends = runs["year"].last()
    memberships["to"] = ends.map(_last_days(links["year"])).where(ends != last.start_year, "")
    return memberships.reset_index(drop=True)


def main_parents(links: pd.DataFrame) -> pd.Series[str]:
    """Return each organisation's parent in the main tree in its latest year, by organisation code."""
    main = links[links["tree"] == MAIN_TREE].sort_values("year")
    return main.drop_duplicates("organisation_code", keep="last").set_index("organisation_code")[
        "parent_code"
    ]


def build_areas(geography: pd.DataFrame, last: Year) -> pd.DataFrame:
    """Return ORGANISATIONS (as text) of the country and every area of any year, under its latest name.

    An area that is not in the last year is closed on the last day of its own last year.
    """
    areas = pd.concat([_areas_of_level(geography, level) for level in _LEVELS], ignore_index=True)
    ended = areas["year"] != last.start_year
    areas["status"] = ended.map({True: Status.CLOSED.value, False: Status.OPEN.value})
    areas["closed_on"] = areas["year"].map(_last_days(geography["year"])).where(ended, "")
    areas["successor_code"] = areas["successor_code"].where(ended, "")
    country = pd.DataFrame(
        {
            "organisation_code": [COUNTRY],
            "name": ["England"],
            "kind": ["country"],
            "status": [Status.OPEN.value],
        }
    )
    return stack([country, areas.drop(columns="year")])


def _areas_of_level(geography: pd.DataFrame, level: str) -> pd.DataFrame:
    named = geography[~geography[level].isin(["", UNALLOCATED])].sort_values("year")
    latest = named.drop_duplicates(level, keep="last")
    return pd.DataFrame(
        {
            "organisation_code": latest[level],
            "name": latest[f"{level}_name"].map(display_name),
            "kind": "area",
            "level": level,
            "year": latest["year"],
            "successor_code": look_up(latest[level], _successors(named, level)),
        }
    )


def _successors(geography: pd.DataFrame, level: str) -> pd.Series[str]:
    """Return, by code of an area, the one to which all its practices went that were there a year later.

    An area whose practices went to different areas has no successor.
    """
    final = geography[geography["year"] == geography.groupby(level)["year"].transform("max")]
    after = geography[["year", "practice", level]].rename(columns={level: "successor"})
    moved = final.assign(year=final["year"] + 1).merge(after, on=["year", "practice"])
    codes = moved[[level, "successor"]].drop_duplicates()
    return codes.drop_duplicates(level, keep=False).set_index(level)["successor"]


def _first_days(years: pd.Series[int]) -> dict[int, str]:
    return {year: Year(year).start.isoformat() for year in years.unique().tolist()}


def _last_days(years: pd.Series[int]) -> dict[int, str]:
    return {year: Year(year).end.isoformat() for year in years.unique().tolist()}
