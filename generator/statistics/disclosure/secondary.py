"""Disclosure control, second step: what is hidden too, lest a hidden count be worked out from the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from generator.model.policy import Rule
from generator.model.vocabulary import Kind, Protection
from generator.statistics.absence import FIGURES
from generator.statistics.categories import words_of
from generator.statistics.disclosure.blocks import GROUP, INSIDE, Block
from generator.statistics.disclosure.certificate import Certificate
from generator.statistics.disclosure.forest import Family
from generator.statistics.disclosure.gate import check_protected, dominated
from generator.statistics.disclosure.history import FEWEST_DIGITS
from generator.statistics.disclosure.leeway import COMPLEMENT, Sight
from generator.statistics.disclosure.linked import Linked, unsafe_rows
from generator.statistics.disclosure.nesting import spread
from generator.statistics.disclosure.protection import PEOPLE_COUNTS, round_to_digits, suppress
from generator.statistics.disclosure.subject import Subject
from generator.statistics.keys import KEY, Flags, Numbers, Positions

MOST_ROUNDS = 12


def hide_secondary(shown: pd.DataFrame, subject: Subject) -> pd.DataFrame:
    """Return the rows with those hidden too without which a hidden count could be worked out.

    `shown` are the subject's rows after `hide_and_round`, in the same order. See docs/methods/disclosure.md.

    Raises:
        FindingsError: With exit status 4: a count is not proved safe, and there is nothing left to hide.
    """
    if subject.rule is Rule.OPEN:
        return shown
    protected = withhold_exclusions(_hide(shown, subject), subject)
    check_protected(protected, subject)
    return protected


def withhold_exclusions(shown: pd.DataFrame, subject: Subject) -> pd.DataFrame:
    """Return the rows without the exclusions from which those that are not shown could be worked out.

    Of protected rows those of groups of patients, mostly very few, and of totals over an organisation whose
    exclusions are not shown. The results themselves do not depend on them.
    """
    excluded, raw = shown["excluded"].to_numpy(np.float64), subject.raw
    if np.isnan(excluded).all():
        return shown
    protected = (shown["protection"] != Protection.NONE).to_numpy()
    withheld = protected & (subject.dimension[raw["breakdown"].to_numpy(np.int64)] >= 0)
    blank = ~np.isnan(raw["excluded"].to_numpy(np.float64)) & (np.isnan(excluded) | withheld)
    for block in subject.blocks(blank):
        over_blank = block.nesting.members.T @ spread(blank, 0.0, block.inside) > 0
        withheld[block.group[over_blank & (block.group >= 0)]] = True
    return shown.assign(excluded=np.where(withheld, np.nan, excluded))


def _hide(shown: pd.DataFrame, subject: Subject) -> pd.DataFrame:
    sight, history = subject.sight(shown), subject.history
    needy = sight.hidden | history.ever_hidden()
    if not needy.any():
        return shown
    blocks = subject.blocks(needy)
    hider = _Hider(sight, subject)
    hider.is_useless = history.shown_before(blocks, sight)
    hider.hide_again()
    hider.withhold_changed(blocks)
    for whole in (False, True):
        unproved = np.concatenate([np.zeros(0, dtype=np.int64), *(hider.hide(block) for block in blocks)])
        if not len(unproved):
            break
        hider.withhold_sums(np.unique(hider.period[unproved]), whole=whole)
    return _as_shown(subject.raw, shown, sight, hider.sight)


class _Hider:
    """Hides more, round by round, until everything hidden is proved safe."""

    def __init__(self, sight: Sight, subject: Subject) -> None:
        raw, places = subject.raw, subject.places
        self.sight, self.history, self.linked = sight, subject.history, Linked()
        organisation, breakdown, self.period = (raw[name].to_numpy(np.int64) for name in KEY)
        self.place = organisation << 20 | self.period
        """The organisation and period of each row, as one number."""
        own_kind = places.kind[organisation] == sight.metric.applies_to
        self.is_total = places.is_group[organisation] & ~own_kind
        self.is_part = subject.dimension[breakdown] >= 0
        self.is_stated = (raw["absence"] == "").to_numpy()
        self.certificate = Certificate(sight)
        self.is_useless = np.zeros(len(sight.hidden), dtype=np.bool_)
        self.withheld = np.zeros(0, dtype=np.int64)
        """Periods of which no sum is shown."""

    def hide_again(self) -> None:
        """Hide what an earlier release hid, and as many digits: shown now, it would tell what it was then."""
        in_parts = np.isin(self.place, np.unique(self.place[self.is_part]))
        again = np.flatnonzero(self.history.hidden_before(self.sight, in_parts))
        if len(again):
            self._hide(again[self._is_shown(again)])
        digits = self.history.fewer_digits(self.sight)
        coarser = np.flatnonzero(digits != self.sight.digits)
        if len(coarser):
            shown = {name: count.copy() for name, count in self.sight.shown.items()}
            for name, count in shown.items():
                rounded = round_to_digits(self.sight.raw[name][coarser], digits[coarser])
                count[coarser] = np.where(np.isnan(count[coarser]), np.nan, rounded)
            self.sight = replace(self.sight, shown=shown, digits=digits)
            self.certificate.look_again(self.sight, coarser)

    def withhold_changed(self, blocks: Sequence[Block]) -> None:
        """Hide all sums of periods in which a hidden count is new or corrected since an earlier release.

        The totals then and now would tell of it by what they changed.
        """
        if self.history.pages:
            rows = [np.flatnonzero(self.history.changed(block, self.sight)[1]) for block in blocks]
            periods = np.unique(self.period[np.concatenate(rows)])
            if len(periods):
                self.withhold_sums(periods, whole=True)

    def hide(self, block: Block) -> Positions:
        """Hide more in these periods until all is safe; return the rows of which that is not proved."""
        before = proved = None
        unproved = np.zeros(0, dtype=np.int64)
        while before is not self.sight:
            before = self.sight
            self.hide_dominated(block)
            if self.sight is proved:
                break
            unproved = self.hide_until_safe(block)
            proved = None if len(unproved) else self.sight
        return unproved

    def hide_dominated(self, block: Block) -> None:
        """Hide the totals over a hidden count that one organisation makes up nearly alone."""
        names = ("numerator",) if self.sight.metric.kind is Kind.RATIO else ("numerator", "denominator")
        share = self.sight.policy.dominance
        counts = {name: self.sight.raw[name] for name in names if name in self.sight.raw}
        found = block.group[dominated(block, counts, self.sight.hidden, share)]
        self._hide(found[~self.sight.hidden[found]])

    def withhold_sums(self, periods: Positions, *, whole: bool) -> None:
        """Hide the sums of these periods: where nothing adds up, nothing can be worked out.

        Those are all rows of organisations of which some group of patients is hidden, and the totals: those
        of groups of patients, and if `whole` all others.
        """
        here = np.isin(self.period, periods) & self.is_stated
        totals = here & self.is_total
        if not whole and self.is_part.any():
            totals &= self.is_part
        torn = self.place[here & self.sight.hidden & ~self.is_total]
        self._hide(np.flatnonzero(totals | (here & np.isin(self.place, torn))))
        if whole:
            self.withheld = np.union1d(self.withheld, periods)

    def hide_until_safe(self, block: Block) -> Positions:
        """Hide more, the least loss first, until all that is hidden is proved safe.

        Return the rows for which it is not proved in the end.
        """
        whole, among = block, None
        for _ in range(MOST_ROUNDS):
            before = self.sight.hidden
            unsafe = self._unsafe_rows(block, among)
            if not len(unsafe):
                if among is None:
                    return unsafe
                block, among = whole, None
                continue
            periods = np.isin(block.period, np.unique(block.period[self._columns(block, unsafe)]))
            if not periods.all():
                block = block.only(np.flatnonzero(periods))
            if not self._hide_more(block, unsafe):
                return unsafe
            among = np.union1d(unsafe, np.flatnonzero(self.sight.hidden != before))
        return self._unsafe_rows(whole, None)

    def _unsafe_rows(self, block: Block, among: Positions | None) -> Positions:
        """Return the rows that are not proved safe, by the simple proof or by linear programmes."""
        rows = unsafe_rows(block, self.certificate, self.history, self.linked, among=among)
        return rows[~np.isin(self.period[rows], self.withheld)]

    def _columns(self, block: Block, rows: Positions) -> Positions:
        """Return the columns in which these rows are."""
        wanted = np.zeros(len(self.sight.hidden) + 1, dtype=np.bool_)
        wanted[rows] = True
        return np.flatnonzero(np.logical_or.reduce([wanted[part].any(axis=0) for part in block.parts]))

    def _hide_more(self, block: Block, unsafe: Positions) -> bool:
        """Hide what stands in the way of a proof; return whether anything was found to hide."""
        before, certificate = self.sight, self.certificate
        own = unsafe[:0]
        if block.dimensions:
            own = certificate.unsafe_rows(block, among=unsafe, free=True)
        todo = np.setdiff1d(unsafe, own)
        families = block.nesting.families
        done = np.zeros(len(self.sight.hidden) + 1, dtype=np.bool_)
        if len(todo) and len(families) > 1:
            for number, world in enumerate(block.nesting.single):
                alone = certificate.unsafe_rows(block, among=todo, worlds=[world])
                done[alone[self._hide_totals(block, alone, [families[number]])]] = True
        rest = todo[~done[todo]]
        if len(rest):
            done[rest[self._hide_totals(block, rest, families)]] = True
        self._hide_beside(block, unsafe[~done[unsafe]])
        if self.sight is before:
            # What one group of patients gains another loses: its totals may stand in the way as well.
            self._hide_totals(block, self._partners(block, unsafe), families)
        return self.sight is not before

    def _partners(self, block: Block, rows: Positions) -> Positions:
        """Return these rows and the hidden ones of the same places that may move against them."""
        found = [rows]
        for everyone, columns in block.dimensions:
            both = [everyone, *columns]
            for part in block.parts:
                here = part[:, both]
                touched = np.isin(here, rows).any(axis=1)
                found.append(here[touched][here[touched] >= 0])
        chosen = np.unique(np.concatenate(found))
        return chosen[self.sight.hidden[chosen]]

    def _hide_totals(self, block: Block, rows: Positions, families: list[Family]) -> Flags:
        """Hide the lowest total shown above each row, and tell for which rows there was one."""
        best = np.full(len(rows), -1, dtype=np.int64)
        best_size = np.full(len(rows), np.iinfo(np.int64).max)
        part, place, column = block.find(rows)
        for family in families:
            group = np.where(
                part == INSIDE,
                np.append(family.lowest, -1)[np.where(part == INSIDE, place, -1)],
                np.where(part == GROUP, np.append(family.parent, -1)[np.where(part == GROUP, place, -1)], -1),
            )
            while (group >= 0).any():
                row = np.where(group >= 0, block.group[group, column], -1)
                here = (row >= 0) & self._is_shown(row) & (family.size[group] < best_size)
                best[here], best_size[here] = row[here], family.size[group[here]]
                group = np.where(here | (group < 0), -1, family.parent[group])
        self._hide(np.unique(best[best >= 0]), gently=True)
        return best >= 0

    def _hide_beside(self, block: Block, rows: Positions) -> None:
        """Hide beside each row another group of patients of its dimension, else another organisation."""
        part, place, column = block.find(rows)
        dimension_of = {each: columns for _, columns in block.dimensions for each in columns}
        everyone_of = {each: everyone for everyone, columns in block.dimensions for each in columns}
        columns_of = dict(block.dimensions)
        chosen = set()
        for here, there, which in zip(place.tolist(), column.tolist(), part.tolist(), strict=True):
            beside = dimension_of.get(there) or columns_of.get(there, ())
            candidates = block.parts[which][here, [each for each in beside if each != there]]
            row = self._smallest(candidates)
            if row < 0 and there in everyone_of:
                row = self._smallest(block.parts[which][here, [everyone_of[there]]])
            if row < 0 and which == 0:
                row = self._smallest(self._siblings(block, here, there))
            if row >= 0:
                chosen.add(row)
        if chosen:
            self._hide(np.array(sorted(chosen), dtype=np.int64))

    def _siblings(self, block: Block, place: int, column: int) -> Positions:
        """Return the rows of the other organisations of the lowest group that has any to hide."""
        family = block.nesting.families[0]
        lowest = int(family.lowest[place])
        for group in family.chain(lowest) if lowest >= 0 else []:
            members = block.nesting.members[:, [group]].nonzero()[0]
            rows: Positions = block.inside[members[members != place], column]
            if self._smallest(rows) >= 0:
                return rows
        return np.zeros(0, dtype=np.int64)

    def _smallest(self, rows: Positions) -> int:
        """Return the shown row with the smallest count, if possible one with room to move; -1 if none."""
        rows = rows[rows >= 0]
        rows = rows[self._is_shown(rows)]
        if COMPLEMENT in self.sight.raw:
            # Where there is nobody to count, hiding it helps nobody.
            rows = rows[self.sight.raw["denominator"][rows] != 0]
        if not len(rows):
            return -1
        tight = np.zeros(len(rows), dtype=np.bool_)
        for name in ("numerator", COMPLEMENT):
            if name in self.sight.raw:
                tight |= self.sight.raw[name][rows] <= self.sight.small_up_to(name)
        size = np.nan_to_num(
            self.sight.raw["numerator" if "numerator" in self.sight.raw else "denominator"][rows]
        )
        return int(rows[np.lexsort((rows, size, tight))[0]])

    def _is_shown(self, rows: Positions) -> Flags:
        """Tell which rows show a count."""
        stated = np.logical_or.reduce([~np.isnan(count[rows]) for count in self.sight.shown.values()])
        return np.asarray(stated & ~self.sight.hidden[rows] & ~self.is_useless[rows])

    def _hide(self, rows: Positions, *, gently: bool = False) -> None:
        """Hide these rows; gently: a country's counts lose a significant digit first."""
        if not len(rows):
            return
        sight = self.sight
        hidden, exact, digits = sight.hidden.copy(), sight.exact.copy(), sight.digits.copy()
        shown = {name: count.copy() for name, count in sight.shown.items()}
        coarser = rows[gently & (digits[rows] > FEWEST_DIGITS)]
        while len(coarser):
            digits[coarser] -= 1
            changed = np.zeros(len(coarser), dtype=np.bool_)
            for name in shown:
                rounded = round_to_digits(sight.raw[name][coarser], digits[coarser])
                stated = ~np.isnan(shown[name][coarser])
                changed |= stated & (rounded != sight.shown[name][coarser])
                shown[name][coarser[stated]] = rounded[stated]
            # A digit that was 0 by chance tells no less when it is rounded away.
            coarser = coarser[~changed]
            if (digits[coarser] <= FEWEST_DIGITS).any():
                break
        gone = rows[~np.isin(rows, np.flatnonzero(digits != sight.digits))] if gently else rows
        hidden[gone], exact[gone], digits[gone] = True, False, 0
        for name in shown:
            shown[name][gone] = np.nan
        self.sight = replace(sight, hidden=hidden, exact=exact, digits=digits, shown=shown)
        self.certificate.look_again(self.sight, rows)


def _as_shown(raw: pd.DataFrame, shown: pd.DataFrame, before: Sight, after: Sight) -> pd.DataFrame:
    """Return the rows as they are to be shown after more has been hidden."""
    hidden = after.hidden & ~before.hidden
    coarser = after.digits != before.digits
    if not (hidden | coarser).any():
        return shown
    columns: dict[str, Numbers | pd.Series | pd.Categorical] = {}
    for name in FIGURES:
        figure = shown[name].to_numpy(np.float64)
        if name in PEOPLE_COUNTS and coarser.any():
            # Of the raw count: rounded twice, it could end in another place than was proved safe.
            rounded = round_to_digits(raw[name].to_numpy(np.float64), np.maximum(after.digits, 1))
            figure = np.where(coarser & ~hidden & ~np.isnan(figure), rounded, figure)
        columns[name] = np.where(hidden, np.nan, figure)
    words = words_of("protection")
    codes = np.where(
        hidden, list(words.categories).index(Protection.HIDDEN), shown["protection"].cat.codes.to_numpy()
    )
    note = shown["note"]
    if (note[hidden] != "").any():
        note = note.mask(hidden & note.str.contains(r"\d", regex=True).to_numpy(np.bool_), "")
    return shown.assign(
        **columns,
        absence=suppress(shown, hidden),
        protection=pd.Categorical.from_codes(codes, dtype=words),
        note=note,
    )
