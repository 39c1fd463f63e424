"""The names of the database roles, in one place: nobody else spells them."""

from typing import Final

PREFIX: Final = "karmayogi_"

SUPERUSER: Final = "postgres"
"""Makes roles, databases and extensions; no page or job ever signs in with it."""

OWNER: Final = "karmayogi_owner"
"""Owns the database and runs the migrations."""

APP: Final = "karmayogi_app"
"""Serves requests: not owner, never past row-level security."""

WORKER: Final = "karmayogi_worker"
"""Runs jobs; may become APP, MONITOR, SCORER, SIGNER or PROVISIONER by SET ROLE."""

MONITOR: Final = "karmayogi_monitor"
"""Reads every room and writes only monitoring's tables; cannot sign in."""

SCORER: Final = "karmayogi_scorer"
"""Reads answer keys and writes scores; cannot sign in."""

SIGNER: Final = "karmayogi_signer"
"""Reads the seeds of signing keys; only WORKER may become it, never the web; cannot sign in."""

PROVISIONER: Final = "karmayogi_provisioner"
"""What the web becomes for a registered system that provisions people and bodies; cannot sign in."""

WITH_PASSWORD: Final = (SUPERUSER, OWNER, APP, WORKER)
"""Roles that sign in, hence the ones whose passwords a server keeps."""
