from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from generator.model.release import Release
from generator.statistics import compute_tables
from tests.factories import METRIC_ROW, make_release, make_table

PRACTICES, AREAS, METRICS, YEARS = 7_000, 1_500, 21, 4
SECONDS = 6.0


@pytest.mark.bench
def test_the_registers_of_a_country_take_seconds() -> None:
    """588,000 observations of 7,000 practices in 1,500 areas at three levels."""
    release = make_country()

    start = time.perf_counter()
    tables = compute_tables(release)
    seconds = time.perf_counter() - start

    print(f"{len(release.observations):,} observations, {len(tables.results):,} results in {seconds:.1f} s")  # noqa: T201 - what make bench shows
    assert seconds < SECONDS


def make_country(**metric: object) -> Release:
    """Return the release of an invented country of England's size, the same at every call."""
    random = np.random.default_rng(7)
    regions = [f"R{number}" for number in range(7)]
    boards = [f"B{number:03}" for number in range(43)]
    networks = [f"N{number:04}" for number in range(AREAS - len(regions) - len(boards))]
    practices = [f"P{number:05}" for number in range(PRACTICES)]
    parents = {
        **dict.fromkeys(regions, "C1"),
        **{code: regions[number % len(regions)] for number, code in enumerate(boards)},
        **{code: boards[number % len(boards)] for number, code in enumerate(networks)},
        **{code: networks[number % len(networks)] for number, code in enumerate(practices)},
    }
    organisations = [{"organisation_code": "C1", "name": "Exampleland", "kind": "country"}] + [
        {"organisation_code": code, "name": code, "kind": "practice" if code[0] == "P" else "area"}
        for code in parents
    ]
    metrics = [
        {**METRIC_ROW, "metric_id": f"m{number:02}", "frequency": "year", **metric}
        for number in range(METRICS)
    ]
    periods = [
        {
            "period": f"{year}-{year - 1999}",
            "start": f"{year}-04-01",
            "end": f"{year + 1}-03-31",
            "frequency": "year",
        }
        for year in range(2017, 2017 + YEARS)
    ]
    shape = (METRICS, PRACTICES, YEARS)
    metric_number, practice, period = (index.ravel() for index in np.indices(shape))
    denominator = np.repeat(random.integers(1_500, 20_000, size=(1, PRACTICES, 1)), METRICS, axis=0)
    denominator = np.broadcast_to(denominator, shape).ravel().astype(float)
    numerator = random.binomial(denominator.astype(int), 0.02 + 0.006 * metric_number).astype(float)
    observations = make_table("observations")
    count = len(practice)
    observations = observations.reindex(range(count))
    keys = {
        "metric_id": (metric_number, [str(row["metric_id"]) for row in metrics]),
        "organisation_code": (practice, practices),
        "period": (period, [str(row["period"]) for row in periods]),
    }
    for name, (codes, categories) in keys.items():
        observations[name] = pd.Categorical.from_codes(codes, categories=pd.Index(categories, dtype=object))
    for name, word in (
        ("breakdown_id", "all"),
        ("basis", "national"),
        ("submission", "final"),
        ("absence", ""),
    ):
        observations[name] = pd.Categorical.from_codes(
            np.zeros(count, dtype=int), categories=pd.Index([word], dtype=object)
        )
    observations["note"] = pd.Series("", index=range(count), dtype="str")
    return make_release(
        observations.assign(numerator=numerator, denominator=denominator),
        metrics=metrics,
        organisations=organisations,
        memberships=[
            {"organisation_code": child, "parent_code": parent} for child, parent in parents.items()
        ],
        periods=periods,
    )
