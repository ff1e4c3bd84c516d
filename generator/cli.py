"""The command line, `candour`: it reads arguments, calls the story, prints, and ends with an exit status."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from types import FrameType

from generator import __version__, pipeline
from generator.errors import (
    CandourError,
    ExitStatus,
    FindingsError,
    Severity,
    exit_status_of,
    findings_as_json,
    format_findings,
    stack_of,
)

CONFIGURATION = Path("mkdocs.yml")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: see `candour --help`."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return ExitStatus.USAGE
    signal.signal(signal.SIGTERM, _stop)
    # Material prints a notice about its own future at each build; it is no news to who publishes.
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    status = _run(options)
    if status != ExitStatus.FINE:
        print("Nothing was published.", file=sys.stderr)
        print("The site that was there is unchanged.", file=sys.stderr)
    return status


def _run(options: argparse.Namespace) -> int:
    """Run the command, print what went wrong, and return the exit status."""
    command: Callable[[argparse.Namespace], int] = options.run
    try:
        return command(options)
    except FindingsError as error:
        print(format_findings(error.findings, show_values=_may_show_values(options)), file=sys.stderr)
        return error.status
    except CandourError as error:
        print(f"{error.code}: {error.message}", file=sys.stderr)
        if error.advice:
            print(f"       {error.advice}", file=sys.stderr)
        return error.status
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return ExitStatus.INTERRUPTED
    except SystemExit as stopped:
        if stopped.code != ExitStatus.TERMINATED:
            raise
        print("Stopped.", file=sys.stderr)
        return ExitStatus.TERMINATED
    except BrokenPipeError:
        # Whoever read our output has gone; there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitStatus.FINE
    except Exception as error:  # the last resort: our own bug, said as such
        if sys.stderr.isatty():
            traceback.print_exc()
        else:
            # A log may be public, and the message of an error may hold a figure of patients.
            print(stack_of(error), file=sys.stderr)
        print(
            "BUG: this is a fault of Candour, not of your data. Please report it with the lines above.",
            file=sys.stderr,
        )
        return ExitStatus.OUR_BUG


def _stop(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise SystemExit(ExitStatus.TERMINATED)


def _may_show_values(options: argparse.Namespace) -> bool:
    return bool(getattr(options, "show_values", False)) and sys.stdout.isatty()


def _import(options: argparse.Namespace) -> int:
    from generator.importers import list_sources

    if options.list:
        for source in list_sources():
            print(f"{source.name}: {source.title}")
            print(f"    {source.files}")
            print(f"    Published by {source.publisher}; {source.licence}")
        return ExitStatus.FINE
    if options.source is None or not options.files or options.to is None:
        raise CandourError(
            "USAGE",
            "import needs a source, files and --to DIR",
            "See candour import --help, and candour import --list.",
        )
    report = pipeline.import_package(options.source, options.files, options.to)
    for line in report.lines():
        print(line)
    return ExitStatus.FINE


def _check(options: argparse.Namespace) -> int:
    findings = pipeline.check(options.paths, workers=_workers(options.workers))
    show_values = _may_show_values(options)
    if options.format == "json":
        print(findings_as_json(findings, show_values=show_values))
        return exit_status_of(findings)
    if findings:
        print(format_findings(findings, show_values=show_values))
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    print(f"{_counted(errors, 'error')}, {_counted(len(findings) - errors, 'note')}.")
    return exit_status_of(findings)


def _build(options: argparse.Namespace) -> int:
    from generator import plugin

    site = plugin.build_site(
        options.config,
        site_dir=options.site_dir,
        release=options.release,
        workers=options.workers,
        audience=options.audience,
        progress=_progress,
    )
    print(f"The site is in {site}. Look at it with: candour serve, or any server of static files.")
    return ExitStatus.FINE


def _serve(options: argparse.Namespace) -> int:
    from generator import plugin

    plugin.serve_site(options.config, address=options.address, progress=_progress)
    return ExitStatus.FINE


def _trace(options: argparse.Namespace) -> int:
    from generator import plugin

    settings = plugin.load_settings(options.config, release=options.release)
    found = pipeline.trace(settings, options.code, options.metric, options.period or "", options.breakdown)
    if options.format == "json":
        print(json.dumps(asdict(found), indent=1, ensure_ascii=False))
        return ExitStatus.FINE
    print(f"{found.organisation_code} {found.metric_id} {found.period}, release {found.release}")
    if found.is_hidden:
        print("This figure is hidden to protect patients. Its place is told, its value never.")
    print(found.formula)
    counted = sum(row.counted for row in found.rows)
    if found.is_total:
        print(
            f"A total over {counted:,} rows; {len(found.rows) - counted:,} more say why they have no figure."
        )
    shown = found.rows if options.all else found.rows[:20]
    for row in shown:
        cells = ", ".join(f"{column} {cell}" for column, cell in row.cells)
        reason = f" ({row.absence})" if row.absence else ""
        place = f"row {row.row}" if row.row else "no row: what its absence means is in the descriptor"
        print(f"  {row.file}, {place}: {row.organisation_code}{reason} {cells}".rstrip())
    if len(shown) < len(found.rows):
        print(f"  … and {len(found.rows) - len(shown):,} more: --all lists them.")
    for path, digest in found.digests:
        print(f"sha256 {digest}  {path}")
    return ExitStatus.FINE


def _verify(options: argparse.Namespace) -> int:
    if not options.attack:
        raise CandourError(
            "USAGE",
            "there are no hashes to verify before releases are archived: for now verify can only attack",
            "Run: candour verify --attack",
        )
    from generator import plugin

    settings = plugin.load_settings(options.config, release=options.release, workers=options.workers)
    found = pipeline.attack(settings, _progress, metric_id=options.metric or "")
    if found.findings:
        print(format_findings(found.findings))
    attacked = f"{_counted(found.metrics, 'metric')} in {_counted(found.releases, 'release')}"
    recovered = _counted(len(found.findings), "count")
    print(f"{_counted(found.hidden, 'hidden result')} of {attacked}: {recovered} can be worked out.")
    return exit_status_of(found.findings)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _workers(wanted: int | None) -> int:
    from generator.workers import available_workers

    return wanted or available_workers()


def _progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="candour",
        description="Turn validated data packages of quality results into a public website.",
        epilog="Exit status: 0 fine, 2 usage or configuration, 3 input, 4 disclosure, 5 rendering, "
        "6 publishing, 7 integrity, 8 approval or embargo, "
        "75 try again, 130 and 143 stopped, 70 our own bug.",
    )
    parser.add_argument("--version", action="version", version=f"candour {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")

    check = commands.add_parser(
        "check",
        help="validate data packages",
        description="Check data packages, releases, or a folder of releases. Every finding names file, row, "
        "column, what was found and how to mend it. The first 20 of a code are printed, all are counted.",
        epilog="Example: candour check datapackages/2026-q2",
    )
    check.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="a package's, release's or parent folder"
    )
    check.add_argument("--format", choices=("text", "json"), default="text", help="json holds every finding")
    check.add_argument(
        "--show-values",
        action="store_true",
        help="print cells of metrics about people too (on a terminal only: logs are public)",
    )
    _add_workers(check)
    check.set_defaults(run=_check)

    build = commands.add_parser(
        "build",
        help="check, calculate and build the site",
        description="Build the site: the same as `mkdocs build`, with progress. The finished site takes "
        "the old one's place in one step; if anything fails, the old one stays.",
        epilog="Example: candour build --site-dir site",
    )
    build.add_argument("--release", metavar="R", help="the release to build (default: the newest)")
    build.add_argument(
        "--site-dir", type=Path, metavar="D", help="where the site goes (default: as configured)"
    )
    build.add_argument(
        "--audience",
        choices=("public", "board", "organisation"),
        help="who it is for (default: as configured)",
    )
    _add_workers(build)
    _add_configuration(build)
    build.set_defaults(run=_build)

    serve = commands.add_parser(
        "serve",
        help="preview the site with reload",
        description="Serve the site on this machine and build it again when data, templates or texts change.",
        epilog="Example: candour serve --address 127.0.0.1:8080",
    )
    serve.add_argument(
        "--address",
        type=_host_and_port,
        default="127.0.0.1:8000",
        metavar="HOST:PORT",
        help="default: 127.0.0.1:8000",
    )
    _add_configuration(serve)
    serve.set_defaults(run=_serve)

    importing = commands.add_parser(
        "import",
        help="turn a published source into a data package",
        description="Turn a source's own files into a data package. The publisher's values are kept; what is "
        "missing becomes an absence with its reason; the report's counts add up to the rows read.",
        epilog="Example: candour import qof PREVALENCE_2021.csv MAPPING_NHS_GEOGRAPHIES_2021.csv "
        "--to datapackages/2020-21",
    )
    importing.add_argument("source", nargs="?", metavar="SOURCE", help="see --list")
    importing.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="the source's files, .csv or .csv.gz"
    )
    importing.add_argument(
        "--to", type=Path, metavar="DIR", help="the package's folder; an existing one is added to"
    )
    importing.add_argument("--list", action="store_true", help="list the sources")
    importing.set_defaults(run=_import)

    trace = commands.add_parser(
        "trace",
        help="from a printed number back to file, row and column",
        description="Name the file, rows and columns that a printed number was made from: for a total all "
        "its rows and their count, for a hidden number the place, never the value.",
        epilog="Example: candour trace ZD0001 phone-ease 2026-q2",
    )
    trace.add_argument("code", metavar="CODE", help="code of the practice, provider, area or country")
    trace.add_argument("metric", metavar="METRIC", help="identifier of the metric, as in its web address")
    trace.add_argument("period", nargs="?", metavar="PERIOD", help="default: the metric's latest")
    trace.add_argument(
        "breakdown", nargs="?", default="all", metavar="BREAKDOWN", help="default: all patients"
    )
    trace.add_argument("--release", metavar="R", help="default: the newest")
    trace.add_argument("--all", action="store_true", help="list every row of a total")
    trace.add_argument("--format", choices=("text", "json"), default="text")
    _add_configuration(trace)
    trace.set_defaults(run=_trace)

    verify = commands.add_parser(
        "verify",
        help="attack what is published: can anything hidden be worked out?",
        description="With --attack: protect and calculate a release and all before it, as a build does, and "
        "then try like the best informed reader to work out each hidden count: from totals, overlapping "
        "areas, groups of patients, and differences between releases. Findings name metric, place and "
        "period, never a value. It takes minutes to hours; --metric keeps it short. Hashes of published "
        "releases are to be verified here too, once releases are archived.",
        epilog="Example: candour verify 2026-q2 --attack --metric diabetes-checks",
    )
    verify.add_argument(
        "release", nargs="?", metavar="R", help="default: the newest; those before it count too"
    )
    verify.add_argument("--attack", action="store_true", help="try to work out what is hidden")
    verify.add_argument("--metric", metavar="METRIC", help="only this metric (default: all)")
    _add_workers(verify)
    _add_configuration(verify)
    verify.set_defaults(run=_verify)
    return parser


def _host_and_port(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return text


def _add_workers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--workers",
        type=_number_of_workers,
        metavar="N",
        help="processes that share the work (default: all; same result with any)",
    )


def _number_of_workers(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f'"{text}" is no number of processes')
    return int(text)


def _add_configuration(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-f", "--config", type=Path, default=CONFIGURATION, metavar="FILE", help="default: mkdocs.yml"
    )


if __name__ == "__main__":
    sys.exit(main())
