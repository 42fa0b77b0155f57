// SPDX-License-Identifier: MIT
#include <taskleak/detail/filter/suppression_file.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>

#include <sys/stat.h>
#include <unistd.h>

namespace {

using taskleak::detail::parse_suppressions;
using taskleak::detail::read_suppressions;
using taskleak::detail::rule;
using taskleak::detail::rule_kind;
using taskleak::detail::rule_origin;
using taskleak::detail::suppression_file;
using taskleak::detail::suppression_limits;
using testing::ElementsAre;
using testing::IsEmpty;

rule only_rule(std::string_view text) {
  const suppression_file file = parse_suppressions(text, "t.supp");
  EXPECT_THAT(file.errors, IsEmpty());
  EXPECT_EQ(file.rules.size(), 1u);
  return file.rules.empty() ? rule{{{}}} : file.rules.front();
}

TEST(SuppressionFile, RuleHasKindPatternReasonAndPlace) {
  const rule read = only_rule("\n# pools\nname:pool*  # stopped at exit\n");
  EXPECT_EQ(read.conditions[0].kind, rule_kind::name);
  EXPECT_EQ(read.origin, rule_origin::file);
  EXPECT_EQ(read.conditions[0].pattern, "pool*");
  EXPECT_EQ(read.reason, "stopped at exit");
  EXPECT_EQ(read.source, "t.supp:3");
  EXPECT_EQ(read.text(), "name:pool*");
}

TEST(SuppressionFile, KnowsEveryKind) {
  EXPECT_EQ(only_rule("top_function:f").conditions[0].kind, rule_kind::top_function);
  EXPECT_EQ(only_rule("any_function:f").conditions[0].kind, rule_kind::any_function);
  EXPECT_EQ(only_rule("created_by:f").conditions[0].kind, rule_kind::created_by);
  EXPECT_EQ(only_rule("name:f").conditions[0].kind, rule_kind::name);
  EXPECT_EQ(only_rule("scope:Feed.Closes").conditions[0].kind, rule_kind::scope);
  EXPECT_EQ(only_rule("state:condition wait").conditions[0].kind, rule_kind::state);
}

TEST(SuppressionFile, ConditionsThatAllHaveToHoldStandOnOneLine) {
  const rule read = only_rule("created_by:foo* && name:bar &&  scope:Feed.*  # both");
  ASSERT_EQ(read.conditions.size(), 3u);
  EXPECT_EQ(read.conditions[0].kind, rule_kind::created_by);
  EXPECT_EQ(read.conditions[0].pattern, "foo*");
  EXPECT_EQ(read.conditions[1].kind, rule_kind::name);
  EXPECT_EQ(read.conditions[1].pattern, "bar");
  EXPECT_EQ(read.conditions[2].kind, rule_kind::scope);
  EXPECT_EQ(read.conditions[2].pattern, "Feed.*");
  EXPECT_EQ(read.reason, "both");
  EXPECT_EQ(read.text(), "created_by:foo* && name:bar && scope:Feed.*");
}

TEST(SuppressionFile, SignInANameIsNoConjunction) {
  for (const char* name : {"f(T&&)", "operator&&", "Feed::operator&&(Feed&&) const", "f() requires A && B",
                           "f<T>() requires (sizeof(T) == 4) && std::is_same_v<T, int>", "f(int &&) &&", "g(T&& name:x)",
                           "a &&name:x", "a&& name:x"}) {
    const rule read = only_rule(std::string("created_by:") + name);
    ASSERT_EQ(read.conditions.size(), 1u) << name;
    EXPECT_EQ(read.conditions[0].pattern, name);
  }
  const rule both = only_rule("any_function:operator&& && created_by:f(T&&)");
  ASSERT_EQ(both.conditions.size(), 2u);
  EXPECT_EQ(both.conditions[0].pattern, "operator&&");
  EXPECT_EQ(both.conditions[1].pattern, "f(T&&)");
}

TEST(SuppressionFile, MistypedKindBehindAConjunctionIsAnErrorAndNoPartOfTheGlob) {
  const std::string allowed = "; allowed are any_function, created_by, name, scope, state, top_function";
  EXPECT_THAT(parse_suppressions("name:a && nme:b\nname:a && state:\nname: && state:x", "t.supp").errors,
              ElementsAre("t.supp:1: unknown kind 'nme'" + allowed, "t.supp:2: empty pattern after 'state:'",
                          "t.supp:3: empty pattern after 'name:'"));
}

TEST(SuppressionFile, ConjunctionWithoutASecondConditionIsAnError) {
  EXPECT_THAT(
      parse_suppressions("name:a &&\nname:a && # why\nname:a && && name:b\nname:&&", "t.supp").errors,
      ElementsAre("t.supp:1: no condition after the '&&' of 'name:a &&'", "t.supp:2: no condition after the '&&' of 'name:a &&'",
                  "t.supp:3: no condition after the '&&' of 'name:a &&'", "t.supp:4: no condition after the '&&' of 'name:&&'"));
  for (const char* name : {"operator&&", "Feed::close() &&", "Feed::close() const &&", "Feed::close* &&", "*::operator&&"})
    EXPECT_EQ(only_rule(std::string("any_function:") + name).conditions[0].pattern, name);
}

TEST(SuppressionFile, FilesWithAMarkMayStandOneBehindTheOther) {
  const suppression_file file = parse_suppressions("\xEF\xBB\xBFname:a\n\xEF\xBB\xBF# b\n\xEF\xBB\xBFname:b\n", "t.supp");
  EXPECT_THAT(file.errors, IsEmpty());
  ASSERT_EQ(file.rules.size(), 2u);
  EXPECT_EQ(file.rules[1].conditions[0].pattern, "b");
}

TEST(SuppressionFile, BlankLinesAndCommentsAreNoRules) {
  const suppression_file file = parse_suppressions("\n  \n# a\n   # b\n\t\n#", "t.supp");
  EXPECT_THAT(file.rules, IsEmpty());
  EXPECT_THAT(file.errors, IsEmpty());
  EXPECT_THAT(parse_suppressions("", "t.supp").errors, IsEmpty());
}

TEST(SuppressionFile, ReasonBeginsAfterABlankOnly) {
  const rule lambda = only_rule("created_by:main::{lambda(int)#1}::operator()(int) const # worker #7");
  EXPECT_EQ(lambda.conditions[0].pattern, "main::{lambda(int)#1}::operator()(int) const");
  EXPECT_EQ(lambda.reason, "worker #7");
  EXPECT_EQ(only_rule("name:#7").conditions[0].pattern, "#7");
  EXPECT_EQ(only_rule("name:a\t#b").reason, "b");
  EXPECT_EQ(only_rule("name:a #").reason, "");
}

TEST(SuppressionFile, PatternMayHoldColonsAndBlanksInside) {
  EXPECT_EQ(only_rule("  created_by :  void a::b<int>(int) const  ").conditions[0].pattern, "void a::b<int>(int) const");
}

TEST(SuppressionFile, TakesWindowsLineEndsByteOrderMarkAndNoFinalNewline) {
  const suppression_file file = parse_suppressions("\xEF\xBB\xBFname:a # x\r\n\r\nname:b\r\nname:c", "t.supp");
  EXPECT_THAT(file.errors, IsEmpty());
  ASSERT_EQ(file.rules.size(), 3u);
  EXPECT_EQ(file.rules[0].conditions[0].pattern, "a");
  EXPECT_EQ(file.rules[0].reason, "x");
  EXPECT_EQ(file.rules[1].conditions[0].pattern, "b");
  EXPECT_EQ(file.rules[2].conditions[0].pattern, "c");
  EXPECT_EQ(file.rules[2].source, "t.supp:4");
}

TEST(SuppressionFile, EveryBadLineIsReportedAndGoodOnesStillCount) {
  const suppression_file file = parse_suppressions("foo:bar\nname:ok\nname\nstate: # why\nignore_name:x\n:x", "t.supp");
  const std::string allowed = "; allowed are any_function, created_by, name, scope, state, top_function";
  EXPECT_THAT(file.errors, ElementsAre("t.supp:1: unknown kind 'foo'" + allowed,
                                       "t.supp:3: missing ':' in 'name'; a rule is kind:glob  # reason",
                                       "t.supp:4: empty pattern after 'state:'", "t.supp:5: unknown kind 'ignore_name'" + allowed,
                                       "t.supp:6: unknown kind ''" + allowed));
  ASSERT_EQ(file.rules.size(), 1u);
  EXPECT_EQ(file.rules[0].conditions[0].pattern, "ok");
}

TEST(SuppressionFile, OneThatCannotBeReadNamesPathAndCause) {
  EXPECT_THAT(read_suppressions("no/such.supp").errors,
              ElementsAre("cannot read the suppressions 'no/such.supp': No such file or directory"));
  EXPECT_THAT(read_suppressions("/").errors, ElementsAre("cannot read the suppressions '/': Is a directory"));
}

TEST(SuppressionFile, EndlessDeviceIsAnErrorAndDoesNotFillTheMemory) {
  EXPECT_THAT(
      read_suppressions("/dev/zero").errors,
      ElementsAre("/dev/zero:1: a NUL byte; this is no text file, and a suppression file has one kind:glob  # reason a line"));
  EXPECT_THAT(read_suppressions("/dev/null").errors, IsEmpty());
}

TEST(SuppressionFile, ProgramIsNoSuppressionFile) {
  const suppression_file read = read_suppressions("/proc/self/exe");
  EXPECT_THAT(read.rules, IsEmpty());
  ASSERT_EQ(read.errors.size(), 1u);
  EXPECT_THAT(read.errors[0], testing::StartsWith("/proc/self/exe:1: a NUL byte; this is no text file"));
}

class file_of_text {
 public:
  explicit file_of_text(const std::string& text) { std::ofstream(path_, std::ios::binary) << text; }
  file_of_text(const file_of_text&) = delete;
  file_of_text& operator=(const file_of_text&) = delete;
  ~file_of_text() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_ = testing::TempDir() + "taskleak_supp_" + std::to_string(::getpid());
};

TEST(SuppressionFile, LargerOneThanIsAllowedNamesTheLimit) {
  const file_of_text file(std::string(suppression_limits::bytes + 1, '#'));
  EXPECT_THAT(read_suppressions(file.path()).errors,
              ElementsAre("cannot read the suppressions '" + file.path() +
                          "': it is larger than 16777216 bytes, which is the most that is read"));
}

TEST(SuppressionFile, LongerLineAndMoreRulesThanAreAllowedNameTheLimit) {
  const std::string longest = "name:" + std::string(suppression_limits::bytes_of_line - 5, 'x');
  EXPECT_THAT(parse_suppressions(longest, "t.supp").errors, IsEmpty());
  EXPECT_THAT(parse_suppressions("name:a\n" + longest + "y\nname:b", "t.supp").errors,
              ElementsAre("t.supp:2: a line of 65537 bytes; 65536 are allowed"));
  std::string many;
  for (std::size_t i = 0; i < suppression_limits::rules; ++i) many += "name:a\n";
  EXPECT_THAT(parse_suppressions(many, "t.supp").errors, IsEmpty());
  EXPECT_THAT(parse_suppressions(many + "name:b\nname:c\n", "t.supp").errors,
              ElementsAre("t.supp:100001: one rule more than the 100000 that are allowed"));
}

TEST(SuppressionFile, OfManyBadLinesTwentyAreListed) {
  std::string bad;
  for (int i = 0; i < 50; ++i) bad += "foo\n";
  const suppression_file read = parse_suppressions(bad, "t.supp");
  ASSERT_EQ(read.errors.size(), 21u);
  EXPECT_EQ(read.errors.back(), "t.supp: 30 more lines are wrong");
}

TEST(SuppressionFile, PipeIsReadToItsEndAsAProcessSubstitutionGivesOne) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "name:a\nname:b\n", 14), 14);
  std::thread writer([&] { ::close(ends[1]); });
  const suppression_file read = read_suppressions("/dev/fd/" + std::to_string(ends[0]));
  writer.join();
  ::close(ends[0]);
  EXPECT_THAT(read.errors, IsEmpty());
  EXPECT_EQ(read.rules.size(), 2u);
}

TEST(SuppressionFile, PipeThatNobodyWritesToIsAnErrorAndNoHang) {
  const std::string path = testing::TempDir() + "taskleak_fifo_" + std::to_string(::getpid());
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_THAT(read_suppressions(path).errors,
              ElementsAre("cannot read the suppressions '" + path + "': nothing was written to it within 5 s"));
  ::unlink(path.c_str());
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
  ASSERT_EQ(example.rules.size(), 7u);
  EXPECT_EQ(example.rules[1].conditions[0].pattern, "legacy::Pool::instance");
  EXPECT_EQ(example.rules[1].reason, "issue 1234: never stopped");
  EXPECT_EQ(example.rules[5].conditions[0].pattern, "main::{lambda(int)#1}::operator()");
  EXPECT_EQ(example.rules[6].conditions.size(), 2u);
}

}  // namespace
