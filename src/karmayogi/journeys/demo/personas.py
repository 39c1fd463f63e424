"""The invented people as whom a visitor may look around, and where each stands in the miniature."""

from dataclasses import dataclass

from django.utils.translation.trans_null import gettext_noop as N_  # noqa: N812 (needs no settings)

from karmayogi.institutions.roles import Role
from karmayogi.journeys.demo.bodies import ROOT


@dataclass(frozen=True)
class Persona:
    """Someone to be. `key` is the login too; `role` and `try_this` are English texts to be translated when shown.

    `grants`: (role, body code) pairs. `mobile_only`: has no e-mail and signs in by mobile.
    """

    key: str
    icon: str
    name: str
    role: str
    try_this: str
    post: str
    group: str
    grants: tuple[tuple[Role, str], ...] = ()
    language: str = "en"
    mobile_only: bool = False
    added: bool = False
    """Came after the world was drawn: takes the place of whoever holds the post, and no random number is drawn."""

    @property
    def login(self) -> str:
        """The login name, which is the key."""
        return self.key


OFFICE = N_("In an office")
JUDGING = N_("Building and judging")
DECIDING = N_("Deciding and watching")
HELPING = N_("Helping and keeping records")

PERSONAS: tuple[Persona, ...] = (
    Persona(
        "meenakshi",
        "person",
        "Meenakshi Selvam",
        N_("Section Officer (Procurement), Rural Development"),
        N_("Take a short check and see “Not sure yet” settle."),
        "MORD-1/SO-PROC-1",
        OFFICE,
    ),
    Persona(
        "devidas",
        "phone",
        "Devidas Sonkamble",
        N_("Police constable of the state, without e-mail"),
        N_("Learn on a phone and see what the post asks."),
        "ARUNGIRI-P1/PC-1",
        OFFICE,
        language="hi",
        mobile_only=True,
    ),
    Persona(
        "arvind",
        "people",
        "Arvind Mahato",
        N_("Supervisor of nine, Meenakshi among them"),
        N_("Confirm in one minute what you saw at work."),
        "MORD-1/US-PROC-1",
        OFFICE,
    ),
    Persona(
        "nandini",
        "calendar",
        "Nandini Rao",
        N_("Training manager of the Ministry of Rural Development"),
        N_("See what posts need, and where the gaps are."),
        "MORD/TRAIN-1",
        OFFICE,
        grants=((Role.TRAINING_MANAGER, "MORD"), (Role.CLERK, "MORD")),
    ),
    Persona(
        "khandelwal",
        "seat",
        "Ritu Khandelwal",
        N_("Civil Services Board of the ministry"),
        N_("Fill one vacancy with reasons that hold."),
        "MORD/JS-1",
        DECIDING,
        grants=((Role.CADRE_AUTHORITY, "MORD"), (Role.BOARD_MEMBER, "MORD"), (Role.VERIFIER, "MORD")),
    ),
    Persona(
        "hazarika",
        "order",
        "Prabin Hazarika",
        N_("Second officer of the cadre authority, who issues orders"),
        N_("Check what the Board proposed, then issue it."),
        "MORD/AS-1",
        DECIDING,
        grants=((Role.CADRE_AUTHORITY, "MORD"),),
    ),
    Persona(
        "gogoi",
        "chart",
        "Nilim Gogoi",
        N_("Analyst of the Capacity Building Commission"),
        N_("Compare ministries without false ranks."),
        "CBC/DATA-1",
        DECIDING,
        grants=((Role.COMMISSION_ANALYST, ROOT),),
    ),
    Persona(
        "leela",
        "book",
        "Leela Cherian",
        N_("Faculty of the Coastal Institute; answers questioned results"),
        N_("Open the course on tender evaluation."),
        "coastal-institute/FAC-1",
        JUDGING,
        grants=((Role.PROVIDER, "coastal-institute"), (Role.ASSESSOR, ROOT)),
    ),
    Persona(
        "usha",
        "chart",
        "Usha Kurien",
        N_("Director of the Coastal Institute, which provides a course"),
        N_("See how many are on your course, and nobody by name."),
        "coastal-institute/DIR-1",
        JUDGING,
        grants=((Role.PROVIDER, "coastal-institute"),),
        added=True,
    ),
    Persona(
        "naeem",
        "sealed",
        "Naeem Wani",
        N_("Platform operator, Karmayogi Bharat"),
        N_("Decide on a grant; ask somebody to let you look."),
        "KB/PM-1",
        DECIDING,
        grants=((Role.OPERATOR, ROOT),),
    ),
    Persona(
        "thangi",
        "search",
        "Thangi Hmar",
        N_("Auditor of the service, from the office of the Council"),
        N_("See who did what, and who opened a record and why."),
        "PMHRC/DATA-1",
        DECIDING,
        grants=((Role.AUDITOR, ROOT),),
        added=True,
    ),
    Persona(
        "farida",
        "key",
        "Farida Contractor",
        N_("Help desk of the ministry, who asks for a way in"),
        N_("Open a record by its code and ask for a recovery."),
        "MORD-1/PM-1",
        HELPING,
        grants=((Role.HELP_DESK, "MORD"),),
        added=True,
    ),
    Persona(
        "joseph",
        "shield",
        "Joseph Pinto",
        N_("Help desk of the ministry, who checks and decides"),
        N_("Decide on what Farida asked for."),
        "MORD-1/PM-2",
        HELPING,
        grants=((Role.HELP_DESK, "MORD"),),
        added=True,
    ),
    Persona(
        "lalita",
        "people",
        "Lalita Deshmukh",
        N_("Establishment clerk of the ministry"),
        N_("Compare two records of one person and ask to join them."),
        "MORD-1/US-1",
        HELPING,
        grants=((Role.CLERK, "MORD"),),
        added=True,
    ),
    Persona(
        "gurdeep",
        "check",
        "Gurdeep Bains",
        N_("Establishment verifier of the ministry"),
        N_("Check what the clerk asked for, then decide."),
        "MORD-1/AO-1",
        HELPING,
        grants=((Role.VERIFIER, "MORD"),),
        added=True,
    ),
)


def by_key() -> dict[str, Persona]:
    """key -> persona."""
    return {p.key: p for p in PERSONAS}


def groups() -> list[tuple[str, list[Persona]]]:
    """(heading, personas under it), in the order of the door; headings are English texts to be translated."""
    return [(head, [p for p in PERSONAS if p.group == head]) for head in (OFFICE, JUDGING, DECIDING, HELPING)]
