#!/bin/sh
# Creates the namespace, and registers the search attributes that Lockkeeper's workflows set: a workflow that sets
# one which the server does not know can not go on. Safe to repeat.
#
# Environment: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE (read by temporal), RETENTION, SEARCH_ATTRIBUTES.
set -eu

TRIES=${TRIES:-60}

until_it_works() {
  attempt=1
  until "$@"; do
    if [ "$attempt" -ge "$TRIES" ]; then
      echo "namespace: gave up after $attempt attempts: $*" >&2
      exit 1
    fi
    attempt=$((attempt + 1))
    sleep "${PAUSE:-1}"
  done
}

namespace_exists() {
  temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1
}

make_namespace() {
  namespace_exists ||
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION" ||
    namespace_exists # somebody else was quicker
}

is_registered() {
  temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE" 2>/dev/null | grep -qw "$1"
}

register() {
  is_registered "$1" ||
    temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" --name "$1" --type Keyword ||
    is_registered "$1"
}

until_it_works temporal operator cluster health
until_it_works make_namespace
for name in $SEARCH_ATTRIBUTES; do
  until_it_works register "$name"
  until_it_works is_registered "$name"
done
echo "namespace: $TEMPORAL_NAMESPACE is ready, with $SEARCH_ATTRIBUTES"
