// SPDX-License-Identifier: MIT
/// \file Waits until every task is parked: then a test's workers are idle, and the test needs no sleep.
#ifndef TASKLEAK_WAIT_UNTIL_PARKED_HPP
#define TASKLEAK_WAIT_UNTIL_PARKED_HPP

#include <taskleak/detail/run/main_line.hpp>
#include <taskleak/guard.hpp>
#include <taskleak/options.hpp>

#include <source_location>

namespace taskleak::inline v0 {

/// Returns true as soon as every thread of the process but the calling one and ignored ones is parked, and none of them has run
/// in between two looks: whatever the test has set in motion has come to rest.
///
/// A wait that ends by itself, such as a sleep, a wait with a limit, or for a timer of timerfd_create(2) that is set to less than
/// a minute, does not count as parked unless timed_waits_too() is given; nor does one that the kernel ends, as for a disk. A wait
/// for a lock counts only if the thread that holds the lock is parked. Threads of every scope count, those that were there before
/// the test among them: a pool may run the test's job. A suspended coroutine is at rest where all threads are.
///
/// At the end of the time (wait_up_to(), 1 s without it) the call returns false and fails the test at the place of the call, with
/// the stacks of threads that are not parked; under on_leak(warn) it only warns. The call signals no thread before that.
///
///     queue.push(job);
///     taskleak::wait_until_parked();   // a worker has taken the job, done it, and waits for the next one
///     EXPECT_EQ(done, 1);
inline bool wait_until_parked(options rules = {}, std::source_location where = std::source_location::current()) {
  return detail::main_line::wait_until_parked_at(rules, where.file_name(), where.line());
}

template <class... More>
bool wait_until_parked(detail::first_option first, options second, More... more) {
  return wait_until_parked(
      options(static_cast<options&&>(first.value), static_cast<options&&>(second), static_cast<More&&>(more)...), first.where);
}

/// Lets wait_until_parked() count waits that end by themselves: a worker that polls, or sleeps between two rounds, is at rest
/// then.
[[nodiscard("an option does nothing by itself: give it to wait_until_parked()")]] inline options timed_waits_too() {
  return options().adopt(new detail::option(detail::option_kind::timed_waits_too));
}

}  // namespace taskleak::inline v0

#endif
