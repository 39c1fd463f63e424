"""The science bench: every figure of the levels an official is shown, against references and other packages.

Usage: python bench/science.py [PART ...]; without a name, all parts: the modules of bench/scientific. Each prints what
it measured; the last line is JSON with every figure, its target and whether it holds. Times are processor seconds,
compared with another package on the same data in the same run.
"""

import importlib
import json
import pkgutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import scientific


def main(wanted: list[str]) -> None:
    """Runs the parts asked for, in the order of their names, and prints the line of figures."""
    parts = sorted(module.name for module in pkgutil.iter_modules(scientific.__path__))
    if unknown := set(wanted) - set(parts):
        sys.exit(f"No part named {', '.join(sorted(unknown))}. There are: {', '.join(parts)}.")
    figures = []
    for part in wanted or parts:
        print(f"== {part}", flush=True)
        figures += importlib.import_module(f"scientific.{part}").figures()
    print(json.dumps({"bench": "science", "figures": [figure.line() for figure in figures]}))


if __name__ == "__main__":
    main(sys.argv[1:])
