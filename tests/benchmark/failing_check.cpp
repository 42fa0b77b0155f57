// SPDX-License-Identifier: MIT
/// \file What a guard that fails costs without the time that it waits: with many threads, with many rules, with a name of a
/// megabyte.
#include <taskleak/detail/run/run.hpp>
#include <taskleak/detail/symbols/demangle.hpp>
#include <taskleak/guard.hpp>

#include "compare.hpp"
#include "parked_threads.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <unistd.h>

namespace {

/// Fails a guard for so many threads, which begin and end in either case: no check reports one twice.
void fail_for_threads(std::size_t count, const taskleak::options& rules) {
  taskleak::guard guard({taskleak::wait_up_to(std::chrono::nanoseconds(0)), rules});
  const parked_threads left(count);
  benchmark::DoNotOptimize(guard.check());
}

void failing_check_threads(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  taskleak::detail::set_failure_sink([](const taskleak::detail::failure&) {});
  compare(
      state, 1, [&] { const parked_threads parked(count); }, [&] { fail_for_threads(count, {}); });
  taskleak::detail::set_failure_sink(nullptr);
}

BENCHMARK(failing_check_threads)->ArgName("left")->Arg(1000)->Arg(10000)->Iterations(3);

/// A suppression file of so many rules, none of which matches.
class rule_file {
 public:
  explicit rule_file(std::size_t rules) {
    std::FILE* const file = fdopen(mkstemp(path_), "w");
    for (std::size_t i = 0; i < rules; ++i) {
      constexpr const char* forms[] = {"name:worker_%zu*\n", "created_by:app::module_%zu::run*\n", "any_function:*x%zu*y*\n",
                                       "created_by:*app%zu::start* && any_function:*::run\n"};
      std::fprintf(file, forms[i % 4], i);
    }
    std::fclose(file);
  }
  rule_file(const rule_file&) = delete;
  rule_file& operator=(const rule_file&) = delete;
  ~rule_file() { unlink(path_); }

  const char* path() const noexcept { return path_; }

 private:
  char path_[32] = "/tmp/taskleak_rules_XXXXXX";
};

void failing_check_rules(benchmark::State& state) {
  const rule_file file(static_cast<std::size_t>(state.range(0)));
  taskleak::detail::set_failure_sink([](const taskleak::detail::failure&) {});
  compare(
      state, 1, [] { fail_for_threads(10, {}); }, [&] { fail_for_threads(10, taskleak::suppressions(file.path())); });
  taskleak::detail::set_failure_sink(nullptr);
}

BENCHMARK(failing_check_rules)->ArgName("rules")->Arg(100)->Arg(10000)->Iterations(5);

/// The mangled name of a function template whose argument is nested so deeply.
std::string nested_name(std::size_t depth) {
  std::string name = "_Z4deepI";
  for (std::size_t i = 0; i < depth; ++i) name += "St4pairIi";
  return name.append(1, 'i').append(depth, 'E').append("Evv");
}

void long_symbol(benchmark::State& state) {
  const std::string name = nested_name(static_cast<std::size_t>(state.range(0)) / 10);
  compare(
      state, 1, [&] { benchmark::DoNotOptimize(std::strlen(name.c_str())); },
      [&] { benchmark::DoNotOptimize(taskleak::detail::demangle(name.c_str()).size()); });
}

BENCHMARK(long_symbol)->ArgName("bytes")->Arg(1600000)->Iterations(5);

}  // namespace
