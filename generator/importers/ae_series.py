"""The figures of one A&E file by month and by quarter, and the lists of names."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from generator.importers.ae_files import AeFile
from generator.importers.ae_quarters import Quarter, build_quarters, find_copies, quarters_between


@dataclass(frozen=True)
class Series:
    """The figures of one file, by month and by quarter."""

    file: AeFile
    months: pd.DataFrame
    quarters: tuple[Quarter, ...]
    copies: dict[int, int]
    """Months that repeat an earlier one, and that earlier one."""
    by_quarter: pd.DataFrame


@dataclass(frozen=True)
class Names:
    """The lists of names that were given; empty ones otherwise: see `ae_files.read_names`."""

    trusts: pd.DataFrame
    boards: pd.DataFrame


def make_series(file: AeFile, months: pd.DataFrame) -> Series:
    """Return the series of a file from its MONTHS."""
    quarters = quarters_between(int(months["month"].min()), int(months["month"].max()))
    copies = find_copies(months)
    return Series(file, months, quarters, copies, build_quarters(months, quarters, copies))
