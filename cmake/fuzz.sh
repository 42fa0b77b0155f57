#!/bin/sh
# SPDX-License-Identifier: MIT
# Fuzzes the readers of ELF, DWARF and names with libFuzzer: sh cmake/fuzz.sh [<seconds for each>] [<reader>...]
# The readers are those of tests/fuzz/readers.hpp. What a fuzzer finds lies in build/fuzz/ and ends this with its exit code.
set -eu
cd "$(dirname "$0")/.."

seconds=8
if [ $# -gt 0 ]; then
  seconds=$1
  shift
fi
[ $# -gt 0 ] || set -- elf_file elf_file_in_handler line_programs frame_entries expression symbol function_text

folder=build/fuzz
mkdir -p "$folder"
flags='-std=c++20 -g -O1 -I include'
echo '#include <taskleak/detail/base/requirements.hpp>
#include <cstddef>
#include <cstdint>
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t*, std::size_t) { return 0; }' >"$folder/try.cpp"
for compiler in "${CXX:-clang++}" clang++-19 clang++-18 clang++-17 clang++-16 clang++ ''; do
  # shellcheck disable=SC2086
  [ -z "$compiler" ] || ! "$compiler" $flags -fsanitize=fuzzer,address,undefined "$folder/try.cpp" -o "$folder/try" >/dev/null 2>&1 || break
done
if [ -z "$compiler" ]; then
  echo "taskleak: no clang with libFuzzer (Debian and Ubuntu: libclang-rt-19-dev): the readers are NOT fuzzed"
  exit 0
fi

# shellcheck disable=SC2086
"$compiler" $flags tests/fuzz/make_seeds.cpp -lfmt -o "$folder/make_seeds"
for reader in "$@"; do
  mkdir -p "$folder/$reader"
  "$folder/make_seeds" "$reader" "$folder/$reader"
  # shellcheck disable=SC2086
  "$compiler" $flags -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined "-DTASKLEAK_READER=$reader" \
    tests/fuzz/fuzzer.cpp -lfmt -pthread -o "$folder/fuzz_$reader"
  log="$folder/$reader.log"
  "$folder/fuzz_$reader" -max_total_time="$seconds" -timeout=10 -max_len=65536 "-artifact_prefix=$folder/$reader-" "$folder/$reader" \
    >"$log" 2>&1 || {
    code=$?
    tail -n 60 "$log"
    exit "$code"
  }
  echo "taskleak: $reader: $(grep DONE "$log" | tail -n 1)"
done
