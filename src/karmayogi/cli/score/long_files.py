"""Long files: a row an answer, with person, item and response."""

import numpy as np
from numpy.typing import NDArray

from karmayogi.cli.score.responses import Columns, Responses, Tally, cell, code_of, named_column, no_code
from karmayogi.cli.score.tables import FileCannotBeUsed, Table, quoted
from karmayogi.standards.tables import Problem


def read_long(table: Table, columns: Columns) -> Responses:
    """The answers of a long file; people and items in the order in which they first appear."""
    person, item, response = (
        _needed(table, part, given)
        for part, given in (
            ("person", columns.person),
            ("item", columns.item),
            ("response", columns.response),
        )
    )
    if columns.count is not None:
        raise FileCannotBeUsed("--count is for wide files. Leave it out, or write one row for each answer.")
    group = None if columns.group is None else table.need(columns.group, what="the group")
    _prepare(table, person, item, response, group, (columns.lowest or 0))
    persons, items = _names(table, "who"), _names(table, "what")
    found = table.fetch(
        "SELECT who.code AS p, what.code AS i, good.code AS c, groups.g AS g FROM good "
        "JOIN names_who AS who ON who.name = good.who JOIN names_what AS what ON what.name = good.what "
        "LEFT JOIN groups ON groups.who = good.who ORDER BY good.row"
    )
    problems = [*table.refused, *_problems(table, person, item, response, group, (columns.lowest or 0))]
    rows, good = table.rows + len(table.refused), len(found["c"])
    blank = _count(table, "SELECT count(*) FROM cells WHERE t IS NULL AND who <> '' AND what <> ''")
    return Responses(
        table.path,
        table.sha256,
        "long",
        persons,
        items,
        np.asarray(found["p"], dtype=np.int32),
        np.asarray(found["i"], dtype=np.int32),
        np.asarray(found["c"], dtype=np.int8),
        None if group is None else _groups(table),
        None,
        Tally(rows, rows - good - blank, rows - blank, rows - blank - good, blank),
        (columns.lowest or 0),
        tuple(sorted(problems, key=lambda p: (p.row, p.column))),
    )


def _needed(table: Table, part: str, given: str | None) -> str:
    name = named_column(table, part, given)
    if name is None:
        raise FileCannotBeUsed(
            f"{table.path.name} has no column for the {part}. Name it with --{part}, or give --layout wide."
        )
    return name


def _prepare(table: Table, person: str, item: str, response: str, group: str | None, lowest: int) -> None:
    """Tables `cells` (every row), `good` (rows used), `names_who`, `names_what` and `groups`."""
    of_group = "NULL" if group is None else f"trim({quoted(group)})"
    table.connection.execute(
        f"CREATE TABLE cells AS SELECT \"#\" AS row, coalesce(trim({quoted(person)}), '') AS who, "  # noqa: S608
        f"coalesce(trim({quoted(item)}), '') AS what, {cell(response)} AS t, "
        f"{code_of(f'({cell(response)})', lowest)} AS code, coalesce({of_group}, '') AS g FROM raw"
    )
    named = "code IS NOT NULL AND who <> '' AND what <> ''"
    named += "" if group is None else " AND g <> ''"
    table.connection.execute(
        f"CREATE TABLE good AS SELECT * FROM cells WHERE {named} "  # noqa: S608
        "QUALIFY row_number() OVER (PARTITION BY who, what ORDER BY row) = 1"
    )
    for part in ("who", "what"):
        table.connection.execute(
            f"CREATE TABLE names_{part} AS SELECT {part} AS name, row_number() OVER (ORDER BY min(row)) - 1 AS code "  # noqa: S608
            f"FROM good GROUP BY {part}"
        )
    table.connection.execute("CREATE TABLE groups AS SELECT who, arg_min(g, row) AS g FROM good GROUP BY who")


def _names(table: Table, part: str) -> tuple[str, ...]:
    found = table.fetch(f"SELECT name FROM names_{part} ORDER BY code")  # noqa: S608
    return tuple(str(name) for name in found["name"])


def _groups(table: Table) -> tuple[str, ...]:
    found = table.fetch(
        "SELECT g FROM groups JOIN names_who ON names_who.name = groups.who ORDER BY names_who.code"
    )
    return tuple(str(name) for name in found["g"])


def _count(table: Table, query: str) -> int:
    row = table.connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _problems(
    table: Table, person: str, item: str, response: str, group: str | None, lowest: int
) -> list[Problem]:
    """Every row that was not used, with its reason; and people named with two groups."""
    found = table.fetch(
        "SELECT row, who, what, coalesce(t, '') AS t, code IS NULL AS wrong, g FROM cells "
        "WHERE row NOT IN (SELECT row FROM good) AND NOT (t IS NULL AND who <> '' AND what <> '') ORDER BY row"
    )
    lines = table.lines(found["row"])
    problems = []
    for place, line in enumerate(lines):
        who, what, text = (str(found[name][place]) for name in ("who", "what", "t"))
        if not who or not what:
            column = item if who else person
            problems.append(
                Problem(line, column, "", f"The row names no {'item' if who else 'person'}", "Name it.")
            )
        elif found["wrong"][place]:
            problems.append(no_code(line, response, text, lowest))
        elif group is not None and not str(found["g"][place]):
            problems.append(Problem(line, group, "", "The row names no group", "Name the group."))
        else:
            said = f"{who[:20]} has an answer to {what[:20]} already"
            problems.append(Problem(line, response, text[:60], said, "Keep one of the two rows."))
    return problems + _two_groups(table, group)


def _two_groups(table: Table, group: str | None) -> list[Problem]:
    if group is None:
        return []
    found = table.fetch(
        "SELECT good.row AS row, good.g AS g FROM good JOIN groups ON groups.who = good.who WHERE good.g <> groups.g "
        "ORDER BY row"
    )
    said, mend = (
        "Accepted, but: the person was in another group above, which holds",
        "Name one group for a person.",
    )
    lines = table.lines(np.asarray(found["row"]))
    return [
        Problem(line, group, str(value)[:60], said, mend)
        for line, value in zip(lines, _plain(found["g"]), strict=True)
    ]


def _plain(values: NDArray[np.generic]) -> list[str]:
    return [str(value) for value in values]
