#!/bin/sh
# The runbook's own command: what would the pending migrations do, and how dangerous is it? Changes nothing.
#   ./scripts/migration-check.sh [TARGET]
# All else that `lockkeeper check` knows (--release NAME, --fail-on RISK, --json) is passed on.
set -eu
here=$(dirname "$0")
if [ -n "${LOCKKEEPER:-}" ]; then :
elif command -v lockkeeper >/dev/null 2>&1; then LOCKKEEPER=lockkeeper
elif [ -f "$here/../dist/cli.js" ]; then LOCKKEEPER="node $here/../dist/cli.js"
else LOCKKEEPER="npx --no-install lockkeeper"
fi
exec $LOCKKEEPER check "$@"
