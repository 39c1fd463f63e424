"""The settings of the system, with more patience for a sign-on whose provider shares a busy machine with it."""

from karmayogi.settings import *  # noqa: F403

SOCIALACCOUNT_REQUESTS_TIMEOUT = 120
