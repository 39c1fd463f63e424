#!/bin/sh
# Roles and extensions, once: run by the database container at its first start, or by you as the superuser:
#   POSTGRES_DB=karmayogi OWNER_PASSWORD=... APP_PASSWORD=... WORKER_PASSWORD=... BACKUP_PASSWORD=... sh roles.sh
set -eu
for name in OWNER_PASSWORD APP_PASSWORD WORKER_PASSWORD BACKUP_PASSWORD; do
  eval "given=\${$name:-}"
  [ -n "$given" ] || { echo "$name is not set." >&2; exit 2; }
done
psql -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname "${POSTGRES_DB:-karmayogi}" \
  -v owner="$OWNER_PASSWORD" -v app="$APP_PASSWORD" -v worker="$WORKER_PASSWORD" -v backup="$BACKUP_PASSWORD" \
  -v database="${POSTGRES_DB:-karmayogi}" <<'SQL'
CREATE ROLE karmayogi_owner   LOGIN PASSWORD :'owner';
CREATE ROLE karmayogi_app     LOGIN NOINHERIT PASSWORD :'app';
CREATE ROLE karmayogi_worker  LOGIN NOINHERIT PASSWORD :'worker';
CREATE ROLE karmayogi_backup  LOGIN BYPASSRLS PASSWORD :'backup';
CREATE ROLE karmayogi_monitor NOLOGIN;
CREATE ROLE karmayogi_scorer  NOLOGIN;
CREATE ROLE karmayogi_signer  NOLOGIN;
CREATE ROLE karmayogi_provisioner NOLOGIN;
GRANT karmayogi_monitor, karmayogi_app, karmayogi_scorer, karmayogi_signer, karmayogi_provisioner TO karmayogi_worker;
GRANT karmayogi_scorer, karmayogi_provisioner TO karmayogi_app;
GRANT pg_read_all_data TO karmayogi_backup;
ALTER DATABASE :"database" OWNER TO karmayogi_owner;
ALTER SCHEMA public OWNER TO karmayogi_owner;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
SQL
