// SPDX-License-Identifier: MIT
/// \file Waits for a request of a difference to be under way.
#ifndef TASKLEAK_TESTS_LIVE_DIFFERENCE_HPP
#define TASKLEAK_TESTS_LIVE_DIFFERENCE_HPP

#include <taskleak/detail/inspect/labelled_wait.hpp>
#include <taskleak/detail/probe/thread/live_thread.hpp>
#include <taskleak/detail/registry/scope.hpp>

#include "../unit/parked_thread.hpp"

namespace live {

/// Until a thread of taskleak's own waits to take a second look.
inline void until_difference_waits() {
  unit::until([] {
    for (const auto& t : taskleak::detail::copy_threads_younger_than(
             0, [](const auto& record) { return taskleak::detail::is_of_taskleak(record.charged_to); })) {
      const auto wait = taskleak::detail::labelled_wait_of(t);
      if (wait && wait->label == "waits to take a difference") return true;
    }
    return false;
  });
}

}  // namespace live

#endif
