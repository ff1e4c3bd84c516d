from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from generator.statistics import compute_tables
from tests.statistics.random_releases import random_release


@pytest.mark.parametrize("seed", [1, 4])
def test_the_tables_do_not_depend_on_the_number_of_workers(seed: int) -> None:
    release = random_release(seed)
    alone, together = (compute_tables(release, workers=workers) for workers in (1, 3))

    for table in fields(alone):
        pd.testing.assert_frame_equal(
            getattr(alone, table.name), getattr(together, table.name), check_exact=True, obj=table.name
        )


def test_the_tables_do_not_depend_on_the_order_of_the_observations() -> None:
    release = random_release(7)
    order = np.random.default_rng(7).permutation(len(release.observations))
    shuffled = release.observations.iloc[order].reset_index(drop=True)

    tables = compute_tables(release)
    others = compute_tables(type(release)(release.directory, shuffled, release.files))

    for table in fields(tables):
        pd.testing.assert_frame_equal(
            getattr(tables, table.name), getattr(others, table.name), obj=table.name
        )
