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

std::string rule_text(const straggler& found) {
  const auto made = rule_for(found);
  return made ? made->text() : "";
}

TEST_F(SuppressionWriter, GoesByTheCreatorAndByWhatTheThreadRuns) {
  EXPECT_EQ(appended("#\n", {made_by("Feed::Feed(Config const&)")}),
            "created_by:Feed::Feed(Config const&) && any_function:Feed::pump()  # left by Feed.Closes\n");
}

TEST_F(SuppressionWriter, GoesOutwardsUntilTwoCreatorsOfDifferentClassesTell) {
  straggler found = made_by("");
  found.stack.clear();
  found.creation_stack = {at("std::thread::thread()", true), at("worker::worker()"), at("app::old_leak()"), at("app::more()")};
  EXPECT_EQ(rule_text(found), "created_by:worker::worker() && created_by:app::old_leak() && name:feed");
  found.name.clear();
  found.creation_stack = {at("base::Thread::StartWithOptions(int)"), at("base::Thread::Start()"), at("app::old_leak()"),
                          at("app::more()")};
  EXPECT_EQ(rule_text(found),
            "created_by:base::Thread::StartWithOptions(int) && created_by:base::Thread::Start() && created_by:app::old_leak()");
  found.creation_stack = {at("app::old_leak()"), at("Old_Leak_Test::TestBody()"), at("testing::Test::Run()"),
                          at("wrapper::run()")};
  EXPECT_EQ(rule_text(found), "created_by:app::old_leak() && created_by:Old_Leak_Test::TestBody()");
}

TEST_F(SuppressionWriter, FunctionsOfOneClassAloneAreNotEnough) {
  // the test body has left by a tail call, and the class is the base of whatever runs in a thread
  straggler feed = made_by("base::Thread::Start()", "Feed.Closes");
  feed.created_by = "main thread";
  feed.stack.push_back(at("base::Thread::ThreadMain(void*)"));
  straggler cache = feed;
  cache.scope = "Cache.Closes";
  const std::optional<taskleak::detail::rule> rule = rule_for(feed);
  ASSERT_TRUE(rule);
  EXPECT_EQ(rule->text(),
            "created_by:base::Thread::Start() && any_function:base::Thread::ThreadMain(void*) && scope:Feed.Closes");
  rule_set rules;
  rules.add(*rule_for(feed));
  EXPECT_TRUE(rules.match(feed, 0));
  EXPECT_FALSE(rules.match(cache, 0)) << "a new leak of another thread";

  straggler in_lambda = feed;
  in_lambda.stack.back() = at("base::Thread::Start()::{lambda()#1}::operator()() const");
  EXPECT_THAT(rule_for(in_lambda)->text(), HasSubstr("scope:Feed.Closes"));
  // a worker makes the next one: its scope may be that of any test
  straggler by_worker = feed;
  by_worker.created_by = "thread 7";
  EXPECT_EQ(rule_for(by_worker)->text().find("scope:"), std::string::npos);
  // the test body is on the stack
  straggler by_test = feed;
  by_test.creation_stack.insert(by_test.creation_stack.begin() + 2, at("Feed_Closes_Test::TestBody()"));
  EXPECT_EQ(rule_for(by_test)->text().find("scope:"), std::string::npos);
  straggler lambda_of_test = made_by("Feed_Closes_Test::TestBody()");
  lambda_of_test.created_by = "main thread";
  lambda_of_test.stack.push_back(at("Feed_Closes_Test::TestBody()::{lambda()#1}::operator()() const"));
  EXPECT_EQ(rule_for(lambda_of_test)->text().find("scope:"), std::string::npos);
}

TEST_F(SuppressionWriter, InlinedFunctionWithHalfANameIsNotEnough) {
  straggler found = made_by("");
  found.name.clear();
  found.stack.clear();
  found.creation_stack = {at("start"), at("old_leak"), at("Old_Leak_Test::TestBody()"), at("testing::Test::Run()")};
  EXPECT_EQ(rule_text(found), "created_by:start && created_by:old_leak && created_by:Old_Leak_Test::TestBody()");
  found.creation_stack = {at("start")};
  EXPECT_EQ(rule_text(found), "created_by:start && scope:Feed.Closes");
}

TEST_F(SuppressionWriter, NeverGoesByWhatTellsNothing) {
  for (const char* nothing : {"operator()", "operator()() const", "{lambda()#1}::operator()() const",
                              "(anonymous namespace)::{lambda()#1}::operator()() const", "$_0::operator()() const", "<lambda()>",
                              "{lambda()#1}::_FUN()", "libtbb.so.12+0x217da", "0x7f0012345678", "main", "main(int, char**)",
                              "std::thread::thread()", "testing::Test::Run()",
                              "void testing::internal::HandleExceptionsInMethodIfSupported<testing::Test, void>(testing::Test*, "
                              "void (testing::Test::*)(), "
                              "char const*)"}) {
    straggler found = made_by(nothing);
    found.name.clear();
    EXPECT_EQ(rule_text(found), "any_function:Feed::pump()") << nothing;
    found.stack = {at(nothing)};
    const bool is_in_library = nothing == std::string("libtbb.so.12+0x217da");
    EXPECT_EQ(rule_text(found), is_in_library ? "any_function:libtbb.so* && scope:Feed.Closes" : "scope:Feed.Closes") << nothing;
  }
  for (const char* test : {"CATCH2_INTERNAL_TEST_7()", "C_A_T_C_H_T_E_S_T_4()", "____C_A_T_C_H____T_E_S_T____12()"}) {
    straggler found = made_by(test);
    EXPECT_EQ(rule_text(found), "any_function:Feed::pump() && scope:Feed.Closes") << test;
  }
}

TEST_F(SuppressionWriter, LambdaIsNamedByTheFunctionAroundIt) {
  straggler found = made_by("Feed::start()::{lambda()#1}::operator()() const");
  found.stack = {at("operator()"), at("Feed::start()::{lambda()#1}::operator()() const::{lambda()#2}::operator()() const")};
  EXPECT_EQ(rule_text(found),
            "created_by:Feed::start()::{lambda()#1}::operator()() const && "
            "any_function:Feed::start()::{lambda()#1}::operator()() const::{lambda()#2}::operator()() const");
}

TEST_F(SuppressionWriter, CoroutineIsNamedByItsFunctionAndItsCreators) {
  straggler found;
  found.kind = taskleak::task_kind::coroutine;
  found.scope = "Feed.Closes";
  found.name = "session(int)";
  found.stack = {at("session(int)"), at("serve()")};
  EXPECT_EQ(rule_text(found), "name:session(int)");
  found.creation_stack = {at("testing::internal::HandleExceptionsInMethodIfSupported<int>()"), at("testing::Test::Run()")};
  EXPECT_EQ(rule_text(found), "name:session(int)");
  found.creation_stack = {at("serve()"), at("Feed_Closes_Test::TestBody()")};
  EXPECT_EQ(rule_text(found), "created_by:serve() && created_by:Feed_Closes_Test::TestBody() && name:session(int)");
}

TEST_F(SuppressionWriter, GoesByScopeAndNameOnlyWhereThereIsNoFunction) {
  straggler found = made_by("main");
  found.stack = {at("pthread_cond_wait", true), at("libfoo.so.1+0x1234")};
  EXPECT_EQ(rule_text(found), "any_function:libfoo.so* && name:feed && scope:Feed.Closes");
  found.stack = {at("prog+0x1234"), at("0x7f0012345678")};
  EXPECT_EQ(rule_text(found), "name:feed && scope:Feed.Closes");
  found.name = "pool-17";
  EXPECT_EQ(rule_text(found), "name:pool-* && scope:Feed.Closes");
  found.scope = "the guard at tests/feed_test.cpp:31";
  EXPECT_EQ(rule_text(found), "name:pool-* && scope:the guard at tests/feed_test.cpp:*");
  found.scope.clear();
  EXPECT_EQ(rule_text(found), "name:pool-*");
  found.name = "17";
  EXPECT_EQ(rule_text(found), "name:17");
}

TEST_F(SuppressionWriter, TestWhoseNameIsANumberIsNamedByItsScope) {
  straggler found = made_by("worker::worker()");
  found.creation_stack.back() = at("CATCH2_INTERNAL_TEST_7()");
  found.scope = "workers stop";
  EXPECT_EQ(rule_text(found), "created_by:worker::worker() && any_function:Feed::pump() && scope:workers stop");
  found.creation_stack = {at("C_A_T_C_H_T_E_S_T_4()")};
  found.stack = {at("C_A_T_C_H_T_E_S_T_4()::{lambda()#1}::operator()() const")};
  EXPECT_EQ(rule_text(found), "any_function:C_A_T_C_H_T_E_S_T_*()::{lambda()#1}::operator()() const && scope:workers stop");
  found.creation_stack = {at("DOCTEST_ANON_SUITE_2::DOCTEST_ANON_FUNC_3()")};
  found.stack = {at("DOCTEST_ANON_SUITE_2::DOCTEST_ANON_FUNC_3()::{lambda()#1}::operator()() const")};
  EXPECT_EQ(rule_text(found),
            "any_function:DOCTEST_ANON_SUITE_*::DOCTEST_ANON_FUNC_*()::{lambda()#1}::operator()() const && scope:workers stop");
}

TEST_F(SuppressionWriter, WorkerThatIdlesInAKnownPoolGetsTheRuleOfItsHint) {
  straggler found;
  found.state = taskleak::state::futex_wait;
  found.scope = "Sort.Works";
  found.stack = {at("syscall"), at("libtbb.so.12+0x224ca"), at("start_thread")};
  found.stack[0].module = found.stack[2].module = "/lib/libc.so.6";
  found.stack[1].module = "/lib/libtbb.so.12";
  EXPECT_EQ(rule_text(found), "top_function:libtbb*");
  found.stack[1].function = "tbb::detail::r1::rml::private_worker::run()";
  EXPECT_EQ(rule_text(found), "top_function:tbb::*");
  EXPECT_NE(taskleak::detail::pool_hint(found).find(
                ", or ignore them: top_function:tbb::* (in code: taskleak::ignore_top_function(\"tbb::*\"))"),
            std::string::npos);
  found.stack.insert(found.stack.begin() + 1, at("app::job()"));
  EXPECT_EQ(rule_text(found), "any_function:app::job()");
}

TEST_F(SuppressionWriter, NoRuleIsLongAndEachStillNamesOneThing) {
  const std::string arguments =
      "<std::map<std::string, std::vector<std::pair<unsigned long, std::string>>>, std::allocator<char>>";
  const std::string long_class = "company::product::component::detail::storage_of" + arguments;
  straggler found = made_by(long_class + "::start_collecting(std::map<std::string, std::string> const&)");
  found.creation_stack.back() = at(long_class + "::storage_of(int)");
  found.creation_stack.push_back(at("Company_StorageThatIsTestedWithAVeryLongName_Test" + arguments + "::TestBody()"));
  found.stack = {
      at(long_class + "::start_collecting(std::map<std::string, std::string> const&)::{lambda()#1}::operator()() const")};
  found.scope = std::string(300, 's');
  const std::string rule = rule_text(found);
  EXPECT_LE(rule.size(), 170u) << rule;
  EXPECT_THAT(rule, HasSubstr("start_collecting"));
  EXPECT_THAT(rule, HasSubstr("::TestBody"));
  EXPECT_THAT(rule, testing::Not(HasSubstr("any_function:*operator()")));
  const std::string line = appended("#\n", {found});
  EXPECT_LE(line.size(), 201u) << line;
  rule_set rules;
  rules.add(taskleak::detail::parse_suppressions(line, "w.supp"));
  EXPECT_NE(rules.match(found, 0), nullptr) << line;
  found.stack[0].function.replace(found.stack[0].function.find("collecting"), 10, "delivering");
  EXPECT_EQ(rules.match(found, 0), nullptr) << line;
}

TEST_F(SuppressionWriter, FileIsValidUtf8WithoutControlCharacters) {
  straggler found = made_by("f()", "Feed.\x1b[31mCloses");
  found.stack.clear();
  found.creation_stack.clear();
  found.name =
      "о\xd1\xc2\x9b"
      "z";  // the last character but one begins a terminal's command
  const std::string added = appended("", {found});
  EXPECT_THAT(added, HasSubstr("name:о??z && scope:Feed.?[31mCloses  # left by Feed."));
  for (const char c : {'\xd1', '\x9b', '\x1b'}) EXPECT_EQ(added.find(c, added.find("name:") + 7), std::string::npos) << added;
  EXPECT_EQ(appended(text(), {found}), "") << "the rule that was written matches";
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
  EXPECT_EQ(appended("#\n", found), "created_by:f() && any_function:Feed::pump()  # left by A.a, B.b, C.c\n");
  for (const char* scope : {"D.d", "E.e", "F.f", ""}) found.push_back(made_by("f()", scope));
  EXPECT_EQ(appended("#\n", found), "created_by:f() && any_function:Feed::pump()  # left by A.a, B.b, C.c and 4 more\n");
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
  EXPECT_EQ(appended(before, {made_by("f()"), made_by("g()")}),
            "\ncreated_by:g() && any_function:Feed::pump()  # left by Feed.Closes\n");
  EXPECT_EQ(appended(before, {made_by("f()")}), "");
}

TEST_F(SuppressionWriter, WiderRuleOfTheFileIsEnough) { EXPECT_EQ(appended("name:fe*\n", {made_by("f()")}), ""); }

TEST_F(SuppressionWriter, RuleThatIsWrittenAlreadyIsEnough) {
  straggler found = made_by("worker::worker()", "A.a");
  found.creation_stack = {at("worker::worker()"), at("leak()"), at("A_a_Test::TestBody()")};
  straggler more = found;
  more.scope = "B.b";
  more.creation_stack.insert(more.creation_stack.begin() + 1, at("start"));
  EXPECT_EQ(appended("#\n", {found, more}),
            "created_by:worker::worker() && created_by:leak() && any_function:Feed::pump()  # left by A.a, B.b\n");
}

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
  EXPECT_EQ(text(), "foo:bar\ncreated_by:f() && any_function:Feed::pump()  # left by Feed.Closes\n");
}

TEST_F(SuppressionWriter, FileThatCannotBeOpenedNamesPathAndCause) {
  EXPECT_THAT(write_suppressions("no/such/w.supp", {}).errors,
              ElementsAre("cannot write the suppressions 'no/such/w.supp': No such file or directory"));
  EXPECT_THAT(write_suppressions("/", {}).errors, ElementsAre("cannot write the suppressions '/': Is a directory"));
}

TEST_F(SuppressionWriter, WhatIsNoFileOrTooLargeIsNotRead) {
  EXPECT_THAT(write_suppressions("/dev/zero", {made_by("f()")}).errors,
              ElementsAre("cannot write the suppressions '/dev/zero': it is no regular file"));
  put(std::string(taskleak::detail::suppression_limits::bytes + 1, '#'));
  EXPECT_THAT(write_suppressions(path_, {made_by("f()")}).errors,
              ElementsAre("cannot write the suppressions '" + path_ +
                          "': it is larger than 16777216 bytes, which is the most that is read"));
}

TEST_F(SuppressionWriter, FileThatIsNoTextIsLeftAsItIs) {
  const std::string program(
      "\x7f"
      "ELF\0\0",
      6);
  put(program);
  EXPECT_THAT(write_suppressions(path_, {made_by("f()")}).errors,
              ElementsAre("cannot write the suppressions '" + path_ + "': it holds a NUL byte, and is no text file"));
  EXPECT_EQ(text(), program);
}

TEST_F(SuppressionWriter, WhatIsWrongWithTheFileIsKnownBeforeTheTests) {
  using taskleak::detail::errors_of_file_to_write;
  EXPECT_THAT(errors_of_file_to_write("no/such/w.supp"),
              ElementsAre("cannot write the suppressions 'no/such/w.supp': No such file or directory"));
  EXPECT_THAT(errors_of_file_to_write(path_), IsEmpty());
  EXPECT_EQ(text(), "");
  put("foo:bar\n");
  EXPECT_THAT(errors_of_file_to_write(path_), ElementsAre(HasSubstr(path_ + ":1: unknown kind 'foo'")));
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
                                           " && ",
                                           "&&",
                                           "main"};
  std::mt19937 random(20240229);
  std::size_t most = 6;  // pieces of a name
  const auto nasty = [&] {
    std::string name;
    for (std::size_t n = random() % most; n > 0; --n) name += pieces[random() % pieces.size()];
    return name;
  };
  for (int round = 0; round < 8'000; ++round) {
    most = round % 8 == 0 ? 100 : 6;
    straggler found;
    found.kind = round % 2 ? taskleak::task_kind::thread : taskleak::task_kind::coroutine;
    found.name = nasty();
    found.scope = nasty();
    for (std::size_t n = random() % 3; n > 0; --n) found.stack.push_back(at(nasty(), random() % 2));
    for (std::size_t n = random() % 6; n > 0; --n) found.creation_stack.push_back(at(nasty(), random() % 2));
    const auto expected = rule_for(found);
    std::vector<std::string> errors;
    const auto missing = taskleak::detail::missing_suppressions("", "w.supp", {found}, errors);
    ASSERT_EQ(missing.size(), expected ? 1u : 0u);
    if (!expected) continue;
    suppression_file read = taskleak::detail::parse_suppressions(missing[0].line(), "w.supp");
    ASSERT_THAT(read.errors, IsEmpty()) << missing[0].line();
    ASSERT_EQ(read.rules.size(), 1u) << missing[0].line();
    EXPECT_EQ(read.rules[0].text(), expected->text());
    EXPECT_LE(missing[0].line().size(), 201u);
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
  for (const auto& r : read.rules) patterns.push_back(r.text());
  std::sort(patterns.begin(), patterns.end());
  EXPECT_EQ(std::unique(patterns.begin(), patterns.end()), patterns.end());
  EXPECT_EQ(patterns.size(), static_cast<std::size_t>(processes * rules_each + rules_each));
}

}  // namespace
