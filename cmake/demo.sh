#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what is missing, builds the examples, runs them and shows what they report: sh cmake/demo.sh
# Ends with 0 when every example did what it should: the leaking ones fail, their fixed twins pass.
set -eu
cd "$(dirname "$0")/.."
. cmake/packages.sh

need_basics
install_missing

cmake --preset demo
cmake --build --preset demo --parallel "$(job_count)"

ran=0
unexpected=0
for case in build/demo/examples/expect/*.cmake build/demo/examples/*/expect/*.cmake; do
  [ -e "$case" ] || continue
  ran=$((ran + 1))
  printf '\n==== %s\n' "$(sed -n 's/^set(NAME \[==\[\(.*\)\]==\])$/\1/p' "$case")"
  TASKLEAK_EXPECT_SHOW=1 cmake "-DCASE=$case" -P cmake/expect.cmake 2>&1 || unexpected=$((unexpected + 1))
done

if [ "$ran" -eq 0 ]; then
  echo "taskleak: no examples were built" >&2
  exit 1
fi
printf '\n%d of %d examples did what they should\n' "$((ran - unexpected))" "$ran"
[ "$unexpected" -eq 0 ]
