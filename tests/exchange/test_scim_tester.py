"""The published conformance tester of SCIM against the running server, in a process of its own."""

from collections import Counter

import httpx2
import pytest
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

from ..journeys.served import Site


@pytest.fixture(scope="module")
def site(databases, tmp_path_factory):
    """Pages of a fresh demonstration."""
    with Site(databases, tmp_path_factory.mktemp("scim")) as served:
        yield served


@pytest.fixture(scope="module")
def results(site):
    """What the tester found, as a client of an office in which few people serve: it looks at one page of a list."""
    ((office,),) = site.ask(
        "SELECT b.code FROM institutions_body b LEFT JOIN institutions_assignment a ON a.body_id = b.id"
        " WHERE b.upper = b.lower + 1 GROUP BY b.id ORDER BY count(a.id), b.code LIMIT 1"
    )
    token = site.run("scim", "client", "add", "tester", "--body", office, "--order", "test/1").split()[0]
    with httpx2.Client(
        base_url=f"{site.url}/scim/v2", headers={"Authorization": f"Bearer {token}"}, timeout=300
    ) as http:
        return check_server(SyncSCIMClient(http))


def test_all_checks_of_the_published_tester_pass(results, capsys):
    counted = Counter(result.status.name for result in results)
    failed = [f"{r.title} {r.resource_type or ''}: {r.reason}" for r in results if r.status != Status.SUCCESS]
    with capsys.disabled():
        print(f"\nscim2-tester: {len(results)} checks, {dict(counted)}")
    assert failed == [], "\n".join(failed)
    assert len(results) > 60


def test_every_sort_of_check_was_made_on_both_kinds(results):
    made = {(r.resource_type, r.title) for r in results if r.resource_type}
    people, bodies = ({title for kind, title in made if kind == k} for k in ("User", "Body"))
    assert people == bodies
    assert {
        "object_deletion",
        "check_add_attribute",
        "check_remove_attribute",
        "search_with_attributes",
    } <= people
