"""Groups of organisations sorted into families that nest, and the worlds in which counts may move unseen."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_matrix

from generator.statistics.keys import Flags, Numbers, Positions
from generator.statistics.places import Places

UNLIMITED = 1e8
"""A move without limit; sums of many stay exact in floating point."""

Range = tuple[Numbers, Numbers]
"""Lowest and highest move, in arrays of one shape; 0 always lies between them."""


@dataclass(frozen=True)
class Family:
    """Groups of which any two either nest or share no organisation."""

    lowest: Positions
    """By organisation: the smallest group that holds it (a place in places.groups), -1 if none."""
    parent: Positions
    """By group: the next larger group, -1 where there is none or the group is of another family."""
    size: Positions
    """By group: how many organisations of the metric's kind it holds."""
    groups: Positions
    """The groups of the family."""

    def chain(self, group: int) -> list[int]:
        """Return the group and those above it, from low to high."""
        found = []
        while group >= 0:
            found.append(group)
            group = int(self.parent[group])
        return found


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


@dataclass(frozen=True)
class World:
    """A forest of nodes: each is one group, restricted to organisations that no other tree tells apart.

    Counts that move within it so that the change of every node stays within the leeway of its group change
    nothing that is published.
    """

    leaf_node: Positions
    """By organisation: the node right above it, -1 where no group holds it."""
    leaf_cluster: Positions
    """By organisation: the cluster of organisations that it moves with."""
    leaves: Positions
    """The organisations in the order of clusters; `leaf_bounds` tells where each cluster begins and ends."""
    leaf_bounds: Positions
    node_group: Positions
    """By node: its group. Nodes are in the order of clusters, above before below."""
    node_cluster: Positions
    node_bounds: Positions
    """Where the nodes of each cluster begin and end."""
    parent: Positions
    """By node: the node above it, -1 where there is none."""
    depth: Positions
    """By node: how many are above it."""
    by_group: Positions
    """The nodes in the order of their groups; `group_bounds` tells where each group's begin."""
    group_bounds: Positions

    @classmethod
    def of(cls, family: Family, others: Sequence[Family], count: int) -> World:
        """Return the world of a family, clustered by the lowest groups of the others."""
        if others:
            labels = np.column_stack([other.lowest for other in others])
            kinds, cluster = np.unique(labels, axis=0, return_inverse=True)
            cluster = cluster.reshape(-1)
        else:
            kinds, cluster = np.zeros((1, 0), dtype=np.int64), np.zeros(count, dtype=np.int64)
        nodes: dict[tuple[int, int], int] = {}
        groups: list[int] = []
        parents: list[int] = []
        clusters: list[int] = []

        def add(group: int, parent: int, number: int) -> int:
            groups.append(group)
            parents.append(parent)
            clusters.append(number)
            return len(groups) - 1

        tops = []
        for number, kind in enumerate(kinds.tolist()):
            top = -1
            for other, lowest in zip(others, kind, strict=True):
                for group in reversed(other.chain(lowest)):
                    top = add(group, top, number)
            tops.append(top)
        leaf = np.empty(count, dtype=np.int64)
        for place, (lowest, number) in enumerate(zip(family.lowest.tolist(), cluster.tolist(), strict=True)):
            node = tops[number]
            key = (lowest, number)
            if lowest >= 0 and key not in nodes:
                for group in reversed(family.chain(lowest)):
                    if (group, number) not in nodes:
                        nodes[group, number] = add(group, node, number)
                    node = nodes[group, number]
            leaf[place] = nodes.get(key, node)
        made = [np.array(each, dtype=np.int64) for each in (groups, parents, clusters)]
        return cls._sorted(made[0], made[1], made[2], leaf, cluster)

    @classmethod
    def _sorted(
        cls,
        group: Positions,
        parent: Positions,
        cluster: Positions,
        leaf: Positions,
        leaf_cluster: Positions,
    ) -> World:
        """Return the world with its nodes in the order of clusters; above before below, as they came."""
        order = np.argsort(cluster, kind="stable")
        place = np.full(len(order) + 1, -1, dtype=np.int64)
        place[order] = np.arange(len(order))
        group, parent, cluster, leaf = group[order], place[parent[order]], cluster[order], place[leaf]
        depth = np.zeros(len(group), dtype=np.int64)
        for node, above in enumerate(parent.tolist()):
            depth[node] = depth[above] + 1 if above >= 0 else 0
        leaves = np.argsort(leaf_cluster, kind="stable")
        count = int(leaf_cluster.max(initial=-1)) + 1
        by_group = np.argsort(group, kind="stable")
        groups = int(group.max(initial=-1)) + 1
        return cls(
            leaf_node=leaf,
            leaf_cluster=leaf_cluster,
            leaves=leaves,
            leaf_bounds=np.searchsorted(leaf_cluster[leaves], np.arange(count + 1)),
            node_group=group,
            node_cluster=cluster,
            node_bounds=np.searchsorted(cluster, np.arange(count + 1)),
            parent=parent,
            depth=depth,
            by_group=by_group,
            group_bounds=np.searchsorted(group[by_group], np.arange(groups + 1)),
        )

    def reach(
        self,
        leaf: Range,
        group: Range,
        leaf_cells: tuple[Positions, Positions],
        group_cells: tuple[Positions, Positions],
    ) -> tuple[Range, Range]:
        """Return how far some organisations and the sums of some groups may move, going by all the others.

        `leaf` and `group` have a row for each organisation or group, and any number of independent columns:
        what organisations may move by, and by how much the sum of each group may change. The cells tell of
        which rows and columns the answer is wanted. It is what may be moved so that the others make up for
        it; an organisation's own limits, and those of the group's own sum, are left to the caller. Each whole
        number in a range can be reached, as sums of whole numbers can. A group of several nodes gets the
        widest.
        """
        columns = leaf[0].shape[1]
        of_group, node = expand(self.group_bounds, group_cells[0])
        node = self.by_group[node]
        asked = np.concatenate(
            [
                self.leaf_cluster[leaf_cells[0]] * columns + leaf_cells[1],
                self.node_cluster[node] * columns + group_cells[1][of_group],
            ]
        )
        pairs, which = np.unique(asked, return_inverse=True)
        cluster, column = pairs // columns, pairs % columns
        of_pair, place = expand(self.leaf_bounds, cluster)
        leaves = self.leaves[place]
        node_pair, nodes = expand(self.node_bounds, cluster)
        node_start = np.searchsorted(node_pair, np.arange(len(pairs)))
        # Nodes of a pair stand together in the order of the cluster's.
        shift = node_start - self.node_bounds[cluster]
        above = self.parent[nodes]
        above = np.where(above >= 0, above + shift[node_pair], -1)
        over = self.leaf_node[leaves]
        over = np.where(over >= 0, over + shift[of_pair], -1)
        held = over >= 0
        box = tuple(side[leaves, column[of_pair]] for side in leaf)
        limit = tuple(side[self.node_group[nodes], column[node_pair]] for side in group)
        low, high = (np.bincount(over[held], side[held], len(nodes)) for side in box)
        own_low, own_high = low.copy(), high.copy()
        depth = self.depth[nodes]
        by_depth = np.argsort(depth, kind="stable")
        bounds = np.searchsorted(depth[by_depth], np.arange(int(depth.max(initial=-1)) + 2))
        levels = [by_depth[first:last] for first, last in pairwise(bounds.tolist())]
        for number in range(len(levels) - 1, -1, -1):
            here = levels[number]
            own_low[here] = np.maximum(low[here], limit[0][here])
            own_high[here] = np.minimum(high[here], limit[1][here])
            if number:
                low += np.bincount(above[here], own_low[here], len(nodes))
                high += np.bincount(above[here], own_high[here], len(nodes))
        rest_low, rest_high = np.full(len(nodes), -UNLIMITED), np.full(len(nodes), UNLIMITED)
        allowed_low, allowed_high = np.empty(len(nodes)), np.empty(len(nodes))
        for number, here in enumerate(levels):
            if number:
                up = above[here]
                rest_low[here] = allowed_low[up] - (high[up] - own_high[here])
                rest_high[here] = allowed_high[up] - (low[up] - own_low[here])
            allowed_low[here] = np.maximum(rest_low[here], limit[0][here])
            allowed_high[here] = np.minimum(rest_high[here], limit[1][here])

        wanted = len(leaf_cells[0])
        over = self.leaf_node[leaf_cells[0]]
        held = over >= 0
        over = (over + shift[which[:wanted]])[held]
        out_low, out_high = np.full(wanted, -UNLIMITED), np.full(wanted, UNLIMITED)
        mine = tuple(side[leaf_cells][held] for side in leaf)
        out_low[held] = allowed_low[over] - (high[over] - mine[1])
        out_high[held] = allowed_high[over] - (low[over] - mine[0])
        node = node + shift[which[wanted:]]
        group_low, group_high = (np.zeros(len(group_cells[0])) for _ in range(2))
        np.minimum.at(group_low, of_group, np.maximum(rest_low, low)[node])
        np.maximum.at(group_high, of_group, np.minimum(rest_high, high)[node])
        return (out_low, out_high), (group_low, group_high)


def expand(bounds: Positions, chosen: Positions) -> tuple[Positions, Positions]:
    """Return all places between the bounds of each chosen one: which it is, and the place."""
    chosen = np.where(chosen < len(bounds) - 1, chosen, -1)
    first = np.where(chosen >= 0, bounds[chosen], 0)
    count = np.where(chosen >= 0, bounds[np.minimum(chosen + 1, len(bounds) - 1)] - first, 0)
    which = np.repeat(np.arange(len(chosen)), count)
    begin = np.cumsum(count) - count
    return which, np.arange(int(count.sum())) - np.repeat(begin - first, count)


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
