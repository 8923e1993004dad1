#!/usr/bin/env bash
# A CI job that needs a bench: waits up to ten minutes for one, before jobs of normal priority, and runs its test there.
#
#   examples/ci-job.sh [QUERY] [-- COMMAND [ARGUMENT…]]
#
# `berth run` sets BERTH_BENCH, BERTH_FENCING_TOKEN and one variable per property (BERTH_DUT_SOCKET), passes signals on,
# and gives the bench back however the job ends. Its exit code is the command's own, or one of those below.
set -euo pipefail

query=${1:-'location=office1&attributes=[a]&entity_properties=[[c],[e]]'}
shift || true
[ "${1:-}" = -- ] && shift
[ $# -gt 0 ] || set -- sh -c 'echo "testing on $BERTH_BENCH at $BERTH_DUT_SOCKET"'

code=0
npx berth run --query "$query" --priority 60 --wait 10m --desc "CI job ${CI_JOB_ID:-by hand}" -- "$@" || code=$?

case $code in
  0) echo "passed" ;;
  69) echo "the Berth server cannot be reached; try again later" >&2 ;;
  75) echo "no bench within ten minutes; try again later" >&2 ;;
  77) echo "this job may not do that, for example ask for priority 60" >&2 ;;
  *) echo "the test failed with $code" >&2 ;;
esac
exit "$code"
