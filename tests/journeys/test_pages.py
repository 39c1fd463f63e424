"""Every page for those signed out and for officials, in every language."""

import pytest
from eyes import Eyes
from grid import ANYONE, LANGUAGES, OFFICIAL, Page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("shown", ANYONE + OFFICIAL, ids=lambda page: page.label)
def test_page_is_accessible_fits_and_is_quiet(eyes: Eyes, shown: Page, language: str) -> None:
    assert eyes.look(shown, language) == []
