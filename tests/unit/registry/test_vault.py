"""Secrets are sealed by keys outside the database: for one purpose each, and rotated without losing any."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from karmayogi.registry import vault
from karmayogi.registry.vault import FileKeeper, KeeperUnreadable, SealBroken


@pytest.fixture
def keeper(tmp_path, settings):
    settings.CUSTODY_FILE = tmp_path / "custody.keys"
    return FileKeeper(settings.CUSTODY_FILE)


def test_what_is_sealed_is_opened_for_its_purpose_only(keeper):
    sealed = vault.seal(b"JBSWY3DP", purpose="second-factor")
    assert b"JBSWY3DP" not in sealed
    assert vault.open_sealed(sealed, purpose="second-factor") == b"JBSWY3DP"
    with pytest.raises(SealBroken):
        vault.open_sealed(sealed, purpose="signing")


def test_an_altered_secret_is_not_opened(keeper):
    sealed = bytearray(vault.seal(b"secret", purpose="signing"))
    sealed[-10] ^= 1
    with pytest.raises(SealBroken):
        vault.open_sealed(bytes(sealed), purpose="signing")


def test_after_a_rotation_old_secrets_open_and_new_ones_need_the_new_key(keeper):
    old = vault.seal(b"secret", purpose="signing")
    before = keeper.path.read_text()
    keeper.rotate()
    assert vault.open_sealed(old, purpose="signing") == b"secret"
    fresh = vault.reseal(old, purpose="signing")
    keeper.path.write_text(before)
    assert vault.open_sealed(old, purpose="signing") == b"secret"
    with pytest.raises(SealBroken):
        vault.open_sealed(fresh, purpose="signing")


def test_a_file_that_others_may_read_is_refused(keeper):
    vault.seal(b"secret", purpose="signing")
    keeper.path.chmod(0o644)
    with pytest.raises(KeeperUnreadable, match="chmod 600"):
        vault.seal(b"secret", purpose="signing")


@pytest.mark.parametrize("text", ["", "not base64!\n", "c2hvcnQ=\n"])
def test_a_damaged_file_is_refused_and_left_as_it_is(keeper, text):
    vault.seal(b"secret", purpose="signing")
    keeper.path.write_text(text)
    with pytest.raises(KeeperUnreadable, match="backup"):
        vault.seal(b"secret", purpose="signing")
    assert keeper.path.read_text() == text


def test_a_pseudonym_is_the_same_each_time_and_differs_by_purpose(keeper):
    first = vault.pseudonym(b"person", purpose="marking")
    assert first == vault.pseudonym(b"person", purpose="marking")
    assert first != vault.pseudonym(b"person", purpose="research")
    assert len(first) == 32


def test_processes_that_begin_at_once_go_on_with_one_key(keeper):
    with ThreadPoolExecutor(16) as threads:
        found = set(threads.map(lambda _: FileKeeper(keeper.path).keys("signing")[0], range(64)))
    assert len(found) == 1
    assert [p.name for p in keeper.path.parent.iterdir()] == [keeper.path.name]
