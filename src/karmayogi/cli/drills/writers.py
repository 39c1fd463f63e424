"""Writers at work over HTTP while something breaks, and the count afterwards of what they were promised.

Three acts of the product: an answer in a check (natural key: sitting and question), an enrolment (person and
course) and a try at a practice question, which may be repeated on purpose and so is told apart by the key of its
request only. A writer sends an act again, with the same key, until it is acknowledged.
"""

import random
import re
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from karmayogi.cli.drills.ground import Ground
from karmayogi.cli.drills.visitor import Answer, NoAnswer, Visitor

ITEM = re.compile(r'name="item" value="([^"]+)"')
OPTION = re.compile(r'name="option" value="([^"]+)"')
PAUSE = 0.15
"""Seconds before an act that got no answer is sent again."""
AN_ANSWER, AN_ENROLMENT, A_TRY = "answers in checks", "enrolments", "practice tries"
Act = tuple[str, str, str, str]
"""What makes an act one: its kind, whose it is, to what, and what was chosen."""

STORED = """
SELECT 'answers in checks', s.person_id::text, r.sitting_id::text, r.item_version_id::text, count(*)
  FROM assessment_response r JOIN assessment_sitting s ON s.id = r.sitting_id GROUP BY 1, 2, 3, 4
UNION ALL
SELECT 'enrolments', e.person_id::text, c.key, '', count(*)
  FROM learning_enrolment e JOIN learning_course c ON c.id = e.course_id GROUP BY 1, 2, 3
UNION ALL
SELECT 'practice tries', person_id::text, question_id::text, option, count(*)
  FROM learning_practiceanswer GROUP BY 1, 2, 3, 4
"""


@dataclass
class Ledger:
    """What writers were promised. `sent`: requests; `unanswered`: with no answer or one that says "later", `why`."""

    acknowledged: Counter[Act] = field(default_factory=Counter)
    sent: int = 0
    unanswered: int = 0
    why: Counter[str] = field(default_factory=Counter)
    again: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0


@dataclass(frozen=True)
class Settled:
    """The promise against the tables. `lost`: acknowledged and not there; `duplicated`: there more than once."""

    acknowledged: int
    stored: int
    lost: int
    duplicated: int
    by_kind: dict[str, int]


class Writers:
    """`count` threads that act until they are stopped; `port`: where the pages are, may change while they work."""

    def __init__(
        self, ground: Ground, port: int, *, count: int, with_keys: bool = True, retry: bool = True
    ) -> None:
        self.ground, self.port, self.with_keys, self.retry = ground, port, with_keys, retry
        self.ledger, self.over, self.lock = Ledger(), threading.Event(), threading.Lock()
        self.at: dict[int, int] = {}
        people = list(ground.house["people"].items())
        self.threads = [
            threading.Thread(target=self._work, args=(number, people[number::count]))
            for number in range(count)
        ]

    def __enter__(self) -> "Writers":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Lets each writer bring its present act to an end."""
        self.over.set()
        for thread in self.threads:
            thread.join(60)

    def wait_for(self, more: int, *, seconds: float = 60.0) -> bool:
        """Whether `more` acts were acknowledged from now on, within `seconds`."""
        wanted, end = self.ledger.acknowledged.total() + more, time.monotonic() + seconds
        while self.ledger.acknowledged.total() < wanted and time.monotonic() < end:
            time.sleep(0.02)
        return self.ledger.acknowledged.total() >= wanted

    def lead(self, port: int) -> None:
        """Leads everyone to the pages on this port at their next request."""
        with self.lock:
            self.port = port

    def left(self, port: int) -> bool:
        """Whether nobody waits for an answer from this port any more."""
        with self.lock:
            return port not in self.at.values()

    def settle(self) -> Settled:
        """Compares what was acknowledged with what is stored."""
        return settle(self.ground, self.ledger)

    def _work(self, number: int, people: list[tuple[str, str]]) -> None:
        draw = random.Random(number)  # noqa: S311 (nothing here is secret)
        for person, session in people:
            visitor = Visitor(self.port, session, with_keys=self.with_keys)
            for act in self._acts(visitor, person, draw):
                if self.over.is_set():
                    return
                self._turn(visitor)
                self._carry_out(visitor, *act)
            with self.lock:
                self.at.pop(threading.get_ident(), None)

    def _acts(
        self, visitor: Visitor, person: str, draw: random.Random
    ) -> Iterator[tuple[Act, str, dict[str, str]]]:
        """(what it is, address, form) of everything this person does, one after the other."""
        tries = self.ground.house["tries"]
        for course in sorted({course for course, *_ in tries}):
            yield (AN_ENROLMENT, person, course, ""), f"/learn/{course}/enrol/", {}
        mine = draw.sample(tries, len(tries))
        for competency in self.ground.house["competencies"]:
            yield from self._check(visitor, person, competency, draw)
            for course, page, question, option in mine[:8]:
                address = f"/learn/{course}/pages/{page}/answer/"
                yield (A_TRY, person, question, option), address, {"question": question, "option": option}
            del mine[:8]

    def _check(
        self, visitor: Visitor, person: str, competency: str, draw: random.Random
    ) -> Iterator[tuple[Act, str, dict[str, str]]]:
        begun = self._insist(visitor, f"/competencies/{competency}/check/begin/")
        if begun is None or "/checks/" not in begun.location:
            return
        for _ in range(6):
            shown = self._insist(visitor, begun.location, read=True)
            item = ITEM.search(shown.text) if shown else None
            if shown is None or item is None:
                return
            sitting, chosen = begun.location.split("/")[2], draw.choice(OPTION.findall(shown.text))
            yield (AN_ANSWER, person, sitting, item[1]), begun.location, {"item": item[1], "option": chosen}

    def _insist(self, visitor: Visitor, path: str, *, read: bool = False) -> Answer | None:
        """The answer to what leads to an act, once there is one; None when the writers are stopped."""
        while not self.over.is_set():
            self._turn(visitor)
            try:
                answer = visitor.get(path) if read else visitor.post(path, {})
            except NoAnswer as error:
                self._failed(error)
            else:
                if answer.status < 500:
                    return answer
                self._failed(answer)
            time.sleep(PAUSE)
        return None

    def _carry_out(self, visitor: Visitor, act: Act, address: str, form: dict[str, str]) -> None:
        key, end = secrets.token_hex(16), None
        while end is None or time.monotonic() < end:
            began = time.monotonic()
            self.ledger.sent += 1
            try:
                answer = visitor.post(address, form, key=key)
            except NoAnswer as error:
                self._failed(error)
            else:
                with self.lock:
                    self.ledger.slowest = max(self.ledger.slowest, time.monotonic() - began)
                    self.ledger.again += answer.again
                    if answer.acknowledged:
                        self.ledger.acknowledged[act] += 1
                        return
                    if answer.status < 500:
                        self.ledger.refused[f"{answer.status} {act[0]}"] += 1
                        return
                self._failed(answer)
            if not self.retry:
                return
            if self.over.is_set() and end is None:
                end = time.monotonic() + 10
            time.sleep(PAUSE)
            self._turn(visitor)

    def _turn(self, visitor: Visitor) -> None:
        """Leads the visitor to where the pages are now, and says where; not while that changes."""
        with self.lock:
            self.at[threading.get_ident()] = visitor.port = self.port

    def _failed(self, said: Answer | NoAnswer) -> None:
        with self.lock:
            self.ledger.unanswered += 1
            self.ledger.why[f"status {said.status}" if isinstance(said, Answer) else str(said)] += 1
            if isinstance(said, Answer) and said.status != 503:
                self.ledger.refused[f"{said.status}"] += 1


def settle(ground: Ground, ledger: Ledger) -> Settled:
    """Compares what was acknowledged with what is stored."""
    stored = {(kind, whose, to, chosen): count for kind, whose, to, chosen, count in ground.rows(STORED)}
    told = ledger.acknowledged
    kinds = Counter(kind for kind, *_ in told.elements())
    return Settled(
        acknowledged=told.total(),
        stored=sum(stored.values()),
        lost=sum(count for act, count in told.items() if act not in stored),
        duplicated=sum(count - 1 for count in stored.values()),
        by_kind=dict(kinds),
    )
