"""Karmayogi: from what a post needs to what an official can show, and on to the right posting."""

__version__ = "0.1.0"
