#!/bin/sh
# Where a database stands that has all revisions of a commit: the heads of Alembic there, as
# `lockkeeper check --offline --from` takes them. To be called in the folder of alembic.ini.
#   sh revision-at.sh COMMIT
# PYTHON: an interpreter that has alembic (default: python3).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
git archive --output "$folder/commit.tar" "$1"
tar -xf "$folder/commit.tar" -C "$folder"
if [ ! -f "$folder/alembic.ini" ]; then
  echo base # there were no migrations yet
  exit
fi
heads=$(cd "$folder" && "${PYTHON:-python3}" -m alembic heads)
revisions=$(echo "$heads" | awk 'NF { print $1 }' | paste -s -d , -)
echo "${revisions:-base}"
