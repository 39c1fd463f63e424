"""Foreign bytes read apart: in a process of its own with little memory, little time, no files and none of our secrets.

The functions that read are codecs of `standards`: bytes in, something that JSON can say out, `ValueError` for what
they refuse. Whatever a parser does with bytes made to break it happens to a process that holds nothing and ends.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHILD = Path(__file__).with_name("apart_child.py")
SOURCE = Path(__file__).parents[2]


class Unread(Exception):
    """The bytes were not read: the reader refused them, or it met a limit. The message says which."""

    status = 400


@dataclass(frozen=True)
class Limits:
    """Of one reading: bytes of memory, seconds of processor time and of waiting, bytes of what it may answer."""

    memory: int = 256 * 2**20
    seconds: int = 2
    patience: float = 10.0
    answer: int = 64 * 1024


LIMITS = Limits()


def read(reader: str, content: bytes, *, limits: Limits = LIMITS, source: Path = SOURCE) -> Any:
    """What `reader` ("module:function") makes of the bytes in a process of its own. Raises `Unread`.

    The process gets no environment and no open files of ours. `source`: folder the module is imported from.
    """
    command = [
        *(sys.executable, "-I", str(CHILD), str(source), *reader.split(":")),
        *(str(limits.memory), str(limits.seconds), str(limits.answer)),
    ]
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=limits.patience, env={}, cwd="/", check=False
        )
    except subprocess.TimeoutExpired:
        raise Unread("The reader took too long.") from None
    if done.returncode or not done.stdout:
        raise Unread(f"The reader ended with {done.returncode} at one of its limits.")
    told = json.loads(done.stdout)
    if "refused" in told:
        raise Unread(told["refused"])
    return told["read"]
