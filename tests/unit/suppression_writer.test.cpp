// SPDX-License-Identifier: MIT
#include <taskleak/detail/filter/suppression_writer.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace {

using taskleak::frame;
using taskleak::straggler;
using taskleak::detail::rule_for;
using taskleak::detail::rule_set;
using taskleak::detail::suppression_file;
using taskleak::detail::write_suppressions;
using taskleak::detail::written_suppressions;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

frame at(std::string function, bool plumbing = false) {
  frame made;
  made.function = std::move(function);
  made.plumbing = plumbing;
  return made;
}

straggler made_by(std::string creator, std::string scope = "Feed.Closes") {
  straggler made;
  made.name = "feed";
  made.scope = std::move(scope);
  made.stack = {at("pthread_cond_wait", true), at("Feed::pump()")};
  made.creation_stack = {at("std::thread::thread()", true), at(std::move(creator)), at("main")};
  return made;
}

class SuppressionWriter : public testing::Test {
 protected:
  void TearDown() override { std::remove(path_.c_str()); }

  void put(const std::string& text) { std::ofstream(path_, std::ios::binary) << text; }

  std::string text() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  /// Writes, expects no error, and returns what was appended to `before`.
  std::string appended(const std::string& before, const std::vector<straggler>& found) {
    put(before);
    const written_suppressions done = write_suppressions(path_, found);
    EXPECT_THAT(done.errors, IsEmpty());
    const std::string after = text();
    EXPECT_THAT(after, StartsWith(before));
    const std::string added = after.substr(std::min(before.size(), after.size()));
    std::size_t rules = 0;
    for (std::size_t at = added.find("  # left by "); at != std::string::npos; at = added.find("  # left by ", at + 1)) ++rules;
    EXPECT_EQ(rules, done.added);
    return added;
  }

  const std::string path_ = testing::TempDir() + "taskleak_writer_" + std::to_string(::getpid()) + "_" +
                            testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(SuppressionWriter, GoesByTheFirstShownCreator) {
  EXPECT_EQ(appended("#\n", {made_by("Feed::Feed(Config const&)")}),
            "created_by:Feed::Feed(Config const&)  # left by Feed.Closes\n");
}

TEST_F(SuppressionWriter, GoesByTheTopFunctionWithoutACreationStack) {
  straggler found = made_by("");
  found.creation_stack.clear();
  EXPECT_EQ(appended("#\n", {found}), "top_function:Feed::pump()  # left by Feed.Closes\n");
}

TEST_F(SuppressionWriter, GoesByTheNameWithoutAnyStack) {
  straggler found = made_by("");
  found.creation_stack.clear();
  found.stack.clear();
  EXPECT_EQ(appended("#\n", {found}), "name:feed  # left by Feed.Closes\n");
}

TEST_F(SuppressionWriter, DoesNotGoByWhatIsOnEveryStack) {
  EXPECT_EQ(appended("#\n", {made_by("main")}), "top_function:Feed::pump()  # left by Feed.Closes\n");
  EXPECT_EQ(appended("#\n", {made_by("main(int, char**)")}), "top_function:Feed::pump()  # left by Feed.Closes\n");
  straggler plumbing_only = made_by("");
  plumbing_only.creation_stack = {at("std::thread::thread()", true)};
  plumbing_only.stack = {at("pthread_cond_wait", true)};
  EXPECT_EQ(appended("#\n", {plumbing_only}), "name:feed  # left by Feed.Closes\n");
}

TEST_F(SuppressionWriter, SaysWhenNothingNamesATask) {
  straggler found;
  found.id = 77;
  const written_suppressions done = write_suppressions(path_, {found});
  EXPECT_EQ(done.added, 0u);
  EXPECT_THAT(done.errors,
              ElementsAre(path_ + ": no rule can be written for thread 77, which has neither known functions nor a name"));
}

TEST_F(SuppressionWriter, OneRuleNamesUpToThreeScopes) {
  std::vector<straggler> found;
  for (const char* scope : {"A.a", "B.b", "A.a", "C.c"}) found.push_back(made_by("f()", scope));
  EXPECT_EQ(appended("#\n", found), "created_by:f()  # left by A.a, B.b, C.c\n");
  for (const char* scope : {"D.d", "E.e", "F.f", ""}) found.push_back(made_by("f()", scope));
  EXPECT_EQ(appended("#\n", found), "created_by:f()  # left by A.a, B.b, C.c and 4 more\n");
}

TEST_F(SuppressionWriter, MakesTheFileWithAHeadingEvenWhenNothingWasLeft) {
  const written_suppressions done = write_suppressions(path_, {});
  EXPECT_THAT(done.errors, IsEmpty());
  EXPECT_THAT(text(), StartsWith("# Tasks that taskleak leaves out"));
  const suppression_file read = taskleak::detail::read_suppressions(path_);
  EXPECT_THAT(read.errors, IsEmpty());
  EXPECT_THAT(read.rules, IsEmpty());
}

TEST_F(SuppressionWriter, KeepsWhatIsThereAndAddsOnlyWhatIsMissing) {
  const std::string before = "\xEF\xBB\xBF# ours\r\n\r\ncreated_by:f()   # mine\r\nname:pool*";
  EXPECT_EQ(appended(before, {made_by("f()"), made_by("g()")}), "\ncreated_by:g()  # left by Feed.Closes\n");
  EXPECT_EQ(appended(before, {made_by("f()")}), "");
}

TEST_F(SuppressionWriter, WiderRuleOfTheFileIsEnough) { EXPECT_EQ(appended("name:fe*\n", {made_by("f()")}), ""); }

TEST_F(SuppressionWriter, SecondRunAddsNothing) {
  write_suppressions(path_, {made_by("f()"), made_by("g()")});
  const std::string first = text();
  EXPECT_EQ(write_suppressions(path_, {made_by("g()"), made_by("f()", "Other.Test")}).added, 0u);
  EXPECT_EQ(text(), first);
}

TEST_F(SuppressionWriter, BadLinesOfTheFileAreReportedAndKept) {
  put("foo:bar\n");
  const written_suppressions done = write_suppressions(path_, {made_by("f()")});
  ASSERT_EQ(done.errors.size(), 1u);
  EXPECT_THAT(done.errors[0], HasSubstr(path_ + ":1: unknown kind 'foo'"));
  EXPECT_EQ(text(), "foo:bar\ncreated_by:f()  # left by Feed.Closes\n");
}

TEST_F(SuppressionWriter, FileThatCannotBeOpenedNamesPathAndCause) {
  EXPECT_THAT(write_suppressions("no/such/w.supp", {}).errors,
              ElementsAre("cannot write the suppressions 'no/such/w.supp': No such file or directory"));
  EXPECT_THAT(write_suppressions("/", {}).errors, ElementsAre("cannot write the suppressions '/': Is a directory"));
}

TEST_F(SuppressionWriter, FullDiskIsAnError) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "there is no /dev/full";
  taskleak::detail::locked_file full("/dev/full");
  ASSERT_EQ(full.error(), 0);
  EXPECT_FALSE(full.append("x"));
  EXPECT_EQ(full.error(), ENOSPC);
}

TEST_F(SuppressionWriter, EveryWrittenRuleReadsBackAndMatchesItsTask) {
  const std::vector<std::string> pieces = {"a",
                                           "#",
                                           " #",
                                           "# ",
                                           " ",
                                           "\t",
                                           "\n",
                                           "\r",
                                           "*",
                                           "?",
                                           ":",
                                           "::",
                                           "{lambda(int)#1}",
                                           "operator()",
                                           "operator<",
                                           "(",
                                           ")",
                                           "<",
                                           ">",
                                           " const",
                                           "\xC3\xA9",
                                           "\xC3",
                                           "\xA9",
                                           "name:",
                                           "[abi:cxx11]",
                                           "void ",
                                           "\x01",
                                           "\\",
                                           "\"",
                                           "main"};
  std::mt19937 random(20240229);
  const auto nasty = [&] {
    std::string name;
    for (std::size_t n = random() % 6; n > 0; --n) name += pieces[random() % pieces.size()];
    return name;
  };
  for (int round = 0; round < 20'000; ++round) {
    straggler found;
    found.kind = round % 2 ? taskleak::task_kind::thread : taskleak::task_kind::coroutine;
    found.name = nasty();
    found.scope = nasty();
    for (std::size_t n = random() % 3; n > 0; --n) found.stack.push_back(at(nasty(), random() % 2));
    for (std::size_t n = random() % 3; n > 0; --n) found.creation_stack.push_back(at(nasty(), random() % 2));
    const auto expected = rule_for(found);
    std::vector<std::string> errors;
    const auto missing = taskleak::detail::missing_suppressions("", "w.supp", {found}, errors);
    ASSERT_EQ(missing.size(), expected ? 1u : 0u);
    if (!expected) continue;
    suppression_file read = taskleak::detail::parse_suppressions(missing[0].line(), "w.supp");
    ASSERT_THAT(read.errors, IsEmpty()) << missing[0].line();
    ASSERT_EQ(read.rules.size(), 1u) << missing[0].line();
    EXPECT_EQ(read.rules[0].pattern, expected->pattern);
    rule_set rules;
    rules.add(std::move(read.rules[0]));
    ASSERT_NE(rules.match(found, 0), nullptr) << missing[0].line();
  }
}

TEST_F(SuppressionWriter, ProcessesThatWriteAtTheSameTimeLoseNothing) {
  constexpr int processes = 8;
  constexpr int rules_each = 25;
  std::vector<pid_t> children;
  for (int p = 0; p < processes; ++p) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      bool good = true;
      for (int i = 0; i < rules_each; ++i) {
        const std::string own = "own_" + std::to_string(p) + "_" + std::to_string(i) + "()";
        const std::string shared = "shared_" + std::to_string(i) + "()";
        good = good && write_suppressions(path_, {made_by(own), made_by(shared)}).errors.empty();
      }
      ::_exit(good ? 0 : 1);
    }
    children.push_back(child);
  }
  for (pid_t child : children) {
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  const suppression_file read = taskleak::detail::read_suppressions(path_);
  EXPECT_THAT(read.errors, IsEmpty());
  std::vector<std::string> patterns;
  for (const auto& r : read.rules) patterns.push_back(r.pattern);
  std::sort(patterns.begin(), patterns.end());
  EXPECT_EQ(std::unique(patterns.begin(), patterns.end()), patterns.end());
  EXPECT_EQ(patterns.size(), static_cast<std::size_t>(processes * rules_each + rules_each));
}

}  // namespace
