"""Organisations like this one: as the package gives them, or the nearest by what describes their patients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.spatial import KDTree
from scipy.spatial.distance import cdist

from generator.model.methods import MethodOptions
from generator.model.metric import Metric
from generator.model.release import Directory
from generator.model.vocabulary import COUNTED_KINDS, Status
from generator.statistics.characteristics import latest_values
from generator.statistics.keys import Flags, Numbers, Positions
from generator.statistics.panel import Panel
from generator.statistics.places import Places
from generator.workers import threaded_map

SHOWN_FROM = 80
"""A peer group has a value when at least this percentage of its organisations shows counts."""
SAME_DISTANCE = 1e-9
"""Distances are whole multiples of this: what the computer's arithmetic alone tells apart is a tie."""
_CHUNK = 100


@dataclass(frozen=True)
class Peers:
    """Who is compared with whom, by number; sorted by organisation, then peer."""

    organisation: Positions
    peer: Positions
    incomplete: Positions
    """Organisations that lack some characteristic of their kind, and stand at its mean instead; sorted."""

    def table(self, places: Places) -> pd.DataFrame:
        """Return the peer groups by code, as the table PEERS has them."""
        return pd.DataFrame(
            {
                "organisation_code": places.codes[self.organisation],
                "peer_code": places.codes[self.peer],
            },
            dtype="str",
        )


def find_peers(directory: Directory, places: Places, options: MethodOptions, *, workers: int = 1) -> Peers:
    """Return the peers of every organisation that has any.

    A kind of organisation for which PEERS names some has these, and nobody else. In the other kinds an open
    organisation has the nearest open ones, by the characteristics that are for peers; who lacks them all has
    no peers and is nobody's; nor has anyone where no characteristic varies. Areas and countries have none.
    """
    given = _given(directory, places)
    by_distance = _is_open(directory, places) & ~places.is_group
    by_distance &= ~np.isin(places.kind, list(set(places.kind[given[:, 0]])))
    values = _characteristics_for_peers(directory, places)
    is_known = ~np.isnan(values)
    by_distance &= is_known.any(axis=1)
    pairs, incomplete = [given], np.zeros(len(places), dtype=np.bool_)
    for kind in sorted(set(places.kind[by_distance])):
        members = np.flatnonzero(by_distance & (places.kind == kind))
        scores = standardise(values[members])
        if not scores.any():
            continue
        near = nearest(scores, options.peers, workers=workers)
        of_kind = is_known[members][:, is_known[members].any(axis=0)]
        incomplete[members] = ~of_kind.all(axis=1)
        pairs.append(np.column_stack([np.repeat(members, near.shape[1]), members[near.ravel()]]))
    together = np.concatenate(pairs)
    order = np.lexsort((together[:, 1], together[:, 0]))
    return Peers(
        organisation=together[order, 0],
        peer=together[order, 1],
        incomplete=np.flatnonzero(incomplete),
    )


def peer_values(rows: pd.DataFrame, metric: Metric, peers: Peers) -> Numbers:
    """Return what each row can be compared with: the value of its peers in the same breakdown and period.

    Sum of protected numerators * multiplier / sum of denominators, over the peers that show counts. NaN where
    these are fewer than 80% of the peers, and for kinds that have no aggregate. The rows are sorted by key.
    """
    if metric.kind not in COUNTED_KINDS or not len(peers.peer) or rows.empty:
        return np.full(len(rows), np.nan)
    panel = Panel.of(rows)
    numerator, denominator = (rows[name].to_numpy(np.float64) for name in ("numerator", "denominator"))
    shows = ~np.isnan(numerator) & ~np.isnan(denominator)
    line_of = np.full(max(peers.organisation.max(), peers.peer.max(), panel.organisations.max()) + 1, -1)
    line_of[panel.organisations] = np.arange(len(panel.organisations))
    own, other = line_of[peers.organisation], line_of[peers.peer]
    # A peer without rows shows nothing, but counts as a peer.
    size = np.bincount(own[own >= 0], minlength=len(panel.organisations))[panel.line]
    pairs = np.flatnonzero((own >= 0) & (other >= 0))
    groups = csr_matrix(
        (np.ones(len(pairs)), (own[pairs], other[pairs])), shape=(len(panel.organisations),) * 2
    )
    events, exposure, shown = (
        (groups @ panel.spread(np.where(shows, figure, 0.0), 0.0))[panel.line, panel.column]
        for figure in (numerator, denominator, shows)
    )
    serves = (size > 0) & (shown * 100 >= size * SHOWN_FROM) & (exposure > 0)
    value = np.full(len(rows), np.nan)
    value[serves] = events[serves] * metric.multiplier / exposure[serves]
    return value


def peer_places(rows: pd.DataFrame, peers: Peers) -> Positions:
    """Return the number of the organisation whose peer group each row is compared with; -1 where it has none.

    A peer group goes under the code of the organisation whose peers they are.
    """
    organisation = rows["organisation"].to_numpy(np.int64)
    has_peers = np.zeros(int(organisation.max(initial=0)) + 1, dtype=np.bool_)
    has_peers[peers.organisation[peers.organisation < len(has_peers)]] = True
    return np.where(has_peers[organisation], organisation, -1)


def standardise(values: Numbers) -> Numbers:
    """Return the columns as z-scores, with the standard deviation over n - 1.

    A missing value stands at the mean (z = 0), and a column that does not vary tells nobody apart.
    """
    is_known = ~np.isnan(values)
    count = is_known.sum(axis=0)
    mean = np.where(is_known, values, 0.0).sum(axis=0) / np.maximum(count, 1)
    deviation = np.where(is_known, values - mean, 0.0)
    spread = np.sqrt((deviation**2).sum(axis=0) / np.maximum(count - 1, 1))
    # Equal values can differ from their mean by the computer's arithmetic, which is no spread.
    varies = np.fmax.reduce(values, axis=0) > np.fmin.reduce(values, axis=0)
    return np.where(varies, deviation, 0.0) / np.where(varies, spread, 1.0)


def nearest(points: Numbers, count: int, *, workers: int = 1) -> Positions:
    """Return for each point the places of so many nearest others, by Euclidean distance, in ascending order.

    Of points equally far the first ones are taken. Where there are fewer others, all of them.
    """
    wanted = min(count, len(points) - 1)
    found = np.zeros((len(points), max(wanted, 0)), dtype=np.int64)
    if wanted < 1:
        return found

    tree = KDTree(points)

    def find(begin: int) -> None:
        some = points[begin : begin + _CHUNK]
        # Whoever asks is the nearest to itself, or as near as its doubles are.
        limit = tree.query(some, [wanted + 1])[0][:, 0]
        # Beyond this nothing can be as near as the limit, however it is rounded.
        listed = tree.query_ball_point(some, limit * (1 + 1e-12) + 2 * SAME_DISTANCE, return_sorted=True)
        own = np.arange(len(some))
        row, column = np.repeat(own, [len(others) for others in listed]), np.concatenate(listed)
        others = column != begin + row
        row, column = row[others], column[others]
        distance = np.sqrt(((some[row] - points[column]) ** 2).sum(axis=1))
        steps, last = _in_steps(distance), _in_steps(limit)[row]
        near, tied = steps < last, np.flatnonzero(steps == last)
        # Of those on the limit, as many as there is still room for.
        room = wanted - np.bincount(row[near], minlength=len(own))
        position = np.arange(len(tied)) - np.searchsorted(row[tied], own)[row[tied]]
        near[tied[position < room[row[tied]]]] = True
        found[begin : begin + _CHUNK] = column[near].reshape(-1, wanted)

    threaded_map(find, range(0, len(points), _CHUNK), workers=workers)
    return found


def distances(points: Numbers, others: Numbers) -> Numbers:
    """Return the Euclidean distance of each point from each other one, in steps of a billionth."""
    return _in_steps(cdist(points, others))


def _given(directory: Directory, places: Places) -> Positions:
    """Return the pairs of PEERS, by number; nobody is a peer of itself."""
    table = directory["peers"]
    pairs = np.column_stack(
        [places.codes.get_indexer(pd.Index(table[name])) for name in ("organisation_code", "peer_code")]
    ).astype(np.int64)
    return np.asarray(pairs[(pairs >= 0).all(axis=1) & (pairs[:, 0] != pairs[:, 1])])


def _is_open(directory: Directory, places: Places) -> Flags:
    organisations = directory["organisations"]
    still = organisations.loc[organisations["status"] == Status.OPEN, "organisation_code"]
    return np.asarray(places.codes.isin(still))


def _characteristics_for_peers(directory: Directory, places: Places) -> Numbers:
    characteristics = directory["characteristics"]
    chosen = characteristics["use_for_peers"].fillna(value=False).astype(bool)
    return latest_values(directory, places, characteristics.loc[chosen, "characteristic_id"].tolist())


def _in_steps(distance: Numbers) -> Numbers:
    return np.asarray(np.rint(distance / SAME_DISTANCE) * SAME_DISTANCE)
