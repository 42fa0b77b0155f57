#!/bin/sh
# SPDX-License-Identifier: MIT
# Starts the program, waits until it waits, and runs a command in which PID stands for its id: sh outside.sh <program> <command>...
set -eu
program=$1
shift
work=$(mktemp -d)
mkfifo "$work/input"
"$program" wait <"$work/input" >"$work/output" &
exec 3>"$work/input"
trap 'exec 3>&-; wait; rm -rf "$work"' EXIT
until pid=$(grep -E '^[0-9]+$' "$work/output"); do sleep 0.05; done
# until the main thread reads and the sender sends
until [ "$(cat /proc/"$pid"/task/*/syscall | cut -d' ' -f1 | sort | tr '\n' ' ')" = "0 202 " ]; do sleep 0.05; done
for argument in "$@"; do
  shift
  set -- "$@" "$(printf '%s' "$argument" | sed "s,PID,$pid,g; s,WORK,$work,g")"
done
sh -c "$*"
