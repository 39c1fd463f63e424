"""`drill replay`: many clients send the same requests at the same time; each takes effect once."""

import secrets
import threading
from collections import Counter
from dataclasses import dataclass, field

from karmayogi.cli.drills.found import Found
from karmayogi.cli.drills.ground import Ground, ground
from karmayogi.cli.drills.visitor import Answer, NoAnswer, Visitor
from karmayogi.cli.drills.writers import A_TRY, AN_ANSWER, AN_ENROLMENT, ITEM, OPTION, Act, Ledger, settle


@dataclass(frozen=True)
class Request:
    """One request that every client sends. `key`: the same for all of them."""

    act: Act
    session: str
    address: str
    form: dict[str, str]
    key: str = field(default_factory=lambda: secrets.token_hex(16))


def run(*, clients: int, requests: int, with_keys: bool = True) -> Found:
    """`requests` requests, each sent by `clients` at once. `with_keys`: False is the planted fault."""
    found = Found("replay", {"clients": clients, "requests": requests})
    with ground(people=max(4, requests // 6)) as place:
        port = place.serve()
        wanted = _requests(place, port, requests)
        ledger, answers = Ledger(), Counter[str]()
        for request in wanted:
            answers += _all_at_once(request, port=port, clients=clients, with_keys=with_keys)
            ledger.acknowledged[request.act] += 1
        told = settle(place, ledger)
        other = _same_key_other_content(wanted[-1], port=port)
    found.figures |= {
        "sent": len(wanted) * clients,
        "effects": told.stored - told.duplicated,
        "lost": told.lost,
    }
    found.figures |= {"duplicated": told.duplicated, **told.by_kind, "answers": dict(answers)}
    found.figures["same_key_other_content"] = other
    found.expect(told.lost == 0, f"{told.lost} requests had no effect.")
    found.expect(told.duplicated == 0, f"{told.duplicated} effects too many.")
    if with_keys:
        found.expect(set(answers) <= {"taken", "kept"}, f"Clients were refused: {dict(answers)}")
        found.expect(other == 422, f"A used key with other content was answered with {other}, not with 422.")
    return found


def _requests(place: Ground, port: int, wanted: int) -> list[Request]:
    """Of all three kinds in turn; an answer to the question that is shown now stands first for each person."""
    found: list[Request] = []
    for person, session in place.house["people"].items():
        visitor = Visitor(port, session)
        (competency, *_), tries = place.house["competencies"], place.house["tries"]
        begun = visitor.post(f"/competencies/{competency}/check/begin/", {}).location
        shown = visitor.get(begun).text
        item = ITEM.search(shown)
        if item:
            act = (AN_ANSWER, person, begun.split("/")[2], item[1])
            found.append(Request(act, session, begun, {"item": item[1], "option": OPTION.findall(shown)[0]}))
        course = tries[0][0]
        found.append(Request((AN_ENROLMENT, person, course, ""), session, f"/learn/{course}/enrol/", {}))
        for course, page, question, option in tries[:4]:
            act, form = (A_TRY, person, question, option), {"question": question, "option": option}
            found.append(Request(act, session, f"/learn/{course}/pages/{page}/answer/", form))
    return found[:wanted]


def _all_at_once(request: Request, *, port: int, clients: int, with_keys: bool) -> Counter[str]:
    start, said = threading.Barrier(clients), []

    def send() -> None:
        visitor = Visitor(port, request.session, with_keys=with_keys)
        start.wait()
        try:
            said.append(_word(visitor.post(request.address, request.form, key=request.key)))
        except NoAnswer:
            said.append("no answer")

    threads = [threading.Thread(target=send) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(said)


def _word(answer: Answer) -> str:
    if answer.acknowledged:
        return "kept" if answer.again else "taken"
    return str(answer.status)


def _same_key_other_content(request: Request, *, port: int) -> int:
    return Visitor(port, request.session).post(request.address, {"option": "other"}, key=request.key).status
