"""The full attack on many publications: minutes, not seconds."""

from __future__ import annotations

import pytest

from generator.statistics.adversary.attack import attack
from generator.workers import available_workers, ordered_map
from tests.statistics.publications import protect, random_publication
from tests.statistics.weak_policy import protect_weakly

AT_A_TIME = 20
PUBLICATIONS = 1_000


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, PUBLICATIONS, AT_A_TIME))
def test_nothing_hidden_can_be_worked_out_of_many_publications(first: int) -> None:
    found = ordered_map(_exposed, range(first, first + AT_A_TIME), shared=None, workers=available_workers())

    assert {seed: count for seed, count in found if count} == {}


@pytest.mark.slow
def test_the_same_attack_breaks_most_publications_under_a_weak_policy() -> None:
    found = ordered_map(_exposed_if_weak, range(100), shared=None, workers=available_workers())

    assert sum(count > 0 for _, count in found) >= 75


def _exposed(_: None, seed: int) -> tuple[int, int]:
    return seed, len(attack(protect(random_publication(seed))))


def _exposed_if_weak(_: None, seed: int) -> tuple[int, int]:
    return seed, len(attack(protect_weakly(random_publication(seed))))
