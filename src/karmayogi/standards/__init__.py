"""Pure codecs: bytes and text in, frozen values out.

No Django, no database, no clock, no random state of their own.
"""
