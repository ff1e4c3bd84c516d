"""Faults of the package and its descriptor: rows 1 to 20 of the fault table."""

from __future__ import annotations

import hashlib
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator.errors import ExitStatus, FindingsError, Severity, exit_status_of, format_findings
from generator.loading import check, find_releases, read_release
from generator.loading.descriptor import read_descriptor
from generator.model.reference import PAGE
from tests.loading.places import find_places, places
from tests.packages import DESCRIPTOR, package_tables, write_package

Document = dict[str, Any]


def resource(document: Document, name: str) -> Document:
    """Return one resource of a descriptor."""
    found: Document = next(item for item in document["resources"] if item["name"] == name)
    return found


def with_path(path: Any) -> Callable[[Document], Document]:
    """Return a change of the descriptor: the observations lie at this path."""

    def change(document: Document) -> Document:
        resource(document, "observations")["path"] = path
        return document

    return change


def with_keys(**keys: Any) -> Callable[[Document], Document]:
    """Return a change of the descriptor: these keys at its top."""
    return lambda document: {**document, **keys}


def with_resource_keys(**keys: Any) -> Callable[[Document], Document]:
    """Return a change of the descriptor: these keys in the resource of observations."""

    def change(document: Document) -> Document:
        resource(document, "observations").update(keys)
        return document

    return change


def test_a_good_package_has_no_findings(tmp_path: Path) -> None:
    assert find_places(write_package(tmp_path / "release")) == []


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "~/observations.csv",
        "$HOME/observations.csv",
        "C:\\data\\observations.csv",
        "C:observations.csv",
        "file:///etc/passwd",
        "../observations.csv",
        "data/../../observations.csv",
        "..\\observations.csv",
        "data\\observations.csv",
        "%2e%2e/observations.csv",
        "..%5cobservations.csv",
        "%2Fetc/passwd",
        "a//b.csv",
        "",
        "observations.csv\u0000",
    ],
)
def test_unsafe_paths_are_refused_by_their_text(tmp_path: Path, path: str) -> None:
    """Rows 1 and 2: no file is looked for, so that nothing can be learned from the answer."""
    folder = write_package(tmp_path / "release", descriptor=with_path(path))

    found = [finding for finding in check([folder]) if finding.code == "PKG_PATH_UNSAFE"]

    assert places(found) == [("PKG_PATH_UNSAFE", "datapackage.json", None, "resources[5].path")]
    assert found[0].value == path
    assert exit_status_of(found) == ExitStatus.INPUT


def test_a_symbolic_link_out_of_the_package_is_not_followed(tmp_path: Path) -> None:
    """Row 3."""
    folder = write_package(tmp_path / "release")
    (folder / "observations.csv").rename(tmp_path / "elsewhere.csv")
    (folder / "observations.csv").symlink_to(tmp_path / "elsewhere.csv")

    assert find_places(folder) == [("PKG_PATH_ESCAPES", "observations.csv", None, "")]


def test_a_hard_link_out_of_the_package_is_refused(tmp_path: Path) -> None:
    """Row 3."""
    folder = write_package(tmp_path / "release")
    os.link(folder / "observations.csv", tmp_path / "elsewhere.csv")

    assert find_places(folder) == [("PKG_PATH_ESCAPES", "observations.csv", None, "")]


def test_a_link_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    """Row 3: a step of the path may be the link."""
    (tmp_path / "elsewhere").mkdir()
    folder = write_package(tmp_path / "release", descriptor=with_path("data/observations.csv"))
    (folder / "observations.csv").rename(tmp_path / "elsewhere" / "observations.csv")
    (folder / "data").symlink_to(tmp_path / "elsewhere")

    assert set(find_places(folder)) == {
        ("PKG_PATH_ESCAPES", "data", None, ""),
        ("PKG_PATH_ESCAPES", "data/observations.csv", None, ""),
    }


def test_a_linked_descriptor_is_refused(tmp_path: Path) -> None:
    folder = write_package(tmp_path / "release")
    (folder / "datapackage.json").rename(tmp_path / "elsewhere.json")
    (folder / "datapackage.json").symlink_to(tmp_path / "elsewhere.json")

    assert find_places(folder) == [("PKG_PATH_ESCAPES", "datapackage.json", None, "")]


def test_a_pipe_is_never_opened(tmp_path: Path) -> None:
    """Row 4: opening it would wait for ever."""
    folder = write_package(tmp_path / "release")
    (folder / "observations.csv").unlink()
    os.mkfifo(folder / "observations.csv")

    assert find_places(folder) == [("PKG_NOT_A_FILE", "observations.csv", None, "")]


def test_a_folder_is_no_data(tmp_path: Path) -> None:
    """Row 4."""
    folder = write_package(tmp_path / "release")
    (folder / "observations.csv").unlink()
    (folder / "observations.csv").mkdir()

    assert find_places(folder) == [("PKG_NOT_A_FILE", "observations.csv", None, "")]


@pytest.mark.parametrize(
    "path",
    [
        "https://data.example/observations.csv",
        "http://127.0.0.1:1/observations.csv",
        "//data.example/x.csv",
        "s3://bucket/x.csv",
    ],
)
def test_nothing_is_fetched(tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 5: not one packet is sent."""

    def refuse(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    folder = write_package(tmp_path / "release", descriptor=with_path(path))

    assert ("SRC_REMOTE_DENIED", "datapackage.json", None, "resources[5].path") in find_places(folder)


@pytest.mark.parametrize(
    ("change", "column"),
    [
        (with_resource_keys(schema="https://data.example/schema.json"), "resources[5].schema"),
        (with_resource_keys(schema="schema.json"), "resources[5].schema"),
        (with_resource_keys(dialect="https://data.example/dialect.json"), "resources[5].dialect"),
        (with_resource_keys(profile="https://data.example/profile.json"), "resources[5].profile"),
        (with_keys(profile="https://data.example/profile.json"), "profile"),
        (with_keys(**{"$schema": "https://data.example/profile.json"}), "$schema"),
    ],
)
def test_metadata_that_lies_elsewhere_is_refused(
    tmp_path: Path, change: Callable[[Document], Document], column: str
) -> None:
    """Row 9."""
    folder = write_package(tmp_path / "release", descriptor=change)

    assert ("PKG_REMOTE_METADATA", "datapackage.json", None, column) in find_places(folder)


def test_a_version_2_descriptor_is_read(tmp_path: Path) -> None:
    def as_version_2(document: Document) -> Document:
        del document["profile"]
        for item in document["resources"]:
            del item["profile"]
            item["type"] = "table"
        return {"$schema": "https://datapackage.org/profiles/2.0/datapackage.json", **document}

    assert find_places(write_package(tmp_path / "release", descriptor=as_version_2)) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"\xef\xbb\xbf{}", "save it as UTF-8 without BOM"),
        (b"", "ends too early"),
        (b'{"resources": [', "ends too early"),
        (b"[]", "no JSON object"),
        (b"null", "no JSON object"),
        (b'{"name": "a"} {}', "after the end"),
        (b'{"name": "caf\xe9"}', "not UTF-8"),
        (b'{"a": "\\ud800"}', "surrogate"),
        (b"[" * 100_000, "levels deep"),
        (b'{"a":' * 100_000, "levels deep"),
        (b'{"a": ' + b"9" * 100_000 + b"}", "digits"),
        (b" " * 3_000_000, "bytes"),
    ],
)
def test_broken_descriptors_are_refused(tmp_path: Path, text: bytes, reason: str) -> None:
    """Rows 10 and 11."""
    folder = write_package(tmp_path / "release", descriptor=lambda _: text)

    found = [finding for finding in check([folder]) if finding.file == "datapackage.json"]

    assert [finding.code for finding in found] in (["PKG_DESCRIPTOR_INVALID"], ["TAB_TOO_LARGE"])
    assert reason in found[0].reason


def test_repeated_keys_are_named_with_both_places(tmp_path: Path) -> None:
    """Row 12."""
    text = '{\n "name": "one",\n "resources": [],\n "name": "two"\n}'
    folder = write_package(tmp_path / "release", descriptor=lambda _: text)

    found = [finding for finding in check([folder]) if finding.code == "PKG_DUP_KEY"]

    assert places(found) == [("PKG_DUP_KEY", "datapackage.json", None, "name")]
    assert "line 2, column 2 and at line 4, column 2" in found[0].reason


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_numbers_that_are_not_finite_are_refused(tmp_path: Path, number: str) -> None:
    """Row 13."""

    def change(document: Document) -> str:
        return json.dumps({**document, "version": "MARK"}).replace('"MARK"', number)

    folder = write_package(tmp_path / "release", descriptor=change)

    assert find_places(folder) == [("PKG_NONFINITE_JSON", "datapackage.json", None, "version")]


@pytest.mark.parametrize("resources", [[], None, {}, "observations"])
def test_a_package_without_resources_is_refused(tmp_path: Path, resources: object) -> None:
    """Row 14."""
    folder = write_package(tmp_path / "release", descriptor=with_keys(resources=resources))

    assert ("PKG_NO_RESOURCES", "datapackage.json", None, "resources") in find_places(folder)


def test_a_resource_that_is_no_table_of_the_contract_is_refused(tmp_path: Path) -> None:
    """Row 14."""

    def change(document: Document) -> Document:
        extra = {**resource(document, "domains"), "name": "rankings", "path": "rankings.csv"}
        return {**document, "resources": [*document["resources"], extra]}

    folder = write_package(tmp_path / "release", descriptor=change, files={"rankings.csv": "a\n1\n"})

    assert find_places(folder) == [("PKG_NO_RESOURCES", "datapackage.json", None, "resources[6].name")]


@pytest.mark.parametrize("table", ["metrics", "domains", "organisations", "periods", "observations"])
def test_a_release_without_a_required_table_is_refused(tmp_path: Path, table: str) -> None:
    folder = write_package(tmp_path / "release", **{table: None})

    assert find_places(folder) == [("PKG_NO_RESOURCES", "datapackage.json", None, "resources")]


@pytest.mark.parametrize("name", ["a/b", "..", "obser..vations", "Observations", "OBSERVATIONS", "", 3, None])
def test_unsafe_resource_names_are_refused(tmp_path: Path, name: object) -> None:
    """Row 15."""
    folder = write_package(tmp_path / "release", descriptor=with_resource_keys(name=name))

    assert ("PKG_NAME_UNSAFE", "datapackage.json", None, "resources[5].name") in find_places(folder)


def test_a_resource_name_given_twice_is_refused(tmp_path: Path) -> None:
    """Row 15."""

    def change(document: Document) -> Document:
        return {**document, "resources": [*document["resources"], resource(document, "domains")]}

    folder = write_package(tmp_path / "release", descriptor=change)

    assert find_places(folder) == [("PKG_NAME_UNSAFE", "datapackage.json", None, "resources[6].name")]


@pytest.mark.parametrize(
    "keys",
    [
        {"hash": "sha256:" + "0" * 64},
        {"hash": "0" * 32},
        {"bytes": 1},
        {"rows": 3},
        {"stats": {"rows": 3}},
    ],
)
def test_a_changed_file_is_a_matter_of_integrity(tmp_path: Path, keys: Document) -> None:
    """Row 16: exit status 7, above everything else that is found."""
    folder = write_package(tmp_path / "release", descriptor=with_resource_keys(**keys))

    found = check([folder])

    assert places(found) == [("PKG_HASH_MISMATCH", "observations.csv", None, "")]
    assert exit_status_of(found) == ExitStatus.INTEGRITY


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha512"])
def test_older_hashes_are_checked_too(tmp_path: Path, algorithm: str) -> None:
    """frictionless writes MD5 without naming it."""
    folder = write_package(tmp_path / "release")
    digest = hashlib.new(algorithm, (folder / "observations.csv").read_bytes()).hexdigest()
    declared = digest if algorithm == "md5" else f"{algorithm}:{digest}"
    write_package(folder, descriptor=with_resource_keys(hash=declared))

    assert find_places(folder) == []


@pytest.mark.parametrize(
    ("change", "column"),
    [
        (with_keys(homepage="javascript:alert(1)"), "homepage"),
        (with_keys(homepage="http://data.example/"), "homepage"),
        (with_keys(sources=[{"title": "a", "path": "data:text/html,x"}]), "sources[0].path"),
        (with_keys(sources=[{"title": "a", "path": "//data.example/"}]), "sources[0].path"),
        (with_keys(licenses=[{"name": "a", "path": "../../LICENCE"}]), "licenses[0].path"),
        (with_keys(contributors=[{"title": "a", "path": "javascript:x"}]), "contributors[0].path"),
    ],
)
def test_addresses_of_other_schemes_are_refused(
    tmp_path: Path, change: Callable[[Document], Document], column: str
) -> None:
    """Row 17: they would become links on pages."""
    folder = write_package(tmp_path / "release", descriptor=change)

    assert find_places(folder) == [("PKG_URL_SCHEME", "datapackage.json", None, column)]


def test_a_file_that_no_descriptor_lists_is_refused(tmp_path: Path) -> None:
    """Row 18: a workbook left in the folder may hold what must not be published."""
    folder = write_package(tmp_path / "release", files={"notes/raw.xlsx": b"PK"})

    assert find_places(folder) == [("PKG_EXTRA_FILE", "notes/raw.xlsx", None, "")]


def test_a_picture_in_a_package_is_found(tmp_path: Path) -> None:
    """Pictures can carry script, links to other hosts, or the place where a photograph was taken."""
    folder = write_package(tmp_path / "package")
    (folder / "Logo.SVG").write_text("<svg xmlns='http://www.w3.org/2000/svg' onload='tell()'/>")

    assert find_places(folder) == [("PKG_MEDIA", "Logo.SVG", None, "")]


def test_a_listed_file_that_is_missing_is_named(tmp_path: Path) -> None:
    """Row 19."""
    folder = write_package(tmp_path / "release")
    (folder / "memberships.csv").unlink()

    assert find_places(folder) == [("PKG_FILE_MISSING", "memberships.csv", None, "")]


@pytest.mark.parametrize("pattern", ["(a+)+$", "(?=a)a", r"(a)\1", "(unclosed", "a{1000000}"])
def test_patterns_that_could_run_for_ever_are_refused(tmp_path: Path, pattern: str) -> None:
    """Row 20."""

    def change(document: Document) -> Document:
        resource(document, "domains")["schema"]["fields"][1]["constraints"] = {"pattern": pattern}
        return document

    folder = write_package(tmp_path / "release", descriptor=change)
    place = "resources[1].schema.fields[1].constraints.pattern"

    assert find_places(folder) == [("PKG_PATTERN_UNSAFE", "datapackage.json", None, place)]


def test_a_pattern_of_the_package_is_checked(tmp_path: Path) -> None:
    def change(document: Document) -> Document:
        resource(document, "domains")["schema"]["fields"][1]["constraints"] = {"pattern": "[A-Z]+"}
        return document

    folder = write_package(tmp_path / "release", descriptor=change)

    assert find_places(folder) == [("VAL_CONSTRAINT", "domains.csv", 2, "title")]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("observations.csv.gz", "ARC_UNSUPPORTED"),
        ("observations.zip", "ARC_UNSUPPORTED"),
        ("observations.xlsx", "XLS_UNSUPPORTED"),
        ("observations.xls", "XLS_UNSUPPORTED"),
        ("observations.parquet", "PQ_UNSUPPORTED"),
    ],
)
def test_archives_and_workbooks_are_not_supported_yet(tmp_path: Path, path: str, code: str) -> None:
    folder = write_package(tmp_path / "release", descriptor=with_path(path), files={path: b"PK"})
    (folder / "observations.csv").unlink()

    found = check([folder])

    assert places(found) == [(code, "datapackage.json", None, "resources[5].path")]
    assert "give a folder of CSV files" in found[0].advice
    assert exit_status_of(found) == ExitStatus.INPUT


@pytest.mark.parametrize(
    ("name", "code"), [("release.zip", "ARC_UNSUPPORTED"), ("release.xlsx", "XLS_UNSUPPORTED")]
)
def test_an_archive_in_place_of_a_folder_is_not_supported_yet(tmp_path: Path, name: str, code: str) -> None:
    (tmp_path / name).write_bytes(b"PK")

    assert [finding.code for finding in check([tmp_path / name])] == [code]


def test_places_that_hold_no_package_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.csv").write_text("a\n")

    found = check([tmp_path / "empty", tmp_path / "nowhere", tmp_path / "file.csv"])

    assert [finding.code for finding in found] == ["PKG_FILE_MISSING", "PKG_FILE_MISSING", "PKG_NOT_A_FILE"]


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"contract": 2}, "contract"),
        ({"contract": True}, "contract"),
        ({"contract": None}, "contract"),
        ({"release": "2025/q3"}, "release"),
        ({"release": None}, "release"),
        ({"publication_date": "20/11/2025"}, "publication_date"),
        ({"publication_date": "2025-02-30"}, "publication_date"),
        ({"publication_date": None}, "publication_date"),
        ({"next_publication_date": "2025-01-01"}, "next_publication_date"),
        ({"publication_time": "9.30am"}, "publication_time"),
        ({"publisher": " "}, "publisher"),
        ({"contact": None}, "contact"),
        ({"missing_rows": "forgotten"}, "missing_rows"),
        ({"demonstration": "yes"}, "demonstration"),
        ({"publicationdate": "2025-11-20"}, "publicationdate"),
    ],
)
def test_what_a_release_says_about_itself_is_checked(tmp_path: Path, keys: Document, key: str) -> None:
    folder = write_package(tmp_path / "release", candour=keys)

    assert find_places(folder) == [("PKG_DESCRIPTOR_INVALID", "datapackage.json", None, f"candour.{key}")]


@pytest.mark.parametrize("key", ["sources", "licenses"])
def test_sources_and_licences_are_required(tmp_path: Path, key: str) -> None:
    folder = write_package(tmp_path / "release", descriptor=with_keys(**{key: []}))

    assert find_places(folder) == [("PKG_DESCRIPTOR_INVALID", "datapackage.json", None, key)]


def test_invisible_characters_in_the_descriptor_are_refused(tmp_path: Path) -> None:
    folder = write_package(tmp_path / "release", candour={"publisher": "Trusted\u202e publisher"})

    found = check([folder])

    assert places(found) == [("TXT_UNSAFE_CHAR", "datapackage.json", None, "candour.publisher")]
    assert "U+202E" in found[0].reason


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ({"name": "title", "type": "integer"}, "fields[1].type"),
        ({"name": "heading", "type": "string"}, "fields[1]"),
        ({"name": "title", "type": "string", "format": "email"}, "fields[1].format"),
        ({"name": "title", "type": "string", "categories": ["a"]}, "fields[1].categories"),
        (
            {"name": "title", "type": "string", "constraints": {"jsonSchema": {}}},
            "fields[1].constraints.jsonSchema",
        ),
    ],
)
def test_a_schema_that_contradicts_the_contract_is_refused(
    tmp_path: Path, field: Document, column: str
) -> None:
    def change(document: Document) -> Document:
        resource(document, "domains")["schema"]["fields"][1] = field
        return document

    folder = write_package(tmp_path / "release", descriptor=change)

    assert ("PKG_SCHEMA", "datapackage.json", None, f"resources[1].schema.{column}") in find_places(folder)


def test_an_unlisted_column_is_refused(tmp_path: Path) -> None:
    def add_rank(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        return [{**row, "rank": "1"} for row in rows]

    folder = write_package(tmp_path / "release", observations=add_rank)

    found = check([folder])

    assert places(found) == [("PKG_SCHEMA", "datapackage.json", None, "resources[5].schema.fields[9]")]
    assert found[0].value == "rank"


def test_constraints_beyond_the_contract_are_frictionless_s_to_judge(tmp_path: Path) -> None:
    def change(document: Document) -> Document:
        resource(document, "domains")["schema"]["fields"][1]["constraints"]["maxLength"] = 5
        return document

    folder = write_package(tmp_path / "release", descriptor=change)

    found = check([folder])

    assert places(found) == [("VAL_CONSTRAINT", "domains.csv", 2, "title")]
    assert found[0].reason.startswith("frictionless: ")


def test_a_release_may_be_several_packages(tmp_path: Path) -> None:
    tables = package_tables()
    rest = dict.fromkeys(tables, None)
    release = tmp_path / "release"
    write_package(release / "figures", memberships=None, organisations=None)
    write_package(
        release / "places",
        **{**rest, "memberships": tables["memberships"], "organisations": tables["organisations"]},
        candour=None,
    )

    result, notes = read_release(release)

    assert notes == []
    assert len(result.directory["organisations"]) == 5
    assert {file.package for file in result.files} == {"figures", "places"}
    assert {file.path for file in result.files if file.resource == "memberships"} == {
        "places/memberships.csv"
    }


def test_two_packages_may_not_both_speak_for_the_release(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_package(tmp_path / "release" / name)

    assert ("PKG_DESCRIPTOR_INVALID", "two/datapackage.json", None, "candour") in find_places(
        tmp_path / "release"
    )


def test_a_file_beside_the_packages_of_a_release_is_refused(tmp_path: Path) -> None:
    write_package(tmp_path / "release" / "figures")
    (tmp_path / "release" / "notes.txt").write_text("draft")

    assert find_places(tmp_path / "release") == [("PKG_EXTRA_FILE", "notes.txt", None, "")]


def test_a_folder_of_releases_is_checked_release_by_release(tmp_path: Path) -> None:
    write_package(tmp_path / "one", candour={"release": "2025-q2"}, files={"extra.txt": "x"})
    write_package(tmp_path / "two", candour={"release": "2025-q3"})

    assert find_places(tmp_path) == [("PKG_EXTRA_FILE", "one/extra.txt", None, "")]


def test_releases_are_found_the_oldest_first(tmp_path: Path) -> None:
    write_package(tmp_path / "a-newer", candour={"publication_date": "2025-11-20"})
    write_package(tmp_path / "b-older", candour={"publication_date": "2025-10-16"})
    write_package(tmp_path / "c-newer", candour={"publication_date": "2025-11-20"})
    (tmp_path / "notes").mkdir()

    assert [folder.name for folder in find_releases(tmp_path)] == ["b-older", "a-newer", "c-newer"]


def test_a_release_that_cannot_be_dated_stops_the_search(tmp_path: Path) -> None:
    write_package(tmp_path / "good")
    write_package(tmp_path / "bad", descriptor=lambda _: "{")

    with pytest.raises(FindingsError) as failure:
        find_releases(tmp_path)

    assert places(failure.value.findings) == [
        ("PKG_DESCRIPTOR_INVALID", "bad", None, "candour.publication_date")
    ]


def test_a_refused_release_raises_with_every_finding(tmp_path: Path) -> None:
    folder = write_package(tmp_path / "release", files={"a.txt": "", "b.txt": ""})

    with pytest.raises(FindingsError) as failure:
        read_release(folder)

    assert len(failure.value.findings) == 2
    assert failure.value.status == ExitStatus.INPUT


def test_every_finding_says_how_to_mend_it(tmp_path: Path) -> None:
    folder = write_package(
        tmp_path / "release",
        files={"extra.txt": "x"},
        observations=lambda rows: rows[1:],
        domains=lambda rows: [{**rows[0], "position": "first"}],
    )

    found = check([folder])

    assert len({finding.code for finding in found}) == 3
    assert all(finding.code and finding.reason and finding.advice for finding in found)
    assert all(finding.severity is Severity.ERROR and finding.status == ExitStatus.INPUT for finding in found)
    assert "Traceback" not in format_findings(found)


def test_the_descriptor_on_the_reference_page_is_a_good_one() -> None:
    page = (Path(__file__).parents[2] / PAGE).read_text(encoding="utf-8")
    example = page.partition("```json\n")[2].partition("```")[0]

    descriptor, found = read_descriptor(example.encode(), "datapackage.json")

    assert found == []
    assert descriptor is not None
    assert [resource.name for resource in descriptor.resources] == ["domains"]


def test_the_loaded_descriptor_is_what_the_package_says(tmp_path: Path) -> None:
    release, _ = read_release(write_package(tmp_path / "release"))

    assert release.directory.descriptor == DESCRIPTOR
