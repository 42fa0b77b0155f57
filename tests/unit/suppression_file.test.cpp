// SPDX-License-Identifier: MIT
#include <taskleak/detail/filter/suppression_file.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace {

using taskleak::detail::parse_suppressions;
using taskleak::detail::read_suppressions;
using taskleak::detail::rule;
using taskleak::detail::rule_kind;
using taskleak::detail::rule_origin;
using taskleak::detail::suppression_file;
using testing::ElementsAre;
using testing::IsEmpty;

rule only_rule(std::string_view text) {
  const suppression_file file = parse_suppressions(text, "t.supp");
  EXPECT_THAT(file.errors, IsEmpty());
  EXPECT_EQ(file.rules.size(), 1u);
  return file.rules.empty() ? rule() : file.rules.front();
}

TEST(SuppressionFile, RuleHasKindPatternReasonAndPlace) {
  const rule read = only_rule("\n# pools\nname:pool*  # stopped at exit\n");
  EXPECT_EQ(read.kind, rule_kind::name);
  EXPECT_EQ(read.origin, rule_origin::file);
  EXPECT_EQ(read.pattern, "pool*");
  EXPECT_EQ(read.reason, "stopped at exit");
  EXPECT_EQ(read.source, "t.supp:3");
  EXPECT_EQ(read.text(), "name:pool*");
}

TEST(SuppressionFile, KnowsEveryKind) {
  EXPECT_EQ(only_rule("top_function:f").kind, rule_kind::top_function);
  EXPECT_EQ(only_rule("any_function:f").kind, rule_kind::any_function);
  EXPECT_EQ(only_rule("created_by:f").kind, rule_kind::created_by);
  EXPECT_EQ(only_rule("name:f").kind, rule_kind::name);
  EXPECT_EQ(only_rule("state:condition wait").kind, rule_kind::state);
}

TEST(SuppressionFile, BlankLinesAndCommentsAreNoRules) {
  const suppression_file file = parse_suppressions("\n  \n# a\n   # b\n\t\n#", "t.supp");
  EXPECT_THAT(file.rules, IsEmpty());
  EXPECT_THAT(file.errors, IsEmpty());
  EXPECT_THAT(parse_suppressions("", "t.supp").errors, IsEmpty());
}

TEST(SuppressionFile, ReasonBeginsAfterABlankOnly) {
  const rule lambda = only_rule("created_by:main::{lambda(int)#1}::operator()(int) const # worker #7");
  EXPECT_EQ(lambda.pattern, "main::{lambda(int)#1}::operator()(int) const");
  EXPECT_EQ(lambda.reason, "worker #7");
  EXPECT_EQ(only_rule("name:#7").pattern, "#7");
  EXPECT_EQ(only_rule("name:a\t#b").reason, "b");
  EXPECT_EQ(only_rule("name:a #").reason, "");
}

TEST(SuppressionFile, PatternMayHoldColonsAndBlanksInside) {
  EXPECT_EQ(only_rule("  created_by :  void a::b<int>(int) const  ").pattern, "void a::b<int>(int) const");
}

TEST(SuppressionFile, TakesWindowsLineEndsByteOrderMarkAndNoFinalNewline) {
  const suppression_file file = parse_suppressions("\xEF\xBB\xBFname:a # x\r\n\r\nname:b\r\nname:c", "t.supp");
  EXPECT_THAT(file.errors, IsEmpty());
  ASSERT_EQ(file.rules.size(), 3u);
  EXPECT_EQ(file.rules[0].pattern, "a");
  EXPECT_EQ(file.rules[0].reason, "x");
  EXPECT_EQ(file.rules[1].pattern, "b");
  EXPECT_EQ(file.rules[2].pattern, "c");
  EXPECT_EQ(file.rules[2].source, "t.supp:4");
}

TEST(SuppressionFile, EveryBadLineIsReportedAndGoodOnesStillCount) {
  const suppression_file file = parse_suppressions("foo:bar\nname:ok\nname\nstate: # why\nignore_name:x\n:x", "t.supp");
  const std::string allowed = "; allowed are any_function, created_by, name, state, top_function";
  EXPECT_THAT(file.errors, ElementsAre("t.supp:1: unknown kind 'foo'" + allowed,
                                       "t.supp:3: missing ':' in 'name'; a rule is kind:glob  # reason",
                                       "t.supp:4: empty pattern after 'state:'", "t.supp:5: unknown kind 'ignore_name'" + allowed,
                                       "t.supp:6: unknown kind ''" + allowed));
  ASSERT_EQ(file.rules.size(), 1u);
  EXPECT_EQ(file.rules[0].pattern, "ok");
}

TEST(SuppressionFile, OneThatCannotBeReadNamesPathAndCause) {
  EXPECT_THAT(read_suppressions("no/such.supp").errors,
              ElementsAre("cannot read the suppressions 'no/such.supp': No such file or directory"));
  EXPECT_THAT(read_suppressions("/").errors, ElementsAre("cannot read the suppressions '/': Is a directory"));
}

TEST(SuppressionFile, ExampleOnThePageReads) {
  std::ifstream file(TASKLEAK_DOCS "/suppressions.md");
  std::string page{std::istreambuf_iterator<char>(file), {}};
  const std::string fence = "```supp\n";
  const std::size_t begin = page.find(fence);
  ASSERT_NE(begin, std::string::npos);
  page = page.substr(begin + fence.size());
  const suppression_file example = parse_suppressions(std::string_view(page).substr(0, page.find("```")), "page");
  EXPECT_THAT(example.errors, IsEmpty());
  ASSERT_EQ(example.rules.size(), 6u);
  EXPECT_EQ(example.rules[1].pattern, "legacy::Pool::instance");
  EXPECT_EQ(example.rules[1].reason, "issue 1234: never stopped");
  EXPECT_EQ(example.rules[5].pattern, "main::{lambda(int)#1}::operator()");
}

}  // namespace
