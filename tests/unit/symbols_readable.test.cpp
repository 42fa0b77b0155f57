// SPDX-License-Identifier: MIT
/// \file Names as the demanglers of g++ and clang print them, and as a report shows them.
#include <taskleak/detail/symbols/demangle.hpp>
#include <taskleak/detail/symbols/readable.hpp>
#include <taskleak/detail/symbols/shorten.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace {

using taskleak::detail::demangle;
using taskleak::detail::readable;

struct example {
  std::string_view demangled;
  std::string_view shown;
};

template <std::size_t N>
void expect_all(const example (&examples)[N]) {
  for (const example& e : examples) EXPECT_EQ(readable(e.demangled), e.shown) << "from " << e.demangled;
}

#define LONG_STRING "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >"

TEST(Readable, StringsHaveTheirShortNames) {
  expect_all({
      {LONG_STRING, "std::string"},
      {"std::__1::basic_string<char, std::__1::char_traits<char>, std::__1::allocator<char>>", "std::string"},
      {"send(std::__cxx11::basic_string<wchar_t, std::char_traits<wchar_t>, std::allocator<wchar_t> > const&)",
       "send(std::wstring const&)"},
      {"f(std::basic_string_view<char, std::char_traits<char> >)", "f(std::string_view)"},
      {"f(std::basic_string_view<char16_t, std::char_traits<char16_t> >)", "f(std::u16string_view)"},
      {"f(std::basic_ostream<char, std::char_traits<char> >&)", "f(std::ostream&)"},
      {"f(std::__cxx11::basic_ostringstream<char, std::char_traits<char>, std::allocator<char> >)", "f(std::ostringstream)"},
      {"f(std::__cxx11::basic_string<char, std::char_traits<char>, arena<char> >)",
       "f(std::basic_string<char, std::char_traits<char>, arena<char>>)"},
  });
}

TEST(Readable, DefaultTemplateArgumentsOfTheStandardLibraryAreDropped) {
  expect_all({
      {"f(std::vector<int, std::allocator<int> >)", "f(std::vector<int>)"},
      {"f(std::vector<" LONG_STRING ", std::allocator<" LONG_STRING " > > const&)", "f(std::vector<std::string> const&)"},
      {"f(std::map<int, " LONG_STRING ", std::less<int>, std::allocator<std::pair<int const, " LONG_STRING " > > >)",
       "f(std::map<int, std::string>)"},
      {"f(std::unordered_map<" LONG_STRING ", std::unique_ptr<Feed, std::default_delete<Feed> >, std::hash<" LONG_STRING
       " >, std::equal_to<" LONG_STRING " >, std::allocator<std::pair<" LONG_STRING
       " const, std::unique_ptr<Feed, std::default_delete<Feed> > > > >)",
       "f(std::unordered_map<std::string, std::unique_ptr<Feed>>)"},
      {"f(std::queue<int, std::deque<int, std::allocator<int> > >)", "f(std::queue<int>)"},
      {"f(std::priority_queue<int, std::vector<int, std::allocator<int> >, std::less<int> >)", "f(std::priority_queue<int>)"},
      {"f(std::span<char, 18446744073709551615ul>)", "f(std::span<char>)"},
      {"f(std::counting_semaphore<1l>&)", "f(std::binary_semaphore&)"},
      {"f(std::counting_semaphore<2147483647l>&)", "f(std::counting_semaphore<>&)"},
  });
}

TEST(Readable, ArgumentsThatAreNotTheDefaultStay) {
  expect_all({
      {"f(std::vector<int, arena<int> >)", "f(std::vector<int, arena<int>>)"},
      {"f(std::set<int, std::greater<int>, std::allocator<int> >)", "f(std::set<int, std::greater<int>>)"},
      {"f(std::map<int, int, std::less<int>, arena<int> >)", "f(std::map<int, int, std::less<int>, arena<int>>)"},
      {"f(std::unique_ptr<_IO_FILE, int (*)(_IO_FILE*)>)", "f(std::unique_ptr<_IO_FILE, int (*)(_IO_FILE*)>)"},
      {"f(mine::vector<int, std::allocator<int> >)", "f(mine::vector<int, std::allocator<int>>)"},
      {"f(unsigned long, std::allocator<char> const&)", "f(unsigned long, std::allocator<char> const&)"},
  });
}

TEST(Readable, TimesHaveTheirUsualNames) {
  expect_all({
      {"nap(std::chrono::duration<long, std::ratio<1l, 1000l> >)", "nap(std::chrono::milliseconds)"},
      {"nap(std::chrono::duration<long, std::ratio<1l, 1l> >)", "nap(std::chrono::seconds)"},
      {"nap(std::chrono::duration<long, std::ratio<3600l, 1l> >)", "nap(std::chrono::hours)"},
      {"nap(std::chrono::duration<double, std::ratio<1l, 1l> >)", "nap(std::chrono::duration<double>)"},
      {"nap(std::chrono::duration<long, std::ratio<1l, 50l> >)", "nap(std::chrono::duration<long, std::ratio<1, 50>>)"},
      {"until(std::chrono::time_point<std::chrono::_V2::steady_clock, std::chrono::duration<long, std::ratio<1l, 1000000000l> > "
       ">)",
       "until(std::chrono::steady_clock::time_point)"},
      {"std::chrono::_V2::system_clock::now()", "std::chrono::system_clock::now()"},
  });
}

TEST(Readable, InlineNamespacesOfTheStandardLibraryAreLeftOut) {
  expect_all({
      {"std::__n4861::coroutine_handle<void>::resume() const", "std::coroutine_handle<void>::resume() const"},
      {"f(std::__n4861::suspend_always, std::__8::mutex, std::__2::thread)", "f(std::suspend_always, std::mutex, std::thread)"},
      {"std::filesystem::__cxx11::path::string() const", "std::filesystem::path::string() const"},
      {"std::ranges::__cust::begin", "std::ranges::begin"},
      {"std::__detail::_Prime_rehash_policy::_M_next_bkt(unsigned long)",
       "std::__detail::_Prime_rehash_policy::_M_next_bkt(unsigned long)"},
      {"std::__n::f(), mine::__n4861::g()", "std::__n::f(), mine::__n4861::g()"},
  });
}

TEST(Readable, ReturnTypesAreDropped) {
  expect_all({
      {"void foo<int>(int)", "foo<int>(int)"},
      {"unsigned long ns::count<int>(int const&)", "ns::count<int>(int const&)"},
      {LONG_STRING " id<" LONG_STRING " >(" LONG_STRING ")", "id<std::string>(std::string)"},
      {"decltype(auto) da<int>(int&)", "da<int>(int&)"},
      {"decltype ({parm#1}+(1)) de<int>(int)", "de<int>(int)"},
      {"decltype(auto)foo<int>(int)", "decltype(auto)foo<int>(int)"},
      {"void (*fp<int>(int))(char)", "fp<int>(int)"},
      {"int (&rows<3>(int (&) [3]))[3]", "rows<3>(int (&) [3])"},
      {"void (anonymous namespace)::drain<int>(int)", "(anonymous namespace)::drain<int>(int)"},
      {"void std::__invoke_impl<void, void (Feed::*)(int), Feed*, int>(std::__invoke_memfun_deref, void (Feed::*&&)(int), "
       "Feed*&&, int&&)",
       "std::__invoke_impl<void, void (Feed::*)(int), Feed*, int>(std::__invoke_memfun_deref, void (Feed::*&&)(int), Feed*&&, "
       "int&&)"},
      {"Feed::Feed(Config const&)", "Feed::Feed(Config const&)"},
      {"main", "main"},
      {"virtual task<int> Feed::pump(int) const", "Feed::pump(int) const"},
  });
}

TEST(Readable, OperatorsKeepTheirNames) {
  expect_all({
      {"bool conv::operator< <int>(int) const", "conv::operator< <int>(int) const"},
      {"conv& conv::operator<< <" LONG_STRING " >(" LONG_STRING ")", "conv::operator<< <std::string>(std::string)"},
      {"bool operator==<int>(box<int> const&, box<int> const&)", "operator==<int>(box<int> const&, box<int> const&)"},
      {"void conv::operator()<int>(int) const", "conv::operator()<int>(int) const"},
      {"conv::operator->() const", "conv::operator->() const"},
      {"conv::operator-><int>() const", "conv::operator-><int>() const"},
      {"conv::operator<=>(conv const&) const", "conv::operator<=>(conv const&) const"},
      {"conv::operator"
       " " LONG_STRING "() const",
       "conv::operator std::string() const"},
      {"conv::operator unsigned long() const", "conv::operator unsigned long() const"},
      {"operator new(unsigned long)", "operator new(unsigned long)"},
      {"operator delete[](void*)", "operator delete[](void*)"},
      {"operator\"\" _ms(unsigned long long)", "operator\"\" _ms(unsigned long long)"},
      {"void my_operator<int>(int)", "my_operator<int>(int)"},
  });
}

TEST(Readable, LambdasAreKept) {
  expect_all({
      {"Feed::start()::{lambda()#1}::operator()() const", "Feed::start()::{lambda()#1}::operator()() const"},
      {"run(" LONG_STRING ")::{lambda(std::stop_token, " LONG_STRING ")#2}::operator()(std::stop_token, " LONG_STRING ") const",
       "run(std::string)::{lambda(std::stop_token, std::string)#2}::operator()(std::stop_token, std::string) const"},
      {"auto main::{lambda(auto:1)#3}::operator()<int>(int) const", "main::{lambda(auto:1)#3}::operator()<int>(int) const"},
      {"main::$_2::operator()[abi:cxx11]() const", "main::$_2::operator()() const"},
      {"main::'lambda'(int)::operator()(int) const", "main::'lambda'(int)::operator()(int) const"},
  });
}

TEST(Readable, MarksOfTheCompilerAreDropped) {
  expect_all({
      {"Feed::pump() [clone .cold]", "Feed::pump()"},
      {"Feed::pump() [clone .isra.0] [clone .cold]", "Feed::pump()"},
      {"Feed::pump() (.cold)", "Feed::pump()"},
      {"read_all.constprop.0", "read_all"},
      {"read_all.part.3.cold", "read_all"},
      {"name[abi:cxx11](int)", "name(int)"},
      {"std::__1::thread::join[abi:ne180100]()", "std::thread::join()"},
      {"non-virtual thunk to Feed::pump()", "Feed::pump()"},
      {"taskleak::v0::jthread::join()", "taskleak::jthread::join()"},
      {"other::v0::join()", "other::v0::join()"},
      {"f(std::__cxx11::list<int, std::allocator<int> >, mine::__1::x)", "f(std::list<int>, mine::__1::x)"},
  });
}

TEST(Readable, FunctionTypesAreWrittenWithoutASpace) {
  expect_all({
      {"f(std::function<void ()>)", "f(std::function<void()>)"},
      {"f(std::function<" LONG_STRING " (int)> const&)", "f(std::function<std::string(int)> const&)"},
      {"f(void (*)(int), void (Feed::*)(int))", "f(void (*)(int), void (Feed::*)(int))"},
      {"f(box<(Color)1, (1)<<(2)>)", "f(box<(Color)1, (1)<<(2)>)"},
      {"std::packaged_task<int (int)>::operator()(int)", "std::packaged_task<int(int)>::operator()(int)"},
  });
}

TEST(Readable, BodiesOfCoroutinesHaveTheCoroutinesName) {
  expect_all({
      {"session(session(int)::_Z7sessioni.Frame*) [clone .actor]", "session(int)"},
      {"session(session(int)::_Z7sessioni.Frame*) [clone .destroy]", "session(int)"},
      {"session(session(int)::_Z7sessioni.Frame*) [clone .actor] [clone .cold]", "session(int)"},
      {"session(int) [clone .resume] [clone .cold.1]", "session(int)"},
      {"session(int) [clone .resume]", "session(int)"},
      {"task sess<int>(int)::{lambda(int)#1}::operator()(sess<int>(int)::{lambda(int)#1}::operator()(int) "
       "const::_ZZ4sessIiE4taskT_ENKUliE_clEi.Frame*) [clone .actor]",
       "sess<int>(int)::{lambda(int)#1}::operator()(int) const"},
  });
}

TEST(Readable, NamesOfThirdPartyLibrariesAreLeftInPeace) {
  expect_all({
      {"asio::detail::posix_thread::func<asio::thread_pool::thread_function>::run()",
       "asio::detail::posix_thread::func<asio::thread_pool::thread_function>::run()"},
      {"asio::detail::scheduler::do_run_one(asio::detail::conditionally_enabled_mutex::scoped_lock&, "
       "asio::detail::scheduler_thread_info&, std::error_code const&)",
       "asio::detail::scheduler::do_run_one(asio::detail::conditionally_enabled_mutex::scoped_lock&, "
       "asio::detail::scheduler_thread_info&, std::error_code const&)"},
      {"tbb::detail::r1::rml::private_worker::thread_routine(void*)",
       "tbb::detail::r1::rml::private_worker::thread_routine(void*)"},
      {"std::thread::_State_impl<std::thread::_Invoker<std::tuple<void (Feed::*)(), Feed*> > >::_M_run()",
       "std::thread::_State_impl<std::thread::_Invoker<std::tuple<void (Feed::*)(), Feed*>>>::_M_run()"},
  });
}

TEST(Readable, TextThatIsNoNameComesBackUnchanged) {
  for (const std::string_view odd : {"",
                                     "a<b",
                                     "a>b",
                                     "f(int",
                                     "f)int(",
                                     "std::vector<int, std::allocator<int>",
                                     "<>",
                                     "(((",
                                     ")))",
                                     "f[{(<",
                                     "operator",
                                     "operator<",
                                     "x operator",
                                     "[abi:",
                                     "f() [clone ",
                                     " ",
                                     "::",
                                     "std::",
                                     "std::vector<>",
                                     "libfoo.so.1+0x1234"})
    EXPECT_EQ(readable(odd), odd);
}

TEST(Readable, DeepNestingComesBackUnchanged) {
  std::string deep;
  for (int i = 0; i < 1'000; ++i) deep += "std::vector<";
  EXPECT_EQ(readable(deep), deep);
  deep.append(1'000, '>');
  EXPECT_EQ(readable(deep), deep);
}

TEST(Readable, OfANameOfMegabytesTheOutlineIsLeft) {
  std::string type = "int";
  while (type.size() < 1'000'000) type = "std::pair<" + type + ", " + type + " >";
  EXPECT_EQ(readable("app::run<" + type + " >(int)"), "app::run<...>");
  EXPECT_EQ(readable("app::run(" + type + ")"), "app::run(...)");
  EXPECT_EQ(readable("(anonymous namespace)::run(" + type + ")"), "(anonymous namespace)::run(...)");
  EXPECT_EQ(taskleak::detail::shorten_name("app::run<" + type + " >(int)", 40), "app::run<...>");
  EXPECT_LT(readable(std::string(2'000'000, 'x')).size(), 2'000u);
}

TEST(Readable, EveryPrefixOfANameIsSurvived) {
  const std::string name = "void (*ns::f<std::map<int, " LONG_STRING
                           " >, (anonymous namespace)::x>(decltype (1), "
                           "{lambda(int)#1}) const)(char) [clone .cold]";
  for (std::size_t length = 0; length <= name.size(); ++length) {
    const std::string part = name.substr(0, length);
    EXPECT_LE(readable(part).size(), part.size()) << part;
  }
}

TEST(Shorten, TemplateArgumentsGoFromTheInsideOutThenParametersThenScopes) {
  using taskleak::detail::shorten_name;
  const std::string name =
      "app::pool<std::map<int, std::vector<long>>>::run<job<int>>(job<int>, std::map<int, long> const&) const";
  EXPECT_EQ(shorten_name(name, 200), name);
  EXPECT_EQ(shorten_name(name, 101),
            "app::pool<std::map<int, std::vector<...>>>::run<job<int>>(job<int>, std::map<int, long> const&) const");
  EXPECT_EQ(shorten_name(name, 64), "app::pool<...>::run<...>(job<int>, std::map<...> const&) const");
  EXPECT_EQ(shorten_name(name, 45), "app::pool<...>::run<...>(...) const");
  const std::string scopes = "company::product::subsystem::component::detail::worker::run() const";
  EXPECT_EQ(shorten_name(scopes, 44), "...::component::detail::worker::run() const");
}

TEST(Shorten, WhatIsPartOfANameStays) {
  using taskleak::detail::shorten_name;
  EXPECT_EQ(shorten_name("(anonymous namespace)::box<std::vector<long long>>::operator()(std::vector<long long>) const", 62),
            "(anonymous namespace)::box<...>::operator()(...) const");
  EXPECT_EQ(shorten_name("app::operator<< <std::vector<unsigned long long>>(std::vector<unsigned long long> const&)", 50),
            "app::operator<< <...>(std::vector<...> const&)");
  EXPECT_EQ(
      shorten_name("app::start(std::vector<unsigned long long>)::{lambda(std::vector<unsigned long long>)#1}::operator()() const",
                   60),
      "app::start(...)::{lambda(...)#1}::operator()() const");
  const std::string word(300, 'x');
  EXPECT_EQ(shorten_name(word, 50), std::string(47, 'x') + "...");
}

TEST(Demangle, GivesTheNameBehindASymbol) {
  EXPECT_EQ(demangle("_ZN4Feed4pumpEi"), "Feed::pump(int)");
  EXPECT_EQ(demangle("_ZN4Feed4pumpEi.cold"), "Feed::pump(int) [clone .cold]");
}

TEST(Demangle, KnowsNamesThatAreNewerThanTheRunTimeLibrary) {
  struct {
    const char* symbol;
    const char* shown;
  } const examples[] = {
      // clang 19: constraints of templates, of members and of friends
      {"_ZN3app8trailingIiEEvT_Qaa1CIS1_EltstS1_Li100E", "app::trailing<int>(int)"},
      {"_ZN3app11abbreviatedITk1CiEEvT_", "app::abbreviated<int>(int)"},
      {"_ZN3app3boxIiE4bothIlQ1CITL0__EEEvT_Q1CIS4_E", "app::box<int>::both<long>(long)"},
      {"_ZN3app3boxIiE6memberEiQ1CIT_E", "app::box<int>::member(int)"},
      {"_ZN3app3boxIiEF2frES1_Q1CIT_E", "app::box<int>::fr(app::box<int>)"},
      {"_ZN3app3reqIiEEDaT_QrqXplfp_Li1EXmlfp_Li2ER1CE", "app::req<int>(int)"},
      // and of lambdas
      {"_ZZN3app3boxIiE4bothIlQ1CITL0__EEEvT_Q1CIS4_EENKUlvE_clEv",
       "app::box<int>::both<long>(long)::{lambda()#1}::operator()() const"},
      {"_ZZN3app8lam_tmplEvENK3$_1clIiEEDaT_Q1CIS2_E", "app::lam_tmpl()::$_1::operator()<int>(int) const"},
      {"_ZZ4mainENKUlTyT_E_clIiEEDaS_", "main::{lambda(auto:1)#1}::operator()<int>(int) const"},
      // template arguments whose parameter is declared with them
      {"_ZN3app5autovITnDaLi3EEEvv", "app::autov<3>()"},
      {"_ZN3app5autovITnDaXadL_ZNS_3lit1vEEEEEvv", "app::autov<(...)>()"},
      {"_ZNH3app3ref7deducedIRS0_EEvOT_", "app::ref::deduced<app::ref&>(app::ref&)"},
      {"_ZN3app6bitintEDB17_", "app::bitint(_BitInt(17))"},
      {"_ZN3app6bitintEDU8_", "app::bitint(unsigned _BitInt(8))"},
      {"_ZN3appW4core4pumpEv", "app::pump()"},
      {"_ZW4core4pumpv", "pump()"},
      // a lambda in a constructor template, whose own constructor is named for all of its kinds
      {"_ZZN4FeedC4IiEET_ENKUlvE_clEv", "Feed::Feed<int>(int)::{lambda()#1}::operator()() const"},
      {"_ZN4FeedMUlvE_clEv.cold", "Feed::{lambda()#1}::operator()()"},
  };
  for (const auto& e : examples) EXPECT_EQ(readable(demangle(e.symbol)), e.shown) << e.symbol;
}

TEST(Demangle, OfANameThatNobodyKnowsTheNamesAroundItAreShown) {
  EXPECT_EQ(demangle("_ZN3app3boxIiE4pumpE?"), "app::box<int>::...");
  EXPECT_EQ(demangle("_ZN3app3boxI?E4pumpEv"), "app::box<...>");
  EXPECT_EQ(demangle("_ZZN3app3box4pumpEvENKUl?E_clEv"), "app::box::pump()::...");
  EXPECT_EQ(demangle("_ZZN3app3box4pumpI?"), "app::box::pump<...>");
}

/// A function with parameters each of which has the one before it twice.
std::string doubling_symbol(unsigned times) {
  const auto substitution = [](unsigned index) {
    constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    if (index == 0) return std::string("S_");
    std::string text;
    for (--index;; index /= 36) {
      text.insert(text.begin(), digits[index % 36]);
      if (index < 36) break;
    }
    return "S" + text + "_";
  };
  std::string symbol = "_ZN3app5parseE1A1BIS0_S0_E";
  for (unsigned i = 0; i < times; ++i) symbol += "S1_I" + substitution(3 + i) + substitution(3 + i) + "E";
  return symbol;
}

TEST(Demangle, ASymbolThatStandsForAGigabyteHasAShortName) {
  EXPECT_EQ(demangle(doubling_symbol(1).c_str()), "app::parse(A, B<A, A>, B<B<A, A>, B<A, A> >)");
  for (const unsigned times : {14u, 30u, 500u}) {
    const std::string name = demangle(doubling_symbol(times).c_str());
    EXPECT_TRUE(name.starts_with("app::parse(")) << name.substr(0, 100);
    EXPECT_LT(name.size(), 17'000u);
  }
}

TEST(Demangle, ASymbolOfManyMegabytesHasAShortName) {
  std::string wide = "_ZN3app5parseIJ";
  for (int i = 0; i < 500'000; ++i) wide += "2AB";
  EXPECT_EQ(demangle((wide + "EEEvi").c_str()), "app::parse<...>");
  EXPECT_LT(demangle(wide.c_str()).size(), 5'000u);
  std::string deep = "_Z1f";
  for (int i = 0; i < 500'000; ++i) deep += "1AI";
  EXPECT_LT(demangle(deep.c_str()).size(), 5'000u);
  const std::string one_word = "_ZN3app1600000" + std::string(1'600'000, 'x') + "Ev";
  EXPECT_LT(demangle(one_word.c_str()).size(), 5'000u);
}

TEST(Demangle, EveryPartOfASymbolIsSurvived) {
  const std::string symbol =
      "_ZZN3app3boxIiE4bothIlQ1CITL0__EEEvT_Q1CIS4_EENKUlTyTnDaT_DpOT0_E_clIiJlA3_KcXtlNS_3litELi3EEEEEDaS2_z.isra.0";
  for (std::size_t length = 0; length <= symbol.size(); ++length) {
    demangle(symbol.substr(0, length).c_str());
    for (const char put : {'E', 'T', '9', 'Q'}) {
      std::string changed = symbol;
      changed[length < symbol.size() ? length : 0] = put;
      demangle(changed.c_str());
    }
  }
}

TEST(Demangle, LeavesOtherNamesAlone) {
  EXPECT_EQ(demangle("i"), "i");
  EXPECT_EQ(demangle("main"), "main");
  EXPECT_EQ(demangle("_Znonsense"), "_Znonsense");
  EXPECT_EQ(demangle(nullptr), "");
}

}  // namespace
