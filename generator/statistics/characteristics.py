"""What describes the populations of organisations: the latest value of each characteristic."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from generator.model.release import Directory
from generator.statistics.keys import Numbers
from generator.statistics.periods import Calendar
from generator.statistics.places import Places

DEPRIVATION = "deprivation"
"""The role of the characteristic that ranks organisations by deprivation."""


def latest_values(directory: Directory, places: Places, characteristics: Sequence[str]) -> Numbers:
    """Return the characteristics of organisations (organisations by characteristics), NaN where not known.

    Each is the value of the latest period for which CONTEXT has one of the organisation.
    """
    context = directory["context"]
    period = Calendar.of(directory["periods"]).names.get_indexer(pd.Index(context["period"]))
    organisation = places.codes.get_indexer(pd.Index(context["organisation_code"]))
    column = pd.Index(list(characteristics), dtype=object).get_indexer(pd.Index(context["characteristic_id"]))
    value = context["value"].to_numpy(np.float64)
    known = np.flatnonzero((organisation >= 0) & (column >= 0) & ~np.isnan(value))
    # The latest comes last, and so stays.
    known = known[np.argsort(period[known], kind="stable")]
    values = np.full((len(places), len(characteristics)), np.nan)
    values[organisation[known], column[known]] = value[known]
    return values


def find_deprivation(directory: Directory, places: Places) -> Numbers:
    """Return the deprivation of each organisation, high where it is most deprived; NaN where not known.

    It is the characteristic of that role; of several the first listed.
    """
    characteristics = directory["characteristics"]
    of_role = characteristics.loc[characteristics["role"] == DEPRIVATION, "characteristic_id"].tolist()[:1]
    if not of_role:
        return np.full(len(places), np.nan)
    return latest_values(directory, places, of_role)[:, 0]
