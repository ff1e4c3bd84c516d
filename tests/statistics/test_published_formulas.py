"""Reference cases of methods without a column of their own, and what the tables nevertheless tell."""

from __future__ import annotations

import pandas as pd
import pytest

from generator.statistics.intervals import effective_counts, proportion_interval
from tests.factories import make_metric
from tests.statistics.results import compute, result
from tests.statistics.vectors import assert_agrees, read_cases


@pytest.mark.shared
def test_the_rate_of_adjustments_follows_from_the_published_columns() -> None:
    """Value and coverage stand side by side; how many were left out is the rest."""
    cases, tolerance = read_cases("composite_peers_other", "qof")
    for case in cases:
        counts = {name: case["in"][name] for name in ("numerator", "denominator")}
        row = result(compute([{**counts, "excluded": case["in"]["pca"]}]))
        by_counts = 100 * row["excluded"] / (row["denominator"] + row["excluded"])
        assert_agrees(case, {"pca_rate": by_counts}, tolerance)
        assert_agrees(case, {"pca_rate": 100 * (1 - row["coverage"] / row["value"])}, tolerance)


@pytest.mark.shared
def test_a_survey_with_a_design_effect_is_as_wide_as_published() -> None:
    """The source adds 1.96 standard errors on both sides. Wilson's interval, on the effective base, is safer
    near 0% and 100%; where many answered, as here, the two differ by a ten-thousandth of a percentage point.
    """
    (case,), _ = read_cases("composite_peers_other", "survey-deft")
    share, error, effect = 0.8765, case["in"]["se"], case["in"]["deft"]
    base = share * (1 - share) / error**2
    rows = pd.DataFrame(
        {
            "numerator": [float("nan")],
            "denominator": [float("nan")],
            "base": [base],
            "effective_base": [base / effect**2],
            "value": [100 * share],
        }
    )

    counts = effective_counts(rows, make_metric())
    interval = proportion_interval(counts["numerator"], counts["denominator"]).iloc[0]

    half_width = (interval["upper"] - interval["lower"]) / 2
    assert half_width == pytest.approx(case["expect"]["half_width"], abs=1e-6)
