#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs a command in the machine that vm.sh has started, with this environment and working directory, and ends as the command does.
#   TASKLEAK_VM=<folder of the machine> run.sh <command> [<argument>...]
set -eu
vm=${TASKLEAK_VM:-$(cd "$(dirname "$0")/../.." && pwd)/build/aarch64-vm}
if [ ! -e "$vm/queue/is_up" ]; then
  echo "taskleak: no machine runs in $vm: sh tests/aarch64/vm.sh start" >&2
  exit 126
fi
quoted() { printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"; }
job=$(mktemp -d "$vm/queue/job.XXXXXX")
{
  echo "cd $(quoted "$PWD")"
  env | sed -n 's/^\(TASKLEAK_[A-Z_]*\|GTEST_[A-Z_]*\|GITHUB_[A-Z_]*\|TEST_[A-Z_]*\|NO_COLOR\|COLUMNS\)=.*/\1/p' | while read -r name; do
    eval "value=\$$name"
    echo "export $name=$(quoted "$value")"
  done
  printf 'exec'
  for argument; do printf ' %s' "$(quoted "$argument")"; done
  echo
} >"$job/command"
trap 'touch "$job/give_up"; exit 143' TERM INT
: >"$job/ready"
while [ ! -e "$job/code" ]; do
  [ -e "$vm/queue/is_up" ] || { echo "taskleak: the machine has gone" >&2; exit 125; }
  sleep 0.05
done
cat "$job/err" >&2
cat "$job/out"
code=$(cat "$job/code")
rm -rf "$job"
[ "$code" -le 128 ] || [ "$code" -gt 192 ] || kill -"$((code - 128))" $$
exit "$code"
