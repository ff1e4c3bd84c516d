"""What the configuration says of disclosure control, surprises and methods, and what a build makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import pipeline
from generator.cli import main
from generator.errors import CandourError, ExitStatus, FindingsError
from generator.model.methods import MethodOptions, TwoOfThree
from generator.model.policy import DisclosurePolicy, Rule
from generator.model.settings import Acceptance, BuildSettings, SanityLimits
from generator.plugin import load_settings
from generator.plugin.options import Options
from tests.packages import METRICS, Rows, edit, write_package

PROPORTION = METRICS[0]
FIRST, SECOND = "2025-q2", "2025-q3"

Configure = Callable[..., Path]
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def configure(tmp_path: Path) -> Configure:
    """Return a function that configures a publication of two small releases with these options."""
    write_package(
        tmp_path / "datapackages" / FIRST,
        candour={"release": FIRST, "publication_date": "2025-08-20", "next_publication_date": "2025-11-20"},
        periods=without_the_last_quarter,
        observations=without_the_last_quarter,
    )
    write_package(tmp_path / "datapackages" / SECOND)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "about.md").write_text("# About\n")

    def write(**options: Any) -> Path:
        configuration = {
            "site_name": "Care",
            "theme": {"name": "material"},
            "plugins": [{"candour": {"workers": 1, **options}}],
        }
        (tmp_path / "mkdocs.yml").write_text(yaml.safe_dump(configuration))
        return tmp_path / "mkdocs.yml"

    return write


def without_the_last_quarter(rows: Rows) -> Rows:
    return [row for row in rows if row["period"] != SECOND]


def prepared(config: Path, *, is_preview: bool = False) -> tuple[pipeline.Prepared, list[str]]:
    told: list[str] = []
    return pipeline.prepare(load_settings(config), told.append, is_preview=is_preview), told


def test_unless_said_otherwise_the_strictest_policy_and_the_usual_methods_and_limits_hold(
    configure: Configure,
) -> None:
    settings = load_settings(configure())

    assert settings.policies.in_force([FIRST, SECOND]) == (DisclosurePolicy(), DisclosurePolicy())
    assert (settings.methods, settings.sanity, settings.accepted) == (MethodOptions(), SanityLimits(), ())


def test_the_configuration_says_policies_methods_limits_and_acceptances(configure: Configure) -> None:
    settings = load_settings(
        configure(
            disclosure=[{"people": "round_all"}, {"from": SECOND, "hide_up_to": 9}],
            methods={"two_of_three": "before_2023", "peers": 7},
            sanity={"rows": 20, "country_figure": 12.5},
            accepted=[{"release": SECOND, "what": "rows", "role": "head of analysis", "reason": "mergers"}],
        )
    )

    first, second = settings.policies.in_force([FIRST, SECOND])
    assert (first.people, second.people, second.hide_up_to) == (Rule.ROUND_ALL, Rule.HIDE, 9)
    assert settings.methods == MethodOptions(TwoOfThree.BEFORE_2023, 7)
    assert settings.sanity == SanityLimits(20, 5, 12.5)
    assert settings.accepted == (Acceptance(SECOND, "rows", "head of analysis", "mergers"),)


@pytest.mark.parametrize(
    "options",
    [
        {"methods": {"two_of_three": "2023"}},
        {"methods": {"peers": 0}},
        {"methods": {"peers": 2.5}},
        {"sanity": {"rows": -1}},
        {"sanity": {"rows": "10%"}},
        {"sanity": {"rows": True}},
        {"accepted": [{"release": SECOND, "what": "rows", "reason": "mergers"}]},
        {"accepted": [{"release": SECOND, "what": "rows", "role": " ", "reason": "mergers"}]},
        {"accepted": {"release": SECOND}},
    ],
    ids=str,
)
def test_what_is_not_understood_is_a_fault_of_the_configuration(
    configure: Configure, options: dict[str, Any]
) -> None:
    """An acceptance without a role is nobody's."""
    with pytest.raises(CandourError) as raised:
        load_settings(configure(**options))

    assert (raised.value.code, raised.value.status) == ("CFG_INVALID", ExitStatus.USAGE)


@pytest.mark.parametrize(
    "disclosure",
    [
        None,
        [],
        "hide",
        [{"people": "hide", "unknown": 1}],
        [{}, {"from": SECOND, "people": "open"}],
        [{}, {"from": "2024-q1"}],
    ],
    ids=str,
)
@pytest.mark.parametrize("command", [["build"], ["trace", "Z00001", PROPORTION]], ids=["build", "trace"])
def test_a_policy_that_cannot_be_relied_on_ends_with_4_and_nothing_is_published(
    configure: Configure, capsys: Captured, disclosure: Any, command: list[str]
) -> None:
    config = configure(disclosure=disclosure)

    assert main([*command, "--config", str(config)]) == ExitStatus.DISCLOSURE

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines()[0].startswith("SDC_POLICY: ")
    assert said.err.endswith("Nothing was published.\nThe site that was there is unchanged.\n")
    assert not (config.parent / "site").exists()


def test_each_release_is_protected_by_the_policy_of_its_time(configure: Configure) -> None:
    """What was open before stays as it was published, and is not open any more."""
    config = configure(disclosure=[{"people": "open"}, {"from": SECOND}])
    settings = load_settings(config)

    old = pipeline.prepare(replace(settings, release=FIRST), lambda _: None)
    new = pipeline.prepare(settings, lambda _: None)

    assert protections(old) == {"none"}
    assert "none" not in protections(new)


def protections(prepared: pipeline.Prepared) -> set[str]:
    table = prepared.edition.book.publication.tables.results
    return set(table.loc[(table["metric_id"] == PROPORTION).to_numpy(), "protection"])


def test_what_moved_since_the_previous_release_has_its_cause(configure: Configure) -> None:
    """One practice's old figure is revised; another's newest period was not published before."""
    config = configure(sanity={"country_figure": 100})
    revised = edit(figure("Z00001", "2025-q1"), numerator="130")
    risen = edit(figure("Z00002", "2025-q3"), numerator="250")
    write_package(config.parent / "datapackages" / SECOND, observations=lambda rows: risen(revised(rows)))

    # In the last quarter it is better than the country: the judgement moved.
    assert bands_and_causes(config, "Z00001") == [
        ("good", "revised_value"),
        ("good", ""),
        ("good", "new_period"),
    ]
    assert bands_and_causes(config, "Z00002") == [
        ("acceptable", ""),
        ("acceptable", ""),
        ("good", "new_period"),
    ]


def test_a_threshold_that_was_changed_between_releases_is_the_cause(configure: Configure) -> None:
    """The practice did nothing; its old figures are judged anew."""
    config = configure()
    write_package(
        config.parent / "datapackages" / SECOND,
        metrics=edit({"metric_id": PROPORTION}, threshold_good="70"),
    )

    assert bands_and_causes(config, "Z00002") == [("good", "threshold"), ("good", "threshold"), ("good", "")]


def figure(code: str, period: str) -> dict[str, str]:
    return {"metric_id": PROPORTION, "organisation_code": code, "period": period}


def bands_and_causes(config: Path, code: str) -> list[tuple[str, str]]:
    table = prepared(config)[0].edition.book.publication.tables.results
    own = table[(table["metric_id"] == PROPORTION) & (table["organisation_code"] == code)]
    return list(zip(own["band"], own["change_cause"], strict=True))


def test_a_release_before_that_is_broken_is_refused_by_its_own_name(configure: Configure) -> None:
    config = configure()
    file = config.parent / "datapackages" / FIRST / "observations.csv"
    file.write_text(file.read_text().replace("Z00001", "Z99999", 1))

    with pytest.raises(FindingsError) as raised:
        prepared(config)

    assert {finding.file.split("/")[0] for finding in raised.value.findings} == {FIRST}


def test_a_country_figure_that_jumped_stops_the_build_with_8(configure: Configure, capsys: Captured) -> None:
    """Somebody has mixed up two columns, say."""
    config = configure(sanity={"country_figure": 2})

    assert main(["build", "--config", str(config)]) == ExitStatus.APPROVAL

    said = capsys.readouterr().err
    assert f"CHG_SURPRISE {SECOND}, {PROPORTION}: ZZ0: from 2025-q2 to 2025-q3 the figure moved from " in said
    assert "Nothing was published." in said
    assert not (config.parent / "site").exists()


def test_a_named_role_can_accept_what_moved(configure: Configure) -> None:
    metrics = [METRICS[0], METRICS[1]]
    accepted = [
        {"release": SECOND, "what": metric, "role": "head of analysis", "reason": "a campaign"}
        for metric in metrics
    ]

    release, told = prepared(configure(sanity={"country_figure": 2}, accepted=accepted))

    assert {note.code for note in release.notes} == {"CHG_ACCEPTED"}
    assert {note.column for note in release.notes} == set(metrics)
    assert any("Accepted by head of analysis: a campaign" in line for line in told)


def test_an_acceptance_that_nothing_needs_is_told(configure: Configure) -> None:
    accepted = [{"release": SECOND, "what": "rows", "role": "head of analysis", "reason": "a campaign"}]

    release, told = prepared(configure(accepted=accepted))

    assert [(note.code, note.column) for note in release.notes] == [("CHG_UNMET", "rows")]
    assert any("CHG_UNMET" in line for line in told)


def test_a_preview_tells_what_moved_and_goes_on(configure: Configure) -> None:
    """How should anybody look into it otherwise?"""
    release, told = prepared(configure(sanity={"country_figure": 2}), is_preview=True)

    assert any("CHG_SURPRISE" in line for line in told)
    assert release.descriptor.release == SECOND


def test_a_trace_follows_the_same_policy_and_releases_as_the_site(
    configure: Configure, capsys: Captured
) -> None:
    config = configure(disclosure=[{"people": "open"}, {"from": SECOND}])
    arguments = ["trace", "--config", str(config), "Z00001", PROPORTION, "2025-q1"]

    assert main([*arguments, "--release", FIRST]) == 0
    before = capsys.readouterr().out
    assert main(arguments) == 0
    after = capsys.readouterr().out

    assert "rounded to the nearest 5" not in before
    assert "rounded to the nearest 5" in after


@pytest.mark.parametrize("name", ["observations.csv", "figures.XLSX", "deep/below/results.parquet"])
def test_a_table_among_the_hand_written_pages_is_refused(
    configure: Configure, capsys: Captured, name: str
) -> None:
    config = configure()
    table = config.parent / "docs" / name
    table.parent.mkdir(parents=True, exist_ok=True)
    table.write_text("organisation_code,numerator\nZ00001,3\n")

    assert main(["build", "--config", str(config)]) == ExitStatus.DISCLOSURE

    assert f"PUB_RAW_INPUT: {name} is a table" in capsys.readouterr().err
    assert not (config.parent / "site").exists()


def test_an_input_file_under_another_name_is_refused(configure: Configure, capsys: Captured) -> None:
    """Of an earlier release too."""
    config = configure()
    raw = config.parent / "datapackages" / FIRST / "observations.csv"
    (config.parent / "docs" / "picture.png").write_bytes(raw.read_bytes())

    assert main(["build", "--config", str(config)]) == ExitStatus.DISCLOSURE

    assert "PUB_RAW_INPUT: picture.png of the site is one of the input files" in capsys.readouterr().err
    assert not (config.parent / "site").exists()


def test_settings_made_without_a_configuration_are_the_strictest(configure: Configure) -> None:
    """Whoever builds from Python and says nothing of protection gets all of it."""
    settings: BuildSettings = load_settings(configure())

    assert BuildSettings(
        *(getattr(settings, name) for name in list(BuildSettings.__dataclass_fields__)[:11])
    ).policies.in_force([SECOND]) == (DisclosurePolicy(),)


def test_an_attack_on_what_is_published_tells_how_much_was_hidden_and_nothing_else(
    configure: Configure, capsys: Captured
) -> None:
    config = configure(sanity={"rows": 0})
    secret = edit(figure("Z00001", "2025-q1"), numerator="3", denominator="8765")
    write_package(config.parent / "datapackages" / SECOND, observations=secret)

    status = main(["verify", "--config", str(config), "--attack", "--metric", PROPORTION])

    said = capsys.readouterr()
    assert status == 0, said
    assert f"Attacking {PROPORTION}, 1 of 1" in said.err
    assert "of 1 metric in 2 releases: 0 counts can be worked out." in said.out
    assert "0 hidden results" not in said.out
    assert "8765" not in said.out + said.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Run: candour verify --attack"),
        (["--attack", "--metric", "no-such-metric"], 'there are no figures of a metric "no-such-metric"'),
        (["2031-q1", "--attack"], 'there is no release "2031-q1"'),
    ],
)
def test_what_cannot_be_verified_ends_with_2(
    configure: Configure, capsys: Captured, arguments: list[str], said: str
) -> None:
    assert main(["verify", "--config", str(configure()), *arguments]) == ExitStatus.USAGE

    assert said in capsys.readouterr().err


@pytest.mark.parametrize("options", [{"disclosures": [{"people": "hide"}]}, {"sanity": {"row": 1}}], ids=str)
def test_an_option_that_there_is_not_is_refused(configure: Configure, options: dict[str, Any]) -> None:
    """Under a mistyped name a policy would be none, and a limit the usual one."""
    with pytest.raises(CandourError, match=r"Unrecognised configuration name: (disclosures|row)"):
        load_settings(configure(**options))


def test_the_page_about_the_configuration_has_every_option_and_its_default() -> None:
    page = (Path(__file__).parents[1] / "docs" / "reference" / "configuration.md").read_text(encoding="utf-8")

    assert [name for name, _ in Options()._schema if f"| `{name}` |" not in page] == []
    for record in (DisclosurePolicy(), MethodOptions(), SanityLimits()):
        for name, value in asdict(record).items():
            default = (
                f"{value:g}"
                if isinstance(value, float)
                else f"`{value}`"
                if isinstance(value, str)
                else value
            )
            assert f"| `{name}` | {default} |" in page, name
    assert [item.name for item in fields(Acceptance) if f"| `{item.name}` |" not in page] == []
