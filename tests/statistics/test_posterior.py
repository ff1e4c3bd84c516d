from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from generator.statistics.posterior import beta_below, gamma_below

COUNTS = st.one_of(st.integers(0, 30), st.integers(0, 20_000)).map(float)
"""Few and many: only with many does a level lie far off."""


@given(first=COUNTS, second=COUNTS, share=st.floats(0, 1))
def test_a_bound_that_settles_it_gives_the_same_share_as_the_function(
    first: float, second: float, share: float
) -> None:
    parameters = np.array([first + 0.5]), np.array([second + 0.5])

    below = beta_below(*parameters, np.array([share]))

    np.testing.assert_allclose(below, special.betainc(*parameters, share), atol=2e-14)


@given(events=COUNTS, level=st.floats(0, 40_000))
def test_a_bound_that_settles_it_gives_the_same_rate_as_the_function(events: float, level: float) -> None:
    below = gamma_below(np.array([events + 0.5]), np.array([level]))

    np.testing.assert_allclose(below, special.gammainc(events + 0.5, level), atol=2e-14)


def test_what_is_not_known_stays_unknown() -> None:
    unknown = np.array([np.nan])

    assert np.isnan(beta_below(unknown, np.array([3.5]), np.array([0.5]))).all()
    assert np.isnan(gamma_below(np.array([3.5]), unknown)).all()
