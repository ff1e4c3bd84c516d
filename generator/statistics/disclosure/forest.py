"""Worlds in which counts may move unseen: trees of groups, and how much room what is above leaves below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from generator.statistics.keys import Numbers, Positions

UNLIMITED = 1e8
"""A move without limit; sums of many stay exact in floating point."""

Range = tuple[Numbers, Numbers]
"""Lowest and highest move, in arrays of one shape; 0 always lies between them."""

RangeAt = Callable[[Positions, Positions], Range]
"""By how much what is at each place and column may move."""


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

    def levels(self, group: Positions) -> list[Positions]:
        """Return the groups (-1: none), then those above each, and so on: -1 where there are no more."""
        found = []
        while (group >= 0).any():
            found.append(group)
            group = np.where(group >= 0, self.parent[group], -1)
        return found


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
    """By node: its group. Nodes are in the order of clusters."""
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
    _latest: dict[bytes, Forest] = field(default_factory=dict, repr=False)
    """What was asked for last: questions come in rows about the same clusters and columns."""

    @classmethod
    def of(cls, family: Family, others: Sequence[Family], count: int) -> World:
        """Return the world of a family, clustered by the lowest groups of the others."""
        if others:
            labels = np.column_stack([other.lowest for other in others])
            kinds, cluster = np.unique(labels, axis=0, return_inverse=True)
            cluster = cluster.reshape(-1)
        else:
            kinds, cluster = np.zeros((1, 0), dtype=np.int64), np.zeros(count, dtype=np.int64)
        groups, parents, clusters, made = [], [], [], 0
        # Above all are the groups of the other families, which hold the whole cluster.
        top = np.full(len(kinds), -1, dtype=np.int64)
        for number, other in enumerate(others):
            for group in reversed(other.levels(kinds[:, number])):
                held = np.flatnonzero(group >= 0)
                groups.append(group[held])
                parents.append(top[held])
                clusters.append(held)
                top[held] = made + np.arange(len(held))
                made += len(held)
        many = len(family.parent)
        levels = family.levels(family.lowest)
        keys = np.unique(np.concatenate([cluster[:0], *(_keys(cluster, group, many) for group in levels)]))
        above = family.parent[keys % many] if many else keys
        place = np.searchsorted(keys, keys // max(many, 1) * many + above) + made
        groups.append(keys % max(many, 1))
        clusters.append(keys // max(many, 1))
        parents.append(np.where(above >= 0, place, top[clusters[-1]]))
        leaf = np.searchsorted(keys, cluster * many + family.lowest) + made
        leaf = np.where(family.lowest >= 0, leaf, top[cluster])
        made_of = [np.concatenate(each) for each in (groups, parents, clusters)]
        return cls._sorted(made_of[0], made_of[1], made_of[2], leaf, cluster)

    @classmethod
    def _sorted(
        cls,
        group: Positions,
        parent: Positions,
        cluster: Positions,
        leaf: Positions,
        leaf_cluster: Positions,
    ) -> World:
        """Return the world with its nodes in the order of clusters."""
        order = np.argsort(cluster, kind="stable")
        place = np.full(len(order) + 1, -1, dtype=np.int64)
        place[order] = np.arange(len(order))
        group, parent, cluster, leaf = group[order], place[parent[order]], cluster[order], place[leaf]
        depth = np.zeros(len(group), dtype=np.int64)
        above = parent
        while (above >= 0).any():
            depth += above >= 0
            above = np.where(above >= 0, parent[above], -1)
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

    def ask(
        self,
        leaf_cells: tuple[Positions, Positions],
        group_cells: tuple[Positions, Positions],
        *,
        most_nodes: int | None = None,
    ) -> Question:
        """Return the question how far some organisations and the sums of some groups may move.

        The cells tell which places and columns are asked for; columns are independent of each other. Of a
        group the first `most_nodes` nodes are looked at, all unless given.
        """
        columns = 1 + max(int(leaf_cells[1].max(initial=0)), int(group_cells[1].max(initial=0)))
        of_group, node = expand(self.group_bounds, group_cells[0], most_nodes)
        node = self.by_group[node]
        asked = np.concatenate(
            [
                self.leaf_cluster[leaf_cells[0]] * columns + leaf_cells[1],
                self.node_cluster[node] * columns + group_cells[1][of_group],
            ]
        )
        pairs, which = np.unique(asked, return_inverse=True)
        cluster, column = pairs // columns, pairs % columns
        forest = self._forest(cluster, column)
        wanted = len(leaf_cells[0])
        over = self.leaf_node[leaf_cells[0]]
        held = np.flatnonzero(over >= 0)
        return Question(
            forest=forest,
            leaf_cells=leaf_cells,
            held=held,
            over=over[held] + forest.shift[which[held]],
            groups=len(group_cells[0]),
            of_group=of_group,
            node=node + forest.shift[which[wanted:]],
        )

    def _forest(self, cluster: Positions, column: Positions) -> Forest:
        """Return the trees of these clusters, each in one column."""
        key = cluster.tobytes() + column.tobytes()
        if key not in self._latest:
            self._latest.clear()
            self._latest[key] = self._grow(cluster, column)
        return self._latest[key]

    def _grow(self, cluster: Positions, column: Positions) -> Forest:
        of_pair, place = expand(self.leaf_bounds, cluster)
        leaves = self.leaves[place]
        node_pair, nodes = expand(self.node_bounds, cluster)
        # Nodes of a pair stand together in the order of the cluster's.
        shift = np.searchsorted(node_pair, np.arange(len(cluster))) - self.node_bounds[cluster]
        above = self.parent[nodes]
        over = self.leaf_node[leaves]
        held = np.flatnonzero(over >= 0)
        depth = self.depth[nodes].astype(np.int16)
        by_depth = np.argsort(depth, kind="stable")
        bounds = np.searchsorted(depth[by_depth], np.arange(int(depth.max(initial=-1)) + 2))
        return Forest(
            shift=shift,
            leaf=leaves[held],
            leaf_column=column[of_pair[held]],
            over=over[held] + shift[of_pair[held]],
            group=self.node_group[nodes],
            group_column=column[node_pair],
            above=np.where(above >= 0, above + shift[node_pair], -1),
            levels=[by_depth[first:last] for first, last in pairwise(bounds.tolist())],
        )


@dataclass(frozen=True)
class Forest:
    """The trees of some clusters of a world, each in one column."""

    shift: Positions
    """By pair of cluster and column: how far its nodes stand from where they are in the world."""
    leaf: Positions
    """The organisations below nodes, with their columns and the nodes right above them."""
    leaf_column: Positions
    over: Positions
    group: Positions
    """By node: its group and column, and the node above."""
    group_column: Positions
    above: Positions
    levels: list[Positions]
    """The nodes, from above to below."""


@dataclass(frozen=True)
class Question:
    """Which organisations and groups are asked about, and all that plays a part in the answer."""

    forest: Forest
    leaf_cells: tuple[Positions, Positions]
    held: Positions
    """Which of the organisations asked about are below a node, and below which."""
    over: Positions
    groups: int
    """How many groups are asked about; then of each of their nodes which group's it is, and the node."""
    of_group: Positions
    node: Positions

    def answer(self, leaf: RangeAt, group: RangeAt) -> tuple[Range, Range]:
        """Return how far organisations and the sums of groups may move, going by all the others.

        `leaf` and `group` tell what an organisation may move by, and by how much the sum of a group may
        change. The answer is what may be moved so that the others make up for it; an organisation's own
        limits, and those of the group's own sum, are left to the caller. Each whole number in a range can be
        reached, as sums of whole numbers can. A group of several nodes gets the widest.
        """
        forest, above = self.forest, self.forest.above
        count = len(forest.group)
        limit = group(forest.group, forest.group_column)
        box = leaf(forest.leaf, forest.leaf_column)
        low, high = (np.bincount(forest.over, side, count) for side in box)
        own_low, own_high = low.copy(), high.copy()
        for number, here in reversed(list(enumerate(forest.levels))):
            own_low[here] = np.maximum(low[here], limit[0][here])
            own_high[here] = np.minimum(high[here], limit[1][here])
            if number:
                low += np.bincount(above[here], own_low[here], count)
                high += np.bincount(above[here], own_high[here], count)
        rest_low, rest_high = np.full(count, -UNLIMITED), np.full(count, UNLIMITED)
        allowed_low, allowed_high = np.empty(count), np.empty(count)
        for number, here in enumerate(forest.levels):
            if number:
                up = above[here]
                rest_low[here] = allowed_low[up] - (high[up] - own_high[here])
                rest_high[here] = allowed_high[up] - (low[up] - own_low[here])
            allowed_low[here] = np.maximum(rest_low[here], limit[0][here])
            allowed_high[here] = np.minimum(rest_high[here], limit[1][here])

        wanted, held, over = len(self.leaf_cells[0]), self.held, self.over
        out_low, out_high = np.full(wanted, -UNLIMITED), np.full(wanted, UNLIMITED)
        mine = leaf(self.leaf_cells[0][held], self.leaf_cells[1][held])
        out_low[held] = allowed_low[over] - (high[over] - mine[1])
        out_high[held] = allowed_high[over] - (low[over] - mine[0])
        group_low, group_high = np.zeros(self.groups), np.zeros(self.groups)
        np.minimum.at(group_low, self.of_group, np.maximum(rest_low, low)[self.node])
        np.maximum.at(group_high, self.of_group, np.minimum(rest_high, high)[self.node])
        return (out_low, out_high), (group_low, group_high)


def expand(bounds: Positions, chosen: Positions, most: int | None = None) -> tuple[Positions, Positions]:
    """Return the places between the bounds of each chosen one: which it is, and the place.

    All of them, or the first so many of each.
    """
    chosen = np.where(chosen < len(bounds) - 1, chosen, -1)
    first = np.where(chosen >= 0, bounds[chosen], 0)
    count = np.where(chosen >= 0, bounds[np.minimum(chosen + 1, len(bounds) - 1)] - first, 0)
    if most is not None:
        count = np.minimum(count, most)
    which = np.repeat(np.arange(len(chosen)), count)
    begin = np.cumsum(count) - count
    return which, np.arange(int(count.sum())) - np.repeat(begin - first, count)


def _keys(cluster: Positions, group: Positions, many: int) -> Positions:
    """Return cluster and group as one number, where there is a group."""
    held = np.flatnonzero(group >= 0)
    return cluster[held] * many + group[held]
