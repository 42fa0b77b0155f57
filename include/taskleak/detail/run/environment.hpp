// SPDX-License-Identifier: MIT
/// \file Defines the keys of TASKLEAK_OPTIONS, and reads the variable as sanitizers read theirs.
#ifndef TASKLEAK_DETAIL_RUN_ENVIRONMENT_HPP
#define TASKLEAK_DETAIL_RUN_ENVIRONMENT_HPP

#include <taskleak/detail/base/text.hpp>
#include <taskleak/detail/filter/chosen_action.hpp>
#include <taskleak/detail/filter/statics_action.hpp>
#include <taskleak/detail/platform/allocation_source.hpp>
#include <taskleak/detail/run/output_requests.hpp>
#include <taskleak/detail/run/signal_names.hpp>
#include <taskleak/options.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Says what is done about idle workers of well-known pools.
enum class pool_action : unsigned char { ignore, report };

/// Says what is done about a test that hangs.
enum class hang_action : unsigned char {
  fail,  ///< describe all threads, fail the test, and end the process
  dump,  ///< describe all threads, and let the test hang on
  abort  ///< describe all threads, and end the process by SIGABRT, which may leave a core
};

/// Says how much is said of what could still wake a task: TASKLEAK_OPTIONS=verdicts.
enum class verdict_action : unsigned char { off, on, full };

/// Says of how many new tasks one has its creation stack kept.
struct sample_rate {
  std::uint32_t one_in = 1;
};

/// Holds what the environment asks for; environment_keys says what each member means.
struct environment_options {
  bool help = false;
  bool enabled = true;
  std::optional<std::chrono::nanoseconds> wait_up_to{};
  chosen_action on_leak;
  std::vector<std::string> suppressions{};
  std::string write_suppressions{};
  bool unused_suppressions = false;
  pool_action known_pools = pool_action::ignore;
  bool watch = true;
  std::optional<std::chrono::nanoseconds> fail_after{};
  hang_action hang = hang_action::fail;
  std::chrono::nanoseconds exit_within = std::chrono::seconds(5);
  statics_action statics = statics_action::judge;
  verdict_action verdicts = verdict_action::on;
  int dump_on_signal = 0;  ///< its number; 0 for none
  sample_rate sample;
  bool leaked_fds = false;
  bool all_frames = false;
  bool coroutine_stacks = false;
  std::size_t max_frames = 30;
  std::size_t max_stragglers = 100;
  output_requests outputs{};
  bool annotations = true;
  std::vector<std::string> errors{};  ///< one line for every mistake; the other members hold the valid values
};

/// Points to the member that a key sets, by one of the pointers. A std::variant of them would cost the main line's file 100 ms.
struct environment_member {
  bool environment_options::*flag = nullptr;
  std::size_t environment_options::*number = nullptr;
  std::string environment_options::*path = nullptr;
  std::vector<std::string> environment_options::*paths = nullptr;
  std::optional<std::chrono::nanoseconds> environment_options::*duration = nullptr;
  std::chrono::nanoseconds environment_options::*limit = nullptr;
  pool_action environment_options::*pools = nullptr;
  hang_action environment_options::*hang = nullptr;
  statics_action environment_options::*statics = nullptr;
  int environment_options::*signal = nullptr;
  chosen_action environment_options::*action = nullptr;
  sample_rate environment_options::*rate = nullptr;
  verdict_action environment_options::*verdicts = nullptr;
  output_requests environment_options::*formats = nullptr;
  output_requests environment_options::*outputs = nullptr;

  constexpr environment_member(bool environment_options::*m) noexcept : flag(m) {}
  constexpr environment_member(std::size_t environment_options::*m) noexcept : number(m) {}
  constexpr environment_member(std::string environment_options::*m) noexcept : path(m) {}
  constexpr environment_member(std::vector<std::string> environment_options::*m) noexcept : paths(m) {}
  constexpr environment_member(std::optional<std::chrono::nanoseconds> environment_options::*m) noexcept : duration(m) {}
  constexpr environment_member(std::chrono::nanoseconds environment_options::*m) noexcept : limit(m) {}
  constexpr environment_member(pool_action environment_options::*m) noexcept : pools(m) {}
  constexpr environment_member(hang_action environment_options::*m) noexcept : hang(m) {}
  constexpr environment_member(statics_action environment_options::*m) noexcept : statics(m) {}
  constexpr environment_member(int environment_options::*m) noexcept : signal(m) {}
  constexpr environment_member(chosen_action environment_options::*m) noexcept : action(m) {}
  constexpr environment_member(sample_rate environment_options::*m) noexcept : rate(m) {}
  constexpr environment_member(verdict_action environment_options::*m) noexcept : verdicts(m) {}
  /// Names a format, where `is_path` is false, or where to write one.
  constexpr environment_member(output_requests environment_options::*m, bool is_path) noexcept
      : formats(is_path ? nullptr : m), outputs(is_path ? m : nullptr) {}
};

struct environment_key {
  std::string_view name;
  environment_member sets;
  std::string_view default_text;
  std::string_view help;
};

inline constexpr environment_key environment_keys[] = {
    {"help", &environment_options::help, "0", "print these keys and end"},
    {"enabled", &environment_options::enabled, "1", "0 turns every check off"},
    {"wait_up_to", &environment_options::wait_up_to, "1s", "how long tasks are given to end, where the code does not say"},
    {"on_leak", &environment_options::on_leak, "fail", "warn reports what is left and fails nothing"},
    {"suppressions", &environment_options::suppressions, "", "file of ignore rules; may be given several times"},
    {"write_suppressions", &environment_options::write_suppressions, "", "add a rule to this file for every task left behind"},
    {"unused_suppressions", &environment_options::unused_suppressions, "0", "list the rules that matched nothing"},
    {"known_pools", &environment_options::known_pools, "ignore",
     "idle workers of oneTBB, OpenMP, GLib and gRPC are ignored or reported"},
    {"watch", &environment_options::watch, "1", "0 lets nobody watch for tests that hang"},
    {"fail_after", &environment_options::fail_after, "", "how long a test may last, where the code does not say"},
    {"hang", &environment_options::hang, "fail",
     "a test that hangs fails and ends the program; dump describes it and goes on, abort describes it and leaves a core"},
    {"exit_within", &environment_options::exit_within, "5s",
     "how long the end of the program may be stuck for a task that was left behind; 0 for as long as it takes"},
    {"statics", &environment_options::statics, "judge",
     "a thread that a static object owns is judged after static destruction, fails its test, or is ignored"},
    {"verdicts", &environment_options::verdicts, "on",
     "off: nothing is said of what could still wake a task, or holds it; full: also where the object that it waits for was "
     "allocated"},
    {"dump_on_signal", &environment_options::dump_on_signal, "", "describe all threads when this signal comes, and go on"},
    {"leaked_fds", &environment_options::leaked_fds, "0", "a test that leaves file descriptors open fails"},
    {"sample", &environment_options::sample, "1/1",
     "keep the stack that created a task of one task in N only, in a program that makes many"},
    {"all_frames", &environment_options::all_frames, "0", "show the frames of the language and the test framework too"},
    {"coroutine_stacks", &environment_options::coroutine_stacks, "0", "keep the whole stack that created each coroutine"},
    {"max_frames", &environment_options::max_frames, "30", "frames shown of one stack, from both of its ends"},
    {"max_stragglers", &environment_options::max_stragglers, "100", "tasks shown in one report"},
    {"format", {&environment_options::outputs, false}, "", "write all reports at the end of the run; may be given several times"},
    {"output", {&environment_options::outputs, true}, "", "where the format before it goes; %p stands for the process's id"},
    {"annotations", &environment_options::annotations, "1", "0 writes no annotations in a GitHub workflow"},
};

/// Returns which values a key takes, for help and for errors.
constexpr std::string_view allowed_values(const environment_member& sets) noexcept {
  if (sets.flag) return "0, 1, false, true, no, yes, off, on";
  if (sets.number) return "a whole number from 1";
  if (sets.pools) return "ignore, report";
  if (sets.hang) return "fail, dump, abort";
  if (sets.statics) return "judge, fail, ignore";
  if (sets.signal) return "USR1, USR2, HUP, QUIT, WINCH, INT, TERM";
  if (sets.duration || sets.limit) return "a whole number, followed by ms, s or us; ms when nothing follows";
  if (sets.action) return "fail, warn";
  if (sets.verdicts) return "on, off, full";
  if (sets.rate) return "1/N, where N is a whole number from 1";
  if (sets.formats) return "the name of a format";
  if (sets.outputs) return "a path after each format, - for stdout";
  return "a path";
}

inline std::optional<bool> parse_bool(std::string_view text) noexcept {
  for (std::string_view yes : {"1", "true", "yes", "on"})
    if (text == yes) return true;
  for (std::string_view no : {"0", "false", "no", "off"})
    if (text == no) return false;
  return std::nullopt;
}

inline std::optional<pool_action> parse_pool_action(std::string_view text) noexcept {
  if (text == "ignore") return pool_action::ignore;
  if (text == "report") return pool_action::report;
  return std::nullopt;
}

inline std::optional<hang_action> parse_hang_action(std::string_view text) noexcept {
  if (text == "fail") return hang_action::fail;
  if (text == "dump") return hang_action::dump;
  if (text == "abort") return hang_action::abort;
  return std::nullopt;
}

inline std::optional<statics_action> parse_statics_action(std::string_view text) noexcept {
  if (text == "judge") return statics_action::judge;
  if (text == "fail") return statics_action::fail;
  if (text == "ignore") return statics_action::ignore;
  return std::nullopt;
}

inline std::optional<leak_action> parse_leak_action(std::string_view text) noexcept {
  if (text == "fail") return leak_action::fail;
  if (text == "warn") return leak_action::warn;
  return std::nullopt;
}

inline std::optional<std::size_t> parse_number(std::string_view text) noexcept {
  std::size_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || number == 0) return std::nullopt;
  return number;
}

inline std::optional<sample_rate> parse_rate(std::string_view text) noexcept {
  if (!text.starts_with("1/")) return std::nullopt;
  const std::optional<std::size_t> number = parse_number(text.substr(2));
  if (!number || *number > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return sample_rate{static_cast<std::uint32_t>(*number)};
}

inline std::optional<verdict_action> parse_verdict_action(std::string_view text) noexcept {
  if (text == "full") return verdict_action::full;
  const std::optional<bool> is_on = parse_bool(text);
  if (!is_on) return std::nullopt;
  return *is_on ? verdict_action::on : verdict_action::off;
}

inline std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) noexcept {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || number < 0) return std::nullopt;
  const std::string_view unit(stop, static_cast<std::size_t>(end - stop));
  const std::int64_t scale = unit.empty() || unit == "ms" ? 1'000'000 : unit == "s" ? 1'000'000'000 : unit == "us" ? 1'000 : 0;
  if (scale == 0 || number > std::numeric_limits<std::int64_t>::max() / scale) return std::nullopt;
  return std::chrono::nanoseconds(number * scale);
}

/// Stores the value; returns false when the key does not take it.
inline bool set_environment_key(environment_options& into, const environment_key& key, std::string_view value) {
  const environment_member& sets = key.sets;
  const auto store = [](auto& target, const auto& parsed) {
    if (parsed) target = *parsed;
    return parsed.has_value();
  };
  if (sets.flag) return store(into.*sets.flag, parse_bool(value));
  if (sets.number) return store(into.*sets.number, parse_number(value));
  if (sets.pools) return store(into.*sets.pools, parse_pool_action(value));
  if (sets.hang) return store(into.*sets.hang, parse_hang_action(value));
  if (sets.signal) return (into.*sets.signal = signal_named(value)) != 0;
  if (sets.limit) return store(into.*sets.limit, parse_duration(value));
  if (sets.statics) return store(into.*sets.statics, parse_statics_action(value));
  if (sets.duration) return store(into.*sets.duration, parse_duration(value));
  if (sets.action) return store(into.*sets.action, parse_leak_action(value));
  if (sets.rate) return store(into.*sets.rate, parse_rate(value));
  if (sets.verdicts) return store(into.*sets.verdicts, parse_verdict_action(value));
  if (value.empty()) return false;
  if (sets.formats) return (into.*sets.formats).add_format(value), true;
  if (sets.outputs) return (into.*sets.outputs).add_path(value);
  if (sets.path)
    into.*sets.path = value;
  else
    (into.*sets.paths).emplace_back(value);
  return true;
}

/// Reads `key=value` pairs from left to right.
class environment_parser {
 public:
  explicit environment_parser(std::string_view text) noexcept : rest_(text) {}

  environment_options parse() {
    while (skip_separators()) take_pair();
    return std::move(result_);
  }

 private:
  static constexpr std::string_view separators = ":, \t\r\n";

  bool skip_separators() noexcept {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(separators), rest_.size()));
    return !rest_.empty();
  }

  std::string_view take_until(std::string_view stops) noexcept {
    const std::string_view taken = rest_.substr(0, rest_.find_first_of(stops));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  void take_pair() {
    const std::string_view name = take_until(":, \t\r\n=");
    if (rest_.empty() || rest_.front() != '=') {
      error("missing '=' after '{}'; {}write key=value, and put a value that holds a separator in quotes", name, hint_for(name));
      return;
    }
    rest_.remove_prefix(1);
    std::string_view value;
    if (!take_value(name, value)) return;
    const environment_key* key = find(name);
    if (!key)
      error("unknown key '{}'; {}allowed are {}", name, hint_for(name), all_names());
    else if (!set_environment_key(result_, *key, value))
      error("bad value '{}' for {}; allowed: {}", value, name, allowed_values(key->sets));
    else if (key->sets.verdicts && result_.verdicts == verdict_action::full && !find_allocation_source())
      error("verdicts=full needs taskleak/allocation_sites.hpp in one source file of the program");
  }

  bool take_value(std::string_view name, std::string_view& value) {
    if (rest_.empty() || (rest_.front() != '\'' && rest_.front() != '"')) {
      value = take_until(separators);
      return true;
    }
    const char quote = rest_.front();
    const std::size_t closing = rest_.find(quote, 1);
    if (closing == std::string_view::npos) {
      error("unclosed quote {} in the value of {}: {}", quote, name, rest_);
      rest_ = {};
      return false;
    }
    value = rest_.substr(1, closing - 1);
    rest_.remove_prefix(closing + 1);
    const std::string_view extra = take_until(separators);
    if (!extra.empty()) error("'{}' follows the closing quote in the value of {}; expected ':' or the end", extra, name);
    return extra.empty();
  }

  static const environment_key* find(std::string_view name) noexcept {
    for (const environment_key& key : environment_keys)
      if (key.name == name) return &key;
    return nullptr;
  }

  static std::string all_names() {
    std::string names;
    for (const environment_key& key : environment_keys) names.append(names.empty() ? "" : ", ").append(key.name);
    return names;
  }

  /// Returns "did you mean 'KEY'? " for a name that is nearly a key.
  static std::string hint_for(std::string_view name) {
    std::string_view nearest;
    std::size_t smallest = name.size() / 3 + 1;
    std::string lower(name);
    for (char& c : lower)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    for (const environment_key& key : environment_keys) {
      const std::size_t distance = edit_distance(lower, key.name);
      if (name == key.name || distance > smallest || (!nearest.empty() && distance == smallest)) continue;
      smallest = distance;
      nearest = key.name;
    }
    return nearest.empty() ? std::string() : fmt::format("did you mean '{}'? ", nearest);
  }

  template <class... Args>
  void error(fmt::format_string<Args...> text, Args&&... args) {
    result_.errors.push_back("TASKLEAK_OPTIONS: " + fmt::format(text, std::forward<Args>(args)...));
  }

  std::string_view rest_;
  environment_options result_;
};

/// Reads the value of TASKLEAK_OPTIONS; collects every mistake, and prints nothing.
inline environment_options parse_environment(std::string_view text) { return environment_parser(text).parse(); }

/// Returns what `help=1` prints.
inline std::string environment_help() {
  std::string text =
      "TASKLEAK_OPTIONS=key=value:key=value\n"
      "Pairs are separated by ':', ',' or white space; a value that holds one of these stands in ' or \".\n\n";
  for (const environment_key& key : environment_keys)
    text += fmt::format("  {}\n      {} (default: {})\n      takes {}\n", key.name, key.help,
                        key.default_text.empty() ? std::string_view("none") : key.default_text, allowed_values(key.sets));
  return text;
}

}  // namespace taskleak::inline v0::detail

#endif
