#!/usr/bin/env bash
# A lease with bash and curl alone: waits for a bench, runs a command with it, and gives it back however the command ends.
#
#   examples/curl.sh WHAT [--] COMMAND [ARGUMENT…]
#   examples/curl.sh 'location=office1&attributes=[a]&wait=10m&description=nightly' -- ./flash.sh
#
# WHAT are the parameters of POST /lock (docs/http.md). The place in the queue is told on stderr. The command finds BERTH_BENCH,
# BERTH_LEASE_ID, BERTH_FENCING_TOKEN and a variable for each property, such as BERTH_DUT_SOCKET. It is ended when the lease ends.
# The server is BERTH_URL (http://127.0.0.1:7080); BERTH_USER and BERTH_TOKEN say who asks.
#
# Exits with the command's own code; 64 for wrong usage, 69 when the server refuses or cannot be reached, 70 when the lease was
# lost, 75 when no bench came free in time.
set -uo pipefail

# Text of others may hold what moves a terminal's cursor.
say() { printf 'curl.sh: %s\n' "${*//[[:cntrl:]]/ }" >&2; }

if [ $# -lt 2 ]; then
  say "usage: $0 WHAT [--] COMMAND [ARGUMENT...]"
  exit 64
fi
what=$1
shift
[ "$1" = -- ] && shift

# walk JSON: calls `leaf PATH VALUE` for each text and number in it; PATH has the keys, each after a space.
walk() {
  local rest=$1 key='' path='' stack=() text
  local word='^[[:space:],]*([][{}]|"(([^"\\]|\\.)*)"(:?)|[^][{},"[:space:]]+)'
  while [[ $rest =~ $word ]]; do
    rest=${rest:${#BASH_REMATCH[0]}}
    case ${BASH_REMATCH[1]} in
      '{' | '[')
        stack+=("$path")
        path+="${key:+ $key}"
        key=
        ;;
      '}' | ']')
        path=${stack[-1]}
        unset 'stack[-1]'
        key=
        ;;
      '"'*)
        # JSON escapes as printf does, but for quotes.
        text=${BASH_REMATCH[2]//\\\"/\"}
        printf -v text '%b' "$text"
        if [ -n "${BASH_REMATCH[4]}" ]; then key=$text; else leaf "$path $key" "$text"; fi
        ;;
      *) leaf "$path $key" "${BASH_REMATCH[1]}" ;;
    esac
  done
}

# leaf PATH VALUE: takes what the line that is walked says.
leaf() {
  case $1 in
    ' position') position=$2 ;;
    ' waiting') waiting=$2 ;;
    ' candidates bench') held+="${held:+, }$2" ;;
    ' candidates holder') held+=" (held by $2)" ;;
    ' message' | ' error message') message=$2 ;;
    ' by') by=$2 ;;
    ' reason') reason=$2 ;;
    ' error details reason' | ' details reason') reason=$2 ;;
    ' resource name') export BERTH_BENCH=$2 ;;
    ' lease id') export BERTH_LEASE_ID=$2 ;;
    ' lease fencingToken') export BERTH_FENCING_TOKEN=$2 ;;
    ' resource entities '*' properties '*) set_property "${1#' resource entities '}" "$2" ;;
    ' resource properties '*) set_property "${1#' resource '}" "$2" ;;
  esac
}

# set_property "dut properties socket" VALUE: exports BERTH_DUT_SOCKET, but never what Berth itself reads.
set_property() {
  local name=${1/properties /}
  name=${name^^}
  name=BERTH_${name//[^A-Z0-9]/_}
  case $name in
    BERTH_URL | BERTH_ADDRESS | BERTH_USER | BERTH_ROLE | BERTH_TOKEN | BERTH_LAB | BERTH_OUTPUT) ;;
    BERTH_BENCH | BERTH_LEASE_ID | BERTH_FENCING_TOKEN) ;;
    *) export "$name=$2" ;;
  esac
}

# curl reads who asks from here: a process list shows no token.
who() {
  if [ -n "${BERTH_USER:-}${BERTH_TOKEN:-}" ]; then
    printf 'user = "%s:%s"\n' "${BERTH_USER:-token}" "${BERTH_TOKEN:-}"
  fi
}

# No list of curl's own: brackets stand for themselves in what is sent as a form.
exec {lines}< <(exec curl -sSN --config <(who) --data-raw "$what" "${BERTH_URL:-http://127.0.0.1:7080}/lock")
curl=$!

# Hanging up gives the bench, or the place in the queue, back.
trap 'kill "$curl" 2>/dev/null' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

granted= position= waiting= held= message= reason= by=
while [ -z "$granted" ] && { IFS= read -r line <&"$lines" || [ -n "$line" ]; }; do
  held= message= reason=
  walk "$line"
  case $line in
    '{"event":"queued"'*) say "place $position of $waiting; $held" ;;
    '{"event":"granted"'*) granted=yes ;;
    '{"event":"warning"'*) say "$message" ;;
    '{"event":"failed"'* | '{"code"'*)
      say "$message"
      case $reason in BENCH_BUSY | WAIT_TIMEOUT | QUOTA) exit 75 ;; *) exit 69 ;; esac
      ;;
    [!{]*) say "$line" ;;
  esac
done
[ -n "$granted" ] || exit 69
say "holding $BERTH_BENCH, token $BERTH_FENCING_TOKEN"

# In a group of its own, so that all that it starts can be ended; such a group cannot read from a terminal.
[ -t 0 ] && exec </dev/null
set -m
"$@" {lines}<&- &
command=$!
set +m
stop() { kill -TERM -- "-$command" 2>/dev/null; }

# Reads on: the lease is over when the answer is. Without this script nobody needs it either.
watch_lease() {
  while IFS= read -r line <&"$lines" && kill -0 $$ 2>/dev/null; do
    message= reason= by=
    walk "$line"
    case $line in
      '{"event":"warning"'*) say "$message" ;;
      '{"event":"ended"'*) say "the lease is over: ${message:-$reason}${by:+ ($by)}" ;;
    esac
  done
  kill -USR1 $$ 2>/dev/null
  stop
  kill "$curl" 2>/dev/null
  sleep 10 >/dev/null 2>&1
  kill -KILL -- "-$command" 2>/dev/null
}

lost=
trap 'lost=yes' USR1
trap stop INT TERM HUP
watch_lease &
watcher=$!

# A signal ends the waiting, not the command, which may have ended before it is looked at: its code is asked for after that.
while
  wait "$command"
  kill -0 "$command" 2>/dev/null
do :; done
wait "$command"
code=$?
kill "$watcher" "$curl" 2>/dev/null
[ -z "$lost" ] || exit 70
exit "$code"
