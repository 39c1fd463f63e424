"""Simulated people and answers, for tests, benches and plans; every generator takes a seed and returns arrays."""
