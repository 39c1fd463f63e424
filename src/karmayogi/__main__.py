"""`python -m karmayogi` is the command line."""

from karmayogi.cli import main

main()
