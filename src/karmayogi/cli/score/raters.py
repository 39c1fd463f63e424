"""`karmayogi score raters`: how severe raters are, where they can be compared, and how far they agree."""

import sys
from pathlib import Path

import click

from karmayogi.cli.score import running


@click.command("raters")
@click.argument("path", metavar="RATINGS", type=running.input_file)
@click.option("--ratee", metavar="COLUMN", help="Who or what was rated.")
@click.option("--rater", metavar="COLUMN", help="Who rated.")
@click.option("--criterion", metavar="COLUMN", help="What was rated; without one, all is one criterion.")
@click.option("--value", metavar="COLUMN", help="The mark, a number.")
@click.option("--out", type=running.output_file, metavar="FILE", help="Raters: .csv or .parquet.")
@click.option(
    "--ratees", type=running.output_file, metavar="FILE", help="Abilities of the rated: .csv or .parquet."
)
@click.option("--set", "held", type=running.output_file, metavar="SET.json", help="Write a calibration set.")
@click.option("--label", metavar="TEXT", help="What the set is for.")
@running.telling
def command(
    path: Path, ratee: str | None, rater: str | None, criterion: str | None, value: str | None, out: Path | None,
    ratees: Path | None, held: Path | None, label: str | None, report: Path | None, errors: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Put raters on one scale: severities with errors, and who can be compared at all.

    RATINGS has a row for each rating: ratee, rater, value, and perhaps a criterion. Only raters who share ratees,
    directly or through others, can be compared.
    """
    with running.refusals(), running.steps(["Reading", "Fitting", "Writing"]) as begin:
        from importlib.metadata import version

        from karmayogi.cli.score import outputs, rating_work
        from karmayogi.cli.score.ratings import read
        from karmayogi.science import calibration_sets

        found = read(path, {"ratee": ratee, "rater": rater, "criterion": criterion, "value": value})
        begin()
        words = label or f"Raters of {path.name}"
        made = rating_work.rate(found, label=words, program=f"karmayogi {version('karmayogi')}")
        begin()
        for target, columns in ((out, rating_work.columns_of), (ratees, rating_work.ratees_of)):
            if target is not None:
                outputs.write(columns(made), target)
        if held is not None:
            calibration_sets.write(made.set, held)
        if report is not None:
            from karmayogi.cli.score.rater_report import report as told
            from karmayogi.cli.score.report import write

            write(told(made), report)
    known = int(made.fit.identified.sum())
    lines = [
        f"{path.name}: {found.tally.rows:,} rows read, {found.tally.answers_used:,} ratings used, "
        f"{found.tally.rows_aside:,} set aside.",
        f"{known} of {len(found.raters)} raters can be compared with each other. Set hash {made.set.hash}.",
        *([f"Report: {report / 'report.html'}"] if report else []),
    ]
    facts = {
        **running.tally_facts(found.tally), "raters": len(found.raters), "identified": known,
        "converged": made.fit.converged, "set": made.set.hash,
    }  # fmt: skip
    running.tell(lines, facts, as_json=as_json)
    running.put_aside(found.problems, errors, quiet=as_json)
    if known and not made.fit.converged:
        click.echo("The search did not settle: do not use these severities.", err=True)
        sys.exit(1)
