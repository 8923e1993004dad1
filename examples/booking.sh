#!/bin/sh
# What booking is for, with a server as `npm start` starts it:
#   examples/booking.sh
# A quota, a cluster in it, a fifth of that cluster, and a week of a bench.
set -eu
berth() { npx --no-install berth "$@"; }
year=$(($(date +%Y) + 1))

# The quota: what there is to book, for next year.
quota=$(berth grant create -q --cores 100 --memory 400 --from "$year-01-01" --until "$year-12-31" --desc "quota of $year")
berth template create worker --cores 8 --memory 32

# A cluster in it, for June: a master and eight workers would be 72 cores; its limit lets it grow to 80 without asking.
cluster="default/spark-$$"
berth cluster create "$cluster" --kind spark --part master=worker:1 --part worker=worker:8 \
  --limit cores=80 --limit memory=320 --from "$year-06-01" --until "$year-06-30"
berth capacity --from "$year-06-01" --for 7d --table

# A fifth of the cluster for two weeks; what it has follows the cluster's size.
share=$(berth book create -q --cluster "$cluster" --share 20% --from "$year-06-08" --for 2w --desc 'load test')
berth book show "$share"
berth cluster resize "$cluster" --part master=worker:1 --part worker=worker:9 --from "$year-06-15"
berth cluster sizes "$cluster"
berth capacity "$cluster" --from "$year-06-08" --for 14d -o csv

# A week of a bench. Until then others may use it; then it goes to `berth run --booking "$bench" -- CMD`.
bench=$(berth book create -q --bench resource1 --from "+2d" --for 7d --desc 'a week of a bench')
berth book ls --bench resource1

# Two people want the same: the second one learns when there is room.
berth book create --cores 30 --from "$year-06-10" --for 1d || echo "that does not fit"
berth book find --cores 30 --for 1d --from "$year-06-10" --until "$year-07-31"

berth book cancel "$bench"
berth book cancel "$share"
berth cluster delete "$cluster"
berth grant delete "$quota"
