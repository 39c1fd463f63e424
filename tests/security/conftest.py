"""The log of refusals is quiet here: these tests are refused thousands of times."""

import logging

import pytest


@pytest.fixture(autouse=True)
def _quiet():
    logger = logging.getLogger("django.request")
    before = logger.level
    logger.setLevel(logging.ERROR)
    yield
    logger.setLevel(before)
