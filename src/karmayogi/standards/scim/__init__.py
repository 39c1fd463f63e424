"""SCIM 2.0 (RFC 7643, RFC 7644): what other systems say about people and bodies, and what we answer.

`resources`: the two kinds of resource with exactly the attributes that are kept. `reading`: tolerant of how clients
write. `filters`: a filter as a tree of tests that knows no database. `writing`: strict.
"""
