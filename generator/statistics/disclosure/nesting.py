"""Groups of organisations sorted into families that nest, day by day."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_matrix

from generator.statistics.disclosure.forest import Family, World
from generator.statistics.keys import Flags, Numbers, Positions
from generator.statistics.places import Places


@dataclass(frozen=True)
class Nesting:
    """The organisations of one kind on one day, and the families of the groups that hold them."""

    organisations: Positions
    members: csr_matrix
    """The organisations (by place in this list) by groups."""
    families: list[Family]

    @cached_property
    def worlds(self) -> list[World]:
        """One world for each family: its tree within the organisations that share all other groups."""
        return [
            World.of(
                family, [other for other in self.families if other is not family], len(self.organisations)
            )
            for family in self.families
        ]

    @cached_property
    def single(self) -> list[World]:
        """The tree of each family by itself, as if there were no others."""
        return [World.of(family, [], len(self.organisations)) for family in self.families]


def nesting_of(places: Places, kind: str, day: np.datetime64) -> Nesting:
    """Return how the groups nest that hold organisations of this kind on this day."""
    kept = _KEPT.get(id(places))
    if kept is None or kept[0]() is not places:
        kept = (weakref.ref(places), {})
        _KEPT[id(places)] = kept
    found = kept[1]
    if (kind, day) not in found:
        organisations = np.flatnonzero(places.kind == kind)
        members = csr_matrix(places.on(day).members[organisations])
        members.sort_indices()
        # Days with the same memberships share one nesting and its worlds.
        content = (kind, members.indptr.tobytes(), members.indices.tobytes())
        if content not in found:
            found[content] = _nest(organisations, members)
        found[kind, day] = found[content]
    return found[kind, day]


def _nest(organisations: Positions, members: csr_matrix) -> Nesting:
    """Return the groups in as few families as taking them in turn, the largest first, gives."""
    size = np.asarray(members.sum(axis=0)).ravel().astype(np.int64)
    shared = csr_matrix(members.T @ members)
    families: list[list[int]] = []
    home = np.full(len(size), -1, dtype=np.int64)
    # The main tree's country comes first; among equals the order of codes decides.
    for group in np.lexsort((np.arange(len(size)), -size)).tolist():
        if not size[group]:
            continue
        others = shared.indices[shared.indptr[group] : shared.indptr[group + 1]]
        overlap = shared.data[shared.indptr[group] : shared.indptr[group + 1]]
        crossing = others[(overlap < size[group]) & (overlap < size[others])]
        taken = set(home[crossing].tolist())
        number = next(number for number in range(len(families) + 1) if number not in taken)
        if number == len(families):
            families.append([])
        families[number].append(group)
        home[group] = number
    organisation, group = members.nonzero()
    by_size = np.lexsort((-group, size[group], organisation))
    organisation, group = organisation[by_size], group[by_size]
    found = []
    for number, listed in enumerate(families):
        own = home[group] == number
        row, place = organisation[own], group[own].astype(np.int64)
        lowest = np.full(len(organisations), -1, dtype=np.int64)
        first = np.flatnonzero(np.r_[True, row[1:] != row[:-1]]) if len(row) else np.zeros(0, dtype=np.int64)
        lowest[row[first]] = place[first]
        parent = np.full(len(size), -1, dtype=np.int64)
        follows = np.flatnonzero(row[1:] == row[:-1])
        parent[place[follows]] = place[follows + 1]
        found.append(Family(lowest, parent, size, np.array(sorted(listed), dtype=np.int64)))
    return Nesting(organisations, members, found)


_KEPT: dict[int, tuple[weakref.ref[Places], dict[object, Nesting]]] = {}


def spread(values: Numbers | Flags, blank: float, rows: Positions) -> Numbers:
    """Return the values at these rows, of any shape; `blank` where the row is -1."""
    return np.append(values, blank)[rows].astype(np.float64, copy=False)
