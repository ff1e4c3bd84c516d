"""What an A&E import says about its figures, beside the counts of rows."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from generator.importers.ae_files import COUNTS, Content
from generator.importers.ae_quarters import month_name
from generator.importers.ae_series import Names, Series


def remarks_about(
    series: Mapping[Content, Series], names: Names, organisations: pd.DataFrame, country: str
) -> list[str]:
    """Return what a reader of the package should know: copies, gaps, blanks, names, unequal totals."""
    remarks = ["Rows of a file are months; a row counts as written if its quarter has figures."]
    for content, one in series.items():
        remarks += _about_one(content, one)
    if Content.BOARDS in series:
        trusts, boards = (
            _latest_attendances(series[content]) for content in (Content.TRUSTS, Content.BOARDS)
        )
        remarks.append(
            "Boards' figures stand as published, the country's is the sum over trusts. Boards also count "
            f"providers that are no trusts: {boards:,} attendances against {trusts:,} in the latest month."
        )
    pairs = zip(organisations["name"], organisations["organisation_code"], strict=True)
    unnamed = sum(name.endswith(code) for name, code in pairs)
    if unnamed:
        remarks.append(f"Organisations that no file given has a name for: {unnamed:,}.")
    placed = int((organisations.loc[organisations["kind"] == "provider", "parent_code"] != country).sum())
    if placed:
        remarks.append(
            f"Trusts in the area of a board, as the list of trusts has it, whatever the quarter: {placed:,}."
        )
    if len(names.trusts):
        remarks.append("Names and addresses in capitals are shown in capitals and small letters.")
    return remarks


def _about_one(content: Content, series: Series) -> list[str]:
    months, remarks = series.months, []
    remarks += [
        f"{content}: {month_name(month)} repeats every figure of {month_name(earlier)}; its quarter failed."
        for month, earlier in series.copies.items()
    ]
    last_month, last_quarter = int(months["month"].max()), series.quarters[-1]
    if last_month != last_quarter.months[-1]:
        remarks.append(
            f"{content}: {last_quarter.label} is late; the file ends with {month_name(last_month)}."
        )
    for name, words in zip(COUNTS, _COUNT_WORDS, strict=True):
        blank = months[months[name].isna()]
        if len(blank):
            remarks.append(
                f"{content}: {words} blank in {len(blank):,} rows of {blank['organisation'].nunique():,} "
                "organisations; the share of their quarters is not stated."
            )
    spans = months.groupby("organisation")["month"].agg(["min", "max", "size"])
    gaps = spans[spans["size"] <= months["month"].max() - months["month"].min()]
    remarks += [
        f"{content}: {code} has {size} of {months['month'].nunique()} months, {month_name(first)} to "
        f"{month_name(last)}."
        for code, first, last, size in gaps.itertuples(name=None)
    ]
    return remarks


def _latest_attendances(series: Series) -> int:
    months = series.months
    return int(months.loc[months["month"] == months["month"].max(), "attendances"].sum())


_COUNT_WORDS = (
    "attendances",
    "attendances over four hours",
    "emergency admissions",
    "emergency admissions over four hours",
)
