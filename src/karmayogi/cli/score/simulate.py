"""`karmayogi score simulate`: what an adaptive policy does, before anybody sits it."""

from pathlib import Path

import click

from karmayogi.cli.score import running


@click.command("simulate")
@click.argument("held", metavar="SET.json", type=running.input_file)
@click.option(
    "--policy", type=running.input_file, metavar="POLICY.json", help="Fields of a policy; options go first."
)
@click.option("--people", type=click.IntRange(1, 10_000_000), default=1000, show_default=True)
@click.option(
    "--seed", type=click.IntRange(0, 2**64 - 1), default=1, show_default=True, help="Same seed, same bytes."
)
@click.option(
    "--areas", type=running.input_file, metavar="FILE", help="CSV: item, one column an attribute, enemies."
)
@click.option("--shortest", type=click.IntRange(1), help="Fewest items of a sitting.")
@click.option("--longest", type=click.IntRange(1), help="Most items of a sitting.")
@click.option("--precision", type=float, help="Stop at this standard error (logits).")
@click.option("--cuts", metavar="A,B,...|NAME", help="Stop once every cut is decided.")
@click.option("--cap", type=float, help="Largest share of sittings that may show an item.")
@click.option("--top", type=click.IntRange(1), help="Draw among so many best items.")
@click.option("--rule", type=click.Choice(["fisher", "posterior", "kullback-leibler", "random"]))
@click.option("--mean", type=float, help="Mean ability. Without it, the set's cohort.")
@click.option(
    "--sd", type=click.FloatRange(0, min_open=True), help="Sd of abilities. Without it, the set's cohort."
)
@click.option("--out", type=running.output_file, metavar="FILE", help="Every sitting: .csv or .parquet.")
@running.telling
def command(
    held: Path, policy: Path | None, people: int, seed: int, areas: Path | None, shortest: int | None,
    longest: int | None, precision: float | None, cuts: str | None, cap: float | None, top: int | None,
    rule: str | None, mean: float | None, sd: float | None, out: Path | None, report: Path | None,
    errors: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Simulate an adaptive test on the items of a set: lengths, errors, and how often each item is shown."""
    with running.refusals(), running.steps(["Reading", "Simulating", "Writing"]) as begin:
        from karmayogi.cli.score import cuts as ladder
        from karmayogi.cli.score import outputs, policies, simulating
        from karmayogi.science import calibration_sets

        known = calibration_sets.read(held)
        said = {
            "shortest": shortest, "longest": longest, "precision": precision, "cap": cap, "top": top, "rule": rule,
            "cuts": ladder.chosen(known.cuts, cuts) if cuts is not None else None,
        }  # fmt: skip
        chosen = policies.policy_of(policy, said)
        pool, left_out = policies.pool_of(known, areas)
        begin()
        made = simulating.simulate(known, pool, chosen, left_out, people=people, seed=seed, mean=mean, sd=sd)
        begin()
        if out is not None:
            outputs.write(simulating.columns_of(made), out)
        if report is not None:
            from karmayogi.cli.score.report import write
            from karmayogi.cli.score.simulation_report import report as told

            write(told(made), report)
    found = made.found
    lines = [
        f"Simulated {people:,} sittings on {len(pool)} items of set {known.number}, hash {known.hash}.",
        f"Mean length {found.lengths.mean():.2f}, RMSE {found.rmse:.3f}, bias {found.bias:+.3f}, largest exposure "
        f"{found.shares.max():.3f}.",
        *([f"Results: {out}"] if out else []),
        *([f"Report: {report / 'report.html'}"] if report else []),
    ]
    facts = {
        "people": people, "items": len(pool), "mean_length": float(found.lengths.mean()), "rmse": found.rmse,
        "bias": found.bias, "largest_exposure": float(found.shares.max()), "set": known.hash, "policy": chosen.hash,
        "seed": seed,
    }  # fmt: skip
    running.tell(lines, facts, as_json=as_json)
    running.put_aside(simulating.problems(made), errors, quiet=as_json)
