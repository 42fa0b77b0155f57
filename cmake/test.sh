#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what is missing, then builds and runs the tests of a preset:
#   sh cmake/test.sh [test|debug|release|asan|tsan|ubsan|matrix|aarch64]
# aarch64 is compiled by a cross compiler and runs in a machine of its own: tests/aarch64/test.sh.
# The compiler is the one that CXX names, or the system's.
set -eu
cd "$(dirname "$0")/.."
. cmake/packages.sh

preset=${1:-test}
[ "$preset" = aarch64 ] && exec sh tests/aarch64/test.sh
need_basics
need_test_libraries
install_missing
install_optional $tools_of_readers

# The matrix has its tests in the folder of `test`.
configure=$preset
[ "$preset" = matrix ] && configure=test
cmake --preset "$configure"
cmake --build --preset "$preset" --parallel "$(job_count)"
# most tests wait for most of their time, and none of them measures it
exec ctest --preset "$preset" --parallel "$((2 * $(job_count)))"
