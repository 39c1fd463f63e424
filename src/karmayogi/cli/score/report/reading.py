"""What every report says of the file it read: what was used, what was set aside and why."""

from collections import Counter

from karmayogi.cli.score.report.blocks import Block, Heading, Paragraph, Points, Table, count
from karmayogi.cli.score.responses import Responses

SHOWN = 12


def reading(found: Responses) -> list[Block]:
    """A section on the file: counts that add up, and the first of what was set aside."""
    tally = found.tally
    rows = [
        ["Rows", f"{tally.rows:,}", f"{tally.rows_used:,}", f"{tally.rows_aside:,}"],
        ["Answers", f"{tally.answers:,}", f"{tally.answers_used:,}", f"{tally.answers_aside:,}"],
    ]
    blocks: list[Block] = [
        Heading("What was read"),
        Paragraph(
            f"{found.path.name} was read as a {found.layout} file. {tally.blanks:,} blank cells count as not asked, "
            f"never as wrong. SHA-256 of the file: {found.sha256}."
        ),
        Table("Rows and answers", ("Of what", "Read", "Used", "Set aside"), rows),
    ]
    if found.problems:
        kinds = Counter(problem.mend for problem in found.problems)
        said = [f"{mend} ({count(number, 'time')})" for mend, number in kinds.most_common(5)]
        blocks += [Paragraph("How to mend it:"), Points(said)]
        shown = [[str(p.row), p.column or "–", p.value or "–", p.what] for p in found.problems[:SHOWN]]
        more = len(found.problems) - len(shown)
        caption = "What was set aside" + (f" (the first {SHOWN}; {more:,} more)" if more > 0 else "")
        blocks.append(Table(caption, ("Row", "Column", "Value", "What is wrong"), shown))
    return blocks
