"""The planted-bug copy of the site: the same project, with two careless views added. For tests only."""

from karmayogi.settings import *  # noqa: F403

ROOT_URLCONF = "careless.urls"
