"""One thing the doctor looked at."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `do`: what to do if it is not well."""

    name: str
    well: bool
    say: str
    do: str = ""
