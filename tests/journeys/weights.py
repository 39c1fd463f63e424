"""What a page weighs on its first visit: the document and the styles, scripts and pictures it names, gzip bytes."""

import re
from dataclasses import dataclass

from served import Client

MOST_FIRST = 50_000
MOST_HTML = 12_000
LINKED = re.compile(r'<(?:link|script|img|source)\b[^>]*?\b(?:href|src)="(/[^"]+)"')


@dataclass(frozen=True)
class Weight:
    """Bytes over the wire with gzip: of the document alone, and of a first visit."""

    html: int
    first: int


def weigh(client: Client, path: str) -> Weight:
    """The weight of a page for this client; repeated visits weigh less, static files being cached for good."""
    answer = client.get(path)
    linked = sorted(set(LINKED.findall(answer.text)))
    return Weight(answer.weight, answer.weight + sum(_file(client, address) for address in linked))


def _file(client: Client, address: str) -> int:
    answer = client.get(address)
    assert answer.status == 200, f"{address} answers {answer.status}"
    return answer.weight
