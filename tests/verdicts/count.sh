#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs each test of a program again and again, one test in a process, and counts the verdicts:
#   sh tests/verdicts/count.sh PROGRAM [RUNS]
# A test of a suite `Doomed...` leaves a task that nothing can wake, one of a suite `Healthy...` only tasks that can go on. Ends with
# 1 if a healthy task was ever called orphaned or deadlocked.
set -eu

program=$1
runs=${2:-50}
export TASKLEAK_OPTIONS="${TASKLEAK_OPTIONS:-wait_up_to=200:exit_within=500ms}"

# verdict_of <test>: prints `named` if a task was called orphaned or deadlocked, `withheld` otherwise
verdict_of() {
  if "$program" --gtest_filter="$1" 2>&1 | grep -qE '\] (orphaned|deadlocked): '; then echo named; else echo withheld; fi
}

tests=$("$program" --gtest_list_tests 2>/dev/null | awk '/^[^ ]/ {suite = $1; next} suite ~ /^(Doomed|Healthy)/ {print suite $1}')
named=0 withheld=0 right=0 wrong=0
for test in $tests; do
  test_named=0 run=0
  while [ "$run" -lt "$runs" ]; do
    run=$((run + 1))
    [ "$(verdict_of "$test")" = withheld ] || test_named=$((test_named + 1))
  done
  case $test in
    Doomed*)
      named=$((named + test_named)) withheld=$((withheld + runs - test_named))
      printf '%-90s named %d of %d\n' "$test" "$test_named" "$runs"
      ;;
    *)
      right=$((right + runs - test_named)) wrong=$((wrong + test_named))
      printf '%-90s wrong %d of %d\n' "$test" "$test_named" "$runs"
      ;;
  esac
done
printf 'doomed: %d named, %d withheld; healthy: %d right, %d wrong\n' "$named" "$withheld" "$right" "$wrong"
[ "$wrong" -eq 0 ]
