#!/bin/sh
# The runbook's own command: takes the target to its next release.
#   ./scripts/deploy.sh --auto-migrate | --manual-migrate | --skip-migrate  [--backup] [--health-check] [TARGET]
#   ./scripts/deploy.sh --backup [TARGET]        without a mode: only backs up
# All else that `lockkeeper deploy` knows (--release NAME, --detach, --json) is passed on.
# LOCKKEEPER: how to call it, when it is not in the PATH (default: lockkeeper, else npx lockkeeper).
set -eu

here=$(dirname "$0")
if [ -n "${LOCKKEEPER:-}" ]; then :
elif command -v lockkeeper >/dev/null 2>&1; then LOCKKEEPER=lockkeeper
elif [ -f "$here/../dist/cli.js" ]; then LOCKKEEPER="node $here/../dist/cli.js"
else LOCKKEEPER="npx --no-install lockkeeper"
fi

mode= backup=
for argument in "$@"; do
  case $argument in
    --auto-migrate | --manual-migrate | --skip-migrate) mode=$argument ;;
    --backup) backup=yes ;;
  esac
done

if [ -z "$mode" ] && [ -n "$backup" ]; then
  # `lockkeeper backup` knows neither flag: to back up and to check the health of what runs are two commands.
  health=
  for argument in "$@"; do
    shift
    case $argument in
      --backup) ;;
      --health-check) health=yes ;;
      *) set -- "$@" "$argument" ;;
    esac
  done
  $LOCKKEEPER backup "$@"
  if [ -n "$health" ]; then $LOCKKEEPER health "$@"; fi
  exit 0
fi

exec $LOCKKEEPER deploy "$@"
