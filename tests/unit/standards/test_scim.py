"""SCIM as clients really write it, and as we answer it."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scim2_models import MutabilityException, SCIMException, ScimFilter

from karmayogi.standards.scim import filters, reading, writing
from karmayogi.standards.scim.filters import Every, Match, No, Some
from karmayogi.standards.scim.resources import Body, EnterpriseUser, Person
from karmayogi.standards.scim.writing import Link, ToldOfBody, ToldOfPerson

ENTERPRISE = str(EnterpriseUser.__schema__)
BASE = "https://example.in/scim/v2"
quick = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A machine that is busy makes no test fail."""
REFUSED = (SCIMException, ValidationError)
TOLD = ToldOfPerson(
    "1",
    "asha",
    "Asha Rao",
    True,
    "asha@example.in",
    "x-1",
    "E-7",
    Link("5", "Office"),
    Link("6", "Ravi"),
    None,
)


def present():
    return writing.person(TOLD, base=BASE)


def patched(*operations):
    """What is said after a PATCH of asha."""
    return reading.said_of_person(reading.patched(present(), {"Operations": list(operations)}))


def found(text, kind=Person):
    return filters.condition(reading.search(Person | Body, {"filter": text}).filter, kind)


# --- Tolerant ------------------------------------------------------------------------------------------------------


def test_names_and_urns_are_read_in_any_case_and_booleans_as_words():
    said = reading.new(
        Person,
        {
            "SCHEMAS": ["URN:x"],
            "USERNAME": " Asha ",
            "displayname": "Asha  Rao",
            "Active": "False",
            ENTERPRISE.upper(): {
                "EMPLOYEENUMBER": "E-7",
                "manager": "a word, as some send",
                "costCenter": "9",
            },
            "urn:of:nobody:here": {"a": 1},
        },
    )
    told = reading.said_of_person(said)
    assert (told.login, told.name, told.active, told.employee_code) == ("asha", "Asha Rao", False, "E-7")


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ({"formatted": "Asha Rao"}, "Asha Rao"),
        ({"givenName": "Asha", "familyName": "Rao"}, "Asha Rao"),
        ({"GIVENNAME": "Asha"}, "Asha"),
    ],
)
def test_a_missing_display_name_is_put_together_and_who_is_new_is_active(name, whole):
    told = reading.said_of_person(reading.new(Person, {"userName": "asha", "name": name}))
    assert (told.name, told.active) == (whole, True)


def test_of_several_addresses_the_one_at_work_is_kept():
    emails = [{"value": "a@home.in", "type": "home", "primary": True}, {"value": "b@work.in", "type": "Work"}]
    new = reading.new(Person, {"userName": "a", "displayName": "A", "emails": emails})
    assert reading.said_of_person(new).email == "b@work.in"


@pytest.mark.parametrize(
    ("operation", "name", "value"),
    [
        ({"op": "Replace", "path": "active", "value": "False"}, "active", False),
        ({"op": "Add", "path": 'emails[type eq "work"].value', "value": "n@x.in"}, "email", "n@x.in"),
        ({"op": "Add", "path": "emails[primary eq true].value", "value": "n@x.in"}, "email", "n@x.in"),
        ({"op": "replace", "value": {'emails[type eq "work"].value': "n@x.in"}}, "email", "n@x.in"),
        ({"op": "replace", "value": {"displayName": "New", "name.givenName": "Q"}}, "name", "New"),
        ({"op": "replace", "value": {f"{ENTERPRISE}:employeeNumber": "E-8"}}, "employee_code", "E-8"),
        ({"op": "remove", "path": "emails"}, "email", ""),
        ({"op": "remove", "path": "externalId"}, "external_id", ""),
        ({"op": "replace", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+91"}, "name", "Asha Rao"),
        ({"OP": "replace", "PATH": "USERNAME", "VALUE": "Other"}, "login", "other"),
    ],
)  # fmt: skip
def test_a_patch_is_read_with_and_without_a_path(operation, name, value):
    assert getattr(patched(operation), name) == value


def test_an_address_is_added_by_a_path_that_matches_none_yet():
    bare = writing.person(ToldOfPerson("1", "a", "A", True, "", "", "", None, None, None), base=BASE)
    operation = {"op": "Add", "path": 'emails[type eq "work"].value', "value": "n@x.in"}
    after = reading.patched(bare, {"operations": [operation]})
    assert reading.said_of_person(after).email == "n@x.in"
    assert reading.said_of_person(bare).email == "", "what was given is left as it was"


def test_a_whole_resource_that_leaves_out_the_employee_code_or_active_keeps_them():
    closed = writing.person(
        ToldOfPerson("1", "a", "A", False, "a@x.in", "x", "E-7", None, None, None), base=BASE
    )
    told = reading.said_of_person(reading.replaced(closed, {"userName": "a", "displayName": "B"}))
    assert (told.name, told.active, told.employee_code, told.email) == ("B", False, "E-7", "")


@pytest.mark.parametrize("path", ["roles", "entitlements", "groups", "id", "meta", f"{ENTERPRISE}:manager"])
def test_a_patch_of_what_can_only_be_read_is_refused(path):
    with pytest.raises(REFUSED) as refused:
        patched({"op": "add", "path": path, "value": [{"value": "x"}]})
    status, told = writing.refusal(refused.value)
    assert (status, json.loads(told)["scimType"]) == (400, "mutability")


def test_one_operation_that_is_refused_undoes_the_others():
    before, named = present(), {"op": "replace", "path": "displayName", "value": "B"}
    with pytest.raises((*REFUSED, MutabilityException)):
        reading.patched(before, {"Operations": [named, {"op": "add", "value": {"roles": [{}]}}]})
    assert before.display_name == "Asha Rao"


@pytest.mark.parametrize(
    ("held", "named"),
    [
        ({"Roles": [{"value": "x"}], "password": "x", "userName": "roles"}, ["password", "roles"]),
        ({"roles": [], "groups": None}, []),
        ({"operations": [{"op": "add", "path": "urn:x:2.0:User:roles[value eq \"x\"].value"}]}, ["roles"]),
        ({"Operations": [{"op": "add", "value": {"groups": [], "members": [1]}}]}, ["groups", "members"]),
        ({"Operations": "roles"}, []),
    ],
)  # fmt: skip
def test_attempts_at_authority_are_named(held, named):
    assert reading.attempts(held) == named


def test_what_a_client_only_repeats_is_no_attempt():
    told = json.loads(writing.resource(present()))
    assert told["groups"]
    assert reading.attempts(told, present=present()) == []
    assert reading.attempts({**told, "groups": [{"value": "9"}]}, present=present()) == ["groups"]


def outcome(call):
    """What a call returns, or the status of its refusal; any other error is a fault."""
    try:
        return call()
    except REFUSED as refused:
        return writing.refusal(refused)[0]


NAMES = st.sampled_from(
    [
        "userName",
        "displayName",
        "emails",
        "active",
        "name",
        "value",
        "type",
        "Operations",
        "op",
        "path",
        ENTERPRISE,
    ]
) | st.text(max_size=4)
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)
PATHS = st.sampled_from(
    ["active", "emails", "emails.value", 'emails[type eq "work"].value', "displayName", ENTERPRISE,
     f"{ENTERPRISE}:employeeNumber", "x", "roles", ""]
) | st.text(max_size=12)  # fmt: skip
OPERATION = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "Replace", "remove", "move"])}, optional={"path": PATHS, "value": JSON}
)


@quick
@given(st.dictionaries(NAMES, JSON, max_size=5))
def test_whatever_is_sent_is_read_or_refused(held):
    new = outcome(lambda: reading.said_of_person(reading.new(Person, held)))
    other = outcome(lambda: reading.said_of_person(reading.replaced(present(), held)))
    assert all(got == 400 or isinstance(got, reading.SaidOfPerson) for got in (new, other))


@quick
@given(st.lists(OPERATION, max_size=3) | JSON)
def test_whatever_a_patch_holds_is_applied_or_refused(operations):
    held = {"Operations": operations}
    assert reading.attempts(held) in ([], ["roles"])
    got = outcome(lambda: reading.said_of_person(reading.patched(present(), held)))
    assert got == 400 or isinstance(got, reading.SaidOfPerson)


@quick
@given(st.binary(max_size=60) | JSON.map(lambda held: json.dumps(held).encode()))
def test_whatever_bytes_come_are_an_object_or_refused(body):
    got = outcome(lambda: reading.payload(body))
    assert got == 400 or isinstance(got, dict)


# --- Filters -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ('userName EQ "Asha"', Match("userName", "eq", "Asha")),
        ('ID eq "x"', Match("id", "eq", "x", case_exact=True)),
        (f'{ENTERPRISE}:employeenumber sw "E"', Match("employeeNumber", "sw", "E", case_exact=True)),
        ("emails pr", Match("emails.value", "pr")),
        ('emails[type eq "work" and value co "@x"]',
         Every((Match("emails.type", "eq", "work"), Match("emails.value", "co", "@x")))),
        ('not (active eq "True") or displayName ne "B"',
         Some((No(Match("active", "eq", True)), Match("displayName", "ne", "B")))),
        ('code eq "X"', Some(())),
    ],
)  # fmt: skip
def test_a_filter_becomes_a_tree_of_tests(text, tree):
    assert found(text) == tree


def test_the_same_filter_is_about_bodies_too():
    assert found('code eq "X" or userName eq "a"', Body) == Some(
        (Match("code", "eq", "X", case_exact=True), Some(()))
    )


@quick
@given(st.text(alphabet="ab \"()[].andorteqpru:'\\0", max_size=40) | st.text(max_size=30))
def test_whatever_a_filter_says_is_a_tree_or_refused(text):
    got = outcome(lambda: found(text))
    assert got == 400 or isinstance(got, filters.Condition)


VALUES = {
    "userName": "asha",
    "displayName": "Asha Rao",
    "externalId": "x-1",
    "emails.value": "asha@example.in",
}
LEAF = st.builds(
    lambda name, op, value: f"{name} {op} {ScimFilter.quote(value)}",
    st.sampled_from(sorted(VALUES)), st.sampled_from(["eq", "ne", "co", "sw", "ew"]),
    st.sampled_from(["asha", "ASHA", "Rao", "x-1", "a", "zz", "@example.in"]),
) | st.sampled_from(["emails pr", "roles pr", "active eq true"])  # fmt: skip
TREES = st.recursive(
    LEAF,
    lambda part: st.one_of(
        st.builds("({}) and ({})".format, part, part), st.builds("({}) or ({})".format, part, part),
        st.builds("not ({})".format, part),
    ),
    max_leaves=6,
)  # fmt: skip


def holds(tree):
    """What a tree says of asha, worked out by its four kinds of node."""
    if isinstance(tree, No):
        return not holds(tree.of)
    if isinstance(tree, Every):
        return all(holds(part) for part in tree.of)
    if isinstance(tree, Some):
        return any(holds(part) for part in tree.of)
    if tree.attribute == "active":
        return True
    held = VALUES.get(tree.attribute)
    if tree.op == "pr" or held is None:
        return held is not None
    left, right = (held, tree.value) if tree.case_exact else (held.lower(), tree.value.lower())
    return {"eq": left == right, "ne": left != right, "co": right in left, "sw": left.startswith(right),
            "ew": left.endswith(right)}[tree.op]  # fmt: skip


@quick
@given(TREES)
def test_a_tree_means_what_the_library_takes_the_filter_to_mean(text):
    assert holds(found(text)) is ScimFilter[Person](text).match(present())


# --- Strict --------------------------------------------------------------------------------------------------------


def test_a_person_is_told_with_schemas_meta_and_version():
    told = json.loads(writing.resource(present()))
    assert told["schemas"] == ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE]
    assert told["meta"] == {
        "resourceType": "User",
        "location": f"{BASE}/Users/1",
        "version": writing.version(TOLD),
    }
    assert told["groups"] == [{"value": "5", "$ref": f"{BASE}/Bodies/5", "display": "Office"}]
    assert told[ENTERPRISE]["manager"]["value"] == "6"
    assert not {"roles", "entitlements", "password", "phoneNumbers"} & set(told)


def test_a_body_is_told_with_what_it_stands_under():
    body = writing.body(ToldOfBody("2", "C", "Office", "office", "o/1", Link("5", "M"), ""), base=BASE)
    assert json.loads(writing.resource(body))["parent"] == {"value": "5", "$ref": f"{BASE}/Bodies/5"}
    assert reading.said_of_body(body).parent == "5"


def test_only_what_was_asked_for_is_told_and_the_id_always():
    asked = reading.search(Person, {"attributes": "displayName"})
    assert set(json.loads(writing.resource(present(), asked=asked))) == {"schemas", "id", "displayName"}
    left_out = reading.search(Person, {"excludedAttributes": "id,emails,groups"})
    told = set(json.loads(writing.resource(present(), asked=left_out)))
    assert "id" in told
    assert not {"emails", "groups"} & told


def test_an_empty_list_and_an_error_are_as_the_standard_has_them():
    told = json.loads(writing.listing(Person, [], total=0))
    assert (told["totalResults"], told["itemsPerPage"], told["startIndex"]) == (0, 0, 1)
    assert json.loads(writing.error(409, "Taken.", scim_type="uniqueness")) == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": "409",
        "scimType": "uniqueness",
        "detail": "Taken.",
    }


def test_every_schema_names_only_what_is_kept():
    told = {s.id: s for s in writing.schemas(base=BASE).values()}
    user = {a.name for a in told["urn:ietf:params:scim:schemas:core:2.0:User"].attributes}
    assert user == {"userName", "displayName", "active", "emails", "groups", "roles", "entitlements"}
    service = writing.service(base=BASE)
    assert (service.bulk.supported, service.sort.supported, service.patch.supported) == (False, False, True)
    assert set(writing.resource_types(base=BASE)) == {"User", "Body"}
