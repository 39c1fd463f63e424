"""Files by content."""

import datetime as dt
import io

import pytest

from karmayogi.registry import files, ids
from karmayogi.registry.acting import acting, as_worker

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)
PDF = b"%PDF-1.7 a paper"


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        },
    }
    return tmp_path


class Endless(io.RawIOBase):
    """Announces nothing and never ends."""

    given = 0

    def read(self, size=-1):
        self.given += size
        return b"x" * size


def keep(content=PDF, **more):
    more = {"name": "order.pdf", "media_type": "application/pdf", "now": NOW, **more}
    return files.keep(io.BytesIO(content), **more)


def test_a_file_comes_back_as_it_was_and_its_bytes_are_stored_once(store):
    with as_worker():
        first = keep()
        again = keep()
        other = keep(name="copy.pdf")
        with files.open(first.id) as stream:
            assert stream.read() == PDF
    assert again == first
    assert other.id != first.id
    assert other.sha256 == first.sha256
    assert len([p for p in store.rglob("*") if p.is_file()]) == 1


def test_bytes_are_counted_as_they_come_whatever_was_announced(store):
    endless = Endless()
    with as_worker(), pytest.raises(files.FileTooLarge):
        files.keep(endless, name="x", media_type="text/csv", now=NOW, most_bytes=1_000_000)
    assert endless.given < 1_200_000
    assert not any(p.is_file() for p in store.rglob("*"))


def test_a_file_that_is_not_what_it_says_is_refused():
    with as_worker(), pytest.raises(files.NotWhatItSays):
        keep(b"<html>")


def test_only_the_owner_opens_a_file_and_a_path_in_its_name_is_dropped():
    owner, other = ids.new(), ids.new()
    with acting(actor=owner):
        mine = keep(owner=owner, name="../../etc/passwd")
        assert mine.name == "passwd"
        files.open(mine.id).close()
    with acting(actor=other), pytest.raises(files.NoSuchFile):
        files.open(mine.id)
