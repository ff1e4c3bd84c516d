"""The second opinion: frictionless on what the screen did not prove clean. The one place that imports it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from frictionless import FrictionlessException, Schema
from numpy.typing import NDArray

from generator.loading.agreement import Agreement
from generator.loading.reading import TextTable


@dataclass(frozen=True)
class Objection:
    """What frictionless has against one text of one column."""

    column: str
    """Empty where it is the schema that frictionless refuses."""
    rows: NDArray[np.int64]
    """Positions of the rows that hold the text."""
    code: str
    reason: str


def second_opinion(text: TextTable, agreement: Agreement, places: NDArray[np.int64]) -> Iterator[Objection]:
    """Yield what frictionless has against the cells of the rows at these positions, by the schema as shipped.

    Each distinct text of a column is asked about once, so that many faults cost no more than a few. Patterns
    of the package are left out (they run in linear time in our screen), and so are keys, which can only be
    judged on whole tables: our own checks do that.
    """
    document = {
        name: value for name, value in agreement.schema.items() if name in ("fields", "missingValues")
    }
    try:
        schema = Schema.from_descriptor(document)
    except FrictionlessException as error:
        reasons = "; ".join(reason.note for reason in error.reasons) or error.error.note
        yield Objection("", np.array([], dtype=np.int64), "PKG_SCHEMA", f"frictionless: {reasons}")
        return
    for field in schema.fields:
        column = text.cells[field.name]
        codes = column.indices.to_numpy()[places]
        read_cell = field.create_cell_reader()
        for code in np.unique(codes).tolist():
            try:
                _, notes = read_cell(column.dictionary[code].as_py())
            except (ArithmeticError, TypeError) as error:
                # It compares before it knows whether the cell, or its own limit, is a number.
                notes = {"type": f"not comparable ({type(error).__name__})"}
            if notes:
                reason = f"frictionless: {'; '.join(notes.values())}"
                yield Objection(field.name, places[codes == code], "VAL_CONSTRAINT", reason)
