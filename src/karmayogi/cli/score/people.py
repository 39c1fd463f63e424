"""`karmayogi score people`: abilities and levels out of answers, by a calibration set."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from karmayogi.cli.score import running

if TYPE_CHECKING:
    from karmayogi.cli.score.responses import Columns


@click.command("people")
@click.argument("path", metavar="RESPONSES", type=running.input_file)
@click.option(
    "--set", "held", type=running.input_file, required=True, metavar="SET.json", help="Calibration set."
)
@click.option(
    "--out", type=running.output_file, required=True, metavar="FILE", help="Results: .csv or .parquet."
)
@click.option(
    "--method", type=click.Choice(["eap", "map", "wle"]), default="eap", show_default=True,
    help="Posterior mean, posterior mode, or weighted likelihood (without prior).",
)  # fmt: skip
@click.option("--cuts", metavar="A,B,...|NAME", help="Cut scores from level 1 up, or a name in the set.")
@click.option("--sure", default=0.8, show_default=True, help="Chance from which a level counts as met.")
@click.option("--groups", "group", metavar="COLUMN", help="Each person's cohort in the set.")
@running.reading
@running.telling
def command(
    path: Path, held: Path, out: Path, method: str, cuts: str | None, sure: float, columns: "Columns",
    report: Path | None, errors: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Score people: an ability with its error, and what it says of each level.

    Levels are met, below, or unsure. Unsure is an honest answer: the answers do not yet decide.
    """
    if not 0.5 < sure < 1.0:
        raise click.BadParameter("must lie between 0.5 and 1", param_hint="--sure")
    with running.refusals(), running.steps(["Reading and scoring", "Writing"]) as begin:
        from karmayogi.cli.score import cuts as ladder
        from karmayogi.cli.score import outputs
        from karmayogi.cli.score.scoring import columns_of, score
        from karmayogi.science import calibration_sets

        known = calibration_sets.read(held)
        levels = ladder.chosen(known.cuts, cuts)
        made = score(path, columns, known, method=method.upper(), cuts=levels, sure=sure)
        begin()
        outputs.write(columns_of(made), out)
        if report is not None:
            from karmayogi.cli.score.people_report import report as told
            from karmayogi.cli.score.report import write

            write(told(made), report)
    people = len(made.found.persons)
    lines = [
        running.tally_line(path.name, made.found.tally),
        f"Scored {people:,} people with set {known.number}, hash {known.hash}.",
        f"Results: {out}",
        *([f"Report: {report / 'report.html'}"] if report else []),
    ]
    with np.errstate(invalid="ignore"):
        mean = float(np.nanmean(made.scores.theta)) if np.isfinite(made.scores.theta).any() else None
    facts = {**running.tally_facts(made.found.tally), "people": people, "mean": mean, "set": known.hash}
    running.tell(lines, facts, as_json=as_json)
    running.put_aside(made.found.problems, errors, quiet=as_json)
