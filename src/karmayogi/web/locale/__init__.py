"""The words of the interface: one gettext catalogue per language, and how they are collected."""
