#!/bin/sh
# SPDX-License-Identifier: MIT
# The steps of docs/production.md: sh find_the_leak.sh <the service> [<go>]
# Ends with 0 when each step shows what the page says.
set -eu
service=$1
go=${2:-}
work=$(mktemp -d)
mkfifo "$work/commands"
"$service" <"$work/commands" >"$work/output" &
pid=$!
exec 3>"$work/commands"
trap 'kill $pid 2>/dev/null || true; rm -rf "$work"' EXIT

# until_it_says <words>: what the service says comes when it has done what it was told.
until_it_says() {
  until grep -q "$1" "$work/output"; do
    kill -0 $pid
    sleep 0.05
  done
}
until_it_says /debug/tasks
url=$(sed -n 's,/debug/tasks$,,p' "$work/output")

step() { printf '\n==== %s\n' "$1"; }

step "1. count: the number of threads that wait grows"
echo "serve 20" >&3
until_it_says "served 20"
curl -s "$url/metrics" | grep '^taskleak_tasks{'
curl -s -o "$work/before.pb.gz" "$url/debug/pprof/tasks"
echo "serve 100" >&3
until_it_says "served 120"
curl -s "$url/metrics" | grep '^taskleak_tasks{'

step "2. dump: where they wait, and who made them"
curl -s "$url/debug/pprof/tasks?debug=1" | sed -n '/condition wait/,$p'
curl -s "$url/debug/pprof/tasks?debug=2" | tail -n 7

step "3. which of them nothing can wake any more"
curl -s "$url/debug/pprof/taskleak?debug=1"

if [ -n "$go" ]; then
  step "4. the difference of two profiles: what the last hundred clients have added"
  curl -s -o "$work/after.pb.gz" "$url/debug/pprof/tasks"
  HOME=$work PPROF_TMPDIR=$work "$go" tool pprof -top -diff_base "$work/before.pb.gz" "$work/after.pb.gz"
fi

echo end >&3
wait $pid
