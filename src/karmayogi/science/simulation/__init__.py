"""Examinees, raters, careers with known truth, for tests and benches: same seed, same data."""
