// SPDX-License-Identifier: MIT
#include <taskleak/detail/filter/rules.hpp>
#include <taskleak/ignore.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

// ignore.hpp takes snapshots; this file stands in for the main line and says which epoch it is.
std::uint64_t current_epoch = 0;
namespace taskleak::inline v0::the_main_line_is_missing {
std::uint64_t take_snapshot() noexcept { return current_epoch; }
}  // namespace taskleak::inline v0::the_main_line_is_missing

namespace {

using namespace std::chrono_literals;
using taskleak::frame;
using taskleak::options;
using taskleak::straggler;
using taskleak::task;
using taskleak::detail::rule;
using taskleak::detail::rule_origin;
using taskleak::detail::rule_set;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

frame at(std::string function, bool plumbing = false) {
  frame made;
  made.function = std::move(function);
  made.plumbing = plumbing;
  return made;
}

straggler feed_thread() {
  straggler made;
  made.id = 48213;
  made.name = "feed";
  made.state = taskleak::state::condition_wait;
  made.state_text = "condition wait";
  made.parked_for = 412ms;
  made.scope = "Feed.Closes";
  made.created_by = "main thread";
  made.stack = {at("pthread_cond_wait", true), at("channel<Tick>::send(Tick)"), at("Feed::pump()"), at("start_thread", true)};
  made.creation_stack = {at("std::thread::_M_start_thread()", true), at("Feed::Feed(Config const&)"),
                         at("Feed_Closes_Test::TestBody()")};
  return made;
}

bool ignored(const options& given, const straggler& found, std::uint64_t epoch = 100) {
  rule_set rules(given);
  const bool answer = rules.match(found, epoch) != nullptr;
  EXPECT_THAT(rules.errors(), IsEmpty());
  return answer;
}

class temporary_file {
 public:
  explicit temporary_file(const std::string& text) : path_(testing::TempDir() + "taskleak_rules_" + std::to_string(counter_++)) {
    std::ofstream(path_, std::ios::binary) << text;
  }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  ~temporary_file() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  static inline int counter_ = 0;
  std::string path_;
};

TEST(Rules, TopFunctionIsTheFirstShownFrame) {
  EXPECT_TRUE(ignored(taskleak::ignore_top_function("channel<Tick>::send"), feed_thread()));
  EXPECT_TRUE(ignored(taskleak::ignore_top_function("channel<*>::send(Tick)"), feed_thread()));
  EXPECT_FALSE(ignored(taskleak::ignore_top_function("Feed::pump"), feed_thread()));
  EXPECT_FALSE(ignored(taskleak::ignore_top_function("pthread_cond_wait"), feed_thread()));
}

TEST(Rules, TopFunctionIsPlumbingWhereThereIsNothingElse) {
  straggler found = feed_thread();
  found.stack = {at("clone3", true), at("start_thread", true)};
  EXPECT_TRUE(ignored(taskleak::ignore_top_function("clone3"), found));
  EXPECT_FALSE(ignored(taskleak::ignore_top_function("start_thread"), found));
}

TEST(Rules, TopFunctionNeverMatchesAnUnknownFunction) {
  straggler found = feed_thread();
  found.stack = {at("")};
  EXPECT_FALSE(ignored(taskleak::ignore_top_function("*"), found));
  found.stack.clear();
  EXPECT_FALSE(ignored(taskleak::ignore_top_function("*"), found));
}

TEST(Rules, TopFunctionOfACoroutineWithoutStackIsItsName) {
  straggler found;
  found.kind = taskleak::task_kind::coroutine;
  found.name = "session(int)";
  EXPECT_TRUE(ignored(taskleak::ignore_top_function("session"), found));
  found.stack = {at("channel::receive()")};
  EXPECT_FALSE(ignored(taskleak::ignore_top_function("session"), found));
}

TEST(Rules, AnyFunctionLooksAtPlumbingToo) {
  EXPECT_TRUE(ignored(taskleak::ignore_any_function("Feed::pump"), feed_thread()));
  EXPECT_TRUE(ignored(taskleak::ignore_any_function("start_thread"), feed_thread()));
  EXPECT_FALSE(ignored(taskleak::ignore_any_function("Feed::Feed"), feed_thread()));
}

TEST(Rules, CreatedByLooksAtTheWholeCreationStackAndTheCreator) {
  EXPECT_TRUE(ignored(taskleak::ignore_created_by("Feed::Feed"), feed_thread()));
  EXPECT_TRUE(ignored(taskleak::ignore_created_by("Feed_Closes_Test::*"), feed_thread()));
  EXPECT_TRUE(ignored(taskleak::ignore_created_by("std::thread::_M_start_thread"), feed_thread()));
  EXPECT_TRUE(ignored(taskleak::ignore_created_by("main thread"), feed_thread()));
  EXPECT_FALSE(ignored(taskleak::ignore_created_by("Feed::pump"), feed_thread()));
}

TEST(Rules, NameOfAThreadIsPlainText) {
  straggler found = feed_thread();
  EXPECT_TRUE(ignored(taskleak::ignore_name("fe*"), found));
  EXPECT_FALSE(ignored(taskleak::ignore_name("fee"), found));
  found.name = "feed(1)";
  EXPECT_FALSE(ignored(taskleak::ignore_name("feed"), found));
}

TEST(Rules, NameOfACoroutineIsAFunction) {
  straggler found;
  found.kind = taskleak::task_kind::coroutine;
  found.name = "session(int)";
  EXPECT_TRUE(ignored(taskleak::ignore_name("session"), found));
  EXPECT_TRUE(ignored(taskleak::ignore_name("session(int)"), found));
  EXPECT_FALSE(ignored(taskleak::ignore_name("session(char)"), found));
}

TEST(Rules, StateIsWhatTheReportShows) {
  straggler found = feed_thread();
  EXPECT_TRUE(ignored(taskleak::ignore_state("condition*"), found));
  EXPECT_TRUE(ignored(taskleak::ignore_state(taskleak::state::condition_wait), found));
  EXPECT_FALSE(ignored(taskleak::ignore_state(taskleak::state::mutex_lock), found));
  found.state = taskleak::state::suspended;
  found.state_text = "suspended at src/session.cpp:18";
  EXPECT_TRUE(ignored(taskleak::ignore_state(taskleak::state::suspended), found));
  EXPECT_TRUE(ignored(taskleak::ignore_state("suspended at */session.cpp:*"), found));
}

TEST(Rules, StateOfALabelledTaskMatchesByLabelOrByEnumerator) {
  straggler found = feed_thread();
  found.state = taskleak::state::labelled;
  found.state_text = "channel send";
  EXPECT_TRUE(ignored(taskleak::ignore_state("channel send"), found));
  EXPECT_TRUE(ignored(taskleak::ignore_state(taskleak::state::labelled), found));
  EXPECT_FALSE(ignored(taskleak::ignore_state("condition wait"), found));
}

TEST(Rules, PredicateSeesTheTaskWithoutPlumbing) {
  const straggler found = feed_thread();
  std::vector<std::string> functions;
  std::vector<std::string> creators;
  const auto look = [&](const task& t) {
    functions.assign(t.functions, t.functions + t.function_count);
    creators.assign(t.creators, t.creators + t.creator_count);
    return t.id == 48213 && t.kind == taskleak::task_kind::thread && t.name == std::string("feed") &&
           t.state == taskleak::state::condition_wait && t.state_text == std::string("condition wait") &&
           t.parked_for_ns == 412'000'000 && t.scope == std::string("Feed.Closes");
  };
  EXPECT_TRUE(ignored(taskleak::ignore_task(look), found));
  EXPECT_THAT(functions, ElementsAre("channel<Tick>::send(Tick)", "Feed::pump()"));
  EXPECT_THAT(creators, ElementsAre("Feed::Feed(Config const&)", "Feed_Closes_Test::TestBody()"));
}

TEST(Rules, PredicateSeesPlumbingWhereThereIsNothingElse) {
  straggler found;
  found.stack = {at("clone3", true)};
  EXPECT_TRUE(ignored(taskleak::ignore_task([](const task& t) { return t.function_count == 1 && t.creator_count == 0; }), found));
}

TEST(Rules, PredicateThatThrowsIsAnErrorOnceAndDoesNotMatch) {
  rule_set rules(taskleak::ignore_task([](const task&) -> bool { throw std::runtime_error("no such pool"); }));
  EXPECT_EQ(rules.match(feed_thread(), 1), nullptr);
  EXPECT_EQ(rules.match(feed_thread(), 2), nullptr);
  EXPECT_THAT(rules.errors(), ElementsAre("ignore_task(): the predicate threw: no such pool"));
}

TEST(Rules, CurrentIgnoresTasksUpToItsEpoch) {
  current_epoch = 7;
  rule_set rules(taskleak::ignore_current());
  current_epoch = 0;
  EXPECT_TRUE(rules.match_current(7));
  EXPECT_FALSE(rules.match_current(8));
  EXPECT_FALSE(rules.needs_inspection());
  EXPECT_NE(rules.match(feed_thread(), 7), nullptr);
  EXPECT_EQ(rules.match(feed_thread(), 8), nullptr);
}

TEST(Rules, WithoutCurrentNoEpochIsIgnored) {
  rule_set rules(taskleak::ignore_name("feed"));
  EXPECT_FALSE(rules.match_current(0));
  EXPECT_TRUE(rules.needs_inspection());
  EXPECT_FALSE(rule_set().needs_inspection());
}

TEST(Rules, LatestOfSeveralSnapshotsCounts) {
  current_epoch = 7;
  options given = taskleak::ignore_current();
  current_epoch = 5;
  given = given | taskleak::ignore_current();
  current_epoch = 0;
  EXPECT_TRUE(rule_set(given).match_current(7));
  EXPECT_FALSE(rule_set(given).match_current(8));
}

TEST(Rules, FirstRuleInOrderGivesTheReason) {
  rule_set rules(options(taskleak::ignore_state("condition wait", "first"), taskleak::ignore_name("feed", "second")));
  const rule* used = rules.match(feed_thread(), 1);
  ASSERT_NE(used, nullptr);
  EXPECT_EQ(used->shown_reason(), "first");
}

TEST(Rules, RuleWithoutReasonIsItsOwnReason) {
  rule_set rules(options(taskleak::ignore_name("fe*")));
  EXPECT_EQ(rules.match(feed_thread(), 1)->shown_reason(), "ignore_name(\"fe*\")");
  EXPECT_EQ(rule_set(taskleak::ignore_task([](const task&) { return true; })).match(feed_thread(), 1)->shown_reason(),
            "ignore_task()");
  EXPECT_EQ(rule_set(taskleak::ignore_state(taskleak::state::condition_wait)).match(feed_thread(), 1)->shown_reason(),
            "ignore_state(\"condition wait\")");
  const temporary_file file("name:fe*\n");
  EXPECT_EQ(rule_set(taskleak::suppressions(file.path().c_str())).match(feed_thread(), 1)->shown_reason(), "name:fe*");
}

TEST(Rules, ThoseOfTheCheckGoBeforeThoseOfTheRunAndFilesComeAfterBoth) {
  const temporary_file file("name:feed  # file\n");
  const auto reason = [](rule_set& rules) { return rules.match(feed_thread(), 1)->shown_reason(); };
  rule_set run(taskleak::ignore_name("feed", "run"));
  rule_set own(taskleak::suppressions(file.path().c_str()));
  own.append(run);
  EXPECT_EQ(reason(own), "run");
  rule_set closer(taskleak::ignore_name("feed", "own"));
  closer.append(run);
  EXPECT_EQ(reason(closer), "own");
  rule built_in;
  built_in.origin = rule_origin::built_in;
  built_in.conditions.emplace_back().pattern = "feed";
  built_in.reason = "built in";
  rule_set last;
  last.add(built_in);
  last.add_file(file.path());
  EXPECT_EQ(reason(last), "file");
}

TEST(Rules, AllConditionsOfALineHaveToHold) {
  const auto matches = [](const std::string& line, const straggler& found) {
    const temporary_file file(line + "\n");
    rule_set rules(taskleak::suppressions(file.path().c_str()));
    EXPECT_THAT(rules.errors(), IsEmpty()) << line;
    return rules.match(found, 1) != nullptr;
  };
  EXPECT_TRUE(matches("name:feed && state:condition wait", feed_thread()));
  EXPECT_FALSE(matches("name:feed && state:mutex lock", feed_thread()));
  EXPECT_FALSE(matches("name:pool && state:condition wait", feed_thread()));
  EXPECT_TRUE(matches("created_by:Feed::Feed && created_by:Feed_Closes_Test::* && any_function:Feed::pump", feed_thread()));
  EXPECT_FALSE(matches("created_by:Feed::Feed && created_by:Feed_Opens_Test::* && any_function:Feed::pump", feed_thread()));
}

TEST(Rules, ScopeIsTheTestOrWhatIsAroundIt) {
  const auto matches = [](const std::string& pattern, const straggler& found, const taskleak::detail::scope* charged_to) {
    const temporary_file file("scope:" + pattern + "\n");
    rule_set rules(taskleak::suppressions(file.path().c_str()));
    return rules.match(found, 1, charged_to) != nullptr;
  };
  EXPECT_TRUE(matches("Feed.Closes", feed_thread(), nullptr));
  EXPECT_TRUE(matches("Feed", feed_thread(), nullptr));
  EXPECT_FALSE(matches("Closes", feed_thread(), nullptr));
  EXPECT_FALSE(matches("the program", feed_thread(), nullptr));

  char suite_name[] = "Feed";
  char test_name[] = "Feed.Closes";
  char guard_name[] = "the guard at feed_test.cpp:31";
  taskleak::detail::scope suite, test, guard;
  suite.name = suite_name;
  test.name = test_name;
  test.parent = &suite;
  guard.name = guard_name;
  guard.parent = &test;
  straggler found = feed_thread();
  found.scope = guard_name;
  for (const char* pattern : {"Feed", "Feed.Closes", "the guard at *"}) EXPECT_TRUE(matches(pattern, found, &guard)) << pattern;
  EXPECT_FALSE(matches("Feed.Opens", found, &guard));
  found.scope.clear();
  EXPECT_TRUE(matches("the program", found, nullptr));
}

TEST(Rules, AmongManyTheFirstOneThatMatchesIsFound) {
  std::string lines;
  for (int i = 0; i < 2'000; ++i) {
    const std::string n = std::to_string(i);
    lines += "created_by:Feed::Feed && name:worker" + n + "\nname:pool" + n + "*\nany_function:ns::*::run_" + n +
             "\nstate:*wait at " + n + "\nname:x" + n + "?\ntop_function:f<" + n + ">\nscope:Old.Test" + n + "\n";
  }
  const auto used = [&](const std::string& more) {
    const temporary_file file(lines + more);
    rule_set rules(taskleak::suppressions(file.path().c_str()));
    const rule* const found = rules.match(feed_thread(), 1);
    return found ? found->text() : "";
  };
  EXPECT_EQ(used(""), "");
  for (const std::string rule : {"name:feed", "name:f*", "name:*", "name:?ee?", "name:*ee*", "state:condition*", "state:*wait",
                                 "any_function:Feed::pump()", "any_function:Feed::*", "any_function:*pump",
                                 "any_function:start_thread", "top_function:channel<Tick>::send", "top_function:*send*",
                                 "created_by:Feed::Feed(Config const&)", "created_by:main thread", "created_by:*_Test::TestBody",
                                 "scope:Feed.Closes", "scope:Feed", "created_by:Feed::Feed && any_function:Feed::pump"})
    EXPECT_EQ(used(rule + "\nname:feed\n"), rule);
  EXPECT_EQ(used("created_by:Feed::Feed && any_function:Feed::drain\n"), "");
  EXPECT_EQ(used("name:*\nname:feed\n"), "name:*");
  EXPECT_EQ(used("name:feed\nname:*\n"), "name:feed");
}

TEST(Rules, HitsOfSharedRulesCountForTheRun) {
  rule_set run(options(taskleak::ignore_name("feed"), taskleak::ignore_name("pool*")));
  for (int i = 0; i < 3; ++i) {
    rule_set check;
    check.append(run);
    EXPECT_EQ(check.match(feed_thread(), 1)->hits, static_cast<std::size_t>(i + 1));
  }
  EXPECT_THAT(run.unused(), ElementsAre("unused suppression: ignore_name(\"pool*\")"));
}

TEST(Rules, HitsFromSeveralThreadsAllCount) {
  rule_set run(taskleak::ignore_name("feed"));
  {
    std::vector<std::jthread> checks;
    for (int i = 0; i < 4; ++i)
      checks.emplace_back([&run] {
        rule_set check;
        check.append(run);
        for (int n = 0; n < 1000; ++n) check.match(feed_thread(), 1);
      });
  }
  EXPECT_EQ(run.match(feed_thread(), 1)->hits, 4001u);
}

TEST(Rules, UnusedOnesNameFileAndLine) {
  const temporary_file file("# ours\nname:feed\nname:foo*  # gone since May\n");
  rule_set rules(options(taskleak::suppressions(file.path().c_str()), taskleak::ignore_current()));
  rule built_in;
  built_in.origin = rule_origin::built_in;
  built_in.conditions.emplace_back().pattern = "tsan";
  rules.add(built_in);
  rules.match(feed_thread(), 1);
  EXPECT_THAT(rules.unused(), ElementsAre("unused suppression: " + file.path() + ":3 name:foo*"));
}

TEST(Rules, EmptyPatternIsAnErrorThatNamesFunctionAndPlace) {
  const rule_set rules(options(taskleak::ignore_name(""), taskleak::ignore_top_function(nullptr), taskleak::ignore_name("feed")),
                       "tests/feed_test.cpp:31");
  EXPECT_THAT(rules.errors(), ElementsAre("tests/feed_test.cpp:31: ignore_name(): empty pattern",
                                          "tests/feed_test.cpp:31: ignore_top_function(): empty pattern"));
}

TEST(Rules, UnreadableSuppressionFileIsAnError) {
  const rule_set rules(options(taskleak::suppressions("no/such/file.supp"), taskleak::suppressions("")));
  ASSERT_EQ(rules.errors().size(), 2u);
  EXPECT_THAT(rules.errors()[0], HasSubstr("'no/such/file.supp': No such file or directory"));
  EXPECT_EQ(rules.errors()[1], "suppressions(): empty path");
}

TEST(Rules, LastWaitGivenWinsAndThatOfTheCheckGoesBeforeThatOfTheRun) {
  rule_set rules(options(taskleak::wait_up_to(1s), taskleak::wait_up_to(20ms)));
  EXPECT_EQ(rules.wait(), 20ms);
  rules.append(rule_set(taskleak::wait_up_to(5s)));
  EXPECT_EQ(rules.wait(), 20ms);
  rule_set silent;
  EXPECT_EQ(silent.wait(), std::nullopt);
  silent.append(rules);
  EXPECT_EQ(silent.wait(), 20ms);
}

TEST(Rules, CleanupsRunInOrderAndOneThatThrowsStopsNoOther) {
  std::string order;
  rule_set rules(options(taskleak::cleanup([&] { order += 'a'; }),
                         taskleak::cleanup([] { throw std::runtime_error("still open"); }), taskleak::cleanup([] { throw 1; }),
                         taskleak::cleanup([&] { order += 'b'; })));
  EXPECT_EQ(order, "");
  rules.run_cleanups();
  EXPECT_EQ(order, "ab");
  EXPECT_THAT(rules.errors(), ElementsAre("cleanup() threw: still open", "cleanup() threw: something that is no std::exception"));
}

TEST(Rules, CleanupsOfTheRunAreNotRunByACheck) {
  int runs = 0;
  const rule_set run(taskleak::cleanup([&] { ++runs; }));
  rule_set check;
  check.append(run);
  check.run_cleanups();
  EXPECT_EQ(runs, 0);
}

}  // namespace
