// SPDX-License-Identifier: MIT
/// \file A run whose reports have something in each field, with names that no format may write as they are.
#ifndef TASKLEAK_TESTS_REPORTS_EVERY_FIELD_HPP
#define TASKLEAK_TESTS_REPORTS_EVERY_FIELD_HPP

#include <taskleak/format.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace tests {

/// Has bytes that are no UTF-8, a command of a terminal, the end of a line, a null, and what JSON, HTML, XML, markdown, dot and
/// the commands of workflows give a meaning to.
inline std::string strange(const char* word) {
  using namespace std::string_literals;
  return word + " \xff\xc3\x1b[31m\n\r\t\0\x7f\u202e\u2028<script>alert('x')</script>&amp;\"'`\\{}|#*_[]%25::,=ü</title>-->"s;
}

inline taskleak::frame frame_at(const char* function, const char* file, unsigned line) {
  return {strange(function), strange(file), line, strange("/lib/module"), 0xfedcba9876543210, false, false};
}

inline taskleak::straggler every_field_of_a_straggler() {
  using namespace std::chrono_literals;
  taskleak::straggler s;
  s.id = 4711;
  s.name = strange("worker");
  s.state = taskleak::state::mutex_lock;
  s.state_text = strange("mutex lock");
  s.parked_for = 412ms;
  s.time_left = 3200ms;
  s.waits_on = {strange("mutex"), 0xfedcba9876543210, strange("held by"), 4712, 3, {}, strange("libstdc++"), strange("lock")};
  s.waits_on.block_size = 104;
  s.waits_on.allocated_by = {frame_at("feed()", "src/feed.cpp", 23)};
  s.waits_on.descriptors = {
      {7, strange("socket:[1]"), "tcp", strange("here"), strange("there"), true, strange("count 3"), 1500ms, 8}};
  s.waits_for = {{taskleak::wait_relation::owner, taskleak::task_kind::thread, 4712, strange("owner"), true, false},
                 {taskleak::wait_relation::joined, taskleak::task_kind::thread, 4713, strange("joined"), false, true},
                 {taskleak::wait_relation::awaited, taskleak::task_kind::coroutine, 9, strange("awaited"), false, false}};
  s.stack = {frame_at("lock", "mutex.c", 1), frame_at("run", "src/feed.cpp", 57)};
  s.stack[0].plumbing = s.stack[0].inlined = true;
  s.stack_note = strange("cut");
  s.created_by = strange("thread 7");
  s.ancestry = {{7, false, true}, {1, true, false}};
  s.scope = strange("Feed.Closes");
  s.creation_stack = {frame_at("feed()", "src/feed.cpp", 22)};
  s.verdict = taskleak::verdict::self_ending;
  s.reason = strange("waits");
  s.wakes = 40;
  s.owned_by = strange("pool");
  s.holders = {strange("global"), strange("[heap]")};
  s.held_by = 4714;
  s.hint = strange("stop it");
  return s;
}

inline taskleak::report every_field_of_a_report() {
  taskleak::report found;
  found.scope = strange("Feed.Closes");
  found.file = strange("tests/feed_test.cpp");
  found.line = 31;
  found.fails = true;
  found.stragglers.push_back(every_field_of_a_straggler());
  taskleak::straggler coroutine = every_field_of_a_straggler();
  coroutine.kind = taskleak::task_kind::coroutine;
  coroutine.id = 912;
  coroutine.time_left.reset();
  coroutine.verdict = taskleak::verdict::none;
  coroutine.alike = {{913, 914}, std::chrono::seconds(1), 2};
  found.stragglers.push_back(coroutine);
  for (const taskleak::verdict v : {taskleak::verdict::orphaned, taskleak::verdict::deadlocked, taskleak::verdict::owned,
                                    taskleak::verdict::held, taskleak::verdict::polling}) {
    found.stragglers.push_back(every_field_of_a_straggler());
    found.stragglers.back().id += 10 + static_cast<unsigned>(v);
    found.stragglers.back().verdict = v;
  }
  for (unsigned char s = 0; s <= static_cast<unsigned char>(taskleak::state::alive); ++s) {
    taskleak::straggler empty;
    empty.id = 5000u + s;
    empty.state = static_cast<taskleak::state>(s);
    empty.state_text = to_string(empty.state);
    found.stragglers.push_back(empty);
  }
  found.ignored = {{taskleak::task_kind::coroutine, 5, strange("logger"), strange("known"), 3, true, strange("the_log")}};
  found.errors = {strange("an error")};
  found.notes = {strange("a note")};
  return found;
}

inline taskleak::run_report every_field_of_a_run() {
  taskleak::run_report run{strange("feed_test"), 99, {every_field_of_a_report(), {}, {}}};
  run.reports[1] = every_field_of_a_report();
  run.reports[1].kind = taskleak::report_kind::hang;
  run.reports[1].headline = strange("all tasks are asleep");
  run.reports[2].kind = taskleak::report_kind::unrest;
  return run;
}

}  // namespace tests

#endif
