// SPDX-License-Identifier: MIT
/// \file Writes the counters of coverage before an early end of the process: they are written by exit() else.
#ifndef TASKLEAK_DETAIL_RUN_WATCH_COVERAGE_HPP
#define TASKLEAK_DETAIL_RUN_WATCH_COVERAGE_HPP

extern "C" {
[[gnu::weak]] void __gcov_dump();               // gcov's, see "Gcov Intro" in GCC's manual
[[gnu::weak]] void __gcov_exit();               // what exit() calls for it, in libgcov-driver.c
[[gnu::weak]] int __llvm_profile_write_file();  // LLVM's, see "Source-based Code Coverage" in Clang's manual
}

namespace taskleak::inline v0::detail {

inline void write_coverage() {
  // a weak reference takes nothing out of libgcov.a, where __gcov_dump() has a file of its own, and exit()'s function has not
  if (&__gcov_dump)
    __gcov_dump();
  else if (&__gcov_exit)
    __gcov_exit();
  if (&__llvm_profile_write_file) __llvm_profile_write_file();
}

}  // namespace taskleak::inline v0::detail

#endif
