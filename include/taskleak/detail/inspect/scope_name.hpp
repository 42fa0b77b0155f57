// SPDX-License-Identifier: MIT
/// \file Returns the name of the scope that a task is charged to, which another thread may have opened.
#ifndef TASKLEAK_DETAIL_INSPECT_SCOPE_NAME_HPP
#define TASKLEAK_DETAIL_INSPECT_SCOPE_NAME_HPP

#include <taskleak/detail/base/unseen_by_tsan.hpp>
#include <taskleak/detail/registry/scope.hpp>

#include <cstddef>
#include <string>

namespace taskleak::inline v0::detail {

/// Returns the scope's name; empty for the program's scope, and for null. May be called only while a reading_scopes lives that
/// was there when the task was copied.
inline std::string name_of_scope(const scope* s) {
  std::size_t length = 0;
  {
    const unseen_by_tsan unseen;
    if (s && s->name)
      while (s->name[length] != '\0') ++length;
  }
  std::string copy(length, '\0');  // not hidden from ThreadSanitizer, which has to know whose memory it is
  const unseen_by_tsan unseen;
  for (std::size_t i = 0; i < length; ++i) copy[i] = s->name[i];
  return copy;
}

}  // namespace taskleak::inline v0::detail

#endif
