"""How much of what is hidden beside small counts was not needed.

Run as `python -m tests.statistics.over_hiding FIRST LAST`, with a range of seeds.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from generator.statistics.adversary.attack import attack
from generator.statistics.adversary.attacked import COUNTS, AttackedRelease
from tests.statistics.publications import protect, random_publication
from tests.statistics.weak_policy import hide_and_round_only

KEY = ["organisation_code", "breakdown_id", "period"]
TRIED = 5
"""So many rows of each publication are shown again, one at a time."""


@dataclass(frozen=True)
class OverHiding:
    """What was counted over some publications."""

    published: int
    """Rows with figures."""
    primary: int
    """Of these, hidden for their own size."""
    secondary: int
    """Hidden beside them."""
    tried: int
    needless: int
    """Of those tried, how many could have been shown, all else staying as it is."""


def count_over_hiding(seeds: Iterable[int]) -> OverHiding:
    """Return how much is hidden in these publications, and how much of a sample of it was not needed."""
    published = primary = secondary = tried = needless = 0
    for seed in seeds:
        releases = random_publication(seed)
        attacked = protect(releases)
        beside: list[tuple[int, int]] = []
        for number, release in enumerate(attacked):
            first = hide_and_round_only(releases[number]).tables.results.set_index(KEY)["protection"]
            results = release.tables.results
            own = first.reindex(results.set_index(KEY).index).to_numpy()
            hidden = (results["protection"] == "hidden").to_numpy()
            published += len(first)
            primary += int((first == "hidden").sum())
            beside += [(number, int(row)) for row in np.flatnonzero(hidden & (own != "hidden"))]
        secondary += len(beside)
        draw = np.random.default_rng(seed)
        for place in draw.permutation(len(beside))[:TRIED]:
            number, row = beside[place]
            shown = hide_and_round_only(releases[number])
            again = [*attacked[:number], show_again(attacked[number], shown, row), *attacked[number + 1 :]]
            tried += 1
            needless += not attack(again)
    return OverHiding(published, primary, secondary, tried, needless)


def show_again(release: AttackedRelease, shown: AttackedRelease, row: int) -> AttackedRelease:
    """Return the release with one hidden row shown as the plain rules would have it."""
    results = release.tables.results.copy()
    key = tuple(results.iloc[row][KEY])
    own = shown.tables.results.set_index(KEY).loc[[key]].iloc[0]
    for name in COUNTS:
        results.loc[results.index[row], name] = own[name]
    results.loc[results.index[row], "protection"] = own["protection"]
    return AttackedRelease(release.directory, release.observations, replace(release.tables, results=results))


def main() -> None:
    """Print what was counted."""
    found = count_over_hiding(range(int(sys.argv[1]), int(sys.argv[2])))
    sys.stdout.write(
        f"{found.published:,} rows, {found.primary:,} hidden for their size, {found.secondary:,} beside;\n"
        f"of {found.tried:,} of these tried one at a time, {found.needless:,} could have been shown.\n"
    )


if __name__ == "__main__":
    main()
