// SPDX-License-Identifier: MIT
/// \file Holds what an option says to do about leaks, if any option does.
#ifndef TASKLEAK_DETAIL_FILTER_CHOSEN_ACTION_HPP
#define TASKLEAK_DETAIL_FILTER_CHOSEN_ACTION_HPP

#include <taskleak/options.hpp>

#include <optional>

namespace taskleak::inline v0::detail {

/// Holds an optional leak_action, and initialises all of its bytes.
///
/// why not std::optional: Clang 16 reads both bytes of an empty one at once, and one of them is not initialised; valgrind's
/// memcheck, under which users run their tests, takes that for a mistake of the program.
class chosen_action {
 public:
  constexpr chosen_action() noexcept = default;
  constexpr chosen_action(leak_action action) noexcept : is_made_(true), action_(action) {}

  explicit constexpr operator bool() const noexcept { return is_made_; }
  constexpr leak_action operator*() const noexcept { return action_; }

  friend constexpr bool operator==(const chosen_action& a, leak_action b) noexcept { return a.is_made_ && a.action_ == b; }
  friend constexpr bool operator==(const chosen_action& a, std::nullopt_t) noexcept { return !a.is_made_; }

 private:
  bool is_made_ = false;
  leak_action action_ = leak_action::fail;
};

}  // namespace taskleak::inline v0::detail

#endif
