// SPDX-License-Identifier: MIT
/// \file Exports what taskleak/taskleak.hpp has, for `import taskleak;`. The main line of a test program is a header as before, and
/// so is taskleak/track_coroutines.hpp, which has to be included first in every file.
module;

#include <taskleak/taskleak.hpp>

export module taskleak;

export namespace taskleak {

// checks inside a test
using taskleak::find;
using taskleak::guard;
using taskleak::snapshot;
using taskleak::task_count;
using taskleak::verify_none;
using taskleak::wait_until_parked;

// options and rules
using taskleak::cleanup;
using taskleak::fail_after;
using taskleak::ignore_any_function;
using taskleak::ignore_created_by;
using taskleak::ignore_current;
using taskleak::ignore_held_by_static;
using taskleak::ignore_name;
using taskleak::ignore_state;
using taskleak::ignore_task;
using taskleak::ignore_top_function;
using taskleak::leak_action;
using taskleak::on_leak;
using taskleak::options;
using taskleak::suppressions;
using taskleak::timed_waits_too;
using taskleak::wait_up_to;

// for product code
using taskleak::async;
using taskleak::blocking_region;
using taskleak::default_rules;
using taskleak::enable_tracking;
using taskleak::jthread;
using taskleak::keep_alive;
using taskleak::thread;
using taskleak::tracked;

// reports
using taskleak::alike_tasks;
using taskleak::awaited_task;
using taskleak::creator;
using taskleak::descriptor;
using taskleak::dump;
using taskleak::fold;
using taskleak::format;
using taskleak::format_traits;
using taskleak::frame;
using taskleak::functions_at;
using taskleak::headline_of;
using taskleak::ignored_task;
using taskleak::output_format;
using taskleak::report;
using taskleak::report_kind;
using taskleak::report_limits;
using taskleak::run_of;
using taskleak::run_report;
using taskleak::state;
using taskleak::straggler;
using taskleak::straggler_group;
using taskleak::task;
using taskleak::task_kind;
using taskleak::task_life;
using taskleak::test_time;
using taskleak::to_string;
using taskleak::to_text;
using taskleak::verdict;
using taskleak::wait_object;
using taskleak::wait_relation;

}  // namespace taskleak
