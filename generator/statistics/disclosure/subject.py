"""What is to be protected: the rows of one metric, and all that bears on what may be shown of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.policy import DisclosurePolicy, Rule
from generator.statistics.disclosure.blocks import Block, lay_out
from generator.statistics.disclosure.history import EarlierRelease, History
from generator.statistics.disclosure.leeway import Sight, is_sum
from generator.statistics.keys import Flags, Positions
from generator.statistics.periods import Calendar
from generator.statistics.places import Places


@dataclass(frozen=True)
class Subject:
    """One metric before protection. What is worked out here depends on nothing that protection does."""

    raw: pd.DataFrame
    """The rows before `hide_and_round`, by key."""
    metric: Metric
    places: Places
    calendar: Calendar
    dimension: Positions
    """By number of the breakdown the number of its dimension, -1 for all patients."""
    earlier: tuple[EarlierRelease, ...]
    """What earlier releases published of the metric, oldest first."""
    policy: DisclosurePolicy
    _blocks: dict[bytes, list[Block]] = field(default_factory=dict)
    """By periods."""

    @property
    def rule(self) -> Rule:
        """What is done with small counts of the metric."""
        return self.policy.rule_for(self.metric.disclosure)

    @cached_property
    def history(self) -> History:
        """The earlier releases beside the rows."""
        return History(self.raw, self.metric, self.places, self.calendar, self.earlier)

    def sight(self, shown: pd.DataFrame) -> Sight:
        """Return what a reader sees if these rows are published."""
        return Sight.of(self.raw, shown, self._is_sum, self.metric, self.places, self.policy)

    def blocks(self, needed: Flags) -> list[Block]:
        """Return all rows of the periods in which there are rows that are needed."""
        periods = np.unique(self.raw["period"].to_numpy(np.int64)[needed])
        key = periods.tobytes()
        if key not in self._blocks:
            self._blocks[key] = lay_out(
                self.raw, self.metric, self.places, self.calendar, self.dimension, periods
            )
        return self._blocks[key]

    @cached_property
    def _is_sum(self) -> Flags:
        return is_sum(self.raw, self.metric, self.places, self.dimension)
