"""Every operation stands in the document with what the gate was told of it, under a name and a shape of its own."""

import inspect
from collections import Counter

from pydantic import BaseModel

from karmayogi.web.api import addresses, operations, shapes
from karmayogi.web.api.document import document
from karmayogi.web.problems import MEDIA_TYPE


def told():
    """name -> operation of the document."""
    return {o["operationId"]: o for methods in document()["paths"].values() for o in methods.values()}


def doubled(modules):
    """Names that two different shapes of these modules bear: the document would tell only one of them."""
    made = {
        kind
        for module in modules
        for kind in vars(module).values()
        if inspect.isclass(kind) and issubclass(kind, BaseModel) and kind.__module__ == module.__name__
    }
    return [name for name, times in Counter(kind.__name__ for kind in made).items() if times > 1]


def test_the_document_tells_of_every_operation_what_the_gate_enforces():
    declared = {p.name: p.callback for p in addresses.urlpatterns if p.name in operations.DECLARED}
    assert set(declared) == set(told()) == set(operations.DECLARED)
    for name, said in told().items():
        route = declared[name].route
        assert said["tags"] == [route.audience.value]
        assert (said["x-scope"], said["x-data-class"]) == (route.scope.value, route.data.value)
        assert said["x-rate-limit"] == {"requests": route.rate.times, "seconds": route.rate.seconds}
        assert route.counted
        assert bool(said.get("security")) == (route.audience.value != "anyone")
        assert ("428" in map(str, said["responses"])) == bool(route.opens)


def test_no_operation_is_free_of_the_token_that_a_form_needs():
    assert not [p.name for p in addresses.urlpatterns if getattr(p.callback, "csrf_exempt", False)]


def test_every_refusal_is_a_problem_and_every_write_takes_a_key():
    for name, said in told().items():
        for status, answer in said["responses"].items():
            kinds = set(answer["content"])
            assert kinds == ({MEDIA_TYPE} if int(status) >= 400 else {"application/json"}), name
    writes = [
        o for methods in document()["paths"].values() for method, o in methods.items() if method != "get"
    ]
    assert len(writes) >= 3
    assert all("Idempotency-Key" in {p["name"] for p in o["parameters"]} for o in writes)


def test_every_list_is_bounded():
    for said in told().values():
        named = {p["name"]: p for p in said["parameters"]}
        assert ("limit" in named) == ("cursor" in named)
        assert named.get("limit", {"schema": {"maximum": 1}})["schema"]["maximum"] <= 100


def test_shapes_have_names_of_their_own():
    assert doubled((shapes, *addresses.PARTS)) == []


def test_two_shapes_of_one_name_are_caught():
    one, other = type("Need", (BaseModel,), {}), type("Need", (BaseModel,), {})
    modules = [type(inspect)(name) for name in ("one", "other")]
    for module, kind in zip(modules, (one, other), strict=True):
        kind.__module__ = module.__name__
        module.Need = kind
    assert doubled(modules) == ["Need"]


def test_a_page_goes_on_behind_its_cursor_and_ends():
    pages, cursor = [], ""
    while cursor is not None:
        page = shapes.cut("dacb", key=str, made=str.upper, cursor=cursor, limit=3)
        pages.append(page.items)
        cursor = page.next_cursor
    assert pages == [["A", "B", "C"], ["D"]]
    assert shapes.cut("ab", key=str, made=str, cursor="", limit=2).next_cursor is None
