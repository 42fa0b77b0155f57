// SPDX-License-Identifier: MIT
/// \file Requests about the tasks of this program, answered without a server.
#include <taskleak/debug_endpoint.hpp>
#include <taskleak/detail/registry/own_tasks_scope.hpp>
#include <taskleak/detail/verdict/reach.hpp>
#include <taskleak/guard.hpp>
#include <taskleak/html.hpp>  // for nothing but that both compile in one file: each writes pages
#include <taskleak/snapshot.hpp>

#include "../gate.hpp"
#include "../unit/parked_thread.hpp"
#include "difference.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using live::until_difference_waits;
using taskleak::debug_endpoint;
using taskleak::debug_response;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

[[gnu::noinline]] void waits_for_orders(tests::gate& at) {
  at.wait();
  asm volatile("");  // no tail call: the function stays on the stack
}

/// Threads that wait at a gate until this object goes; the constructor returns when all of them wait.
class waiting_threads {
 public:
  explicit waiting_threads(std::size_t count) { add(count); }
  ~waiting_threads() { gate_.open(); }
  void add(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      unit::told_tid tid;
      threads_.emplace_back([this, &tid] {
        tid.tell();
        waits_for_orders(gate_);
      });
      unit::until_parked_in(tid.get(), SYS_futex);
    }
  }

 private:
  tests::gate gate_;
  std::vector<std::jthread> threads_;
};

std::string body_of(std::string_view target) {
  const debug_response response = debug_endpoint::handle(target);
  EXPECT_EQ(response.status, 200) << response.body;
  return response.body;
}

TEST(DebugEndpoint, ShowsAPageOfAllTasks) {
  const waiting_threads three(3);
  const auto [status, content_type, body] = debug_endpoint::handle("/debug/tasks");
  EXPECT_EQ(status, 200);
  EXPECT_EQ(content_type, "text/html; charset=utf-8");
  EXPECT_THAT(body, AllOf(StartsWith("<!DOCTYPE html>"), HasSubstr("<summary>3 &times; thread "), HasSubstr("[condition wait, "),
                          HasSubstr("waits_for_orders(")));
}

TEST(DebugEndpoint, CountsStacksInTheTextOfGosProfiles) {
  const waiting_threads two(2);
  const auto [status, content_type, body] = debug_endpoint::handle("/debug/pprof/tasks?debug=1");
  EXPECT_EQ(status, 200);
  EXPECT_EQ(content_type, "text/plain; charset=utf-8");
  EXPECT_THAT(
      body, testing::MatchesRegex("tasks profile: total 2\n2 @( 0x[0-9a-f]+)+\n# labels: .\"kind\":\"thread\", "
                                  "\"state\":\"condition wait\", \"scope\":\"DebugEndpoint.+\n#(.|\n)*waits_for_orders(.|\n)*"));
}

TEST(DebugEndpoint, WritesAProfileForPprof) {
  const auto [status, content_type, body] = debug_endpoint::handle("/debug/pprof/tasks");
  EXPECT_EQ(status, 200);
  EXPECT_EQ(content_type, "application/octet-stream");
#if defined(TASKLEAK_USE_ZLIB)
  EXPECT_THAT(body, StartsWith("\x1f\x8b"));
#endif
  EXPECT_EQ(debug_endpoint::handle("/debug/pprof/tasks?debug=0").content_type, "application/octet-stream");
}

TEST(DebugEndpoint, WritesTheTextOfAReport) {
  const waiting_threads two(2);
  EXPECT_THAT(body_of("/debug/pprof/tasks?debug=2"),
              AllOf(HasSubstr("2 threads like this one"), HasSubstr("created by main thread")));
}

TEST(DebugEndpoint, ListsTheProfiles) {
  for (const char* target : {"/debug/pprof/", "/debug/pprof"})
    EXPECT_THAT(body_of(target), AllOf(HasSubstr("\"/debug/pprof/tasks?debug=1\""), HasSubstr("\"/debug/pprof/taskleak\"")));
}

/// A gate that nothing leads to but its address with all bits turned, which no search takes for one. It lies in a block of its
/// own mapping, to which no pointer is left over from an earlier block.
class lost_gate {
 public:
  lost_gate() : turned_(~reinterpret_cast<std::uintptr_t>(new large_block)) {}
  ~lost_gate() { delete block(); }
  tests::gate* get() const { return &block()->gate; }

 private:
  struct large_block {
    char room[512 * 1024];
    tests::gate gate;
  };
  large_block* block() const { return reinterpret_cast<large_block*>(~turned_); }

  std::uintptr_t turned_;
};

[[gnu::noinline]] void is_lost(const lost_gate& at) {
  at.get()->wait();
  asm volatile("");
}

/// Clears the stack of what functions that have returned have left there: the address of the gate, for one.
[[gnu::noinline]] void clear_stack_below() {
  volatile char room[64 * 1024];
  for (volatile char& byte : room) byte = 0;
}

/// Looks until the answer has the words. A look leaves words on stacks and in blocks that the next one uses again, so that one
/// may find a way to a task that nobody has; but not all do.
void expect_soon(const char* target, const testing::Matcher<std::string>& expected) {
  constexpr int most_looks = 30;
  std::string body;
  for (int i = 0; i < most_looks && !testing::Matches(expected)(body); ++i) {
    clear_stack_below();
    body = body_of(target);
    EXPECT_THAT(body, Not(AllOf(HasSubstr("\"verdict\":\"orphaned\""), HasSubstr("waits_for_orders"))));
  }
  EXPECT_THAT(body, expected);
}

TEST(DebugEndpoint, HasAProfileOfTheTasksThatNothingCanWake) {
  if (!taskleak::detail::knows_all_memory()) GTEST_SKIP() << "with this allocator no task is called orphaned";
  const waiting_threads healthy(2);
  const lost_gate gate;
  unit::told_tid tid;
  std::thread lost([&] {
    tid.tell();
    is_lost(gate);
  });
  unit::until_parked_in(tid.get(), SYS_futex);
  EXPECT_THAT(body_of("/debug/tasks"), HasSubstr("is_lost"));
  for (int i = 0; i < 2; ++i) {
    expect_soon("/debug/pprof/taskleak?debug=1",
                AllOf(StartsWith("taskleak profile: total 1\n"), HasSubstr("\"verdict\":\"orphaned\""), HasSubstr("is_lost")));
    expect_soon("/debug/tasks?verdicts=1", HasSubstr("orphaned: nothing that can still run can reach"));
  }
  gate.get()->open();
  lost.join();
}

TEST(DebugEndpoint, ADifferenceHasWhatWasAddedMeanwhile) {
  waiting_threads threads(2);
  std::string body;
  std::thread client([&] { body = body_of("/debug/pprof/tasks?debug=1&seconds=1"); });
  until_difference_waits();
  threads.add(3);
  client.join();
  EXPECT_THAT(body, AllOf(StartsWith("tasks profile: total 3\n3 @ "), HasSubstr("waits_for_orders")));
}

TEST(DebugEndpoint, ADifferenceCanBeStopped) {
  std::stop_source stop;
  debug_response response;
  std::thread client([&] { response = debug_endpoint::handle("/debug/pprof/tasks?seconds=600", "GET", stop.get_token()); });
  until_difference_waits();
  stop.request_stop();
  client.join();
  EXPECT_EQ(response.status, 503);
}

TEST(DebugEndpoint, TheThreadsThatAskAreNotShown) {
  std::string body;
  std::thread([&] { body = body_of("/debug/pprof/tasks?debug=1"); }).join();
  EXPECT_THAT(body, AllOf(Not(HasSubstr("debug_endpoint")), HasSubstr("main thread")));
  EXPECT_THAT(body_of("/metrics"), Not(HasSubstr("answers a request")));
}

TEST(DebugEndpoint, ThreadsOfTaskleakAreNoStragglersAndDoNotCount) {
  const std::size_t before = taskleak::task_count();
  tests::gate gate;
  taskleak::guard guard;
  std::thread own;
  {
    const taskleak::detail::creates_own_tasks creates;
    own = std::thread([&gate] {
      std::thread child([&gate] { gate.wait(); });
      child.join();
    });
  }
  EXPECT_TRUE(guard.check());
  EXPECT_TRUE(taskleak::find(unit::at_once).stragglers.empty());
  EXPECT_EQ(taskleak::task_count(), before);
  EXPECT_THAT(body_of("/debug/pprof/tasks?debug=1"), StartsWith("tasks profile: total 0\n"));
  gate.open();
  own.join();
}

std::string line_with(const std::string& text, std::string_view start) {
  const std::size_t at = text.find('\n' + std::string(start));
  return at == text.npos ? "" : text.substr(at + 1, text.find('\n', at + 1) - at - 1);
}

long number_behind(const std::string& text, std::string_view start) {
  const std::string line = line_with(text, start);
  return line.empty() ? -1 : std::stol(line.substr(start.size()));
}

TEST(DebugEndpoint, MetricsCountTasksByKindAndState) {
  const waiting_threads four(4);
  const auto [status, content_type, body] = debug_endpoint::handle("/metrics");
  EXPECT_EQ(status, 200);
  EXPECT_EQ(content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(number_behind(body, "taskleak_tasks{kind=\"thread\",state=\"condition wait\"} "), 4) << body;
  EXPECT_THAT(body, AllOf(HasSubstr("# HELP taskleak_tasks "), HasSubstr("# TYPE taskleak_tasks gauge\n"),
                          HasSubstr("# TYPE taskleak_tasks_created_total counter\n"),
                          HasSubstr("# TYPE taskleak_tasks_finished_total counter\n")));
}

TEST(DebugEndpoint, MetricsCountCreatedAndFinishedThreads) {
  constexpr const char* created = "taskleak_tasks_created_total{kind=\"thread\"} ";
  constexpr const char* finished = "taskleak_tasks_finished_total{kind=\"thread\"} ";
  const std::size_t alive = taskleak::task_count();
  const std::string before = body_of("/metrics");
  {
    const waiting_threads three(3);
    const std::string during = body_of("/metrics");
    EXPECT_EQ(number_behind(during, created), number_behind(before, created) + 3);
    EXPECT_EQ(number_behind(during, finished), number_behind(before, finished));
  }
  unit::until([alive] { return taskleak::task_count() == alive; });
  const std::string after = body_of("/metrics");
  EXPECT_EQ(number_behind(after, created), number_behind(before, created) + 3);
  EXPECT_EQ(number_behind(after, finished), number_behind(before, finished) + 3);
}

TEST(DebugEndpoint, LabelsOfAnyTextAreEscapedInMetrics) {
  taskleak::detail::task_counts counts;
  counts.by_state[{taskleak::task_kind::thread, "a \"b\" \\ c\nd"}] = 1;
  EXPECT_THAT(taskleak::detail::metrics_text(counts), HasSubstr("state=\"a \\\"b\\\" \\\\ c\\\\x0ad\"} 1\n"));
}

struct wrong_request {
  const char* method;
  const char* target;
  int status;
  const char* says;
};

class WrongRequest : public testing::TestWithParam<wrong_request> {};

TEST_P(WrongRequest, GetsAStatusAndAWordOnWhatIsAllowed) {
  const wrong_request& wrong = GetParam();
  const debug_response response = debug_endpoint::handle(wrong.target, wrong.method);
  EXPECT_EQ(response.status, wrong.status) << wrong.method << ' ' << wrong.target;
  EXPECT_EQ(response.content_type, "text/plain; charset=utf-8");
  EXPECT_THAT(response.body, HasSubstr(wrong.says));
  EXPECT_EQ(response.allow(), wrong.status == 405 ? "GET, HEAD" : "");
}

INSTANTIATE_TEST_SUITE_P(
    DebugEndpoint, WrongRequest,
    testing::Values(wrong_request{"GET", "/", 404, "/debug/tasks: "}, wrong_request{"GET", "", 404, "/metrics: "},
                    wrong_request{"GET", "/debug/pprof/heap", 404, "/debug/pprof/tasks: "},
                    wrong_request{"POST", "/debug/nothing", 404, "nothing is at /debug/nothing"},
                    wrong_request{"POST", "/debug/tasks", 405, "GET, HEAD"}, wrong_request{"get", "/metrics", 405, "GET, HEAD"},
                    wrong_request{"DELETE", "/debug/pprof/tasks?debug=9", 405, "GET, HEAD"},
                    wrong_request{"GET", "/debug/pprof/tasks?debug=3", 400, "bad value '3' for debug; allowed: 0, 1, 2"},
                    wrong_request{"GET", "/debug/pprof/tasks?debug=", 400, "allowed: 0, 1, 2"},
                    wrong_request{"GET", "/debug/pprof/tasks?debug", 400, "allowed: 0, 1, 2"},
                    wrong_request{"GET", "/debug/pprof/tasks?debug=1x", 400, "allowed: 0, 1, 2"},
                    wrong_request{"GET", "/debug/pprof/tasks?debug=1&debug=1", 400, "debug is given twice"},
                    wrong_request{"GET", "/debug/pprof/tasks?seconds=0", 400, "a whole number from 1 to 600"},
                    wrong_request{"GET", "/debug/pprof/tasks?seconds=-5", 400, "a whole number from 1 to 600"},
                    wrong_request{"GET", "/debug/pprof/tasks?seconds=99999999999999999999", 400, "a whole number from 1 to 600"},
                    wrong_request{"GET", "/debug/pprof/taskleak?seconds=1.5", 400, "a whole number from 1 to 600"},
                    wrong_request{"GET", "/debug/pprof/tasks?debug=2&seconds=1", 400, "seconds is for debug=0 and debug=1"},
                    wrong_request{"GET", "/debug/pprof/tasks?gc=1", 400, "unknown parameter 'gc'"},
                    wrong_request{"GET", "/debug/pprof/tasks?=1", 400, "debug=0, 1, 2"},
                    wrong_request{"GET", "/debug/tasks?verdicts=yes", 400, "allowed: 0, 1"},
                    wrong_request{"GET", "/metrics?x=1", 400, "it takes none"},
                    wrong_request{"GET", "/debug/pprof/tasks?debug=%3", 400, "a broken escape"}));

TEST(DebugEndpoint, TakesEscapesInATarget) {
  EXPECT_EQ(debug_endpoint::handle("/debug/%74asks").status, 200);
  EXPECT_EQ(debug_endpoint::handle("/debug/pprof/tasks?debug=%31").content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(debug_endpoint::handle("/debug/tasks/?#top").status, 200);
  EXPECT_EQ(debug_endpoint::handle("/debug/tasks", "HEAD").status, 200);
}

TEST(DebugEndpoint, WhatAnUnknownTargetNamesIsShownWithoutEffect) {
  const std::string body = debug_endpoint::handle("/%1b[31m%0d%0aX").body;
  EXPECT_THAT(body, HasSubstr("nothing is at /\\x1b[31m\\x0d\\x0aX;"));
}

}  // namespace
