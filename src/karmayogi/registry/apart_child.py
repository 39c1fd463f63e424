"""The process that `apart` starts: sets its own limits, reads standard input with one function, prints JSON.

Started by its path with nothing of the project imported: ROOT MODULE FUNCTION MEMORY SECONDS ANSWER.
"""

import json
import resource
import sys
from importlib import import_module

FILES = 24
"""Files it may hold open: modules are read one at a time, and there is nothing else for it to open."""


def limit(*, memory: int, seconds: int) -> None:
    """Hard limits for this process: memory, processor time, no file written, no process started, no core left."""
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main(root: str, module: str, function: str, memory: str, seconds: str, answer: str) -> int:
    """0 if something is told; 1 where a limit or a fault of the reader ended it."""
    limit(memory=int(memory), seconds=int(seconds))
    sys.path.insert(0, root)
    content = sys.stdin.buffer.read()
    try:
        told = {"read": getattr(import_module(module), function)(content)}
    except ValueError as error:
        told = {"refused": str(error)}
    text = json.dumps(told)
    if len(text) > int(answer):
        return 1
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
