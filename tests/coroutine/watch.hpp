// SPDX-License-Identifier: MIT
/// \file What the registry says of a coroutine. The same tests are compiled with tracking and without; without, nothing is asked.
#ifndef TASKLEAK_TESTS_COROUTINE_WATCH_HPP
#define TASKLEAK_TESTS_COROUTINE_WATCH_HPP

#include <gtest/gtest.h>

#include <coroutine>
#include <cstddef>
#include <ostream>

#if defined(TASKLEAK_TRACK_COROUTINES_HPP)

#include <taskleak/detail/probe/coroutine/live_coroutine.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

inline constexpr bool is_tracked_build = true;

enum class seen_as { created, running, suspended, finished, not_listed };

inline std::ostream& operator<<(std::ostream& out, seen_as state) {
  constexpr const char* texts[] = {"created", "running", "suspended", "finished", "not listed"};
  return out << texts[static_cast<int>(state)];
}

inline taskleak::detail::light_vector<taskleak::detail::live_coroutine> live_coroutines() {
  return taskleak::detail::copy_coroutines_younger_than(0, [](const taskleak::detail::coroutine_birth&, bool) { return true; });
}

/// One coroutine's record, found by its frame.
struct record {
  seen_as state = seen_as::not_listed;
  unsigned line = 0;
  taskleak::detail::live_coroutine live;

  explicit record(std::coroutine_handle<> h) {
    for (const auto& c : live_coroutines())
      if (c.frame() == reinterpret_cast<std::uintptr_t>(h.address())) {
        live = c;
        state = static_cast<seen_as>(taskleak::detail::state_of(c, h.done()));
        line = c.data.place.line();
      }
  }
};

/// Each test has to leave as many coroutines as it found.
class Coroutine : public testing::Test {
 protected:
  void SetUp() override { before_ = live_coroutines().size(); }
  void TearDown() override { EXPECT_EQ(live_coroutines().size(), before_); }
  std::size_t born() const { return live_coroutines().size() - before_; }

 private:
  std::size_t before_ = 0;
};

#define EXPECT_CREATED(handle) EXPECT_EQ(record(handle).state, seen_as::created)
#define EXPECT_RUNNING(handle) EXPECT_EQ(record(handle).state, seen_as::running)
#define EXPECT_FINISHED(handle) EXPECT_EQ(record(handle).state, seen_as::finished)
#define EXPECT_NOT_LISTED(handle) EXPECT_EQ(record(handle).state, seen_as::not_listed)
#define EXPECT_BORN(count) EXPECT_EQ(born(), static_cast<std::size_t>(count))
#define EXPECT_SUSPENDED_AT(handle, at)                       \
  do {                                                        \
    const record r(handle);                                   \
    EXPECT_EQ(r.state, seen_as::suspended);                   \
    EXPECT_EQ(r.line, static_cast<unsigned>(at)) << __FILE__; \
  } while (false)

#else

inline constexpr bool is_tracked_build = false;

class Coroutine : public testing::Test {};

#define EXPECT_CREATED(handle) static_cast<void>(handle)
#define EXPECT_RUNNING(handle) static_cast<void>(handle)
#define EXPECT_FINISHED(handle) static_cast<void>(handle)
#define EXPECT_NOT_LISTED(handle) static_cast<void>(handle)
#define EXPECT_BORN(count) static_cast<void>(count)
#define EXPECT_SUSPENDED_AT(handle, at) static_cast<void>(handle)

#endif

#endif
