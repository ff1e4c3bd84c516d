"""Write the demonstration publication: `python -m tools.demonstration`."""

from __future__ import annotations

import argparse
from pathlib import Path

from tools.demonstration import write_publication


def main() -> None:
    """Write both releases and say where they are."""
    parser = argparse.ArgumentParser(description="Write the demonstration publication.")
    default = Path(__file__).resolve().parents[2] / "datapackages"
    parser.add_argument(
        "--to", type=Path, default=default, help="folder for the releases (default: datapackages/)"
    )
    for folder in write_publication(parser.parse_args().to):
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        print(f"{folder}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
