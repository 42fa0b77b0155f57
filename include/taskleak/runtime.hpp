// SPDX-License-Identifier: MIT
/// \file Defines the heavy part of taskleak; include this header in exactly one source file of a program.
///
/// The headers of adapters include this header. A program whose test framework has no adapter includes it directly: guards work,
/// and a failure is written to stderr and makes the program's exit code 1. An adapter::run, see adapter.hpp, sends failures to
/// the framework.
#ifndef TASKLEAK_RUNTIME_HPP
#define TASKLEAK_RUNTIME_HPP

#include <taskleak/detail/base/own_statics.hpp>
#include <taskleak/detail/platform/child_process.hpp>
#include <taskleak/detail/platform/choice.hpp>
#include <taskleak/detail/platform/vdso.hpp>
#include <taskleak/detail/probe/thread/main_thread.hpp>
#include <taskleak/detail/run/layout_for_debuggers.hpp>
#include <taskleak/detail/run/look_at_program_impl.hpp>
#include <taskleak/detail/run/main_line.hpp>
#include <taskleak/detail/run/main_requirements.hpp>
#include <taskleak/detail/run/question.hpp>
#include <taskleak/detail/run/rest.hpp>
#include <taskleak/detail/run/run_impl.hpp>
#include <taskleak/detail/run/the_census.hpp>
#include <taskleak/detail/symbols/plumbing.hpp>
#include <taskleak/detail/symbols/symbolizer.hpp>
#include <taskleak/guard.hpp>
#include <taskleak/report.hpp>
#include <taskleak/snapshot.hpp>
#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/probe/thread/thread_hooks.hpp>
#if defined(TASKLEAK_COMPILED_APART)
#include <taskleak/detail/probe/thread/wait_hooks_apart.hpp>
#else
#include <taskleak/detail/probe/thread/wait_hooks.hpp>
#endif
#endif

#include <cstddef>
#include <cstdint>
#include <ios>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace taskleak::inline v0 {

namespace detail::main_line_state {
/// Notes the process before main(), with the first of the modules that hold a main line.
[[gnu::used]] inline const bool process_is_known = (mark_process(), announce_main_thread(), true);
/// Lets the search for owners of threads leave the scopes out.
[[gnu::used]] inline const bool scopes_are_known = (own_statics.add(&the_ended_scopes, sizeof the_ended_scopes), true);
/// Switches the list of coroutines on. Coroutines that static objects created earlier are not listed, and never belong to a test.
[[gnu::used]] inline const bool coroutines_are_listed = (take_clock_of_vdso(), coroutines_are_tracked.store_relaxed(true), true);
[[gnu::used]] inline const bool options_are_in_effect = (apply_options_early(), true);
/// Keeps the function that a library which is loaded later looks for in the program, also if the program has no coroutine itself.
[[gnu::used]] inline bool take_slot_for_library(std::uint64_t& id) noexcept { return my_coroutines.enter(id) != nullptr; }
}  // namespace detail::main_line_state

namespace TASKLEAK_SHARED the_main_line_is_missing {

#if !defined( \
    TASKLEAK_COMPILED_APART)  // set by CMake where the glue to the framework, which defines this then, is in another file
void include_taskleak_gtest_main_hpp_or_catch2_main_hpp_or_doctest_main_hpp_in_one_source_file() noexcept {}
#endif

std::uint64_t take_snapshot() noexcept {
  const detail::without_cancellation whole;
  return detail::in_child_process() ? 0 : detail::the_census.take_watermark();
}

std::size_t count_tasks() noexcept {
  const detail::without_cancellation whole;
  if (detail::in_child_process()) return 0;
  return detail::the_census.count();
}

void* open_guard(const options& rules, const char* file, unsigned line) noexcept {
  const detail::without_cancellation whole;
  if (!detail::begin_run_if_none()) return nullptr;
  const std::string name = fmt::format("the guard at {}:{}", detail::shorten_path(file), line);
  detail::scope* const opened = detail::enter_scope(detail::scope_kind::guard, name.c_str(), file, line);
  opened->limit = detail::begin_limit(*opened, detail::limit_of_guard(rules));
  return opened;
}

bool close_guard(void* scope, const options& rules, const char* file, unsigned line) {
  const detail::without_cancellation whole;
  const std::size_t reported_before = detail::reported_so_far();
  return detail::tell(file, line, detail::close_scope(static_cast<detail::scope*>(scope), rules), reported_before);
}

void drop_guard(void* scope) noexcept { detail::drop_scope(static_cast<detail::scope*>(scope)); }

bool verify_none_at(const options& given, const char* file, unsigned line) {
  const detail::without_cancellation whole;
  if (!detail::begin_run_if_none()) return true;
  if (!detail::rule_set::act_without_tasks(given) && detail::the_census.nothing_younger_than(0)) return true;
  detail::rule_set rules(given, fmt::format("{}:{}", detail::shorten_path(file), line));
  rules.run_cleanups();
  if (detail::the_census.nothing_younger_than(0) && rules.errors().empty()) return true;
  const std::size_t reported_before = detail::reported_so_far();
  const leak_action action = detail::action_of(rules);
  report found = detail::check_with_run(detail::question::of_process().asked_with(detail::stack_of_callers()), rules);
  found.errors = rules.errors();
  detail::outcome made = detail::outcome_of(found, action);
  detail::keep_for_outputs(std::move(found), file, line, made.fails);
  return detail::tell(file, line, std::move(made), reported_before);
}

bool wait_until_parked_at(const options& given, const char* file, unsigned line) {
  const detail::without_cancellation whole;
  if (!detail::begin_run_if_none()) return true;
  detail::rule_set rules(given, fmt::format("{}:{}", detail::shorten_path(file), line));
  rules.run_cleanups();
  const std::size_t reported_before = detail::reported_so_far();
  const leak_action action = detail::action_of(rules);
  detail::add_rules_of_run(rules);
  std::optional<report> moving = detail::wait_for_rest(rules);
  const bool is_at_rest = !moving;
  detail::outcome made;
  for (const std::string& error : rules.errors()) made.text.append(error).append(1, '\n');
  made.fails = !rules.errors().empty() || (moving && action == leak_action::fail);
  if (moving) {
    moving->kind = report_kind::unrest;
    moving->headline = detail::headline_of_unrest(*moving);
    made.text += detail::text_of_unrest(*moving);
    detail::keep_for_outputs(std::move(*moving), file, line, made.fails);
  }
  detail::tell(file, line, made, reported_before);
  return is_at_rest && rules.errors().empty();
}

}  // namespace the_main_line_is_missing

report find(const options& given) {
  const detail::without_cancellation whole;
  report found;
  detail::begin_run_if_none();
  if (detail::in_child_process()) return found;
  detail::rule_set rules(given, "find()");
  rules.run_cleanups();
  if (!detail::the_census.nothing_younger_than(0))
    found = detail::check_with_run(detail::question::of_find().asked_with(detail::stack_of_callers()), rules);
  found.errors = rules.errors();
  return found;
}

std::vector<frame> functions_at(const std::vector<std::uintptr_t>& stack) {
  const detail::without_cancellation whole;
  std::vector<frame> functions;
  if (detail::in_child_process()) return functions;
  for (const std::uintptr_t address : stack) detail::symbols().append(address, true, functions);
  detail::mark_plumbing(functions);
  return functions;
}

void dump(std::ostream& out, format form) {
  const detail::without_cancellation whole;
  if (form != format::text) {
    out << "taskleak: dump(): no such format: " << static_cast<unsigned>(form) << "; there is format::text\n";
    out.setstate(std::ios_base::failbit);
    return;
  }
  if (detail::in_child_process()) {
    out << detail::dump_text({}, limits_of_run());
    return;
  }
  detail::rule_set rules(wait_up_to(std::chrono::nanoseconds(0)));
  detail::check look(detail::question::of_dump(), rules);
  const report found = look.run();
  out << detail::dump_text(found, limits_of_run());
}

}  // namespace taskleak::inline v0

#endif
