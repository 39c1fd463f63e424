"""Hooks of schemathesis, read by its own process: whose session, which objects exist, what was answered.

`API_SESSIONS`: tag of an operation -> cookies of somebody who may ask it; `API_OBJECTS`: name of an operation ->
arguments of its address that name something there; `API_ANSWERS`: the file for one line an answer.
"""

import json
import os
import re
from pathlib import Path
from uuid import uuid4

import schemathesis

SESSIONS = json.loads(os.environ["API_SESSIONS"])
OBJECTS = json.loads(os.environ["API_OBJECTS"])
KEY, FIT = "Idempotency-Key", re.compile(r"[!-~]{8,200}")
ANSWERS = Path(os.environ["API_ANSWERS"])


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Names one object that exists for each address: what is drawn at random is never somebody's id."""
    for methods in raw_schema["paths"].values():
        for operation in methods.values():
            known = OBJECTS.get(operation["operationId"], {})
            for parameter in operation["parameters"]:
                if parameter["name"] in known:
                    parameter["example"] = known[parameter["name"]]
            if "body" in known:
                operation["requestBody"]["content"]["application/json"]["example"] = known["body"]


@schemathesis.auth(cache_by_key=lambda case, context: context.operation.tags[0])
class Session:
    """A real session of whoever the operation is for; an operation for anyone is asked without."""

    def get(self, case, context):
        """The cookies."""
        return SESSIONS.get(context.operation.tags[0])

    def set(self, case, data, context):
        """Sends what the document asks for: the session, and with a post the token twice."""
        case.cookies = {"sessionid": data["sessionid"]}
        if case.operation.method == "post":
            case.cookies["csrftoken"] = case.headers["X-CSRFToken"] = data["csrftoken"]


@schemathesis.hook
def before_call(context, case, kwargs):
    """Makes a well-formed key one's own: the same key with other content is refused, and rightly."""
    key = case.headers.get(KEY, "")
    if FIT.fullmatch(key):
        case.headers[KEY] = key[:160] + uuid4().hex


@schemathesis.hook
def after_call(context, case, response):
    """Notes the operation and the status."""
    with ANSWERS.open("a") as kept:
        kept.write(f"{case.operation.definition.raw['operationId']} {response.status_code}\n")
