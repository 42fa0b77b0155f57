#!/bin/sh
# SPDX-License-Identifier: MIT
# Compiles tests for AArch64 Linux and runs them in a machine with a kernel of its own; `sh cmake/test.sh aarch64` calls this.
# TASKLEAK_CPU names the machine's CPU, see vm.sh. Where the tools are not to be had it says so and ends with 0.
set -eu
cd "$(dirname "$0")/../.."
. cmake/packages.sh

skip() {
  echo "taskleak: skipped: AArch64 Linux is not tested here: $1"
  exit 0
}

install_optional cmake ninja-build g++-aarch64-linux-gnu qemu-system-arm mmdebstrap cpio
for tool in cmake ninja aarch64-linux-gnu-g++ qemu-system-aarch64 mmdebstrap cpio; do
  has_command "$tool" || skip "$tool is missing"
done
sh tests/aarch64/root.sh build/aarch64-root || skip "Debian's packages of that CPU are not to be had"

# what looks at threads and stacks; what is about text alone is the same on each CPU
tests="registry vdso wait_kinds own_stack symbols libdw_walker wait_functions scopes frozen_copy"
examples="01_abandoned_sender 02_worker_without_stop 03_unclosed_queue 04_missing_done"
targets=
names=
for test in $tests; do
  targets="$targets unit_$test"
  names="$names|unit\\.$test"
done
for example in $examples; do
  targets="$targets example_${example}_gtest_leaks example_${example}_gtest_fixed"
  names="$names|example\\.$example\\.gtest\\..*"
done

cmake --preset aarch64
# shellcheck disable=SC2086
cmake --build build/aarch64 --parallel "$(job_count)" --target $targets
trap 'sh tests/aarch64/vm.sh stop' EXIT
sh tests/aarch64/vm.sh start "${TASKLEAK_CPU:-cortex-a57}"
ctest --test-dir build/aarch64 --tests-regex "^(${names#|})\$" --parallel 2 --output-on-failure
