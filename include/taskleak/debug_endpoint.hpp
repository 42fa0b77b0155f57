// SPDX-License-Identifier: MIT
/// \file Answers HTTP requests about the tasks of this program: a page of all tasks, profiles, and metrics. Any server can serve
/// it.
///
/// The header needs protozero, as taskleak/pprof.hpp does, and one source file of the program includes taskleak/runtime.hpp or
/// has another main line. taskleak/debug_server.hpp has a server on cpp-httplib.
#ifndef TASKLEAK_DEBUG_ENDPOINT_HPP
#define TASKLEAK_DEBUG_ENDPOINT_HPP

#include <taskleak/blocking_region.hpp>
#include <taskleak/detail/base/never_destroyed.hpp>
#include <taskleak/detail/base/separator.hpp>
#include <taskleak/detail/live/counted_stacks.hpp>
#include <taskleak/detail/live/html.hpp>
#include <taskleak/detail/live/metrics.hpp>
#include <taskleak/detail/live/own_thread.hpp>
#include <taskleak/detail/live/shared_look.hpp>
#include <taskleak/detail/live/target.hpp>
#include <taskleak/detail/run/look_at_program.hpp>
#include <taskleak/detail/unwind/arch/arch.hpp>
#include <taskleak/pprof.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace taskleak::inline v0 {

/// Is what a server sends back. A server adds the header `Allow: GET, HEAD` where the status is 405, and sends the body's length
/// without the body where the method was HEAD.
struct debug_response {
  int status = 200;
  std::string content_type;
  std::string body;

  /// Returns the value of the header `Allow`, which a server sends with a status of 405; empty with any other.
  std::string_view allow() const noexcept { return status == 405 ? "GET, HEAD" : ""; }
};

/// Answers requests about the tasks of this program.
///
/// | target | what |
/// |---|---|
/// | /debug/tasks | a page of all tasks, grouped; `verdicts=1`: with what could still wake them |
/// | /debug/pprof/ | an index of the profiles |
/// | /debug/pprof/tasks | a profile of all tasks |
/// | /debug/pprof/taskleak | a profile of the tasks that are orphaned or deadlocked |
/// | /metrics | numbers of tasks, in Prometheus' text format |
///
/// A profile takes `debug=0` (for pprof, the default), `debug=1` (stacks with numbers of tasks) or `debug=2` (the text of a
/// report), and `seconds=N`: what has been added N seconds later.
///
/// Nothing counts as dealt with by being looked at here, no run of checks begins, and nothing fails. The thread that answers is
/// never shown, nor others in handle(); other threads of a server are, unless they are taskleak's own, as those of debug_server
/// are.
class debug_endpoint {
 public:
  /// Answers one request. May be called on any number of threads at once: those that ask at one time share one look at the
  /// program, which begins after they have asked. Waits for as long as `seconds` says, unless `stop` is asked to stop. Any
  /// mistake in the request is a status of 4xx, with a body that says what is allowed. Throws std::bad_alloc.
  ///
  ///     const auto [status, content_type, body] = taskleak::debug_endpoint::handle("/debug/pprof/tasks?debug=1");
  static debug_response handle(std::string_view target, std::string_view method = "GET", const std::stop_token& stop = {}) {
    const detail::request_target request = detail::parse_target(target);
    const route* const found = route_of(request.path);
    if (!found) return not_found(request.path);
    if (method != "GET" && method != "HEAD") return text(405, "allowed methods: GET, HEAD\n");
    if (detail::main_line::is_child_process()) return text(503, "this process was made by fork(): its parent answers\n");
    parameters asked;
    if (std::string error = read(request, *found, asked); !error.empty()) return text(400, std::move(error));
    const blocking_region answering(label_of_those_who_answer);
    try {
      return found->answer(asked, stop);
    } catch (const std::system_error& error) {  // of the thread that looks
      return text(503, std::string("no look can be taken: ") + error.what() + '\n');
    }
  }

 private:
  static constexpr std::string_view html_type = "text/html; charset=utf-8";
  static constexpr std::string_view text_type = "text/plain; charset=utf-8";
  static constexpr const char* label_of_those_who_answer = "answers a request to taskleak";
  static constexpr int longest_seconds = 600;
  static constexpr int most_differences = 8;

  struct parameters {
    int debug = 0;
    int seconds = 0;
    int verdicts = 0;
  };

  struct route {
    std::string_view path;
    std::string_view help;
    std::string_view takes;  ///< names of parameters, each followed by a blank
    debug_response (*answer)(const parameters&, const std::stop_token&);
  };

  static const route* route_of(std::string_view path) {
    for (const route& one : routes())
      if (one.path == path) return &one;
    return nullptr;
  }

  struct all_routes {
    route rows[5];
    const route* begin() const noexcept { return rows; }
    const route* end() const noexcept { return rows + 5; }
  };
  static const all_routes& routes() noexcept {
    static constexpr all_routes all{{
        {"/debug/tasks", "all tasks, as a page; verdicts=1: with what could still wake them", "verdicts ", &tasks},
        {"/debug/pprof", "an index of the profiles", "", &index},
        {"/debug/pprof/tasks", "a profile of all tasks", "debug seconds ", &profile_of_all},
        {"/debug/pprof/taskleak", "a profile of the tasks that are orphaned or deadlocked", "debug seconds ", &profile_of_leaks},
        {"/metrics", "numbers of tasks, in Prometheus' text format", "", &metrics},
    }};
    return all;
  }

  static debug_response text(int status, std::string body) { return {status, std::string(text_type), std::move(body)}; }

  static debug_response not_found(std::string_view path) {
    std::string body;
    detail::append_on_one_line(body.append("nothing is at "), path.substr(0, 200));
    body += "; there is\n";
    for (const route& one : routes()) body.append(one.path).append(": ").append(one.help).append(1, '\n');
    return text(404, std::move(body));
  }

  /// Reads the parameters; returns what is wrong with them, or nothing.
  static std::string read(const detail::request_target& request, const route& of, parameters& to) {
    if (request.is_broken) return "a broken escape in the target: % is followed by two hexadecimal digits\n";
    for (std::size_t i = 0; i < request.parameters.size(); ++i) {
      const auto& [name, value] = request.parameters[i];
      if (name.empty() || name.find(' ') != name.npos || of.takes.find(name + ' ') == of.takes.npos) return unknown(name, of);
      for (std::size_t j = 0; j < i; ++j)
        if (request.parameters[j].first == name) return name + " is given twice\n";
      if (!set(name, value, to)) {
        std::string error = "bad value '";
        detail::append_on_one_line(error, value.substr(0, 200));
        return error + "' for " + name + "; allowed: " + allowed(name) + '\n';
      }
    }
    if (to.seconds != 0 && to.debug == 2) return "seconds is for debug=0 and debug=1: a text of all tasks has no difference\n";
    return {};
  }

  static std::string unknown(std::string_view name, const route& of) {
    std::string error = "unknown parameter '";
    detail::append_on_one_line(error, name.substr(0, 200));
    error.append("' of ").append(of.path).append(of.takes.empty() ? "; it takes none\n" : "; it takes\n");
    for (std::string_view rest = of.takes; !rest.empty(); rest.remove_prefix(rest.find(' ') + 1)) {
      const std::string_view one = rest.substr(0, rest.find(' '));
      error.append(one).append("=").append(allowed(one)).append(1, '\n');
    }
    return error;
  }

  static std::string allowed(std::string_view parameter) {
    if (parameter == "debug") return "0, 1, 2";
    if (parameter == "verdicts") return "0, 1";
    return "a whole number from 1 to " + std::to_string(longest_seconds);
  }

  static bool set(std::string_view parameter, std::string_view value, parameters& to) {
    int number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size()) return false;
    const bool is_verdicts = parameter == "verdicts";
    (parameter == "debug" ? to.debug : is_verdicts ? to.verdicts : to.seconds) = number;
    if (parameter == "seconds") return number >= 1 && number <= longest_seconds;
    return number >= 0 && number <= (is_verdicts ? 1 : 2);
  }

  /// Says which text a client asks for: clients that ask for the same one at one time get the same one.
  enum class shared_text : unsigned char {
    tasks,
    tasks_with_verdicts,
    index,
    all_0,
    all_1,
    all_2,
    leaks_0,
    leaks_1,
    leaks_2,
    count
  };

  /// Returns the text that `make()` returns on a thread of taskleak's own.
  template <class Make>
  static std::string shared(shared_text which, Make&& make) {
    struct all_looks {
      detail::shared_look<std::string> of[static_cast<std::size_t>(shared_text::count)];
    };
    return *detail::never_destroyed<all_looks>().of[static_cast<std::size_t>(which)].ask(
        [&] { return detail::made_on_own_thread(make); });
  }

  static report look(std::uintptr_t stack_of_program = 0) {
    report found = detail::main_line::look_at_program(stack_of_program);
    std::erase_if(found.stragglers, [](const straggler& s) { return s.state_text == label_of_those_who_answer; });
    return found;
  }

  /// Looks at what could still wake the tasks, too. All that lies on the stack of the thread that looks is taskleak's own.
  static report look_with_verdicts() { return look(detail::stack_of_callers()); }

  static debug_response tasks(const parameters& asked, const std::stop_token&) {
    const bool verdicts = asked.verdicts != 0;
    return {200, std::string(html_type), shared(verdicts ? shared_text::tasks_with_verdicts : shared_text::tasks, [verdicts] {
              return detail::tasks_page(verdicts ? look_with_verdicts() : look(), limits_of_run(), verdicts);
            })};
  }

  static debug_response index(const parameters&, const std::stop_token&) {
    return {200, std::string(html_type), shared(shared_text::index, &index_page)};
  }

  static std::string index_page() {
    std::string body = "<p>";
    detail::append_html_text(body, detail::kinds_in_words(look()));
    body += " are alive, but for the one that answers.</p>\n<table>\n";
    for (const route& one : routes()) {
      if (!one.path.starts_with("/debug/pprof/")) continue;
      body.append("<tr><th><a href=\"")
          .append(one.path)
          .append("?debug=1\">")
          .append(one.path.substr(13))
          .append("</a></th><td>");
      body.append("<a href=\"").append(one.path).append("?debug=2\">in full</a></td><td><a href=\"").append(one.path);
      body.append("\">for pprof</a></td><td>").append(one.help).append("</td></tr>\n");
    }
    body +=
        "</table>\n<p>With <code>seconds=N</code> a profile has what has been added N seconds later. "
        "<a href=\"/debug/tasks\">All tasks</a> &middot; <a href=\"/metrics\">Metrics</a></p>\n";
    return detail::html_page("Profiles of " + detail::main_line::name_of_program(), body);
  }

  static debug_response profile_of_all(const parameters& asked, const std::stop_token& stop) {
    return profile("tasks", shared_text::all_0, asked, stop, [] { return look(); });
  }

  static debug_response profile_of_leaks(const parameters& asked, const std::stop_token& stop) {
    return profile("taskleak", shared_text::leaks_0, asked, stop, [] {
      report leaks = look_with_verdicts();
      std::erase_if(leaks.stragglers,
                    [](const straggler& s) { return s.verdict != verdict::orphaned && s.verdict != verdict::deadlocked; });
      return leaks;
    });
  }

  template <class Take>
  static debug_response profile(std::string_view name, shared_text first, const parameters& asked, const std::stop_token& stop,
                                Take take) {
    debug_response made{200, std::string(asked.debug == 0 ? "application/octet-stream" : text_type), {}};
    if (asked.seconds == 0) {
      const auto which = static_cast<shared_text>(static_cast<int>(first) + asked.debug);
      made.body = shared(which, [&] { return encode(name, asked, take(), nullptr); });
      return made;
    }
    const one_difference mine;
    if (mine.are_too_many())
      return text(503,
                  "as many clients as are allowed wait for a difference (seconds=N): " + std::to_string(most_differences) + '\n');
    made.body = detail::made_on_own_thread([&] {
      const report before = take();
      return wait_for(std::chrono::seconds(asked.seconds), stop) ? encode(name, asked, take(), &before) : std::string();
    });
    if (stop.stop_requested()) return text(503, "the server ends\n");
    return made;
  }

  static std::string encode(std::string_view name, const parameters& asked, const report& now, const report* before) {
    const report_limits limits = limits_of_run();
    if (asked.debug == 2) {
      std::string all = detail::main_line::text_of_tasks(now, limits);
      for (const std::string& note : now.notes) {
        detail::append_on_one_line(all.append(detail::separator_line), note);
        all += '\n';
      }
      return all;
    }
    if (asked.debug == 1) return detail::counted_stacks(name, now, limits, before);
    const auto nanoseconds = [](auto time) { return std::chrono::duration_cast<std::chrono::nanoseconds>(time).count(); };
    return detail::encode_profile(
        now, before, limits,
        {nanoseconds(std::chrono::system_clock::now().time_since_epoch()), nanoseconds(std::chrono::seconds(asked.seconds))});
  }

  static debug_response metrics(const parameters&, const std::stop_token&) {
    detail::shared_look<detail::task_counts>& looks = detail::never_destroyed<detail::shared_look<detail::task_counts>>();
    return {200, std::string(detail::metrics_content_type), detail::metrics_text(*looks.ask([] {
              detail::task_counts counts = detail::main_line::count_tasks_by_state();
              counts.by_state.erase({task_kind::thread, label_of_those_who_answer});
              return counts;
            }))};
  }

  /// Counts those that wait for a difference: each keeps a thread of its server waiting.
  class one_difference {
   public:
    one_difference() noexcept : before_(waiting_.fetch_add(1)) {}
    ~one_difference() { waiting_.fetch_sub(1); }
    one_difference(const one_difference&) = delete;
    one_difference& operator=(const one_difference&) = delete;
    bool are_too_many() const noexcept { return before_ >= most_differences; }

   private:
    static inline constinit std::atomic<int> waiting_{0};
    int before_;
  };

  /// Waits; returns false when it was stopped.
  static bool wait_for(std::chrono::seconds time, const std::stop_token& stop) {
    const blocking_region waiting("waits to take a difference");
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, time, [] { return false; });
    return !stop.stop_requested();
  }
};

}  // namespace taskleak::inline v0

#endif
