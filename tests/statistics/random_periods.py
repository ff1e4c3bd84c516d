"""The calendar of the releases drawn by chance: months, quarters, years of two sorts, and rolling years."""

from __future__ import annotations

import numpy as np

from tests.factories import Row

QUARTER_ENDS = ("03-31", "06-30", "09-30", "12-31")
QUARTER_STARTS = ("01-01", "04-01", "07-01", "10-01")
SURVEY_ENDS = ("03-31", "05-31", "04-30", "07-31")
YEARS = range(2019, 2026)
PERIODS: list[Row] = [
    *(
        {
            "period": f"{year}-q{quarter}",
            "start": f"{year}-{start}",
            "end": f"{year}-{end}",
            "frequency": "quarter",
        }
        for year in YEARS
        for quarter, (start, end) in enumerate(zip(QUARTER_STARTS, QUARTER_ENDS, strict=True), start=1)
    ),
    *(
        {
            "period": f"{month}",
            "start": f"{month}-01",
            "end": str((month + 1).astype("datetime64[D]") - 1),
            "frequency": "month",
        }
        for month in np.arange("2024-01", "2026-01", dtype="datetime64[M]")
    ),
    *(
        {"period": f"y{year}", "start": f"{year}-01-01", "end": f"{year}-12-31", "frequency": "year"}
        for year in YEARS
    ),
    *(
        # A survey that is not in the field in the same month each year.
        {
            "period": f"s{year}",
            "start": f"{year}-01-01",
            "end": f"{year}-{SURVEY_ENDS[year % len(SURVEY_ENDS)]}",
            "frequency": "year",
        }
        for year in YEARS
    ),
    *(
        {
            "period": f"r{year}-q{quarter}",
            "start": f"{year - 1}-10-01" if quarter == 3 else f"{year}-01-01",
            "end": f"{year}-09-30" if quarter == 3 else f"{year}-12-31",
            "frequency": "rolling_year",
        }
        for year in YEARS[1:]
        for quarter in (3, 4)
    ),
]
NAMES = {
    frequency: [str(row["period"]) for row in PERIODS if row["frequency"] == frequency]
    for frequency in ("month", "quarter", "year", "rolling_year")
}
NAMES |= {kind: [name for name in NAMES["year"] if name[0] == kind[0]] for kind in ("survey", "year")}
