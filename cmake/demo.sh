#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what is missing, builds the examples, runs them and shows what they report: sh cmake/demo.sh
# Ends with 0 when every example did what it should: the leaking ones fail, their fixed twins pass.
set -eu
cd "$(dirname "$0")/.."
. cmake/packages.sh

need_basics
install_missing

jobs=$(job_count)

# What the program says of its first failure, without the test framework's own lines.
report_of() {
  "build/demo/examples/$1" --gtest_brief=1 | sed -n '/: Failure$/,/^\[  FAILED/{/^\[/!p;}'
}

first=example_02_worker_without_stop_gtest_leaks
cmake --preset demo >/dev/null
printf '==== a test that leaves a thread behind, before the other examples are built\n'
cmake --build build/demo --parallel "$jobs" --target $first >build/demo/first.log || { cat build/demo/first.log; exit 1; }
report_of $first

printf '\n==== all examples: each report checked word by word, and the fixed twins, which pass\n'
cmake --build build/demo --parallel "$jobs"
ctest --preset demo --parallel "$jobs"
cmake --build build/demo --target demo

printf '\n==== and a coroutine that nobody will resume\n'
report_of example_05_receiver_left_gtest_leaks
echo 'next: docs/tutorial.md, ten minutes from a suite of your own to one that is checked'
