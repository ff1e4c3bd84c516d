from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from generator.errors import CandourError, ExitStatus
from generator.publishing import refuse_inputs


@pytest.fixture
def given(tmp_path: Path) -> dict[Path, str]:
    """Return one input file with its digest."""
    file = tmp_path / "observations.csv"
    file.write_text("organisation_code,numerator\nZ1,3\n")
    return {file: hashlib.sha256(file.read_bytes()).hexdigest()}


def test_a_site_that_offers_an_input_file_is_refused_whatever_the_name(
    tmp_path: Path, given: dict[Path, str]
) -> None:
    (file,) = given
    offered = tmp_path / "site" / "assets" / "picture.png"
    offered.parent.mkdir(parents=True)
    offered.write_bytes(file.read_bytes())

    with pytest.raises(CandourError, match=r"assets/picture\.png") as raised:
        refuse_inputs(tmp_path / "site", given)

    assert (raised.value.code, raised.value.status) == ("PUB_RAW_INPUT", ExitStatus.DISCLOSURE)
    assert "Z1" not in str(raised.value)


def test_a_site_of_other_files_is_not_refused(tmp_path: Path, given: dict[Path, str]) -> None:
    """Among them one of the same size."""
    (file,) = given
    site = tmp_path / "site"
    site.mkdir()
    (site / "same-size.csv").write_bytes(file.read_bytes().replace(b"3", b"5"))
    (site / "index.html").write_text("<p>Hello</p>")

    refuse_inputs(site, given)
