"""Readers that misbehave, for the tests of what holds them: each is run apart."""

import json
import os
import socket
import time


def honest(content):
    """The number of bytes."""
    return {"bytes": len(content)}


def refusing(content):
    """Refuses."""
    raise ValueError("It is too short.")


def memory(content):
    """Wants a gigabyte."""
    return len(bytearray(2**30))


def processor(content):
    """Never ends."""
    while True:
        pass


def sleep(content):
    """Waits without working."""
    time.sleep(300)


def talk(content):
    """Answers more than anybody asked for."""
    return "x" * 10**6


def write(content):
    """Leaves a file, as far as it gets."""
    with open(content.decode(), "w") as file:
        file.write("left behind")


def look_about(content):
    """What it finds of us: names in the environment, files that are open, where it stands."""
    return {"environment": sorted(os.environ), "open": len(os.listdir("/proc/self/fd")), "at": os.getcwd()}


def crash(content):
    """Breaks as a library of C breaks."""
    os.abort()


def fault(content):
    """A fault of the reader's own."""
    return json.loads("{}")["missing"]


def many_files(content):
    """Opens without end."""
    return len([socket.socket() for _ in range(200)])
