// SPDX-License-Identifier: MIT
#include <taskleak/detail/report/github/annotations.hpp>
#include <taskleak/gitlab.hpp>
#include <taskleak/sarif.hpp>

#include "every_field.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <string>

namespace {

using taskleak::detail::annotations_of;
using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

/// Makes a straggler that was created by `function` at `file`:`line`.
taskleak::straggler created_at(const char* function, const char* file, unsigned line) {
  taskleak::straggler s;
  s.id = line;
  s.state = taskleak::state::condition_wait;
  s.state_text = "condition wait";
  s.stack.push_back({"feed::wait()", "src/feed.cpp", 57, {}, 1});
  s.creation_stack.push_back({function, file, line, {}, 1});
  s.verdict = taskleak::verdict::orphaned;
  s.reason = "nothing that can still run can reach what it waits for";
  return s;
}

taskleak::report left_by(const char* test, unsigned line_of_creation, bool fails = true) {
  taskleak::report found;
  found.scope = test;
  found.file = "tests/feed_test.cpp";
  found.line = 31;
  found.fails = fails;
  found.stragglers.push_back(created_at("feed::feed()", "src/feed.cpp", line_of_creation));
  return found;
}

std::size_t lines_in(const std::string& text) { return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')); }

TEST(Annotations, NameTheLineThatCreatedWhatWasLeft) {
  EXPECT_EQ(annotations_of(taskleak::run_of(left_by("Feed.Closes", 22)), ""),
            "::error file=src/feed.cpp,line=22,title=taskleak%3A 1 thread outlived Feed.Closes::[condition wait] in feed::wait() "
            "src/feed.cpp:57%0Aorphaned: nothing that can still run can reach what it waits for\n");
}

TEST(Annotations, AreOneForEachLineHoweverManyTestsLeftIt) {
  const std::string text =
      annotations_of({"", 0, {left_by("Feed.Closes", 22), left_by("Feed.Opens", 22), left_by("Feed.Opens", 23)}}, "");
  EXPECT_EQ(lines_in(text), 2u) << text;
  EXPECT_THAT(text, HasSubstr("line=22,title=taskleak%3A 2 threads outlived Feed.Closes%2C Feed.Opens::"));
}

TEST(Annotations, AreWarningsWhereNothingFails) {
  EXPECT_THAT(annotations_of(taskleak::run_of(left_by("Feed.Closes", 22, false)), ""), StartsWith("::warning file="));
}

TEST(Annotations, SayInTheTenthHowManyAreNotShown) {
  taskleak::run_report run;
  for (unsigned line = 1; line <= 10; ++line) run.reports.push_back(left_by("Feed.Closes", line));
  EXPECT_THAT(annotations_of(run, ""), Not(HasSubstr("more distinct leaks")));
  run.reports.push_back(left_by("Feed.Closes", 11));
  run.reports.push_back(left_by("Feed.Closes", 12, false));
  const std::string text = annotations_of(run, "");
  EXPECT_EQ(lines_in(text), 11u) << text;
  EXPECT_THAT(text,
              HasSubstr("\n::error title=taskleak::2 more distinct leaks are in the output of the tests only\n::warning file="));
}

TEST(Annotations, NeverBreakTheLineOfACommand) {
  const std::string text = annotations_of(tests::every_field_of_a_run(), "");
  EXPECT_THAT(text, Not(testing::ContainsRegex("[^\n]\r|\n[^:]|\n:[^:]|,=,")));
  EXPECT_THAT(text, HasSubstr("src/feed.cpp \\xff\\xc3"));
  EXPECT_THAT(text, HasSubstr("%2525%3A%3A%2C=ü</title>-->,line=22,"));
}

TEST(Annotations, OfAHangAreAtTheTest) {
  taskleak::report hung = left_by("Feed.Closes", 22);
  hung.kind = taskleak::report_kind::hang;
  hung.headline = "all tasks are asleep: Feed.Closes can never end";
  EXPECT_THAT(
      annotations_of(taskleak::run_of(hung), ""),
      StartsWith(
          "::error file=tests/feed_test.cpp,line=31,title=taskleak%3A all tasks are asleep%3A Feed.Closes can never end::"));
}

TEST(Annotations, NameFilesAsTheWorkspaceDoes) {
  taskleak::report found = left_by("Feed.Closes", 22);
  found.stragglers[0].creation_stack[0].file = "/home/runner/work/feed/src/feed.cpp";
  EXPECT_THAT(annotations_of(taskleak::run_of(found), "/home/runner/work/feed"), HasSubstr("file=src/feed.cpp,"));
  EXPECT_THAT(annotations_of(taskleak::run_of(found), "/home/runner/work/other"),
              HasSubstr("file=/home/runner/work/feed/src/feed.cpp,"));
}

TEST(Annotations, AreAtTheTestWhereNoCreationIsKnown) {
  taskleak::report found = left_by("Feed.Closes", 22);
  found.stragglers[0].creation_stack.clear();
  EXPECT_THAT(annotations_of(taskleak::run_of(found), ""), HasSubstr("file=tests/feed_test.cpp,line=31,"));
}

TEST(Gitlab, HasTheMembersOfAReportOfCodeQuality) {
  const auto all = nlohmann::json::parse(taskleak::to_gitlab(left_by("Feed.Closes", 22)));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].at("description"),
            "1 thread outlived Feed.Closes; [condition wait] in feed::wait() src/feed.cpp:57; orphaned: nothing "
            "that can still run can reach what it waits for");
  EXPECT_EQ(all[0].at("check_name"), "taskleak-orphaned");
  EXPECT_THAT(all[0].at("fingerprint").get<std::string>(), MatchesRegex("[0-9a-f]{16}"));
  EXPECT_EQ(all[0].at("severity"), "major");
  EXPECT_EQ(all[0].at("location").at("path"), "src/feed.cpp");
  EXPECT_EQ(all[0].at("location").at("lines").at("begin"), 22);
}

TEST(Gitlab, HasAFingerprintOfItsOwnForEachEntry) {
  const auto all = nlohmann::json::parse(taskleak::to_gitlab({"", 0, {left_by("Feed.Closes", 22), left_by("Feed.Closes", 23)}}));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_NE(all[0].at("fingerprint"), all[1].at("fingerprint"));
  EXPECT_EQ(taskleak::to_gitlab(left_by("Feed.Closes", 22)), taskleak::to_gitlab(left_by("Feed.Closes", 22)));
}

TEST(Gitlab, OfNothingIsAnEmptyList) { EXPECT_EQ(taskleak::to_gitlab(taskleak::report{}), "[]\n"); }

TEST(Sarif, IsOneRunWithAResultForEachLeak) {
  const auto file =
      nlohmann::json::parse(taskleak::to_sarif({"feed_test", 7, {left_by("Feed.Closes", 22), left_by("Feed.Opens", 23)}}));
  EXPECT_EQ(file.at("version"), "2.1.0");
  ASSERT_EQ(file.at("runs").size(), 1u);
  const auto& run = file.at("runs").at(0);
  EXPECT_EQ(run.at("automationDetails").at("id"), "taskleak/feed_test/");
  EXPECT_EQ(run.at("results").size(), 2u);
  const auto& result = run.at("results").at(0);
  EXPECT_EQ(result.at("ruleId"), run.at("tool").at("driver").at("rules").at(result.at("ruleIndex").get<std::size_t>()).at("id"));
  EXPECT_EQ(result.at("level"), "error");
  EXPECT_EQ(result.at("locations").at(0).at("physicalLocation").at("region").at("startLine"), 22);
  EXPECT_EQ(result.at("stacks").at(0).at("frames").at(0).at("location").at("logicalLocations").at(0).at("fullyQualifiedName"),
            "feed::wait()");
}

TEST(Sarif, WritesEachPathAsAReference) {
  taskleak::report found = left_by("Feed.Closes", 22);
  found.stragglers[0].creation_stack[0].file = "src/a b%#?.cpp";
  const auto file = nlohmann::json::parse(taskleak::to_sarif(found));
  const auto& artifact =
      file.at("runs").at(0).at("results").at(0).at("locations").at(0).at("physicalLocation").at("artifactLocation");
  EXPECT_EQ(artifact.at("uri"), "src/a%20b%25%23%3F.cpp");
  EXPECT_EQ(artifact.at("uriBaseId"), "SRCROOT");
}

TEST(Sarif, HasARuleForEachVerdict) {
  for (unsigned char v = 0; v <= static_cast<unsigned char>(taskleak::verdict::polling); ++v) {
    taskleak::report found = left_by("Feed.Closes", 22);
    found.stragglers[0].verdict = static_cast<taskleak::verdict>(v);
    const auto file = nlohmann::json::parse(taskleak::to_sarif(found));
    const auto& run = file.at("runs").at(0);
    const auto& result = run.at("results").at(0);
    EXPECT_EQ(result.at("ruleId"),
              run.at("tool").at("driver").at("rules").at(result.at("ruleIndex").get<std::size_t>()).at("id"));
  }
}

}  // namespace
