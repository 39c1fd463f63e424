"""Doors for machines: a bearer token instead of a session, no cookie, no form; answers in the standard's own words."""
