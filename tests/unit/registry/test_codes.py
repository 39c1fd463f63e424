"""Verify codes."""

import pytest

from karmayogi.registry import codes, ids, showing
from karmayogi.registry.acting import acting, as_worker
from karmayogi.registry.models import VerifyCode

pytestmark = pytest.mark.django_db


@pytest.fixture
def issued():
    thing = ids.new()
    with as_worker():
        return codes.new("statement", thing), thing


def test_the_same_object_keeps_its_code(issued):
    with as_worker():
        assert codes.new("statement", issued[1]) == issued[0]
        assert codes.new("statement", ids.new()) != issued[0]


def test_a_code_is_found_however_it_was_typed(issued):
    code, thing = issued
    shown = codes.shown(code)
    assert len(shown) == 14
    typed = f"  {shown.lower().replace('0', 'o').replace('1', 'l')} "
    with acting():
        assert codes.find(typed) == codes.Found(code, "statement", thing)
        assert codes.find(code.replace("1", "i").replace("0", "O")).object == thing


def test_every_single_mistake_and_every_swap_is_noticed(issued):
    code = issued[0]
    for i, right in enumerate(code):
        for wrong in codes.ALPHABET:
            if wrong != right:
                with pytest.raises(codes.MistypedCode):
                    codes.read(code[:i] + wrong + code[i + 1 :])
        for j in range(i):
            if code[j] != right:
                letters = list(code)
                letters[i], letters[j] = letters[j], letters[i]
                with pytest.raises(codes.MistypedCode):
                    codes.read("".join(letters))


def test_a_wellformed_code_that_was_never_issued_is_not_found():
    with acting():
        assert codes.find("000000000000") is None


def test_codes_cannot_be_listed_only_looked_up(issued):
    with acting():
        assert VerifyCode.objects.count() == 0
        with showing.code(issued[0]):
            assert VerifyCode.objects.count() == 1
        assert VerifyCode.objects.count() == 0
