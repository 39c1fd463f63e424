"""Result tables as files: CSV or Parquet by the name's ending, through DuckDB."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from karmayogi.cli.score.tables import BYTES_OF, FileCannotBeUsed, quoted

DECIMALS = 6


def write(columns: Mapping[str, NDArray[np.generic]], path: Path) -> None:
    """Columns of equal length to a file; numbers to six decimals, NaN as an empty cell."""
    import duckdb

    if path.suffix.lower() not in {".csv", *BYTES_OF}:
        raise FileCannotBeUsed(f"{path.name}: results are written as .csv or .parquet. Choose another name.")
    held, chosen = {}, []
    for place, (name, values) in enumerate(columns.items()):
        kind = values.dtype.kind
        held[f"c{place}"] = _rounded(values, name) if kind == "f" else values
        cell = f"CASE WHEN isnan(c{place}) THEN NULL ELSE c{place} END" if kind == "f" else f"c{place}"
        chosen.append(f"{cell} AS {quoted(name)}")
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false; SET threads = 1")
    connection.register("held", held)
    how = "FORMAT parquet" if path.suffix.lower() in BYTES_OF else "FORMAT csv, HEADER true"
    target = str(path).replace("'", "''")
    connection.execute(f"COPY (SELECT {', '.join(chosen)} FROM held) TO '{target}' ({how})")  # noqa: S608


def _rounded(values: NDArray[np.generic], name: str) -> NDArray[np.float64]:
    """Six decimals; of chances of an error (p), six digits that count."""
    numbers = values.astype(np.float64)
    if name == "p" or name.startswith("p_"):
        return np.array([float(f"{value:.{DECIMALS}g}") for value in numbers])
    return np.round(numbers, DECIMALS) + 0.0


def texts(values: Iterable[object]) -> NDArray[np.object_]:
    """Words as a column."""
    return np.array([str(value) for value in values], dtype=np.object_)
