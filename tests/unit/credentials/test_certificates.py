"""The certificate on paper."""

import shutil
import subprocess

import pytest

from karmayogi.credentials import awards
from karmayogi.credentials.certificates import address, certificate
from karmayogi.registry.acting import acting, as_worker

from .conftest import NOW

pytestmark = pytest.mark.django_db
BASE = "https://example.gov.in/verify"


@pytest.fixture
def card(service):
    with as_worker():
        service.test(service.anna)
        service.rate(service.anna)
        service.refresh(service.anna)
        awards.consider([service.anna], now=NOW)
        (card,) = awards.of(service.anna)
    return card


def text(pdf, tmp_path):
    path = tmp_path / "c.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


@pytest.mark.needs(shutil.which("pdftotext"), "poppler is not installed")
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Certificate of competency", "Tender evaluation", "Observation at work"]),
        ("hi", ["दक्षता प्रमाण पत्र", "निविदा मूल्यांकन", "सत्यापन कोड"]),
    ],
)
def test_it_says_who_what_and_how_to_check_in_the_language(card, service, tmp_path, language, words):
    with acting(actor=service.anna, on=NOW.date()):
        pdf = certificate(card, language=language, base=BASE)
        assert certificate(card, language=language, base=BASE) == pdf
    shown = text(pdf, tmp_path)
    for word in [*words, "Anna", card.document["code"]]:
        assert word in shown


def test_the_address_in_the_qr_code_is_the_page_that_checks_it(card):
    assert address(card.code, base=BASE + "/") == f"{BASE}/{card.document['code']}"
