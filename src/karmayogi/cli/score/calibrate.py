"""`karmayogi score calibrate`: item parameters out of answers, as a calibration set."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from karmayogi.cli.score import running

if TYPE_CHECKING:
    from karmayogi.cli.score.calibrating import Calibrated
    from karmayogi.cli.score.responses import Columns


@click.command("calibrate")
@click.argument("path", metavar="RESPONSES", type=running.input_file)
@click.option(
    "--out", type=running.output_file, required=True, metavar="SET.json", help="The calibration set."
)
@click.option(
    "--model", default="2PL", show_default=True, metavar="NAME|FILE",
    help="Rasch, 1PL, 2PL, 3PL, 4PL, GRM, GPCM or PCM; or a file with the columns item and model.",
)  # fmt: skip
@click.option("--groups", "group", metavar="COLUMN", help="Groups with a mean and spread of their own.")
@click.option("--reference", metavar="VALUE", help="The group with mean 0 and sd 1. Without it, the largest.")
@click.option(
    "--anchors", type=running.input_file, metavar="SET.json", help="Items in this set keep its parameters."
)
@click.option("--former", type=running.input_file, metavar="SET.json", help="The set that this one follows.")
@click.option(
    "--cuts", multiple=True, metavar="NAME=A,B,...", help="Cut scores to keep in the set, level 1 first."
)
@click.option("--label", metavar="TEXT", help="What the set is for.")
@click.option(
    "--priors", type=click.Choice(["weak", "none"]), default="weak", show_default=True,
    help="For models with guessing or slipping.",
)  # fmt: skip
@running.reading
@running.telling
def command(
    path: Path, out: Path, model: str, reference: str | None, anchors: Path | None, former: Path | None,
    cuts: tuple[str, ...], label: str | None, priors: str, columns: "Columns", report: Path | None,
    errors: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Calibrate items: how hard and how telling each one is.

    RESPONSES is CSV or Parquet: a row for each person and a column for each item, or a row for each answer with
    person, item and response. Rows that cannot be read are named and left out; everything else is used. Exit code 1
    if the search did not settle.
    """
    with running.refusals(), running.steps(["Reading", "Fitting", "Testing the fit", "Writing"]) as begin:
        from importlib.metadata import version

        from karmayogi.cli.score.calibrating import Wish, calibrate
        from karmayogi.cli.score.cuts import cuts_of
        from karmayogi.cli.score.responses import read
        from karmayogi.science import calibration_sets

        held = calibration_sets.read(anchors) if anchors else None
        before = calibration_sets.read(former) if former else None
        words = label or f"Items of {path.name}"
        wish = Wish(
            model, reference, held, before, words, cuts_of(cuts), priors, f"karmayogi {version('karmayogi')}"
        )
        made = calibrate(read(path, columns), wish, begin=begin)
        begin()
        calibration_sets.write(made.set, out)
        if report is not None:
            from karmayogi.cli.score.calibration_report import report as told
            from karmayogi.cli.score.report import write

            write(told(made), report)
    _tell(made, out, report, as_json=as_json)
    running.put_aside(made.found.problems, errors, quiet=as_json)
    if not made.fit.converged:
        click.echo("The search did not settle: do not use this set. The report says what to do.", err=True)
        sys.exit(1)


def _tell(made: "Calibrated", out: Path, report: Path | None, *, as_json: bool) -> None:
    fit, held = made.fit, made.set
    people = round(fit.people)
    lines = [
        running.tally_line(made.found.path.name, made.found.tally),
        f"Calibrated {len(made.items)} items from {people:,} people in {fit.iterations} steps; log-likelihood "
        f"{fit.log_likelihood:.3f}.",
        f"Set {held.number} is {out}, hash {held.hash}.",
        *([f"Report: {report / 'report.html'}"] if report else []),
    ]
    facts = {
        **running.tally_facts(made.found.tally),
        "items": len(made.items),
        "people": people,
        "log_likelihood": fit.log_likelihood,
        "converged": fit.converged,
        "set": held.hash,
        "number": held.number,
    }
    running.tell(lines, facts, as_json=as_json)
