// SPDX-License-Identifier: MIT
#include <taskleak/detail/filter/glob.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace {

using taskleak::detail::function_matches;
using taskleak::detail::glob_match;
using taskleak::detail::split_function;

TEST(Glob, PlainTextMatchesItselfOnly) {
  EXPECT_TRUE(glob_match("pool", "pool"));
  EXPECT_FALSE(glob_match("pool", "pools"));
  EXPECT_FALSE(glob_match("pool", "poo"));
  EXPECT_FALSE(glob_match("pool", "Pool"));
  EXPECT_FALSE(glob_match("", "pool"));
  EXPECT_TRUE(glob_match("", ""));
}

TEST(Glob, StarStandsForAnyText) {
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_TRUE(glob_match("*", "anything"));
  EXPECT_TRUE(glob_match("pool*", "pool"));
  EXPECT_TRUE(glob_match("pool*", "pool-7"));
  EXPECT_TRUE(glob_match("*::send*", "channel<Tick>::send(Tick)"));
  EXPECT_TRUE(glob_match("a*b*c", "a-b-b-c"));
  EXPECT_TRUE(glob_match("a**c", "abc"));
  EXPECT_FALSE(glob_match("a*b*c", "a-b-b-c-"));
  EXPECT_FALSE(glob_match("*send", "sender"));
}

TEST(Glob, StarGivesBackWhatALaterPieceNeeds) {
  EXPECT_TRUE(glob_match("*ab", "aab"));
  EXPECT_TRUE(glob_match("*aab*", "aaaab"));
  EXPECT_FALSE(glob_match("*aab*", "ababab"));
}

TEST(Glob, QuestionMarkStandsForOneCharacter) {
  EXPECT_TRUE(glob_match("pool-?", "pool-7"));
  EXPECT_FALSE(glob_match("pool-?", "pool-"));
  EXPECT_FALSE(glob_match("pool-?", "pool-77"));
  EXPECT_TRUE(glob_match("p?ol*?", "pool-7"));
}

TEST(Glob, QuestionMarkTakesAWholeUtf8Character) {
  EXPECT_TRUE(glob_match("caf?", "caf\xC3\xA9"));
  EXPECT_TRUE(glob_match("?", "\xE2\x82\xAC"));
  EXPECT_FALSE(glob_match("??", "\xC3\xA9"));
  EXPECT_TRUE(glob_match("*?x", "\xC3\xA9x"));
}

TEST(Glob, BracketsAndBackslashStandForThemselves) {
  EXPECT_TRUE(glob_match("operator[]", "operator[]"));
  EXPECT_FALSE(glob_match("[ab]", "a"));
  EXPECT_TRUE(glob_match("a\\*", "a\\b"));
  EXPECT_FALSE(glob_match("a\\*", "a*"));
}

TEST(Glob, AnyNameMatchesItselfAsAPattern) {
  for (std::string_view name : {"a*b", "?", "operator*(int)", "f(char*, int**)", "{lambda()#1}", "a ? b : c"})
    EXPECT_TRUE(glob_match(name, name)) << name;
}

TEST(Glob, ManyStarsDoNotExplode) {
  std::string pattern;
  for (int i = 0; i < 500; ++i) pattern += "a*";
  const std::string text(20'000, 'a');
  EXPECT_TRUE(glob_match(pattern, text));
  EXPECT_FALSE(glob_match(pattern + "b", text));
}

struct name_parts {
  std::string_view whole;
  std::string_view base;
};

class FunctionName : public testing::TestWithParam<name_parts> {};

TEST_P(FunctionName, LosesParametersAndWhatFollowsThem) { EXPECT_EQ(split_function(GetParam().whole).base(), GetParam().base); }

TEST_P(FunctionName, MatchesWithAndWithoutParameters) {
  EXPECT_TRUE(function_matches(GetParam().whole, GetParam().whole));
  EXPECT_TRUE(function_matches(GetParam().base, GetParam().whole));
}

INSTANTIATE_TEST_SUITE_P(
    Demangled, FunctionName,
    testing::Values(
        name_parts{"main", "main"}, name_parts{"Feed::pump(int)", "Feed::pump"},
        name_parts{"Feed::pump(int) const", "Feed::pump"}, name_parts{"Feed::pump(int) const &", "Feed::pump"},
        name_parts{"Feed::pump() volatile &&", "Feed::pump"}, name_parts{"Feed::pump(int) [clone .constprop.0]", "Feed::pump"},
        name_parts{"Feed::pump(int) (.cold)", "Feed::pump"}, name_parts{"Feed::pump(int) const [clone .part.0]", "Feed::pump"},
        name_parts{"Feed::operator()(int) const", "Feed::operator()"}, name_parts{"Feed::operator()", "Feed::operator()"},
        name_parts{"Feed::operator()()", "Feed::operator()"},
        name_parts{"void Feed::operator()<int>(int)", "Feed::operator()<int>"},
        name_parts{"v::operator[](unsigned long)", "v::operator[]"},
        name_parts{"operator new[](unsigned long)", "operator new[]"}, name_parts{"operator delete(void*)", "operator delete"},
        name_parts{"A::operator newtype()", "A::operator newtype"}, name_parts{"A::operator bool() const", "A::operator bool"},
        name_parts{"A::operator unsigned long() const", "A::operator unsigned long"},
        name_parts{"A::operator void (*)(int)() const", "A::operator void (*)(int)"},
        name_parts{"operator\"\" _ms(unsigned long long)", "operator\"\" _ms"}, name_parts{"A::operator->()", "A::operator->"},
        name_parts{"bool operator< <int>(A<int>, A<int>)", "operator< <int>"},
        name_parts{"std::ostream& operator<< <char>(std::ostream&, char)", "operator<< <char>"},
        name_parts{"operator<=>(A const&, A const&)", "operator<=>"}, name_parts{"A::operator>>(int)", "A::operator>>"},
        name_parts{"A::operator co_await() const", "A::operator co_await"}, name_parts{"my_operator(int)", "my_operator"},
        name_parts{"operators::run(int)", "operators::run"},
        name_parts{"main::{lambda(int)#1}::operator()(int) const", "main::{lambda(int)#1}::operator()"},
        name_parts{"Feed::start(int)::{lambda()#1}::operator()() const", "Feed::start(int)::{lambda()#1}::operator()"},
        name_parts{"Feed::start(int) const::{lambda()#2}::operator()() const",
                   "Feed::start(int) const::{lambda()#2}::operator()"},
        name_parts{"main::'lambda'(int)::operator()(int) const", "main::'lambda'(int)::operator()"},
        name_parts{"main::$_0::operator()() const", "main::$_0::operator()"},
        name_parts{"(anonymous namespace)::run(int)", "(anonymous namespace)::run"},
        name_parts{"(anonymous namespace)::run", "(anonymous namespace)::run"}, name_parts{"f(void (*)(int))", "f"},
        name_parts{"f(void (*)(void (*)()), int (&)[3])", "f"}, name_parts{"f(int (A::*)(char) const)", "f"},
        name_parts{"a<b()>::c()", "a<b()>::c"},
        name_parts{"a<void (*)(int), (3>2)>::c(std::function<void (int)>)", "a<void (*)(int), (3>2)>::c"},
        name_parts{"A<&B::operator< >::run(int)", "A<&B::operator< >::run"},
        name_parts{"void std::invoke<int>(int)", "std::invoke<int>"},
        name_parts{"unsigned long a::count<std::map<int, int> >(int)", "a::count<std::map<int, int> >"},
        name_parts{"decltype (x.f()) call<X>(X)", "call<X>"}, name_parts{"f[abi:cxx11](int)", "f[abi:cxx11]"},
        name_parts{"auto f<int>(int) requires (C<int>)", "f<int>"}, name_parts{"f(int)::local::g(char)", "f(int)::local::g"},
        name_parts{"task session(int) [with T = void (int)]", "session"}));

TEST(FunctionMatches, TakesGlobsOnTheNameWithoutItsParameters) {
  EXPECT_TRUE(function_matches("Feed::*", "Feed::pump(int) const"));
  EXPECT_TRUE(function_matches("*::operator()", "main::{lambda(int)#1}::operator()(int) const"));
  EXPECT_TRUE(function_matches("Feed::pump(int)", "Feed::pump(int) [clone .constprop.0]"));
  EXPECT_TRUE(function_matches("std::invoke<*>", "void std::invoke<int>(int)"));
  EXPECT_TRUE(function_matches("void std::invoke<int>", "void std::invoke<int>(int)"));
}

TEST(FunctionMatches, DoesNotMatchAPartOfAName) {
  EXPECT_FALSE(function_matches("pump", "Feed::pump(int)"));
  EXPECT_FALSE(function_matches("Feed", "Feed::pump(int)"));
  EXPECT_FALSE(function_matches("Feed::pum", "Feed::pump(int)"));
  EXPECT_FALSE(function_matches("Feed::operator", "Feed::operator()(int) const"));
  EXPECT_FALSE(function_matches("main", "main::{lambda(int)#1}::operator()(int) const"));
  EXPECT_FALSE(function_matches("Feed::pump(char)", "Feed::pump(int)"));
}

TEST(FunctionMatches, SurvivesTextThatIsNoName) {
  for (std::string_view text :
       {"", "(", ")", "((((", "))))", "<", ">", "operator", "operator(", "f(", "[", "}", "::", "(x)", "a)b("})
    EXPECT_TRUE(function_matches(text, text)) << text;
}

}  // namespace
