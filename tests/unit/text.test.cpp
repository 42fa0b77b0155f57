// SPDX-License-Identifier: MIT
/// \file Whole texts of reports.
#include <taskleak/detail/report/text/to_text.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using taskleak::frame;
using taskleak::ignored_task;
using taskleak::report;
using taskleak::state;
using taskleak::straggler;
using taskleak::task_kind;
using taskleak::to_text;
using taskleak::detail::headline;

frame at(std::string function, std::string file, unsigned line) {
  frame made;
  made.function = std::move(function);
  made.file = std::move(file);
  made.line = line;
  made.module = "/home/me/feed/build/feed_test";
  return made;
}

frame plumbing(std::string function) {
  frame made = at(std::move(function), "", 0);
  made.plumbing = true;
  return made;
}

frame in_module(std::string function, std::string module) {
  frame made;
  made.function = std::move(function);
  made.module = std::move(module);
  return made;
}

std::string dump_text(const std::vector<straggler>& all) {
  report found;
  found.stragglers = all;
  return taskleak::detail::dump_text(found, {});
}

straggler feed_thread() {
  straggler s;
  s.id = 48213;
  s.name = "feed";
  s.state = state::condition_wait;
  s.state_text = "condition wait";
  s.parked_for = 412ms;
  s.waits_on = {"std::condition_variable", 0x5576a0, ""};
  s.stack = {plumbing("pthread_cond_wait"), at("channel<Tick>::send(Tick)", "src/channel.hpp", 41),
             at("Feed::pump()", "src/feed.cpp", 57), plumbing("start_thread")};
  s.created_by = "main thread";
  s.scope = "Feed.Closes";
  s.creation_stack = {at("Feed::Feed(Config const&)", "src/feed.cpp", 22),
                      at("Feed_Closes_Test::TestBody()", "tests/feed_test.cpp", 34), plumbing("main")};
  return s;
}

straggler session_coroutine() {
  straggler s;
  s.kind = task_kind::coroutine;
  s.id = 912;
  s.name = "session(int)";
  s.state = state::suspended;
  s.state_text = "suspended at src/session.cpp:18";
  s.parked_for = 398ms;
  s.created_by = "thread 48213";
  s.scope = "Feed.Closes";
  s.creation_stack = {at("serve()", "src/session.cpp", 39)};
  return s;
}

/// A thread of which nothing but the header line is known.
straggler bare_thread(std::uint64_t id) {
  straggler s;
  s.id = id;
  s.state_text = "running";
  return s;
}

report of(std::string scope, std::vector<straggler> stragglers, std::vector<ignored_task> ignored = {}) {
  report made;
  made.scope = std::move(scope);
  made.stragglers = std::move(stragglers);
  made.ignored = std::move(ignored);
  return made;
}

TEST(Text, AFailureNamesTheScopeAndShowsEachStraggler) {
  EXPECT_EQ(to_text(of("Feed.Closes", {feed_thread(), session_coroutine()})),
            R"(Feed.Closes left 1 thread and 1 coroutine behind: [condition wait] in channel<Tick>::send(Tick) src/channel.hpp:41
  
thread 48213 "feed" [condition wait, 412 ms]
    waits on std::condition_variable 0x5576a0
    at channel<Tick>::send(Tick)          src/channel.hpp:41
       Feed::pump()                       src/feed.cpp:57
    created by main thread in Feed.Closes
    at Feed::Feed(Config const&)          src/feed.cpp:22
       Feed_Closes_Test::TestBody()       tests/feed_test.cpp:34
  
coroutine 912 session(int) [suspended at src/session.cpp:18, 398 ms]
    created by thread 48213 in Feed.Closes
    at serve()                            src/session.cpp:39
)");
}

TEST(Text, TheHeadlineCountsEachKind) {
  const straggler t = bare_thread(1);
  straggler c = bare_thread(2);
  c.kind = task_kind::coroutine;
  EXPECT_EQ(headline(of("Feed.Closes", {t, c, c})), "Feed.Closes left 1 thread and 2 coroutines behind: [running] thread 1");
  EXPECT_EQ(headline(of("Feed.Closes", {t, t})), "Feed.Closes left 2 threads behind: [running] thread 1");
  EXPECT_EQ(headline(of("Feed.Closes", {c})), "Feed.Closes left 1 coroutine behind: [running] coroutine 2");
  EXPECT_EQ(headline(of("", {t})), "1 thread is alive: [running] thread 1");
  EXPECT_EQ(headline(of("", {t, t, c})), "2 threads and 1 coroutine are alive: [running] thread 1");
  EXPECT_EQ(headline(of("", {c, c})), "2 coroutines are alive: [running] coroutine 2");
  EXPECT_EQ(headline(of("", {})), "nothing is alive");
  EXPECT_EQ(headline(of("Feed.Closes", {})), "Feed.Closes left nothing behind");
}

TEST(Text, TheHeadlineSaysWhereTheOldestIs) {
  EXPECT_EQ(headline(of("Feed.Closes", {feed_thread(), bare_thread(1)})),
            "Feed.Closes left 2 threads behind: [condition wait] in channel<Tick>::send(Tick) src/channel.hpp:41");
  EXPECT_EQ(headline(of("", {session_coroutine()})), "1 coroutine is alive: [suspended at src/session.cpp:18] in session(int)");
  straggler in_library = bare_thread(7);
  in_library.stack = {in_module("g_main_loop_run", "/usr/lib/libglib-2.0.so.0")};
  EXPECT_EQ(headline(of("Feed.Closes", {in_library})),
            "Feed.Closes left 1 thread behind: [running] in g_main_loop_run (libglib-2.0.so.0)");
  straggler nowhere = bare_thread(7);
  nowhere.name = "feed";
  nowhere.stack = {plumbing("start_thread")};
  EXPECT_EQ(headline(of("Feed.Closes", {nowhere})), "Feed.Closes left 1 thread behind: [running] thread 7 \"feed\"");
}

TEST(Text, TheHeadlineNamesThePlaceOfASuspendedCoroutineOnce) {
  straggler s = session_coroutine();
  s.stack = {at("session(int)", "src/session.cpp", 18), at("serve()", "src/session.cpp", 40)};
  EXPECT_EQ(headline(of("Feed.Closes", {s})),
            "Feed.Closes left 1 coroutine behind: [suspended at src/session.cpp:18] in session(int)");
}

TEST(Text, TheHeadlineIsShortEvenWhereANameIsLong) {
  straggler s = feed_thread();
  s.stack = {at("deliver<" + std::string(300, 'x') + ">(int)", "src/feed.cpp", 57)};
  const std::string line = headline(of("Feed.Closes", {s}));
  EXPECT_EQ(line.size(), 200u);
  EXPECT_TRUE(line.starts_with("Feed.Closes left 1 thread behind: [condition wait] in deliver<xxx")) << line;
  EXPECT_NE(line.find("x...x"), std::string::npos) << line;
  EXPECT_TRUE(line.ends_with("xxx>(int) src/feed.cpp:57")) << line;
}

TEST(Text, WhatIsNotKnownIsLeftOut) {
  EXPECT_EQ(to_text(of("", {bare_thread(7)})), R"(1 thread is alive: [running] thread 7
  
thread 7 [running, 0 ms]
)");
}

TEST(Text, AStackThatIsMissingIsExplained) {
  straggler s = bare_thread(7);
  s.stack_note = "no stack: the thread did not answer";
  s.created_by = "unknown";
  s.scope = "Feed.Closes";
  s.hint = "glib's pool keeps its threads: taskleak::ignore_name(\"pool-*\")";
  EXPECT_EQ(to_text(of("Feed.Closes", {s})), R"(Feed.Closes left 1 thread behind: [running] thread 7
  
thread 7 [running, 0 ms]
    (no stack: the thread did not answer)
    created by unknown
    hint: glib's pool keeps its threads: taskleak::ignore_name("pool-*")
)");
}

TEST(Text, FunctionsWithoutAFileShowTheirModule) {
  straggler s = bare_thread(7);
  s.stack = {in_module("tbb::detail::r1::rml::private_worker::run()", "/usr/lib/libtbb.so.12"),
             in_module("libfoo.so.1+0x1234", "/opt/foo/libfoo.so.1"), in_module("0x7f00", ""),
             at("Feed::pump()", "src/feed.cpp", 0)};
  EXPECT_EQ(dump_text({s}), R"(thread 7 [running, 0 ms]
    at tbb::detail::r1::rml::private_worker::run()  (libtbb.so.12)
       libfoo.so.1+0x1234
       0x7f00
       Feed::pump()                                 src/feed.cpp
)");
}

TEST(Text, AFunctionTooLongForTheColumnPushesItsFile) {
  straggler s = bare_thread(7);
  const std::string longest_aligned(80, 'a');
  const std::string too_long(81, 'b');
  s.stack = {at("f()", "f.cpp", 1), at(too_long, "b.cpp", 2), at(std::string(33, 'c'), "c.cpp", 3),
             at(std::string(34, 'd'), "d.cpp", 4)};
  EXPECT_EQ(dump_text({s}),
            "thread 7 [running, 0 ms]\n"
            "    at f()                                 f.cpp:1\n"
            "       " +
                too_long +
                "  b.cpp:2\n"
                "       ccccccccccccccccccccccccccccccccc   c.cpp:3\n"
                "       dddddddddddddddddddddddddddddddddd  d.cpp:4\n");
  s.stack = {at("f()", "f.cpp", 1)};
  s.creation_stack = {at(longest_aligned, "a.cpp", 2)};
  EXPECT_EQ(dump_text({s}),
            "thread 7 [running, 0 ms]\n"
            "    at f()" +
                std::string(79, ' ') +
                "f.cpp:1\n"
                "    at " +
                longest_aligned + "  a.cpp:2\n");
}

TEST(Text, OfADeepStackBothEndsAreShown) {
  straggler s = bare_thread(7);
  for (unsigned i = 0; i < 42; ++i) s.stack.push_back(at("recurse()", "r.cpp", 100 + i));
  const std::string text = dump_text({s});
  EXPECT_NE(text.find("r.cpp:119\n       ... 12 more ...\n       recurse() "), std::string::npos) << text;
  EXPECT_EQ(text.find("r.cpp:120"), std::string::npos) << text;
  EXPECT_EQ(text.find("r.cpp:131"), std::string::npos) << text;
  EXPECT_NE(text.find("r.cpp:132\n"), std::string::npos) << text;
  EXPECT_NE(text.find("r.cpp:141\n"), std::string::npos) << text;
  s.stack.resize(30);
  EXPECT_EQ(dump_text({s}).find("more"), std::string::npos);
}

TEST(Text, WhatWasLeftOutWhenAStackWasReadIsCountedWithTheRest) {
  straggler s = bare_thread(7);
  for (unsigned i = 0; i < 25; ++i) s.stack.push_back(at("inner()", "r.cpp", 100 + i));
  s.stack.push_back(taskleak::detail::frames_left_out(99'690));
  for (unsigned i = 0; i < 15; ++i) s.stack.push_back(at("outer()", "r.cpp", 200 + i));
  const std::string text = dump_text({s});
  EXPECT_NE(text.find("r.cpp:119\n       ... 99,700 more ...\n       outer() "), std::string::npos) << text;
  EXPECT_NE(text.find("r.cpp:205\n"), std::string::npos) << text;
}

TEST(Text, AFunctionThatCallsItselfManyTimesIsOneRowAndACount) {
  straggler s = bare_thread(7);
  s.stack.push_back(at("wait()", "r.cpp", 1));
  for (unsigned i = 0; i < 1'000; ++i) s.stack.push_back(at("walk(int)", "r.cpp", 2));
  for (unsigned i = 0; i < 2; ++i) s.stack.push_back(at("start()", "r.cpp", 3));
  const std::string text = dump_text({s});
  EXPECT_NE(text.find("    at wait()                             r.cpp:1\n"
                      "       walk(int)                          r.cpp:2\n"
                      "       ... 999 more ...\n"
                      "       start()                            r.cpp:3\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("start()"), text.rfind("start()")) << text;
}

TEST(Text, NoLineOfAStackIsLongerThanTwoHundredCharacters) {
  straggler s = bare_thread(7);
  std::string type = "int";
  for (int i = 0; i < 60; ++i) type = "box<" + type + ", " + std::to_string(i) + ">";
  s.stack.push_back(at(("app::run<" + type + ">(" + type + ")").c_str(), "src/deep.cpp", 1));
  s.stack.push_back(at(("app::" + std::string(1'000, 'x') + "()").c_str(), "src/deep.cpp", 2));
  straggler c;
  c.kind = taskleak::task_kind::coroutine;
  c.name = s.stack[0].function;
  c.state_text = "suspended at src/deep.cpp:1";
  c.waits_on = {"app::awaiter<" + type + ">", 0x1234, "coroutine 12 " + c.name};
  for (int i = 0; i < 20; ++i) c.stack.push_back(s.stack[0]);
  c.stack.push_back(at("app::outermost()", "src/deep.cpp", 3));
  const std::string text = dump_text({s, c});
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = text.find('\n', start);
    EXPECT_LE(end - start, 200u) << text.substr(start, end - start);
    start = end + 1;
  }
  EXPECT_NE(text.find("at app::run<"), std::string::npos) << text;
  EXPECT_NE(text.find("awaits app::awaiter<"), std::string::npos) << text;
  EXPECT_NE(text.find(", coroutine 12 app::run<"), std::string::npos) << text;
  EXPECT_NE(text.find(" <- app::outermost() src/deep.cpp:3\n"), std::string::npos) << text;
}

TEST(Text, AFailureShowsSoManyStragglersAndADumpAll) {
  report r;
  for (const char* name : {"a", "b", "c"}) {
    r.stragglers.push_back(bare_thread(1));
    r.stragglers.back().name = name;
  }
  taskleak::report_limits limits;
  limits.stragglers = 2;
  const std::string failure = to_text(r, limits);
  const std::string dump = taskleak::detail::dump_text(r, limits);
  EXPECT_EQ(failure, R"(3 threads are alive: [running] thread 1 "a"
  
thread 1 "a" [running, 0 ms]
  
thread 1 "b" [running, 0 ms]
  
... 1 more; TASKLEAK_OPTIONS=max_stragglers=3 shows them
)");
  EXPECT_NE(dump.find("thread 1 \"c\""), std::string::npos) << dump;
}

TEST(Text, AllFramesAreShownByALimitAndTheReportIsAsItWas) {
  report r;
  r.stragglers.push_back(feed_thread());
  taskleak::report_limits limits;
  EXPECT_EQ(to_text(r, limits).find("pthread_cond_wait"), std::string::npos);
  limits.all_frames = true;
  EXPECT_NE(to_text(r, limits).find("    at pthread_cond_wait"), std::string::npos) << to_text(r, limits);
  EXPECT_TRUE(r.stragglers.front().stack.front().plumbing);
}

TEST(Text, AGroupHasTheIdsOfAllThatItStandsFor) {
  report r;
  for (const std::uint64_t id : {7, 8, 9}) r.stragglers.push_back(bare_thread(static_cast<int>(id)));
  r.stragglers.push_back(feed_thread());
  const std::vector<taskleak::straggler_group> groups = taskleak::fold(r);
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].ids, (std::vector<std::uint64_t>{7, 8, 9}));
  EXPECT_EQ(groups[1].first, &r.stragglers.back());
}

TEST(Text, NotesComeLast) {
  report r;
  r.stragglers.push_back(bare_thread(7));
  r.ignored.push_back({task_kind::thread, 8, "pool", "grpc pool"});
  r.notes.push_back("no lines: the program has no debug information");
  EXPECT_TRUE(to_text(r).ends_with("1 ignored: 1 x 'grpc pool'\n  \nno lines: the program has no debug information\n"))
      << to_text(r);
}

TEST(Text, WaitObjectsAreNumberedAsTheirKindIs) {
  straggler s = bare_thread(7);
  const auto line = [&s](taskleak::wait_object object) {
    s.waits_on = std::move(object);
    const std::string text = dump_text({s});
    return text.substr(text.find('\n') + 1);
  };
  EXPECT_EQ(line({"mutex", 0x7ffd10, "held by thread 12 \"logger\""}),
            "    waits on mutex 0x7ffd10, held by thread 12 \"logger\"\n");
  EXPECT_EQ(line({.kind = "mutex", .address = 0x7ffd10, .detail = "held by thread 12 \"logger\"", .block_size = 104}),
            "    waits on mutex 0x7ffd10, in a 104-byte block, held by thread 12 \"logger\"\n");
  EXPECT_EQ(line({"thread", 48213, "\"feed\""}), "    waits on thread 48213 \"feed\"\n");
  EXPECT_EQ(line({"fd", 0, "a pipe"}), "    waits on fd 0, a pipe\n");
  EXPECT_EQ(line({"thread", 48213, ""}), "    waits on thread 48213\n");
  EXPECT_EQ(line({"signal", 0, ""}), "    waits on signal\n");
  EXPECT_EQ(line({"", 5, "nothing"}), "");
}

TEST(Text, AWaitThatEndsByItselfShowsTheTimeThatIsLeft) {
  straggler s = bare_thread(7);
  s.time_left = 3200ms;
  EXPECT_EQ(dump_text({s}), "thread 7 [running, 0 ms]\n    waits for another 3.2 s\n");
  s.waits_on = {"std::mutex", 0x5576a0, "held by main thread"};
  EXPECT_EQ(dump_text({s}),
            "thread 7 [running, 0 ms]\n    waits on std::mutex 0x5576a0, held by main thread, for another 3.2 s\n");
  straggler other = s;
  other.time_left = 4s;
  const std::string text = dump_text({s, other});
  EXPECT_NE(text.find(", held by main thread, for at most another 4.0 s\n"), std::string::npos) << text;
  other.time_left.reset();
  EXPECT_EQ(dump_text({s, other}).find("like this one"), std::string::npos);
}

TEST(Text, StragglersThatDifferOnlyInNumbersAreFolded) {
  report r = of("Pool.Stops", {});
  for (unsigned i = 0; i < 64; ++i) {
    straggler s = feed_thread();
    s.scope = "Pool.Stops";
    s.id = 48213 + i;
    s.name = "worker " + std::to_string(i);
    s.created_by = "thread " + std::to_string(100 + i % 7);
    s.parked_for = std::chrono::milliseconds(i == 40 ? 1234 : i);
    r.stragglers.push_back(s);
    if (i == 20) r.stragglers.push_back(session_coroutine());
  }
  EXPECT_EQ(to_text(r),
            R"(Pool.Stops left 64 threads and 1 coroutine behind: [condition wait] in channel<Tick>::send(Tick) src/channel.hpp:41
  
thread 48213 "worker 0" [condition wait, 1.2 s]
    64 threads like this one: 48213, 48214, 48215, 48216, 48217, 48218, 48219, 48220, ...
    waits on std::condition_variable 0x5576a0
    at channel<Tick>::send(Tick)          src/channel.hpp:41
       Feed::pump()                       src/feed.cpp:57
    created by thread 100 and 6 others in Pool.Stops
    at Feed::Feed(Config const&)          src/feed.cpp:22
       Feed_Closes_Test::TestBody()       tests/feed_test.cpp:34
  
coroutine 912 session(int) [suspended at src/session.cpp:18, 398 ms]
    created by thread 48213 in Feed.Closes
    at serve()                            src/session.cpp:39
)");
}

TEST(Text, AFewFoldedStragglersAreAllListed) {
  straggler a = session_coroutine();
  straggler b = session_coroutine();
  b.id = 913;
  EXPECT_EQ(dump_text({a, b}), R"(coroutine 912 session(int) [suspended at src/session.cpp:18, 398 ms]
    2 coroutines like this one: 912, 913
    created by thread 48213 in Feed.Closes
    at serve()                            src/session.cpp:39
)");
}

/// One for which a check describes more of them, the ids counting up.
straggler described_for(std::size_t more, std::chrono::nanoseconds longest = 1ms) {
  straggler s = session_coroutine();
  for (std::size_t i = 1; i <= more; ++i) taskleak::detail::add_alike(s.alike, s.id + i, longest);
  return s;
}

TEST(Text, CoroutinesFoundToBeAlikeCountInTheGroupOfTheOneDescribed) {
  EXPECT_EQ(to_text(of("Feed.Closes", {described_for(2, 500ms)})),
            R"(Feed.Closes left 3 coroutines behind: [suspended at src/session.cpp:18] in session(int)
  
coroutine 912 session(int) [suspended at src/session.cpp:18, 500 ms]
    3 coroutines like this one: 912, 913, 914
    created by thread 48213 in Feed.Closes
    at serve()                            src/session.cpp:39
)");
}

TEST(Text, OfManyCoroutinesFoundToBeAlikeTheFirstIdsAreListed) {
  const std::string text = dump_text({described_for(99'999)});
  EXPECT_NE(text.find("[suspended at src/session.cpp:18, 398 ms]\n    100000 coroutines like this one: 912, 913, 914, 915, 916, "
                      "917, 918, 919, ...\n"),
            std::string::npos)
      << text;
}

TEST(Text, CoroutinesThatAwaitDifferentThingsSaySo) {
  straggler s = described_for(999'999);
  s.waits_on = {"timer::awaiter", 0x5577a0, ""};
  s.alike.objects = 1'000'000;
  EXPECT_NE(dump_text({s}).find("\n    1000000 coroutines like this one, each awaiting an object of its own: 912, 913, "),
            std::string::npos)
      << dump_text({s});
  s.alike.objects = 12;
  EXPECT_NE(dump_text({s}).find("\n    1000000 coroutines like this one, awaiting 12 different objects: 912, "),
            std::string::npos)
      << dump_text({s});
  s.waits_on = {"task::awaiter", 0, "coroutine 7 read()"};
  s.alike.objects = 1'000'000;
  EXPECT_NE(dump_text({s}).find("\n    1000000 coroutines like this one, each awaiting a coroutine of its own: 912, "),
            std::string::npos)
      << dump_text({s});
}

TEST(Text, TheCreatorOfACreatorIsNamed) {
  straggler s = session_coroutine();
  s.creation_stack.clear();
  const auto line = [&s](std::vector<taskleak::creator> ancestry) {
    s.ancestry = std::move(ancestry);
    const std::string text = dump_text({s});
    return text.substr(text.find('\n') + 1);
  };
  const taskleak::creator main_thread{100, true, false}, alive{48213, false, false}, gone{48213, false, true};
  EXPECT_EQ(line({alive}), "    created by thread 48213 in Feed.Closes\n");
  EXPECT_EQ(line({gone}), "    created by thread 48213, which ended, in Feed.Closes\n");
  EXPECT_EQ(line({alive, main_thread}), "    created by thread 48213 (created by main thread in Feed.Closes)\n");
  EXPECT_EQ(line({gone, main_thread}), "    created by thread 48213, which ended, created by main thread in Feed.Closes\n");
  EXPECT_EQ(line({alive, {7, false, true}, main_thread}),
            "    created by thread 48213 (created by thread 7, which ended, created by main thread in Feed.Closes)\n");
  s.scope.clear();
  EXPECT_EQ(line({gone}), "    created by thread 48213, which ended\n");
}

TEST(Text, ACoroutineShowsTheAddressOfWhatItAwaits) {
  straggler s = session_coroutine();
  s.waits_on = {"channel<Tick>::receive_awaiter", 0x5577a0, ""};
  EXPECT_NE(dump_text({s}).find("    awaits channel<Tick>::receive_awaiter 0x5577a0\n"), std::string::npos) << dump_text({s});
}

/// Some that differ only in what they wait for.
std::vector<straggler> each_at_its_own(const straggler& like, std::size_t count) {
  std::vector<straggler> all(count, like);
  for (std::size_t i = 0; i < count; ++i) {
    all[i].id += i;
    all[i].waits_on.kind = "std::mutex";
    all[i].waits_on.address = 0x5576a0 + 64 * i;
  }
  return all;
}

std::size_t blocks_of(const std::vector<straggler>& all) {
  taskleak::report found;
  found.stragglers = all;
  return taskleak::fold(found).size();
}

TEST(Text, ThreadsThatWaitForDifferentObjectsAreNotFolded) {
  EXPECT_EQ(blocks_of(each_at_its_own(feed_thread(), 64)), 64u);
  EXPECT_EQ(dump_text(each_at_its_own(feed_thread(), 2)).find("like this one"), std::string::npos);
}

TEST(Text, ThreadsInARingOfLocksAreNotFolded) {
  std::vector<straggler> ring = each_at_its_own(feed_thread(), 3);
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const std::uint64_t owner = ring[(i + 1) % ring.size()].id;
    ring[i].waits_on.owner = owner;
    ring[i].waits_on.detail = "held by thread " + std::to_string(owner) + " \"feed\"";
  }
  const std::string text = dump_text(ring);
  EXPECT_EQ(text.find("like this one"), std::string::npos) << text;
  for (const straggler& s : ring) EXPECT_NE(text.find(", " + s.waits_on.detail + '\n'), std::string::npos) << text;
}

TEST(Text, ThreadsThatWaitForOneLockOfDifferentOwnersInTurnAreNotFolded) {
  std::vector<straggler> two(2, feed_thread());
  two[0].waits_on = {"std::mutex", 0x5576a0, "", 12};
  two[1].waits_on = {"std::mutex", 0x5576a0, "", 13};
  EXPECT_EQ(blocks_of(two), 2u);
}

TEST(Text, CoroutinesThatAwaitAFewDifferentThingsAreNotFolded) {
  EXPECT_EQ(blocks_of(each_at_its_own(session_coroutine(), 8)), 8u);
  const std::string text = dump_text(each_at_its_own(session_coroutine(), 9));
  EXPECT_NE(text.find("    9 coroutines like this one, each awaiting an object of its own: "), std::string::npos) << text;
}

TEST(Text, CoroutinesAtAFewObjectsAreFoldedByObject) {
  std::vector<straggler> all = each_at_its_own(session_coroutine(), 2);
  for (const straggler& s : each_at_its_own(session_coroutine(), 2)) all.push_back(s);
  all[2].id = 1002;
  all[3].id = 1003;
  const std::string text = dump_text(all);
  EXPECT_NE(text.find("    2 coroutines like this one: 912, 1002\n"), std::string::npos) << text;
  EXPECT_NE(text.find("    2 coroutines like this one: 913, 1003\n"), std::string::npos) << text;
}

TEST(Text, StragglersThatDifferInWhatIsShownAreNotFolded) {
  const auto folds_with = [](void (*change)(straggler&)) {
    straggler other = feed_thread();
    change(other);
    return dump_text({feed_thread(), other}).find("2 threads like this one") != std::string::npos;
  };
  EXPECT_TRUE(folds_with([](straggler&) {}));
  EXPECT_TRUE(folds_with([](straggler& s) { s.stack[0].function = "another plumbing function"; }));
  EXPECT_TRUE(folds_with([](straggler& s) { s.stack.erase(s.stack.begin()); }));
  EXPECT_FALSE(folds_with([](straggler& s) { s.kind = task_kind::coroutine; }));
  EXPECT_FALSE(folds_with([](straggler& s) { s.name = "feeder"; }));
  EXPECT_FALSE(folds_with([](straggler& s) { s.name = "feed 1"; }));
  EXPECT_FALSE(folds_with([](straggler& s) { s.state_text = "mutex lock"; }));
  EXPECT_FALSE(folds_with([](straggler& s) { s.scope = "Feed.Opens"; }));
  EXPECT_FALSE(folds_with([](straggler& s) { s.created_by = "thread 5"; }));
  EXPECT_FALSE(folds_with([](straggler& s) { s.stack[1].line = 42; }));
  EXPECT_FALSE(folds_with([](straggler& s) { s.stack[2].function = "Feed::pull()"; }));
  EXPECT_FALSE(folds_with([](straggler& s) { s.creation_stack[0].line = 23; }));
  EXPECT_FALSE(folds_with([](straggler& s) { s.creation_stack.clear(); }));
  EXPECT_FALSE(folds_with([](straggler& s) { s.hint = "a hint"; }));
  EXPECT_FALSE(folds_with([](straggler& s) { s.stack_note = "not complete"; }));
  EXPECT_FALSE(folds_with([](straggler& s) { s.waits_on.address += 8; }));
  EXPECT_FALSE(folds_with([](straggler& s) { s.waits_on.detail = "for coroutine 7 read()"; }));
}

TEST(Text, IgnoredTasksAreCountedByReasonMostFirst) {
  const auto ignored = [](const char* reason) { return ignored_task{task_kind::thread, 1, "x", reason}; };
  report r =
      of("Feed.Closes", {bare_thread(7)}, {ignored("logger"), ignored("grpc pool"), ignored("timer"), ignored("grpc pool")});
  EXPECT_EQ(to_text(r), R"(Feed.Closes left 1 thread behind: [running] thread 7
  
thread 7 [running, 0 ms]
  
4 ignored: 2 x 'grpc pool', 1 x 'logger', 1 x 'timer'
)");
  r.ignored[1].count = 1'000;
  EXPECT_NE(to_text(r).find("1003 ignored: 1001 x 'grpc pool', 1 x 'logger'"), std::string::npos) << to_text(r);
  r.ignored[1].count = 1;
  r.stragglers.clear();
  EXPECT_EQ(to_text(r), R"(Feed.Closes left nothing behind
  
4 ignored: 2 x 'grpc pool', 1 x 'logger', 1 x 'timer'
)");
}

TEST(Text, NoLineIsEmpty) {
  report r = of("Feed.Closes", {feed_thread(), session_coroutine(), bare_thread(7)},
                {ignored_task{task_kind::thread, 1, "x", "grpc pool"}});
  r.stragglers[1].stack_note = "not complete";
  r.stragglers[1].hint = "a hint";
  for (const std::string& text : {to_text(r), dump_text(r.stragglers)}) {
    EXPECT_EQ(text.find("\n\n"), std::string::npos) << text;
    EXPECT_EQ(text.back(), '\n');
  }
}

TEST(Text, NamesCannotBreakALine) {
  straggler s = bare_thread(7);
  s.name = "a\nb\tc";
  EXPECT_EQ(dump_text({s}), "thread 7 \"a\\x0ab\\x09c\" [running, 0 ms]\n");
}

TEST(Text, ADumpOfNothingSaysSo) { EXPECT_EQ(dump_text({}), "no other task is alive\n"); }

TEST(Text, DurationsAreShortAndRoundedDown) {
  const auto shown = [](std::chrono::nanoseconds d) {
    std::string out;
    taskleak::detail::append_duration(out, d);
    return out;
  };
  EXPECT_EQ(shown(-5s), "0 ms");
  EXPECT_EQ(shown(999us), "0 ms");
  EXPECT_EQ(shown(412ms), "412 ms");
  EXPECT_EQ(shown(999'999us), "999 ms");
  EXPECT_EQ(shown(1s), "1.0 s");
  EXPECT_EQ(shown(1299ms), "1.2 s");
  EXPECT_EQ(shown(59'999ms), "59.9 s");
  EXPECT_EQ(shown(60s), "1 min 0 s");
  EXPECT_EQ(shown(123s), "2 min 3 s");
  EXPECT_EQ(shown(3h + 4min + 59s), "3 h 4 min");
  EXPECT_EQ(shown(49h), "49 h 0 min");
}

}  // namespace
