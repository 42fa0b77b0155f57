// SPDX-License-Identifier: MIT
/// \file Lets a library bring rules for its own threads along, so that the tests of its users need not know of these threads.
///
/// Code that needs rules in one place only can define a function instead, as for a sanitizer, without any include:
///
///     extern "C" const char* taskleak_default_suppressions() { return "name:feed*  # ends at exit\n"; }
///
/// The function returns lines of a suppression file, or null. The program and each of its shared libraries may export such a
/// function.
#ifndef TASKLEAK_DEFAULT_RULES_HPP
#define TASKLEAK_DEFAULT_RULES_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/requirements.hpp>

#include <new>
#include <source_location>

namespace taskleak::inline v0 {

namespace detail {

/// Holds the rules that one default_rules object registered; outlives the library that the object belongs to.
struct registered_rules {
  const char* lines;
  const char* file;
  unsigned line;
  const registered_rules* next;
};

/// Heads the list of all registered rules, the latest first; read and written by the compiler's atomic built-ins.
TASKLEAK_SHARED inline constinit const registered_rules* all_registered_rules = nullptr;

}  // namespace detail

/// Registers lines of a suppression file that hold in every run of a program with this library. Any number of libraries may
/// register rules.
///
/// Costs two small copies when the library is loaded, and needs no main line of taskleak in the program. A bad line ends the
/// program before any test, and the message names the place of this object; in a library that is loaded later, a bad line fails
/// the next check that has to look. *What can go wrong:* a linker takes from a static library only what the program refers to.
/// Put the object into a header of the library, as an inline variable, or beside a function that every user calls.
///
///     inline const taskleak::default_rules feed_rules("name:feed-io  # ends at exit\n");
class [[nodiscard("the rules belong to the program: give them a variable of namespace scope")]] default_rules{
  public : [[nodiscard("the rules belong to the program: give them a variable of namespace scope")]] explicit default_rules(
      const char* lines, std::source_location where = std::source_location::current()) noexcept {
      auto* const made =
          new (std::nothrow) detail::registered_rules{copy(lines), copy(where.file_name()), unsigned{where.line()}, nullptr};
if (!made) return;
const detail::registered_rules** const first = &detail::all_registered_rules;
made->next = __atomic_load_n(first, __ATOMIC_ACQUIRE);
while (!__atomic_compare_exchange_n(first, &made->next, made, true, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
}
}

private:
static const char* copy(const char* text) noexcept {
  unsigned long length = 0;
  while (text && text[length]) ++length;
  auto* const made = new (std::nothrow) char[length + 1];
  if (!made) return "";
  for (unsigned long i = 0; i < length; ++i) made[i] = text[i];
  made[length] = '\0';
  return made;
}
}
;

}  // namespace taskleak::inline v0

#endif
