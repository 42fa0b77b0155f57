// SPDX-License-Identifier: MIT
/// \file Says in one line what a report has to do without.
#ifndef TASKLEAK_DETAIL_PLATFORM_PORTABLE_SELF_CHECK_HPP
#define TASKLEAK_DETAIL_PLATFORM_PORTABLE_SELF_CHECK_HPP

namespace taskleak::inline v0::detail {

/// Says why threads go unseen. Never null: there are no hooks.
inline const char* interposition_defeat() noexcept {
  return "the portable back end is in use: coroutines are tracked, and threads that taskleak::thread, jthread and async make; "
         "what a "
         "thread waits for is not known, its state is \"alive\". See docs/limitations.md";
}

}  // namespace taskleak::inline v0::detail

#endif
