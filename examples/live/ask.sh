#!/bin/sh
# SPDX-License-Identifier: MIT
# Starts the server that is named, asks it for some targets, and shows the answers: sh ask.sh <server> <target>...
set -eu
server=$1
shift
work=$(mktemp -d)
"$server" $# >"$work/output" &
pid=$!
trap 'kill $pid 2>/dev/null || true; rm -rf "$work"' EXIT
until grep -q /debug/tasks "$work/output"; do
  kill -0 $pid
  sleep 0.05
done
url=$(sed -n 's,/debug/tasks$,,p' "$work/output")
for target in "$@"; do
  printf '==== %s\n' "$target"
  case $target in
    "POST "*) curl -s -i -X POST -d x "$url${target#POST }" ;;
    "HEAD "*) curl -s -I "$url${target#HEAD }" ;;
    *) curl -s -i "$url$target" ;;
  esac
done
wait $pid
