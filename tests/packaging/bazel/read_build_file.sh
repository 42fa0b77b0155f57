#!/bin/sh
# SPDX-License-Identifier: MIT
# Lets Bazel read taskleak's build file, in a workspace whose other repositories are stand-ins:
#   sh read_build_file.sh <bazel> <tree> <folder to work in>
set -eu
bazel=$1 tree=$2 work=$3
rm -rf "$work/user" "$work/taskleak" "$work/stand_ins"
mkdir -p "$work/user" "$work/taskleak/cmake" "$work/stand_ins/cc"
cp -r "$tree/include" "$work/taskleak/"
cp -r "$tree/cmake/main" "$work/taskleak/cmake/"

touch "$work/stand_ins/BUILD" "$work/stand_ins/cc/BUILD"
for rule in cc_binary cc_import cc_library cc_test cc_toolchain cc_toolchain_suite; do echo "$rule = native.$rule"; done >"$work/stand_ins/cc/defs.bzl"

# repository <name> <path> <build file, or its content>
repository() { printf 'new_local_repository(name = "%s", path = "%s", %s)\n' "$1" "$2" "$3"; }
library() { printf "build_file_content = 'cc_library(name = \"%s\", visibility = [\"//visibility:public\"])'" "$1"; }
{
  repository taskleak "$work/taskleak" "build_file = \"$tree/cmake/packaging/bazel/BUILD.bazel\""
  repository rules_cc "$work/stand_ins" 'build_file_content = ""'
  repository fmt "$work/stand_ins" "$(library fmt)"
  repository googletest "$work/stand_ins" "$(library gtest)"
} >"$work/user/WORKSPACE"

cd "$work/user"
root="--output_user_root=$work/output"
code=0
"$bazel" $root query --noshow_progress --curses=no --color=no \
  '@taskleak//:all + labels(deps, @taskleak//:all) + labels(srcs, @taskleak//:all) + labels(hdrs, @taskleak//:all)' || code=$?
"$bazel" $root shutdown >/dev/null 2>&1
exit $code
