#!/bin/sh
# Creates Temporal's two databases, or takes them to the version of this image. Safe to repeat: each command
# leaves alone what is there already.
#
# Environment: SQL_HOST, SQL_PORT, SQL_USER, SQL_PASSWORD, SQL_PLUGIN (all read by temporal-sql-tool).
set -eu

SCHEMA_FOLDER=${SCHEMA_FOLDER:-/etc/temporal/schema/postgresql/v12}
TRIES=${TRIES:-30}

# PostgreSQL's health check may have seen the server that its first start runs for itself only.
attempt=1
until temporal-sql-tool --db temporal create; do
  if [ "$attempt" -ge "$TRIES" ]; then
    echo "schema: PostgreSQL at $SQL_HOST:$SQL_PORT cannot be used after $attempt attempts, see above" >&2
    exit 1
  fi
  attempt=$((attempt + 1))
  sleep "${PAUSE:-2}"
done
temporal-sql-tool --db temporal_visibility create

update() {
  temporal-sql-tool --db "$1" setup-schema -v 0.0
  temporal-sql-tool --db "$1" update-schema -d "$SCHEMA_FOLDER/$2/versioned"
}
update temporal temporal
update temporal_visibility visibility
echo "schema: both databases are up to date"
