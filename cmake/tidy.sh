#!/bin/sh
# SPDX-License-Identifier: MIT
# clang-tidy, by the .clang-tidy of the tree, over the files that have all headers in them: sh cmake/tidy.sh
# clang-tidy 14 cannot read the headers: they need std::source_location, which it lacks with libstdc++.
set -eu
cd "$(dirname "$0")/.."

for tidy in clang-tidy-19 clang-tidy-18 clang-tidy-17 clang-tidy-16 ''; do
  [ -z "$tidy" ] || ! command -v "$tidy" >/dev/null 2>&1 || break
done
if [ -z "$tidy" ]; then
  echo "taskleak: clang-tidy 16 or newer is not available: NOT run"
  exit 0
fi
flags="-std=c++20 -I include -include taskleak/track_coroutines.hpp"
mkdir -p build/tidy
for main in gtest_main catch2_main doctest_main boost_test_main; do
  # Debian and Ubuntu have it in libboost-test-dev
  [ $main != boost_test_main ] || [ -e /usr/include/boost/test/unit_test.hpp ] || continue
  # why: as a macro on the command line the header's name looks like an expression
  echo "#include <taskleak/$main.hpp>" >"build/tidy/$main.cpp"
  # shellcheck disable=SC2086
  "$tidy" --quiet "build/tidy/$main.cpp" -- $flags
done
# shellcheck disable=SC2086
"$tidy" --quiet tests/consistency/warnings_user.cpp -- $flags
