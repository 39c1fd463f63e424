"""Reports in plain words: blocks of text, tables and figures, written as Markdown and as one HTML page."""

from karmayogi.cli.score.report.blocks import Block, Figure, Heading, Note, Paragraph, Points, Report, Table
from karmayogi.cli.score.report.writing import write

__all__ = ["Block", "Figure", "Heading", "Note", "Paragraph", "Points", "Report", "Table", "write"]
