"""The settings, with addresses where some operations are wrong."""

from karmayogi.settings import *  # noqa: F403

ROOT_URLCONF = "planted_urls"
