"""The API against its own OpenAPI document, by schemathesis in a process of its own, with real sessions."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent
SECONDS = 60
PERSONAS = {
    "official": "meenakshi",
    "supervisor": "arvind",
    "manager": "nandini",
    "authority": "khandelwal",
    "commission": "gogoi",
}
SETTINGS = """
[warnings]
fail-on = true
"""


def sessions(site):
    """Tag -> cookies of whoever the demonstration has for it."""
    return {tag: site.client(persona=who).cookies for tag, who in PERSONAS.items()}


def objects(site):
    """Operation -> something that exists, within reach of whoever asks."""
    ((code, person, _boss),) = site.ask(
        "SELECT s.code, a.person_id, a.supervisor_id FROM institutions_account k JOIN institutions_assignment a"
        " USING (person_id) JOIN credentials_statement s USING (person_id) WHERE k.login = 'meenakshi'"
        " AND a.during @> current_date LIMIT 1"
    )
    ((post,),) = site.ask(
        "SELECT p.code FROM ehrms_ranking r JOIN ehrms_post p ON p.id = r.post_id ORDER BY r.made_at DESC LIMIT 1"
    )
    ((body,),) = site.ask("SELECT code FROM institutions_body WHERE code = 'MORD'")
    ((competency,),) = site.ask("SELECT key FROM competency_competency ORDER BY key LIMIT 1")
    return {
        "api-verify": {"code": code},
        "api-course": {"course": "tender-evaluation"},
        "api-enrol": {"course": "tender-evaluation"},
        "api-member": {"person": str(person)},
        "api-observe": {"person": str(person), "body": {"competency_key": competency, "level": 2}},
        "api-needs": {"code": body},
        "api-official": {"person": str(person)},
        "api-official-reason": {"person": str(person), "body": {"purpose": "training", "reason": "A plan."}},
        "api-ranking": {"code": post},
        "api-comparisons-body": {"code": body},
    }


def fuzz(url, folder, *, sessions, objects):
    """What schemathesis says and how it ends, and the statuses of each operation."""
    answers = folder / "answers"
    settings = folder / "schemathesis.toml"
    settings.write_text(SETTINGS)
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(settings), "run",
            f"{url}/api/openapi.json", "--workers", "2", "--max-examples", "8", "--seed", "20260",
            "--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--no-color",
        ],
        env={
            **os.environ,
            "PYTHONPATH": str(HERE),
            "SCHEMATHESIS_HOOKS": "api_hooks",
            "API_SESSIONS": json.dumps(sessions),
            "API_OBJECTS": json.dumps(objects),
            "API_ANSWERS": str(answers),
        },
        cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    statuses = defaultdict(list)
    for line in answers.read_text().splitlines() if answers.exists() else ():
        operation, status = line.split()
        statuses[operation].append(int(status))
    return done, statuses
