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
jobs=$(job_count)
cmake --build build/demo --parallel "$jobs"
cmake --build build/demo --target demo

printf '\n==== the same reports checked word by word, and the fixed twins, which pass\n'
exec ctest --preset demo --parallel "$jobs"
