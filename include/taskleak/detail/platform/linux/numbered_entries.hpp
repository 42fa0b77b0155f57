// SPDX-License-Identifier: MIT
/// \file Lists the entries of a folder of /proc by system calls alone.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_NUMBERED_ENTRIES_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_NUMBERED_ENTRIES_HPP

#include <cstdlib>

#include <dirent.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Calls `visit(number)` for each entry of an open folder, whose names are numbers, until a call returns false. Returns whether
/// all entries were visited: false also where the folder cannot be read.
template <class Visit>
bool for_each_numbered_entry(int folder, Visit&& visit) {
  alignas(dirent64) char buffer[16384];
  long got = 0;
  while ((got = syscall(SYS_getdents64, folder, buffer, sizeof buffer)) > 0)
    for (long at = 0; at < got;) {
      const auto* const entry = reinterpret_cast<const dirent64*>(buffer + at);
      at += entry->d_reclen;
      if (entry->d_name[0] != '.' && !visit(std::atoi(entry->d_name))) return false;
    }
  return got == 0;
}

}  // namespace taskleak::inline v0::detail

#endif
