// SPDX-License-Identifier: MIT
/// \file What was said to do about leaks, if anything was.
#ifndef TASKLEAK_DETAIL_FILTER_CHOSEN_ACTION_HPP
#define TASKLEAK_DETAIL_FILTER_CHOSEN_ACTION_HPP

#include <taskleak/options.hpp>

#include <optional>

namespace taskleak::inline v0::detail {

/// An optional leak_action, whose bytes are all initialised.
///
/// why not std::optional: Clang 16 reads its two bytes at once, of which one is not initialised in an empty one; valgrind's
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
