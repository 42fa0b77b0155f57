// SPDX-License-Identifier: MIT
/// \file Which frames of real stacks are shown.
#include <taskleak/detail/symbols/plumbing.hpp>

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

namespace {

using taskleak::frame;
using taskleak::detail::mark_plumbing;

frame in(const char* module, const char* function, const char* file = "") {
  frame made;
  made.function = function;
  made.module = module;
  made.file = file;
  made.line = *file ? 1 : 0;
  return made;
}

frame in_test(const char* function, const char* file = "") { return in("/home/me/build/feed_test", function, file); }
frame in_libc(const char* function) { return in("/lib/x86_64-linux-gnu/libc.so.6", function); }
frame in_libstdcxx(const char* function) { return in("/lib/x86_64-linux-gnu/libstdc++.so.6", function); }

std::vector<std::string> shown(std::vector<frame> stack) {
  mark_plumbing(stack);
  std::vector<std::string> functions;
  for (const frame& f : stack)
    if (!f.plumbing) functions.push_back(f.function);
  return functions;
}

using functions = std::vector<std::string>;

TEST(Plumbing, OfAParkedStdThreadOnlyTheUsersFunctionsAreShown) {
  EXPECT_EQ(
      shown({in_libc("__futex_abstimed_wait_common"), in_libc("pthread_cond_wait"),
             in_libstdcxx("std::condition_variable::wait(std::unique_lock<std::mutex>&)"),
             in_test("std::condition_variable::wait<Feed::pump()::{lambda()#1}>(std::unique_lock<std::mutex>&, "
                     "Feed::pump()::{lambda()#1})",
                     "/usr/include/c++/12/condition_variable"),
             in_test("channel<Tick>::send(Tick)", "src/channel.hpp"), in_test("Feed::pump()", "src/feed.cpp"),
             in_test("std::__invoke_impl<void, void (Feed::*)(), Feed*>(std::__invoke_memfun_deref, void (Feed::*&&)(), Feed*&&)",
                     "/usr/include/c++/12/bits/invoke.h"),
             in_test("std::thread::_Invoker<std::tuple<void (Feed::*)(), Feed*>>::operator()()"),
             in_test("std::thread::_State_impl<std::thread::_Invoker<std::tuple<void (Feed::*)(), Feed*>>>::_M_run()"),
             in_libstdcxx("execute_native_thread_routine"), in_libc("start_thread"), in_libc("clone3")}),
      (functions{"channel<Tick>::send(Tick)", "Feed::pump()"}));
}

TEST(Plumbing, OfACreationInATestEverythingBelowItsBodyIsLeftOut) {
  EXPECT_EQ(
      shown({in_test("pthread_create", "include/taskleak/detail/probes/pthread.hpp"),
             in_libstdcxx("std::thread::_M_start_thread(std::unique_ptr<std::thread::_State>, void (*)())"),
             in_test("std::thread::thread<void (Feed::*)(), Feed*>(void (Feed::*&&)(), Feed*&&)",
                     "/usr/include/c++/12/bits/std_thread.h"),
             in_test("Feed::Feed(Config const&)", "src/feed.cpp"), in_test("Feed_Closes_Test::TestBody()", "tests/feed_test.cpp"),
             in_test("void testing::internal::HandleExceptionsInMethodIfSupported<testing::Test, void>(testing::Test*, void "
                     "(testing::Test::*)(), char const*)"),
             in_test("testing::Test::Run()"), in_test("testing::TestInfo::Run()"), in_test("testing::UnitTest::Run()"),
             in_test("RUN_ALL_TESTS()"), in_test("run_my_tests()", "tests/main.cpp"), in_test("main", "tests/main.cpp"),
             in_libc("__libc_start_call_main"), in_libc("__libc_start_main_impl"), in_test("_start")}),
      (functions{"Feed::Feed(Config const&)", "Feed_Closes_Test::TestBody()"}));
}

TEST(Plumbing, OfACreationInSetUpTheRunnersAndMainAreLeftOut) {
  EXPECT_EQ(
      shown({in_test("FeedTest::SetUpTestSuite()", "tests/feed_test.cpp"), in_test("testing::TestSuite::RunSetUpTestSuite()"),
             in_test("testing::UnitTest::Run()"), in_test("main", "tests/main.cpp")}),
      (functions{"FeedTest::SetUpTestSuite()"}));
}

TEST(Plumbing, OfCatch2TheTestFunctionIsTheLastOneShown) {
  for (const char* test :
       {"CATCH2_INTERNAL_TEST_0()", "____C_A_T_C_H____T_E_S_T____0()",
        "(anonymous namespace)::____C_A_T_C_H____T_E_S_T____4::test()", "CATCH2_INTERNAL_TEMPLATE_TEST_2<int>()"})
    EXPECT_EQ(
        shown({in_test("Feed::Feed()", "src/feed.cpp"), in_test(test, "tests/feed_test.cpp"),
               in_test("Catch::TestInvokerAsFunction::invoke() const"),
               in_test("Catch::RunContext::runTest(Catch::TestCase const&)"), in_test("Catch::Session::run()"), in_test("main")}),
        (functions{"Feed::Feed()", test}));
}

TEST(Plumbing, OfDoctestTheTestFunctionIsTheLastOneShown) {
  for (const char* test : {"DOCTEST_ANON_FUNC_3()", "DOCTEST_ANON_SUITE_2::DOCTEST_ANON_FUNC_3()",
                           "void DOCTEST_ANON_TMP_20<int>()", "(anonymous namespace)::DOCTEST_ANON_CLASS_21::f()"})
    EXPECT_EQ(shown({in_test("Feed::Feed()", "src/feed.cpp"), in_test(test, "tests/feed_test.cpp"),
                     in_test("run_my_tests()", "tests/main.cpp"), in_test("main")}),
              (functions{"Feed::Feed()", test}));
  EXPECT_EQ(shown({in_test("FeedListener::start()", "tests/main.cpp"), in_test("doctest::Context::run()"),
                   in_test("run_my_tests()", "tests/main.cpp"), in_test("main")}),
            (functions{"FeedListener::start()"}));
  // helpers in a test suite, and classes in a test
  for (const char* helper : {"DOCTEST_ANON_SUITE_2::helper()", "DOCTEST_ANON_FUNC_3()::local::start()",
                             "DOCTEST_ANON_FUNC_3()::{lambda()#1}::operator()()"})
    EXPECT_EQ(shown({in_test(helper, "tests/feed_test.cpp"), in_test("Pool::run()", "src/pool.cpp")}),
              (functions{helper, "Pool::run()"}));
}

TEST(Plumbing, OfBoostTestTheTestMethodIsTheLastOneShown) {
  for (const char* test : {"feed::closes::test_method()", "closes_for<int>::test_method()"})
    EXPECT_EQ(shown({in_test("Feed::Feed()", "src/feed.cpp"), in_test(test, "tests/feed_test.cpp"),
                     in_test("feed::closes_invoker()", "tests/feed_test.cpp"),
                     in_test("boost::detail::function::void_function_invoker0<void (*)(), void>::invoke(...)"),
                     in_test("boost::execution_monitor::catch_signals(...)"), in_test("main")}),
              (functions{"Feed::Feed()", test}));
  // a fixture is made beside the test method, and a global one by the framework
  EXPECT_EQ(shown({in_test("Fixture::Fixture()", "tests/feed_test.cpp"), in_test("boost::detail::do_invoke<...>(...)"),
                   in_test("boost::unit_test::framework::run(unsigned long, bool)"), in_test("run_my_tests()", "tests/main.cpp"),
                   in_test("main")}),
            (functions{"Fixture::Fixture()"}));
}

TEST(Plumbing, ALambdaOfATestIsNotItsBody) {
  EXPECT_EQ(shown({in_test("Feed_Closes_Test::TestBody()::{lambda()#1}::operator()() const", "tests/feed_test.cpp"),
                   in_test("Pool::run()", "src/pool.cpp"), in_libc("start_thread")}),
            (functions{"Feed_Closes_Test::TestBody()::{lambda()#1}::operator()() const", "Pool::run()"}));
  EXPECT_EQ(shown({in_test("CATCH2_INTERNAL_TEST_0()::{lambda()#1}::operator()() const", "tests/feed_test.cpp"),
                   in_test("Pool::run()", "src/pool.cpp")}),
            (functions{"CATCH2_INTERNAL_TEST_0()::{lambda()#1}::operator()() const", "Pool::run()"}));
}

TEST(Plumbing, FunctionsThatOnlyTakeAFrameworksTypesAreShown) {
  EXPECT_EQ(
      shown({in_test("park(Catch::TestCaseInfo const&)"), in_test("watch(std::thread&)"), in_test("testing_tools::park()")}),
      (functions{"park(Catch::TestCaseInfo const&)", "watch(std::thread&)", "testing_tools::park()"}));
}

TEST(Plumbing, AFunctionThatCallsAMockIsShown) {
  EXPECT_EQ(shown({in_test("park()", "tests/a.cpp"), in_test("testing::internal::FunctionMocker<void()>::Invoke()"),
                   in_test("MockSink::put()", "tests/a.cpp"), in_test("Feed::pump()", "src/feed.cpp"), in_libc("start_thread")}),
            (functions{"park()", "MockSink::put()", "Feed::pump()"}));
}

TEST(Plumbing, MainIsShownOutsideOfTests) {
  EXPECT_EQ(shown({in_test("start_logger()"), in_test("main"), in_libc("__libc_start_call_main"), in_test("_start")}),
            (functions{"start_logger()", "main"}));
}

TEST(Plumbing, InAStaticProgramTheCLibraryIsKnownByName) {
  EXPECT_EQ(shown({in_test("__futex_abstimed_wait_common"), in_test("pthread_cond_wait"), in_test("Feed::pump()"),
                   in_test("start_thread"), in_test("__clone3")}),
            (functions{"Feed::pump()"}));
  EXPECT_EQ(shown({in_test("read"), in_test("Feed::pump()"), in_test("__libc_start_call_main")}), (functions{"Feed::pump()"}));
}

TEST(Plumbing, AnInlinedFunctionWithTheNameOfACFunctionIsShown) {
  EXPECT_EQ(shown({in_test("send", "src/feed.cpp"), in_test("Feed::pump()", "src/feed.cpp")}),
            (functions{"send", "Feed::pump()"}));
}

TEST(Plumbing, SanitizersAreLeftOut) {
  EXPECT_EQ(shown({in("/usr/lib/libtsan.so.2", "pthread_cond_wait"), in_test("___interceptor_pthread_cond_wait"),
                   in_test("__sanitizer::BackgroundThread(void*)"), in_test("Feed::pump()"),
                   in("/usr/lib/libtsan.so.2", "thread_entry")}),
            (functions{"Feed::pump()"}));
}

TEST(Plumbing, ASpecialisationInTheUsersFileIsShown) {
  EXPECT_EQ(shown({in_test("std::hash<Key>::operator()(Key const&) const", "src/key.hpp"), in_test("Feed::find(Key const&)")}),
            (functions{"std::hash<Key>::operator()(Key const&) const", "Feed::find(Key const&)"}));
}

TEST(Plumbing, TheFunctionPointerOfALambdaIsLeftOutBelowTheLambda) {
  EXPECT_EQ(shown({in_test("main::{lambda(void*)#1}::operator()(void*) const"), in_test("main::{lambda(void*)#1}::_FUN(void*)"),
                   in_libc("start_thread")}),
            (functions{"main::{lambda(void*)#1}::operator()(void*) const"}));
  EXPECT_EQ(shown({in_libc("read"), in_test("main::$_0::__invoke(void*)"), in_libc("start_thread")}),
            (functions{"main::$_0::__invoke(void*)"}));
}

TEST(Plumbing, WithoutAUsersFunctionTheLibrarysAreShown) {
  EXPECT_EQ(shown({in_libc("__sigtimedwait"), in_libc("sigwaitinfo"), in_libc("timer_helper_thread"), in_libc("start_thread"),
                   in_libc("__clone3")}),
            (functions{"__sigtimedwait", "sigwaitinfo", "timer_helper_thread"}));
  EXPECT_EQ(shown({in_test("taskleak::detail::trampoline(void*)"), in_libc("start_thread")}), (functions{"start_thread"}));
  EXPECT_EQ(shown({in_test("taskleak::detail::trampoline(void*)")}), (functions{"taskleak::detail::trampoline(void*)"}));
  EXPECT_EQ(shown({}), functions{});
}

TEST(Plumbing, WhatAsioAndOneTbbDoBelowTheirInterfaceIsLeftOut) {
  EXPECT_EQ(shown({in_test("asio::detail::posix_thread::start_thread(asio::detail::posix_thread::func_base*)",
                           "/usr/include/asio/detail/impl/posix_thread.ipp"),
                   in_test("asio::thread_pool::thread_pool(unsigned long)", "/usr/include/asio/impl/thread_pool.ipp"),
                   in_test("Feed::Feed()", "src/feed.cpp")}),
            (functions{"asio::thread_pool::thread_pool(unsigned long)", "Feed::Feed()"}));
  EXPECT_EQ(shown({in_test("boost::asio::detail::scheduler::run(boost::system::error_code&)", "/usr/include/boost/asio/a.ipp"),
                   in_test("boost::asio::io_context::run()"), in_test("Feed::pump()", "src/feed.cpp")}),
            (functions{"boost::asio::io_context::run()", "Feed::pump()"}));
  EXPECT_EQ(shown({in("/lib/libtbb.so.12", "libtbb.so.12+0x217da"), in_test("tbb::detail::d1::spawn(tbb::detail::d1::task&)"),
                   in_test("__pstl::__internal::__pattern_sort<int*>(int*, int*)"), in_test("Feed::sort()", "src/feed.cpp")}),
            (functions{"Feed::sort()"}));
}

TEST(Plumbing, OfAPoolThatIdlesTheLibrarysFramesAreAllThereIsToShow) {
  EXPECT_EQ(shown({in_libc("pthread_cond_wait"), in_test("asio::detail::scheduler::run(std::error_code&)"),
                   in_test("asio_detail_posix_thread_function"), in_libc("start_thread")}),
            (functions{"asio::detail::scheduler::run(std::error_code&)", "asio_detail_posix_thread_function"}));
}

TEST(Plumbing, LibrariesOfOthersAreShown) {
  EXPECT_EQ(shown({in_libc("syscall"), in("/lib/libtbb.so.12", "tbb::detail::r1::rml::private_worker::run()"),
                   in_libc("start_thread")}),
            (functions{"tbb::detail::r1::rml::private_worker::run()"}));
  EXPECT_EQ(shown({in_libc("poll"), in("/lib/libfoo.so.1", "libfoo.so.1+0x1234"), in_libc("start_thread")}),
            (functions{"libfoo.so.1+0x1234"}));
}

TEST(Plumbing, AFunctionOfTheUsersIsShownAlsoWhereItsLineIsOfALibrarysHeader) {
  EXPECT_EQ(shown({in_libc("__futex_abstimed_wait_common"), in_test("Feed::pump()", "/usr/include/c++/12/condition_variable"),
                   in_test("serve", "src/serve.c"), in_libc("start_thread")}),
            (functions{"Feed::pump()", "serve"}));
  EXPECT_EQ(shown({in_test("wait<int>(int)", "/usr/include/c++/12/bits/atomic_wait.h")}), (functions{"wait<int>(int)"}));
  EXPECT_EQ(shown({in_test("Feed::start()", "/opt/include/taskleak/detail/probe/coroutine/await.hpp"), in_test("Feed::run()")}),
            (functions{"Feed::start()", "Feed::run()"}));
}

TEST(Plumbing, ALastPartOfANameInALibrarysHeaderIsTheLibrarys) {
  EXPECT_EQ(shown({in_test("operator()", "/usr/include/c++/12/mutex"), in_test("_FUN", "/usr/include/c++/12/mutex"),
                   in_test("__call_once_proxy(int)", "/usr/include/c++/12/mutex"), in_test("Feed::pump()", "src/feed.cpp")}),
            (functions{"Feed::pump()"}));
}

TEST(Plumbing, WhereTheThreadsFunctionLeftByATailCallANoteSaysSo) {
  using taskleak::detail::note_of_missing_function;
  const std::string left = "the thread's function is not on the stack: it left by a tail call";
  EXPECT_EQ(note_of_missing_function({in_libc("pause"), in_libc("start_thread"), in_libc("clone3")}), left);
  EXPECT_EQ(note_of_missing_function({in_libc("pthread_cond_wait"),
                                      in_libstdcxx("std::condition_variable::wait(std::unique_lock<std::mutex>&)"),
                                      in_libstdcxx("execute_native_thread_routine"), in_libc("start_thread"), in_libc("clone3")}),
            left);
  EXPECT_EQ(
      note_of_missing_function(
          {in_libc("pause"),
           in_test("std::thread::_State_impl<std::thread::_Invoker<std::tuple<main::{lambda(int, char)#1}, int>>>::_M_run()"),
           in_libstdcxx("execute_native_thread_routine"), in_libc("start_thread")}),
      "the thread's function is not on the stack: it was inlined, or left by a tail call");
}

TEST(Plumbing, AThreadOfTheCLibraryAndAStackWithTheUsersFunctionHaveNoSuchNote) {
  using taskleak::detail::note_of_missing_function;
  EXPECT_EQ(note_of_missing_function({in_libc("sigwaitinfo"), in_libc("timer_helper_thread"), in_libc("start_thread")}), "");
  EXPECT_EQ(note_of_missing_function({in_libc("sigwaitinfo"), in_libc("libc.so.6+0x1234"), in_libc("start_thread")}), "");
  EXPECT_EQ(note_of_missing_function({in_libc("pause"), in_test("Feed::pump()"), in_libc("start_thread")}), "");
  EXPECT_EQ(note_of_missing_function({in_libc("pause")}), "") << "the stack has no end";
  EXPECT_EQ(note_of_missing_function({in_libc("start_thread")}), "");
}

TEST(Plumbing, MarksOfAnEarlierCallAreReplaced) {
  std::vector<frame> stack{in_test("Feed::pump()")};
  stack[0].plumbing = true;
  mark_plumbing(stack);
  EXPECT_FALSE(stack[0].plumbing);
}

}  // namespace
