"""Small linear programmes: a second look at what the simple proof cannot show, and at earlier releases.

The same worlds as in `certificate`, but any counts may move together: those of an organisation's neighbours
in all trees, of its groups of patients, and those of earlier releases. The others stay at the truth.
"""

from __future__ import annotations

import numpy as np

from generator.statistics.disclosure.blocks import Block
from generator.statistics.disclosure.certificate import Certificate, needed_values
from generator.statistics.disclosure.history import History
from generator.statistics.disclosure.leeway import Sight
from generator.statistics.disclosure.programme import Programme
from generator.statistics.keys import Flags, Positions

MOST_ROWS = 200
"""Rows of organisations whose counts may move in one linear programme."""
FEW_ORGANISATIONS = 200
"""With more of them a programme holds too few of the neighbours to prove much."""
MOST_PROGRAMMES = 40
"""Linear programmes for one metric's block of periods; what is left then is not proved."""


def unsafe_rows(
    block: Block,
    certificate: Certificate,
    history: History,
    linked: Linked,
    *,
    among: Positions | None = None,
) -> Positions:
    """Return the rows of a block that are not proved safe, by the simple proof or by linear programmes.

    Linear programmes are asked only in countries of few organisations.
    """
    still, doubtful = history.changed(block, certificate.sight)
    if history.pages:
        certificate.hold_still(np.flatnonzero(still))
    unsafe = np.union1d(certificate.unsafe_rows(block, among=among), np.flatnonzero(doubtful))
    if not len(unsafe) or len(block.inside) > FEW_ORGANISATIONS:
        return unsafe
    changed = doubtful[unsafe]
    return np.union1d(
        unsafe[changed], linked.unsafe_rows(block, certificate.sight, unsafe[~changed], still | doubtful)
    )


class Linked:
    """Looks for worlds in which counts of one block move together."""

    def unsafe_rows(self, block: Block, sight: Sight, rows: Positions, still: Flags) -> Positions:
        """Return which of these rows of a block still have a count with too few values.

        No count of a row that has to be `still` moves.
        """
        needs = needed_values(sight)
        unsafe, left = set(rows.tolist()), MOST_PROGRAMMES
        for period in np.unique(block.period).tolist():
            columns = np.flatnonzero(block.period == period)
            here = block.only(columns)
            mine = np.intersect1d(rows, np.concatenate([part[part >= 0] for part in here.parts]))
            todo = set(mine.tolist())
            while todo and left:
                left -= 1
                near = self._neighbours(here, min(todo))
                asked = [row for row in sorted(todo) if row == min(todo) or self._is_near(here, row, near)]
                programme = Programme(here, sight, near, still)
                programme.add_rows(asked)
                programme.add_breakdowns()
                unsafe -= programme.safe(asked, needs)
                todo -= set(asked)
        return np.array(sorted(unsafe), dtype=np.int64)

    def _neighbours(self, block: Block, row: int) -> Flags:
        """Return which organisations of the block move: the nearest ones in all trees, as many as may."""
        members = block.nesting.members
        room = max(1, MOST_ROWS // block.inside.shape[1])
        mine = np.flatnonzero((block.inside == row).any(axis=1))
        if not len(mine):
            group = np.flatnonzero((block.group == row).any(axis=1))
            mine = members[:, group].nonzero()[0]
        size = np.asarray(members.sum(axis=0)).ravel()
        distance = np.full(len(block.inside), np.inf)
        for group in np.unique(members[mine].indices).tolist():
            held = members[:, [group]].nonzero()[0]
            distance[held] = np.minimum(distance[held], size[group])
        distance[mine] = 0
        near = np.zeros(len(distance), dtype=np.bool_)
        near[np.lexsort((np.arange(len(distance)), distance))[:room]] = True
        return near

    def _is_near(self, block: Block, row: int, near: Flags) -> bool:
        place = np.flatnonzero((block.inside == row).any(axis=1))
        if len(place):
            return bool(near[place[0]])
        group = np.flatnonzero((block.group == row).any(axis=1))
        if len(group):
            members = block.nesting.members[:, group].nonzero()[0]
            return bool(near[members].any())
        return False
