"""What earlier releases published of the same periods, and what that tells of the counts now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.vocabulary import Kind, Protection, Submission
from generator.statistics.disclosure.blocks import Block
from generator.statistics.disclosure.leeway import Sight
from generator.statistics.disclosure.nesting import nesting_of
from generator.statistics.disclosure.protection import is_small, round_counts, round_to_digits
from generator.statistics.keys import Flags, Numbers, Positions, find_rows, keys_of
from generator.statistics.periods import Calendar
from generator.statistics.places import Places

FEWEST_DIGITS = 2
"""A country's counts are shown to so many significant digits before they are hidden."""


@dataclass(frozen=True)
class EarlierRelease:
    """What an earlier release published of one metric, and who belonged where then."""

    rows: pd.DataFrame
    """Like RESULTS, by this release's numbers, sorted by key."""
    places: Places
    """This release's organisations in the earlier release's trees."""


class History:
    """The earlier releases of one metric beside the rows of this one."""

    def __init__(
        self,
        raw: pd.DataFrame,
        metric: Metric,
        places: Places,
        calendar: Calendar,
        earlier: Sequence[EarlierRelease],
    ) -> None:
        self.metric, self.places, self.calendar = metric, places, calendar
        self.keys = keys_of(raw)
        self.revised = (raw["submission"] == Submission.REVISED).to_numpy()
        self.pages = [_Page(self, release) for release in earlier]

    def changed(self, block: Block, sight: Sight) -> tuple[Flags, Flags]:
        """Return which rows of this release must not move in a proof, and for which there is none.

        A row must not move unless every earlier release of its period shows it just so, or a group unless all
        its members are just so too. Of rows that are hidden, or were, and changed, what the totals changed by
        may tell.
        """
        still, doubtful = (np.zeros(len(self.keys) + 1, dtype=np.bool_) for _ in range(2))
        for page in self.pages:
            page.mark(block, sight, still, doubtful)
        return still[:-1], doubtful[:-1]

    def hidden_before(self, sight: Sight, in_parts: Flags) -> Flags:
        """Return which rows an earlier release hid, and no revision has been announced of since.

        Those `in_parts`, of all patients and of the groups they are divided into, also if one has: if the
        others still stand, what it is now and what it was are the same.
        """
        found = np.zeros(len(self.keys), dtype=np.bool_)
        for page in self.pages:
            then, _, fits = page.same(sight)
            found |= np.where(in_parts, then >= 0, fits) & np.append(page.hidden, False)[then]
        return found

    def ever_hidden(self) -> Flags:
        """Return which rows an earlier release hid, whatever has become of them."""
        found = np.zeros(len(self.keys), dtype=np.bool_)
        for page in self.pages:
            then = find_rows(page.keys, self.keys)
            found |= (then >= 0) & np.append(page.hidden, False)[then]
        return found

    def fewer_digits(self, sight: Sight) -> Numbers:
        """Return to how many digits each country's counts are shown, no more than an earlier release did."""
        digits = sight.digits.copy()
        for page in self.pages:
            then, _, _ = page.same(sight)
            for row in np.flatnonzero((digits > 0) & (then >= 0)).tolist():
                while digits[row] > FEWEST_DIGITS and not page.shows(int(then[row]), row, sight, digits[row]):
                    digits[row] -= 1
                if not page.shows(int(then[row]), row, sight, digits[row]):
                    digits[row] = sight.digits[row]
        return digits

    def shown_before(self, blocks: Sequence[Block], sight: Sight) -> Flags:
        """Return which rows it is no use to hide: an earlier release showed the very same."""
        found = np.zeros(len(self.keys), dtype=np.bool_)
        still = np.zeros(len(self.keys), dtype=np.bool_)
        is_sum = np.zeros(len(self.keys), dtype=np.bool_)
        for block in blocks:
            still |= self.changed(block, sight)[0]
            is_sum[block.group[block.group >= 0]] = True
        for page in self.pages:
            then, alike, fits = page.same(sight)
            seen = np.append(page.present & ~page.hidden, False)[then]
            found |= seen & np.where(is_sum, alike & ~still, fits)
        return found


class _Page:
    """One earlier release."""

    def __init__(self, history: History, release: EarlierRelease) -> None:
        self.history, self.release = history, release
        rows = release.rows
        self.keys = keys_of(rows)
        self.shown = {name: rows[name].to_numpy(np.float64) for name in ("numerator", "denominator", "base")}
        self.hidden = (rows["protection"] == Protection.HIDDEN).to_numpy()
        self.exact = (rows["protection"] == Protection.NONE).to_numpy()
        self.revised = (rows["submission"] == Submission.REVISED).to_numpy()
        stated = np.logical_or.reduce([~np.isnan(count) for count in self.shown.values()])
        self.present = self.hidden | stated
        self.period = rows["period"].to_numpy(np.int64)

    def same(self, sight: Sight) -> tuple[Positions, Flags, Flags]:
        """Return for each row its row then (-1: none), whether it looks the same, and whether it may be."""
        then = find_rows(self.keys, self.history.keys)
        there = (then >= 0) & np.append(self.present, False)[then]
        at = np.where(there, then, 0) if len(self.keys) else np.zeros(len(then), dtype=np.int64)
        if not len(self.keys):
            return then, there, there
        newly = self.history.revised & ~self.revised[at]
        alike = there & ~newly & (self.hidden[at] == sight.hidden)
        fits = there & ~newly
        for name, count in sight.shown.items():
            before = self.shown[name][at]
            alike &= (before == count) | (np.isnan(before) & np.isnan(count))
            raw = sight.raw[name]
            as_is = self.exact[at] | (name == "denominator" and sight.metric.kind is Kind.RATIO)
            rounded = np.where(as_is, raw, round_counts(raw, sight.policy))
            fits &= self.hidden[at] | np.isnan(before) | np.isnan(raw) | (rounded == before)
        return then, alike, fits

    def shows(self, then: int, row: int, sight: Sight, digits: float) -> bool:
        """Tell whether a row was shown as its counts are now, rounded to so many digits."""
        return all(
            np.isnan(self.shown[name][then])
            or bool(self.shown[name][then] == round_to_digits(sight.raw[name][[row]], int(digits))[0])
            for name in sight.shown
        )

    def mark(self, block: Block, sight: Sight, still: Flags, doubtful: Flags) -> None:
        """Mark the rows of the block that differ from what they were."""
        then, alike, _ = self.same(sight)
        present_then = np.append((then >= 0) & np.append(self.present, False)[then], False)
        alike = np.append(alike, True)
        hidden_then = np.append(np.append(self.hidden, False)[then] & present_then[:-1], False)
        few = np.logical_or.reduce(
            [is_small(count, sight.small_up_to(name)) for name, count in sight.raw.items()]
        )
        for period in np.unique(block.period).tolist():
            if not (self.period == period).any():
                continue
            columns = np.flatnonzero(block.period == period)
            before = nesting_of(
                self.release.places, self.history.metric.applies_to, self.history.calendar.end[period]
            )
            for part in (block.inside, block.beside):
                rows = part[:, columns]
                rows = rows[rows >= 0]
                odd = rows[~alike[rows]]
                still[odd] = True
                doubtful[odd[sight.hidden[odd] | hidden_then[odd]]] = True
            inside = block.inside[:, columns]
            differs = ((inside >= 0) & ~alike[inside]).astype(float)
            # Rows that were there then and are gone now count as well.
            gone = self._gone(block, period, columns, inside)
            change = abs(block.nesting.members - before.members)
            moved = np.asarray(change.sum(axis=0)).ravel() > 0
            # Who moved to another group counts in the totals of one then, and of the other now.
            rows = inside[np.asarray(change.sum(axis=1)).ravel() > 0]
            rows = rows[rows >= 0]
            still[rows] = True
            doubtful[rows[sight.hidden[rows] | hidden_then[rows]]] = True
            odd_groups = (block.nesting.members.T @ (differs + gone) > 0) | moved[:, np.newaxis]
            rows = block.group[:, columns]
            odd_groups |= (rows >= 0) & ~alike[rows]
            odd = rows[odd_groups & (rows >= 0)]
            shown_then = odd[present_then[odd] & ~np.append(self.hidden, False)[then[odd]]]
            still[shown_then] = True
            doubtful[odd[sight.hidden[odd] & few[odd]]] = True

    def _gone(self, block: Block, period: int, columns: Positions, inside: Positions) -> Numbers:
        """Return where an organisation had a row then and has none now."""
        gone = np.zeros(inside.shape)
        here = np.flatnonzero((self.period == period) & self.present)
        organisation = self.release.rows["organisation"].to_numpy(np.int64)[here]
        breakdown = self.release.rows["breakdown"].to_numpy(np.int64)[here]
        place = np.searchsorted(block.nesting.organisations, organisation)
        place = np.minimum(place, max(len(block.nesting.organisations) - 1, 0))
        for number, column in enumerate(columns.tolist()):
            mine = breakdown == block.breakdown[column]
            at = place[mine]
            at = at[block.nesting.organisations[at] == organisation[mine]]
            gone[at, number] = inside[at, number] < 0
        return gone
