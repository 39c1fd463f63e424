"""The demonstration: a public service in miniature, drawn from a seed and loaded through the rooms' own verbs."""
