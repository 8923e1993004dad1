#!/bin/sh
# A script for resalloc with the one word changed: takes a resource, works with it, and gives it back however the work ends.
#   examples/resalloc.sh COMMAND…     runs COMMAND with RESOURCE set to what the resource's cmd_new printed
#   TAGS="x86_64 arch_any" SANDBOX=job-17 examples/resalloc.sh ./test.sh
set -eu
[ $# -gt 0 ] || { echo "usage: $0 COMMAND [ARGUMENT...]" >&2; exit 64; }

# The one word. In a clone `npx berth`; where it is installed `berth`.
resalloc=${RESALLOC:-npx berth}

tags=
for tag in ${TAGS:-random_number}; do tags="$tags --tag $tag"; done

# shellcheck disable=SC2086 # words, not one word
id=$($resalloc ticket $tags ${SANDBOX:+--sandbox "$SANDBOX"})
trap '$resalloc ticket-close "$id"' EXIT
trap 'exit 130' INT TERM

echo "waiting for ticket $id" >&2
RESOURCE=$($resalloc ticket-wait "$id")
export RESOURCE
"$@"
