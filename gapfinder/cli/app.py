"""The commands, put together. Further ones come from the entry points ``gapfinder.commands`` (``serve``)."""

from __future__ import annotations

from importlib.metadata import entry_points, version

import typer

from gapfinder.cli import commands

_HELP = """Finds what people search for and hardly any note answers.

\b
Start here:
  gapfinder demo                               the sample market, from files to a report
  gapfinder import notes.jsonl searches.csv    bring your own notes and query log
  gapfinder analyze
  gapfinder gaps --top 20
"""


def _version(shown: bool) -> None:
    if shown:
        typer.echo(f"gapfinder {version('gapfinder')}")
        raise typer.Exit


def _root(
    _: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version and stop."),
) -> None:
    """Options of the program itself."""


def build() -> typer.Typer:
    """The program with all its commands."""
    app = typer.Typer(
        name="gapfinder",
        help=_HELP,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )
    app.callback()(_root)
    for name, command in commands.COMMANDS.items():
        app.command(name)(command)
    for point in sorted(entry_points(group="gapfinder.commands"), key=lambda point: point.name):
        app.command(point.name)(point.load())
    return app
