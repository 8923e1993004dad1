#!/bin/sh
# What the tracker is for, with a server as `npm start` starts it:
#   examples/tracker.sh
# Says what it allocates before it does, so that nothing leaks unseen; keeps records; claims what it needs.
set -eu
berth() { npx --no-install berth "$@"; }

# An engine that makes things: intent first, then the outcome.
id=$(berth alloc intent -q --kind vm --owner "${USER:-ci}" --timeout 10m --label job=17)
echo "making vm $id …"
berth alloc done "$id" --external-id "i-$id" --end 2h
berth alloc show "$id"
berth alloc release "$id" --reason 'job 17 is done'

# The same around a command: its exit code is the outcome, also when it is killed.
berth alloc run --kind volume --timeout 1m -- sh -c 'echo "making volume $BERTH_ALLOCATION_ID …"'
berth alloc run --kind volume --timeout 1m -- sh -c 'exit 3' || echo "that failed, and is recorded so"
berth alloc ls --limit 3

# What was never freed, and what would be done about it.
berth leaks
berth collect --plan

# Records: a machine, and an address for it out of a range.
name="machine-$$"
berth record create --json "{\"hostname\":\"$name\",\"owner\":\"tony\",\"state\":\"idle\"}"
berth record create -r address-ranges --json "{\"name\":\"net-$$\",\"range\":\"10.17.0.0/28\"}"
berth record claim --filter "hostname=$name" --owner job-17
address=$(berth record claim -q --range "net-$$" --owner job-17)
echo "$name has $address"
berth record release "$name"
berth record release -r private-addresses "$address"
berth record update "$name" --json '{"state":"needs_repair"}'
berth record changes "$name"
berth record delete "$name"
berth record delete -r address-ranges "net-$$"
