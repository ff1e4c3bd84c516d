"""How long a national package takes to check."""

from __future__ import annotations

import random
import resource
import time
from pathlib import Path

import pytest

from generator.loading import check
from tests.packages import Rows, package_tables, write_package

PRACTICES = 6_810
REGISTERS = 21
YEARS = ("2017-18", "2018-19", "2019-20", "2020-21")


@pytest.mark.bench
def test_a_national_package_is_checked_in_seconds(tmp_path: Path) -> None:
    """572,040 observations of 6,810 practices, as four years of disease registers have."""
    folder = write_national_package(tmp_path / "national")
    start = time.monotonic()

    found = check([folder], workers=2)

    seconds = time.monotonic() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"checked 572,040 observations in {seconds:.1f} s, peak memory of the process {peak:,} MB")  # noqa: T201
    assert found == []
    assert seconds < 15


def write_national_package(folder: Path) -> Path:
    """Write a package of the size of England's disease registers, its figures drawn from a seeded source."""
    draw = random.Random(20_251_120)
    tables = package_tables()
    codes = [f"Z{number:05}" for number in range(PRACTICES)]
    spans = [(f"{year[:4]}-04-01", f"20{year[5:]}-03-31") for year in YEARS]
    metrics = [
        {**tables["metrics"][0], "metric_id": f"register-{number}", "disclosure": "open", "frequency": "year"}
        for number in range(REGISTERS)
    ]
    practice, area, country = (tables["organisations"][place] for place in (0, 3, 4))
    organisations = [*({**practice, "organisation_code": code} for code in codes), area, country]
    observations: Rows = []
    for metric in metrics:
        for code in codes:
            for year in YEARS:
                patients = draw.randint(900, 40_000)
                key = {"metric_id": metric["metric_id"], "organisation_code": code, "period": year}
                figures = {"numerator": str(draw.randint(0, patients // 5)), "denominator": str(patients)}
                observations.append({**key, **figures, "absence": "", "note": "", "submission": ""})
    return write_package(
        folder,
        metrics=metrics,
        organisations=organisations,
        memberships=[{"organisation_code": code, "parent_code": area["organisation_code"]} for code in codes],
        periods=[
            {"period": year, "start": start, "end": end, "frequency": "year"}
            for year, (start, end) in zip(YEARS, spans, strict=True)
        ],
        observations=observations,
    )
