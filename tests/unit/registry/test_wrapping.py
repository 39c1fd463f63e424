"""Root keys wrapped by a file, a hardware module or a key service: the same promises, whoever wraps them."""

import base64
import os
from dataclasses import replace
from itertools import pairwise

import pytest

from karmayogi.registry import vault, wrapping, wrapping_module, wrapping_service
from karmayogi.registry.vault import FileKeeper
from karmayogi.registry.wrapping import Custody, CustodyAway, CustodyNotSet

from .custodies import MODULE_HERE, KeyService, Token, private

MODULE = pytest.mark.needs(MODULE_HERE, "softhsm2 or python-pkcs11 is not installed")
EACH = pytest.mark.parametrize("kind", ["file", pytest.param("pkcs11", marks=MODULE), "kms"])
WRAPPED = pytest.mark.parametrize("kind", [pytest.param("pkcs11", marks=MODULE), "kms"])


@pytest.fixture(scope="module")
def token(tmp_path_factory):
    """A software token with a wrapping key."""
    made = Token(tmp_path_factory.mktemp("token"))
    assert made.custody().wrapping().make()
    return made


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """A key service that runs."""
    made = KeyService(tmp_path_factory.mktemp("service"))
    yield made
    made.stop()


@pytest.fixture
def custody(kind, request):
    """The custody of the kind that is asked for."""
    if kind == "file":
        return Custody()
    return request.getfixturevalue({"pkcs11": "token", "kms": "service"}[kind]).custody()


@pytest.fixture
def use(settings, tmp_path):
    """Puts a custody in force for the vault of this test; the keeper."""
    settings.CUSTODY_FILE = tmp_path / "custody.keys"

    def put(custody):
        settings.CUSTODY = custody
        vault._keeper.cache_clear()
        return vault.keeper()

    yield put
    vault._keeper.cache_clear()


def opened(sealed):
    """What a process that begins now opens."""
    vault._keeper.cache_clear()
    return vault.open_sealed(sealed, purpose="signing")


@EACH
def test_what_is_sealed_is_opened_after_a_restart(use, custody):
    use(custody)
    assert opened(vault.seal(b"secret", purpose="signing")) == b"secret"


@EACH
def test_a_rotation_keeps_what_was_sealed_and_the_old_root_goes_when_told(use, custody):
    keeper = use(custody)
    old = vault.seal(b"secret", purpose="signing")
    keeper.rotate()
    assert opened(old) == b"secret"
    assert len(set(keeper.marks())) == 2
    fresh = vault.reseal(old, purpose="signing")
    assert keeper.drop_old() == 1
    assert opened(fresh) == b"secret"
    with pytest.raises(vault.SealBroken):
        opened(old)


@WRAPPED
def test_the_file_holds_no_root_key(use, custody, tmp_path):
    keeper = use(custody)
    roots = keeper._roots()
    text = (tmp_path / "custody.keys").read_text()
    assert keeper.wrapped_by() == [custody.kind]
    assert base64.b64encode(roots[0]).decode() not in text
    assert roots[0] not in base64.b64decode(text.rpartition(":")[2])


def test_the_file_as_custody_holds_it_which_is_why_there_are_others(use, tmp_path):
    """Planted bug for the test above."""
    keeper = use(Custody())
    assert base64.b64encode(keeper._roots()[0]).decode() in (tmp_path / "custody.keys").read_text()


@WRAPPED
def test_an_altered_line_is_refused(use, custody, tmp_path):
    use(custody).keys("signing")
    kind, _, told = (tmp_path / "custody.keys").read_text().strip().partition(":")
    wrapped = bytearray(base64.b64decode(told))
    wrapped[-3] ^= 1
    (tmp_path / "custody.keys").write_text(f"{kind}:{base64.b64encode(wrapped).decode()}\n")
    with pytest.raises((CustodyAway, vault.KeeperUnreadable)):
        opened(b"")


@WRAPPED
def test_what_another_key_wrapped_is_refused(custody, request):
    wrapped = custody.wrapping().wrap(b"r" * 32)
    if custody.kind == "pkcs11":
        other = request.getfixturevalue("token").custody(key="another key").wrapping()
        other.make()
    else:
        other = request.getfixturevalue("service").custody(key="another").wrapping()
    with pytest.raises(CustodyAway):
        other.unwrap(wrapped)


@WRAPPED
def test_what_was_wrapped_for_another_use_is_no_root_key(custody, monkeypatch):
    monkeypatch.setattr(wrapping_module, "CONTEXT", b"payroll")
    monkeypatch.setattr(wrapping_service, "CONTEXT", b"payroll")
    theirs = custody.wrapping().wrap(b"r" * 32)
    monkeypatch.undo()
    with pytest.raises(CustodyAway):
        custody.wrapping().unwrap(theirs)


def test_an_installation_moves_from_one_custody_to_the_next_and_back(use, service, request):
    told = service.custody()
    kinds = ["file", "kms", "file"]
    if MODULE_HERE:
        module = request.getfixturevalue("token").custody()
        told = replace(told, **{k: v for k, v in vars(module).items() if k.startswith("pkcs11")})
        kinds[1:1] = ["pkcs11"]
    use(replace(told, kind="file"))
    sealed, marks = vault.seal(b"secret", purpose="signing"), vault.keeper().marks()
    for before, after in pairwise(kinds):
        keeper = use(replace(told, kind=after))
        assert keeper.wrapped_by() == [before]
        assert keeper.rewrap() == 1
        assert keeper.wrapped_by() == [after]
        assert keeper.marks() == marks
        assert opened(sealed) == b"secret"


def test_a_newer_version_of_the_key_of_a_service_wraps_and_the_older_still_opens(use, service, tmp_path):
    keeper = use(service.custody(key="yearly"))
    sealed = vault.seal(b"secret", purpose="signing")
    service.post("rotate", "yearly")
    assert opened(sealed) == b"secret"
    keeper.rewrap()
    line = (tmp_path / "custody.keys").read_text().strip()
    assert base64.b64decode(line.removeprefix("kms:")).startswith(b"vault:v2:")
    assert opened(sealed) == b"secret"


def test_a_service_that_stops_is_missed_at_the_next_start_only(use, tmp_path):
    alone = KeyService(tmp_path)
    keeper = use(alone.custody())
    sealed = vault.seal(b"secret", purpose="signing")
    alone.stop()
    assert vault.open_sealed(sealed, purpose="signing") == b"secret"
    assert len(keeper.keys("second-factor")) == 1
    with pytest.raises(CustodyAway, match="does not answer"):
        opened(sealed)


@pytest.mark.parametrize("odd", ["text", "shape", "number", "huge", "redirect", "slow"])
def test_a_service_that_answers_oddly_is_refused(service, monkeypatch, odd):
    monkeypatch.setattr(wrapping_service, "SECONDS", 1.0)
    with pytest.raises(CustodyAway, match="key service"):
        service.custody(key=f"odd-{odd}").wrapping().wrap(b"r" * 32)


def test_a_service_that_gives_something_else_back_is_seen_by_the_probe(service):
    with pytest.raises(CustodyAway, match="give back"):
        service.custody(key="odd-other").wrapping().describe()


def test_the_token_is_never_carried_to_another_address(service):
    with pytest.raises(CustodyAway, match="status 307"):
        service.custody(key="odd-redirect").wrapping().wrap(b"r" * 32)
    assert service.post("seen", "all") == {"elsewhere": 0}


def test_a_token_that_is_wrong_or_lies_open_is_said(service, tmp_path):
    wrong = private(tmp_path / "wrong", "another token")
    with pytest.raises(CustodyAway, match="status 403"):
        service.custody(token_file=wrong).wrapping().wrap(b"r" * 32)
    wrong.chmod(0o644)
    with pytest.raises(CustodyNotSet, match="chmod 600"):
        service.custody(token_file=wrong).wrapping().wrap(b"r" * 32)


def test_a_service_without_a_sealed_line_is_refused():
    with pytest.raises(CustodyNotSet, match="https"):
        Custody("kms", kms_url="http://keys.example/v1/transit", kms_token_file="token").wrapping()


@MODULE
def test_a_wrong_pin_is_tried_once_because_tokens_lock_themselves(token, tmp_path):
    wrong = private(tmp_path / "pin", "000000")
    held = token.custody(pin_file=wrong).wrapping()
    with pytest.raises(CustodyAway, match="refuses the PIN"):
        held.wrap(b"r" * 32)
    for _ in range(20):
        with pytest.raises(CustodyAway, match="refused this PIN before"):
            held.wrap(b"r" * 32)
    assert token.custody().wrapping().unwrap(token.custody().wrapping().wrap(b"r" * 32)) == b"r" * 32


@MODULE
def test_a_key_that_could_leave_its_module_is_not_used(token):
    import pkcs11

    with token.custody().wrapping()._session(write=True) as (_, session):
        leaves = {pkcs11.Attribute.SENSITIVE: False, pkcs11.Attribute.EXTRACTABLE: True}
        session.generate_key(pkcs11.KeyType.AES, 256, label="loose", store=True, template=leaves)
    with pytest.raises(CustodyAway, match="can leave"):
        token.custody(key="loose").wrapping().wrap(b"r" * 32)


@MODULE
def test_a_key_is_made_once_and_a_missing_one_is_said(token):
    assert not token.custody().wrapping().make()
    with pytest.raises(CustodyAway, match="no such key"):
        token.custody(key="no such key").wrapping().wrap(b"r" * 32)


@MODULE
def test_a_process_that_forked_uses_the_module_too(token):
    wrapped = token.custody().wrapping().wrap(b"r" * 32)
    child = os.fork()
    if not child:
        os._exit(0 if token.custody().wrapping().unwrap(wrapped) == b"r" * 32 else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_the_environment_says_the_custody_and_what_is_missing():
    assert wrapping.read({}) == Custody()
    told = wrapping.read({"KARMAYOGI_CUSTODY": "kms", "KARMAYOGI_KMS_URL": "https://keys.example/v1/transit"})
    assert (told.kind, told.kms_key) == ("kms", "karmayogi")
    with pytest.raises(CustodyNotSet, match="KARMAYOGI_KMS_TOKEN_FILE"):
        told.wrapping()
    with pytest.raises(CustodyNotSet, match="one of file, pkcs11, kms"):
        replace(told, kind="cloud").wrapping()


def test_a_file_of_today_is_read_as_before(tmp_path):
    private(tmp_path / "keys", base64.b64encode(b"k" * 32).decode())
    assert FileKeeper(tmp_path / "keys").keys("signing") == FileKeeper(tmp_path / "keys", Custody()).keys(
        "signing"
    )
    assert FileKeeper(tmp_path / "keys").wrapped_by() == ["file"]
