"""Recovery drills: each breaks something on purpose, in a throw-away cluster of its own, and counts what was lost."""
