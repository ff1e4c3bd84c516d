"""The command line: what each command prints, and the exit status it ends with."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from generator.cli import main
from tests.packages import METRICS, edit, write_package

ROOT = Path(__file__).parents[1]
CLOSING = "Nothing was published.\nThe site that was there is unchanged.\n"
PROPORTION, _, MEAN = METRICS
COMMANDS = ("check", "build", "serve", "import", "trace", "verify")

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def own_signals() -> Iterator[None]:
    """Give the process its signal handling back."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def publication(tmp_path: Path) -> Path:
    """Return the configuration of a publication with one small release."""
    write_package(tmp_path / "datapackages" / "2025-q3")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "about.md").write_text("# About\n")
    configuration = {
        "site_name": "Care",
        "theme": {"name": "material"},
        "plugins": [{"candour": {"workers": 1}}],
    }
    (tmp_path / "mkdocs.yml").write_text(yaml.safe_dump(configuration))
    return tmp_path / "mkdocs.yml"


def test_check_of_a_good_package_ends_with_0(tmp_path: Path, capsys: Captured) -> None:
    write_package(tmp_path)

    assert main(["check", str(tmp_path)]) == 0
    assert capsys.readouterr() == ("0 errors, 0 notes.\n", "")


def test_check_names_the_fault_its_place_and_the_remedy_and_ends_with_3(
    tmp_path: Path, capsys: Captured
) -> None:
    write_package(tmp_path, observations=edit({"metric_id": MEAN, "period": "2025-q1"}, value="61"))

    assert main(["check", str(tmp_path)]) == 3

    said, closing = capsys.readouterr()
    lines = said.splitlines()
    assert re.fullmatch(r'VAL_RANGE observations\.csv, row \d+, value: .+: "61"', lines[0])
    assert lines[-2].startswith("       ")
    assert re.fullmatch(r"\d errors, 0 notes\.", lines[-1])
    assert closing == CLOSING


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("asked", [[], ["--show-values"]], ids=["", "asked for, but in no terminal"])
def test_check_never_prints_a_figure_about_people(
    tmp_path: Path, capsys: Captured, form: str, asked: list[str]
) -> None:
    """Logs of automatic checks are public."""
    write_package(
        tmp_path, observations=edit({"metric_id": PROPORTION, "period": "2025-q1"}, numerator="98765")
    )

    assert main(["check", str(tmp_path), "--format", form, *asked]) == 3

    said = capsys.readouterr()
    assert "VAL_RANGE" in said.out
    assert "98765" not in said.out + said.err


def test_check_of_a_changed_file_ends_with_7(tmp_path: Path, capsys: Captured) -> None:
    file = write_package(tmp_path) / "observations.csv"
    file.write_text(file.read_text().replace(",110,", ",111,", 1))

    assert main(["check", str(tmp_path)]) == 7
    assert "PKG_HASH_MISMATCH observations.csv" in capsys.readouterr().out


def test_check_as_json_counts_and_lists_every_finding(tmp_path: Path, capsys: Captured) -> None:
    """Text shows the first 20 of a code; a machine gets all."""
    rows = [
        {"date": "2025-04-31", "label": f"Event {number}", "metric_id": "", "organisation_code": ""}
        for number in range(25)
    ]
    write_package(tmp_path, events=rows)

    assert main(["check", str(tmp_path), "--format", "json"]) == 3
    document = json.loads(capsys.readouterr().out)
    main(["check", str(tmp_path)])
    text = capsys.readouterr().out

    assert document["counts"] == {"VAL_DATE_FORMAT": 25}
    assert len(document["findings"]) == 25
    assert [finding["row"] for finding in document["findings"]] == [*range(2, 27)]
    assert {"code", "file", "row", "column", "reason", "advice", "severity"} <= set(document["findings"][0])
    assert len(re.findall("^VAL_DATE_FORMAT events.csv, row", text, re.MULTILINE)) == 20
    assert "25 errors, 0 notes." in text


def test_check_of_a_folder_that_is_not_there_ends_with_3(tmp_path: Path, capsys: Captured) -> None:
    assert main(["check", str(tmp_path / "nowhere")]) == 3
    assert "no such folder" in capsys.readouterr().out


def test_build_says_where_the_site_is(publication: Path, capsys: Captured) -> None:
    site = publication.parent / "public"

    assert main(["build", "--config", str(publication), "--site-dir", str(site)]) == 0

    said, progress = capsys.readouterr()
    assert said.startswith(f"The site is in {site}.")
    assert "Checking 2025-q3" in progress
    assert "invented" in (site / "index.html").read_text()


def test_build_of_bad_input_leaves_the_old_site_and_says_so(publication: Path, capsys: Captured) -> None:
    site = publication.parent / "site"
    assert main(["build", "--config", str(publication)]) == 0
    before = contents(site)
    write_package(
        publication.parent / "datapackages" / "2025-q3",
        observations=edit({"organisation_code": "Z00001", "period": "2025-q1"}, organisation_code="Z99999"),
    )
    capsys.readouterr()

    assert main(["build", "--config", str(publication)]) == 3

    said = capsys.readouterr()
    assert "REF_UNKNOWN_CODE observations.csv, row" in said.err
    assert said.err.endswith(CLOSING)
    assert contents(site) == before
    assert not list(publication.parent.glob(".site*"))


def test_build_of_a_release_that_is_not_there_names_those_that_are(
    publication: Path, capsys: Captured
) -> None:
    assert main(["build", "--config", str(publication), "--release", "2031-q1"]) == 2

    said = capsys.readouterr().err
    assert said.startswith('CFG_NO_RELEASE: there is no release "2031-q1"\n       There are: 2025-q3.\n')
    assert said.endswith(CLOSING)


def test_trace_of_a_value_names_its_file_row_columns_and_digest(publication: Path, capsys: Captured) -> None:
    assert main(["trace", "--config", str(publication), "Z00002", MEAN, "2025-q2"]) == 0

    said = capsys.readouterr().out
    file = publication.parent / "datapackages" / "2025-q3" / "observations.csv"
    found = re.search(r"observations\.csv, row (\d+): Z00002 value 7, lower 6, upper 8", said)
    assert found
    assert file.read_text().splitlines()[int(found[1]) - 1] == f"{MEAN},Z00002,2025-q2,,,7.0,6.0,8.0,"
    assert re.search(r"^sha256 [0-9a-f]{64}  observations\.csv$", said, re.MULTILINE)


def test_trace_without_a_period_takes_the_latest(publication: Path, capsys: Captured) -> None:
    assert main(["trace", "--config", str(publication), "Z00002", MEAN]) == 0
    assert capsys.readouterr().out.startswith(f"Z00002 {MEAN} 2025-q3, release 2025-q3\n")


def test_trace_of_a_total_names_its_rows_and_their_count(publication: Path, capsys: Captured) -> None:
    assert main(["trace", "--config", str(publication), "ZZ0", PROPORTION, "2025-q1"]) == 0

    said = capsys.readouterr().out
    assert "sum of numerators * 100 / sum of denominators" in said
    assert "A total over 3 rows; 0 more say why they have no figure." in said
    for place in (1, 2, 3):
        assert f"Z0000{place} numerator {100 * place + 10}, denominator {150 * place}" in said


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("code", ["Z00001", "ZA1", "ZZ0"])
def test_trace_tells_the_place_of_a_hidden_figure_and_never_the_figure(
    publication: Path, capsys: Captured, code: str, form: str
) -> None:
    write_package(
        publication.parent / "datapackages" / "2025-q3",
        observations=edit(
            {"metric_id": PROPORTION, "organisation_code": "Z00001", "period": "2025-q3"},
            numerator="3",
            denominator="8765",
        ),
    )

    assert main(["trace", "--config", str(publication), code, PROPORTION, "--format", form]) == 0

    said = capsys.readouterr().out
    rows = (
        [json.dumps(row) for row in json.loads(said)["rows"]]
        if form == "json"
        else re.findall(r"^  (observations\.csv, row .*)$", said, re.MULTILINE)
    )
    (hidden,) = (row for row in rows if "Z00001" in row)
    assert "observations.csv" in hidden
    assert not re.search("numerator|denominator|value", hidden)
    assert "8765" not in said
    if code == "Z00001" and form == "text":
        assert "This figure is hidden to protect patients." in said


@pytest.mark.parametrize(
    "arguments", [["Z99999", MEAN], ["Z00001", "no-such-metric"], ["Z00001", MEAN, "2031-q1"]]
)
def test_trace_of_what_is_not_there_ends_with_2(
    publication: Path, capsys: Captured, arguments: list[str]
) -> None:
    assert main(["trace", "--config", str(publication), *arguments]) == 2
    assert capsys.readouterr().err.startswith("TRACE_UNKNOWN: ")


def test_import_lists_every_source_with_its_publisher_and_licence(capsys: Captured) -> None:
    assert main(["import", "--list"]) == 0

    said = capsys.readouterr().out
    assert re.findall(r"^(\w+): ", said, re.MULTILINE) == ["qof", "ods", "ae"]
    assert said.count("Published by NHS ") == said.count("Open Government Licence v3.0") == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["import"], "import needs a source, files and --to DIR"),
        (["import", "none", "some.csv", "--to", "somewhere"], "Choose one of: qof, ods, ae."),
        (["build", "--config", "nowhere.yml"], "there is no file nowhere.yml"),
    ],
)
def test_what_cannot_be_done_as_asked_ends_with_2(arguments: list[str], said: str, capsys: Captured) -> None:
    assert main(arguments) == 2

    told = capsys.readouterr().err
    assert said in told
    assert told.endswith(CLOSING)


@pytest.mark.parametrize(
    "arguments",
    [["publicise"], ["check"], ["check", "--format", "xml", "."], ["check", "--workers", "-1", "."]],
)
def test_what_is_not_understood_ends_with_2_and_the_usage(arguments: list[str], capsys: Captured) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)

    assert stopped.value.code == 2
    assert capsys.readouterr().err.startswith("usage: candour")


def test_without_a_command_all_commands_are_named(capsys: Captured) -> None:
    assert main([]) == 2

    said = capsys.readouterr().out
    assert [name for name in COMMANDS if not re.search(f"^    {name} +[a-z]", said, re.MULTILINE)] == []
    assert "Exit status: 0 fine, 2 usage" in " ".join(said.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_help_says_what_a_command_is_for_and_gives_an_example(command: str, capsys: Captured) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])

    assert stopped.value.code == 0
    usage, purpose, *_ = capsys.readouterr().out.split("\n\n")
    assert usage.startswith(f"usage: candour {command} ")
    assert purpose[0].isupper()
    assert purpose.endswith(".")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_example_of_each_command_is_understood(command: str, capsys: Captured) -> None:
    """An example that names an option that is no more would be worse than none."""
    with pytest.raises(SystemExit):
        main([command, "--help"])
    example = " ".join(capsys.readouterr().out.split("Example: candour ")[1].split())

    with pytest.raises(SystemExit) as stopped:
        main([*example.split(), "--help"])

    assert example.startswith(f"{command} ")
    assert stopped.value.code == 0


@pytest.mark.slow
@pytest.mark.parametrize("signalled", [signal.SIGTERM, signal.SIGINT])
def test_a_build_that_is_stopped_leaves_the_old_site_and_nothing_beside_it(
    publication: Path, signalled: signal.Signals
) -> None:
    site = publication.parent / "site"
    assert main(["build", "--config", str(publication)]) == 0
    before = contents(site)

    with start(["build", "--config", str(ROOT / "mkdocs.yml"), "--site-dir", str(site)]) as running:
        wait_for(running, "Writing")
        # Ctrl-C in a terminal reaches the whole group; a service manager asks the first process only.
        (os.killpg if signalled == signal.SIGINT else os.kill)(running.pid, signalled)
        _, said = running.communicate()

    assert running.returncode == {signal.SIGTERM: 143, signal.SIGINT: 130}[signalled]
    assert said == f"Stopped.\n{CLOSING}"
    assert contents(site) == before
    assert not list(publication.parent.glob(".site*"))


def start(arguments: list[str]) -> subprocess.Popen[str]:
    """Start the command in a group of processes of its own."""
    # Begun in the background this process may ignore Ctrl-C, and then so would the one it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return subprocess.Popen(
        [sys.executable, "-m", "generator.cli", *arguments, "--workers", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for(running: subprocess.Popen[str], word: str) -> None:
    """Return once the command has told its progress."""
    assert running.stderr is not None
    read: Callable[[], str] = running.stderr.readline
    assert any(word in line for line in iter(read, ""))


def contents(site: Path) -> dict[str, bytes]:
    return {
        path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()
    }
