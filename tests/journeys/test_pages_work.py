"""Every page of supervisors, managers, authorities and the Commission, in every language."""

import pytest
from eyes import Eyes
from grid import LANGUAGES, WORK, Page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("shown", WORK, ids=lambda page: page.label)
def test_page_is_accessible_fits_and_is_quiet(eyes: Eyes, shown: Page, language: str) -> None:
    assert eyes.look(shown, language) == []
