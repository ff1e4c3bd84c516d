"""Descriptors and schemas are such that frictionless reads them as we do."""

from __future__ import annotations

from pathlib import Path

import frictionless
import pytest

from generator.model.schemas import table_schema
from generator.model.tables import INPUT_TABLES, METRICS, OBSERVATIONS
from tests.packages import write_package


def test_frictionless_accepts_a_package_of_ours(tmp_path: Path) -> None:
    folder = write_package(tmp_path / "release")

    report = frictionless.validate(str(folder / "datapackage.json"))

    assert report.valid, report.flatten(["title", "note"])


def test_a_schema_lists_the_columns_present_in_their_order() -> None:
    schema = table_schema(OBSERVATIONS, ["period", "metric_id", "value"])

    assert [field["name"] for field in schema["fields"]] == ["period", "metric_id", "value"]
    assert schema["primaryKey"] == ["metric_id", "period"]


def test_constraints_are_those_of_the_columns() -> None:
    fields = {field["name"]: field for field in table_schema(METRICS, METRICS.column_names)["fields"]}

    assert fields["metric_id"]["constraints"] == {"required": True, "pattern": "[a-z0-9-]+"}
    assert fields["decimals"]["constraints"] == {"minimum": 0, "maximum": 4}
    assert fields["disclosure"]["constraints"] == {"required": True, "enum": ["people", "events", "open"]}
    assert fields["sensitive"] == {
        "name": "sensitive",
        "type": "boolean",
        "description": METRICS.column("sensitive").meaning,
        "trueValues": ["true"],
        "falseValues": ["false"],
    }


@pytest.mark.parametrize("name", sorted(INPUT_TABLES))
def test_every_schema_is_one_that_frictionless_knows(name: str) -> None:
    table = INPUT_TABLES[name]

    frictionless.Schema.from_descriptor(table_schema(table, table.column_names))


def test_a_column_that_the_table_does_not_have_is_an_error() -> None:
    with pytest.raises(KeyError):
        table_schema(OBSERVATIONS, ["rank"])
