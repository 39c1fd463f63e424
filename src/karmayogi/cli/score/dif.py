"""`karmayogi score dif`: items that are harder for one group than for another of equal ability."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from karmayogi.cli.score import running

if TYPE_CHECKING:
    from karmayogi.cli.score.responses import Columns


@click.command("dif")
@click.argument("path", metavar="RESPONSES", type=running.input_file)
@click.option("--group", metavar="COLUMN", required=True, help="The column with the groups to compare.")
@click.option("--reference", metavar="VALUE", help="The group to compare with. Without it, the largest.")
@click.option("--out", type=running.output_file, metavar="FILE", help="Results: .csv or .parquet.")
@click.option("--significance", type=click.FloatRange(0, 1, True, True), default=0.05, show_default=True)
@click.option(
    "--purify/--no-purify", default=True, show_default=True, help="Match on items that do not differ."
)
@running.reading
@running.telling
def command(
    path: Path, reference: str | None, out: Path | None, significance: float, purify: bool, columns: "Columns",
    report: Path | None, errors: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Compare items between groups of equal ability (differing items).

    Classes: A negligible, B moderate, C large. An item of class C is for people who know the work to read; it is no
    proof that anybody is treated unfairly, and no group is to blame.
    """
    with running.refusals(), running.steps(["Reading", "Comparing", "Writing"]) as begin:
        from karmayogi.cli.score import outputs
        from karmayogi.cli.score.comparing import columns_of, compare
        from karmayogi.cli.score.responses import read

        found = read(path, columns)
        begin()
        made = compare(found, reference, significance=significance, purify=purify)
        begin()
        if out is not None:
            outputs.write(columns_of(made), out)
        if report is not None:
            from karmayogi.cli.score.dif_report import report as told
            from karmayogi.cli.score.report import write

            write(told(made), report)
    classes = {kind: int((made.uniform.effect == kind).sum()) for kind in "ABC"}
    lines = [
        running.tally_line(path.name, made.found.tally),
        f"Compared {len(made.found.items)} items with {made.reference} as reference: "
        + ", ".join(f"{number} of class {kind}" for kind, number in classes.items())
        + ".",
        *([f"Results: {out}"] if out else []),
        *([f"Report: {report / 'report.html'}"] if report else []),
    ]
    facts = {**running.tally_facts(made.found.tally), "items": len(made.found.items), "classes": classes}
    running.tell(lines, facts, as_json=as_json)
    running.put_aside(made.found.problems, errors, quiet=as_json)
