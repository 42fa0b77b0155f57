// SPDX-License-Identifier: MIT
/// \file Adapts taskleak to Boost.Test, for a program that has its own main(). Include this header in one source file only,
/// before Boost.Test's own headers.
#ifndef TASKLEAK_BOOST_TEST_HPP
#define TASKLEAK_BOOST_TEST_HPP

#include <taskleak/adapter.hpp>
#include <taskleak/detail/adapter/boost_test_framework.hpp>
#include <taskleak/options.hpp>

#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace taskleak::inline v0 {

namespace detail {

/// Holds the state of verify_test_main() while it runs.
struct boost_test_run {
  const options& rules;
  boost_test::init_unit_test_func init;  ///< the program's own; null where it has none
  std::optional<adapter::run> begun{};   ///< empty in a program that lists its tests
  bool always_succeeds = false;          ///< --result_code=no
  bool any_suite_fails = false;          ///< which Boost.Test takes for a failure that it expects of other tests
};

inline boost_test_run* current_boost_test_run = nullptr;

/// Checks one test case or suite, as the outermost of its fixtures: a failure counts there still, after all that the unit's own
/// fixtures and its body's have undone. Boost.Test leaves it out when the program is too damaged to go on.
class boost_test_scope final : public boost_test::test_unit_fixture {
 public:
  explicit boost_test_scope(const boost_test::test_unit& unit) : unit_(unit) {}

  void setup() override {
    const adapter::place where{unit_.p_file_name.begin(), static_cast<int>(unit_.p_line_num)};
    if (unit_.p_type == boost_test::TUT_CASE)
      scope_.open_test(unit_.full_name(), where);
    else
      scope_.open_suite(unit_.full_name(), where);
  }

  void teardown() override {
    for (const adapter::message& told : scope_.close([&] { return failed_in_boost_test(unit_.p_id) > 0; })) {
      record_in_boost_test(told);
      if (!told.fails()) continue;
      outnumber_expected_failures(unit_, told.where);
      current_boost_test_run->any_suite_fails |= unit_.p_type == boost_test::TUT_SUITE;
    }
  }

 private:
  const boost_test::test_unit& unit_;
  adapter::checked_scope scope_;
};

/// Gives each test case and suite its scope. What the suite around all others does is the program's.
class boost_test_observer final : public boost_test::test_observer {
 public:
  void test_unit_start(const boost_test::test_unit& unit) override {
    open_.push_back(unit.p_id);
    if (unit.p_parent_id == boost_test::INV_TEST_UNIT_ID) return;
    auto& fixtures = boost_test::framework::get(unit.p_id, boost_test::TUT_ANY).p_fixtures.value;
    fixtures.insert(fixtures.begin(), boost_test::test_unit_fixture_ptr(new boost_test_scope(unit)));
  }

  void test_unit_finish(const boost_test::test_unit& unit, unsigned long) override {
    open_.pop_back();
    if (unit.p_parent_id == boost_test::INV_TEST_UNIT_ID) return;
    auto& fixtures = boost_test::framework::get(unit.p_id, boost_test::TUT_ANY).p_fixtures.value;
    fixtures.erase(fixtures.begin());
  }

  /// Returns a number after those of Boost.Test's own observers, which so hear of a unit's end later than this one.
  int priority() override { return std::numeric_limits<int>::max(); }

  static inline std::vector<boost_test::test_unit_id> open_;  ///< the units that run, the outermost first
};

/// Records a hang in the test case that runs, which will not end, and has Boost.Test's logs and its report written.
inline void finish_hung_boost_test(const adapter::message& told) {
  record_in_boost_test(told);
  finish_boost_test(boost_test_observer::open_);
}

/// Begins the run. Boost.Test has read its command line then and has printed nothing.
inline void begin_boost_test() {
  if (boost_test_runs_no_tests()) return;
  adapter::run& run = current_boost_test_run->begun.emplace(current_boost_test_run->rules, record_in_boost_test);
  run.on_hang(finish_hung_boost_test);
  current_boost_test_run->always_succeeds = boost_test_always_succeeds();
}

#if defined(BOOST_TEST_ALTERNATIVE_INIT_API)
inline const boost_test::init_unit_test_func init_of_boost_test_program = ::init_unit_test;

inline bool init_boost_test() {
  begin_boost_test();
  return !current_boost_test_run->init || current_boost_test_run->init();
}
#else
inline const boost_test::init_unit_test_func init_of_boost_test_program = ::init_unit_test_suite;

inline boost_test::test_suite* init_boost_test(int argc, char** argv) {
  begin_boost_test();
  return current_boost_test_run->init ? current_boost_test_run->init(argc, argv) : nullptr;
}
#endif

}  // namespace detail

/// Runs Boost.Test's unit_test_main() with this function, and fails the test cases and suites that leave a task behind. Returns
/// the exit code.
///
/// A test case that has failed already gets a warning in place of a second failure. The rules given hold for every check. `init`
/// may be null.
inline int verify_test_main(boost::unit_test::init_unit_test_func init, int argc, char** argv, options run_wide = {}) {
  detail::boost_test_run run{run_wide, init};
  detail::current_boost_test_run = &run;
  static detail::boost_test_observer observer;
  boost::unit_test::framework::register_observer(observer);
  int exit_code = boost::unit_test::unit_test_main(detail::init_boost_test, argc, argv);
  if (exit_code == 0 && run.any_suite_fails) exit_code = boost::exit_test_failure;
  boost::unit_test::framework::deregister_observer(observer);
  detail::current_boost_test_run = nullptr;
  if (!run.begun) adapter::forgo_run();
  const int verified = run.begun ? run.begun->end(exit_code) : exit_code;
  return run.always_succeeds ? 0 : verified;
}

/// Does the same with the function that BOOST_TEST_MODULE has defined in a file of the program, if it has.
///
///     return taskleak::verify_test_main(argc, argv, taskleak::ignore_name("logger"));
inline int verify_test_main(int argc, char** argv, options run_wide = {}) {
  return verify_test_main(detail::init_of_boost_test_program, argc, argv, static_cast<options&&>(run_wide));
}

template <class... More>
int verify_test_main(boost::unit_test::init_unit_test_func init, int argc, char** argv, options first, options second,
                     More... more) {
  return verify_test_main(init, argc, argv, options(std::move(first), std::move(second), std::move(more)...));
}

template <class... More>
int verify_test_main(int argc, char** argv, options first, options second, More... more) {
  return verify_test_main(argc, argv, options(std::move(first), std::move(second), std::move(more)...));
}

}  // namespace taskleak::inline v0

#endif
