#!/bin/sh
# The runbook's own command: is the application healthy? Waits as long as health.deadlineSeconds says.
#   ./scripts/healthcheck.sh [TARGET]
set -eu
here=$(dirname "$0")
if [ -n "${LOCKKEEPER:-}" ]; then :
elif command -v lockkeeper >/dev/null 2>&1; then LOCKKEEPER=lockkeeper
elif [ -f "$here/../dist/cli.js" ]; then LOCKKEEPER="node $here/../dist/cli.js"
else LOCKKEEPER="npx --no-install lockkeeper"
fi
exec $LOCKKEEPER health "$@"
