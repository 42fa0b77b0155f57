// SPDX-License-Identifier: MIT
/// \file Looking without failing: find(), dump(), task_count(), and waits that name themselves.
#include <taskleak/blocking_region.hpp>
#include <taskleak/detail/inspect/inspect.hpp>
#include <taskleak/detail/probe/thread/thread_life.hpp>

#include "parked_thread.hpp"
#include <gmock/gmock.h>

#include <csetjmp>
#include <sstream>

namespace {

using namespace unit;
using testing::HasSubstr;
using testing::Not;

TEST(TaskCount, CountsEveryThreadButTheMainOne) {
  EXPECT_EQ(taskleak::task_count(), 0u);
  {
    held_thread one, two;
    EXPECT_EQ(taskleak::task_count(), 2u);
  }
  EXPECT_EQ(taskleak::task_count(), 0u);
}

TEST(TaskCount, CountsAThreadThatFinishedAndWasNotJoined) {
  std::thread finished([] {});
  until([] { return taskleak::find(at_once).stragglers.at(0).state == taskleak::state::finished_never_joined; });
  EXPECT_EQ(taskleak::task_count(), 1u);
  finished.join();
  EXPECT_EQ(taskleak::task_count(), 0u);
}

TEST(Find, OnAWorkerLeavesTheWorkerAndTheMainThreadOut) {
  held_thread other("other");
  parked_thread(other.tid());
  std::vector<std::uint64_t> ids;
  std::thread([&] {
    for (const taskleak::straggler& s : taskleak::find(at_once).stragglers) ids.push_back(s.id);
  }).join();
  EXPECT_EQ(ids, std::vector{static_cast<std::uint64_t>(other.tid())});
}

TEST(Find, ShowsAThreadThatHasBeenMadeAndHasNotBegun) {
  taskleak::detail::thread_record* const made = taskleak::detail::birth(false);
  const taskleak::report found = taskleak::find(at_once);
  taskleak::detail::unborn(*made);
  ASSERT_EQ(found.stragglers.size(), 1u);
  EXPECT_EQ(found.stragglers[0].state, taskleak::state::created);
  EXPECT_THAT(taskleak::to_text(found), HasSubstr("[created, "));
  EXPECT_EQ(found.stragglers[0].created_by, "main thread");
}

TEST(Find, SettlesNothing) {
  held_thread thread;
  parked_thread(thread.tid());
  EXPECT_EQ(taskleak::find(at_once).stragglers.size(), 1u);
  EXPECT_EQ(taskleak::find(at_once).stragglers.size(), 1u);
}

TEST(Find, ReportsBadOptionsAsErrors) {
  EXPECT_THAT(taskleak::find(taskleak::ignore_name("")).errors, testing::ElementsAre(HasSubstr("ignore_name(): empty pattern")));
}

TEST(Find, IsNotCleanWhereASuppressionFileCannotBeRead) {
  const taskleak::report found = taskleak::find(taskleak::suppressions("no_such_file"));
  EXPECT_FALSE(found.clean());
  EXPECT_FALSE(found.empty());
  EXPECT_TRUE(found.stragglers.empty());
  EXPECT_THAT(taskleak::to_text(found), HasSubstr("cannot read the suppressions 'no_such_file'"));
  EXPECT_THAT(taskleak::to_text(found), Not(HasSubstr("nothing is alive")));
  EXPECT_TRUE(taskleak::find().clean());
}

TEST(Find, TellsOfErrorsAndOfTasks) {
  held_thread thread;
  parked_thread(thread.tid());
  const taskleak::report found = taskleak::find({at_once, taskleak::suppressions("no_such_file")});
  EXPECT_THAT(taskleak::to_text(found), testing::StartsWith("cannot read the suppressions 'no_such_file'"));
  EXPECT_THAT(taskleak::to_text(found), HasSubstr("\n1 thread is alive: ["));
}

TEST(Dump, RefusesAFormatThatThereIsNot) {
  std::ostringstream out;
  taskleak::dump(out, static_cast<taskleak::format>(77));
  EXPECT_EQ(out.str(), "taskleak: dump(): no such format: 77; there is format::text\n");
  EXPECT_TRUE(out.fail());
}

TEST(Dump, SaysThatNothingElseIsAlive) {
  std::ostringstream out;
  taskleak::dump(out);
  EXPECT_EQ(out.str(), "no other task is alive\n");
}

TEST(Dump, WritesEveryOtherThread) {
  held_thread one("one"), two("two");
  parked_thread(one.tid());
  parked_thread(two.tid());
  std::ostringstream out;
  taskleak::dump(out);
  EXPECT_THAT(out.str(), HasSubstr("thread " + std::to_string(one.tid()) + " \"one\" [condition wait, "));
  EXPECT_THAT(out.str(), HasSubstr("thread " + std::to_string(two.tid()) + " \"two\" [condition wait, "));
  EXPECT_THAT(out.str(), Not(HasSubstr("thread " + std::to_string(own_tid()) + ' ')));
}

TEST(Dump, OnAWorkerShowsTheMainThread) {
  std::ostringstream out;
  told_tid tid;
  std::thread worker([&] {
    tid.tell();
    until_parked_in(getpid(), SYS_futex);
    taskleak::dump(out);
  });
  tid.get();
  worker.join();
  const std::string main_thread = "thread " + std::to_string(getpid()) + " \"main thread\" [join, ";
  EXPECT_THAT(out.str(), testing::StartsWith(main_thread));
  EXPECT_THAT(out.str(), HasSubstr("    waits on thread " + std::to_string(tid.get())));
  EXPECT_THAT(out.str(), HasSubstr("Dump_OnAWorkerShowsTheMainThread_Test::TestBody()"));
  EXPECT_THAT(out.str(), Not(HasSubstr("created by")));
}

TEST(Dump, ShowsTheLabelOfTheMainThreadsBlockingRegion) {
  std::ostringstream out;
  std::thread worker([&] {
    until_parked_in(getpid(), SYS_futex);
    taskleak::dump(out);
  });
  int channel = 0;
  {
    taskleak::blocking_region region("channel send", &channel);
    worker.join();
  }
  EXPECT_THAT(out.str(), HasSubstr(" \"main thread\" [channel send, "));
  EXPECT_THAT(out.str(), Not(HasSubstr("waits on thread")));
}

TEST(TaskCount, OnAWorkerLeavesTheMainThreadOut) {
  std::size_t count = 0;
  std::thread([&] { count = taskleak::task_count(); }).join();
  EXPECT_EQ(count, 1u) << "the worker";
}

/// Waits at the gate below regions with these labels, the last one innermost.
class labelled_thread {
 public:
  explicit labelled_thread(std::vector<const char*> labels)
      : labels_(std::move(labels)), thread_([this] {
          enter(0);
          tid_ready_.wait();
          second_.wait();
        }) {}
  ~labelled_thread() {
    first_.open();
    tid_ready_.open();
    second_.open();
    thread_.join();
  }
  int tid() const { return tid_.get(); }
  void leave_regions() {
    first_.open();
    left_.wait();
  }
  const void* object() const { return this; }

 private:
  void enter(std::size_t depth) {
    if (depth == labels_.size()) {
      tid_.tell();
      first_.wait();
      return;
    }
    taskleak::blocking_region region(labels_[depth], depth == 0 ? this : nullptr);
    enter(depth + 1);
    if (depth == 0) {
      first_.wait();
      left_.open();
    }
  }

  std::vector<const char*> labels_;
  gate first_, tid_ready_, second_, left_;
  told_tid tid_;
  std::thread thread_;
};

TEST(BlockingRegion, NamesTheWaitAndItsObject) {
  labelled_thread thread({"channel send"});
  const taskleak::straggler found = parked_thread(thread.tid());
  EXPECT_EQ(found.state, taskleak::state::labelled);
  EXPECT_EQ(found.state_text, "channel send");
  EXPECT_EQ(found.waits_on.kind, "channel send");
  EXPECT_EQ(found.waits_on.address, reinterpret_cast<std::uintptr_t>(thread.object()));
  EXPECT_THAT(in_words(found), HasSubstr("[channel send, "));
}

TEST(BlockingRegion, TheInnermostOneIsShown) {
  labelled_thread thread({"outer", "inner"});
  EXPECT_EQ(parked_thread(thread.tid()).state_text, "inner");
}

TEST(BlockingRegion, EndsWithItsBlock) {
  labelled_thread thread({"outer", "inner"});
  EXPECT_EQ(parked_thread(thread.tid()).state_text, "inner");
  thread.leave_regions();
  std::string text;
  until([&] { return (text = parked_thread(thread.tid()).state_text) != "outer"; });
  EXPECT_EQ(text, "condition wait");
}

TEST(BlockingRegion, IsMatchedByIgnoreState) {
  labelled_thread thread({"channel send"});
  parked_thread(thread.tid());
  EXPECT_TRUE(taskleak::find({taskleak::ignore_state("channel *"), at_once}).empty());
  EXPECT_FALSE(taskleak::find({taskleak::ignore_state("condition wait"), at_once}).empty());
}

TEST(BlockingRegion, ThatEndsBetweenALookAndItsReportIsLeftOut) {
  told_tid tid;
  gate region_may_end;
  gate region_has_ended;
  gate leave;
  std::jthread thread([&] {
    tid.tell();
    {
      std::string label = "a label that is gone after its region";
      taskleak::blocking_region region(label.c_str());
      region_may_end.wait();
    }
    region_has_ended.open();
    leave.wait();
  });
  parked_thread(tid.get());
  const taskleak::detail::light_vector<taskleak::detail::live_thread> copies = taskleak::detail::copy_threads_younger_than(
      0, [&](const taskleak::detail::thread_record& r) { return r.tid.load_relaxed() == tid.get(); });
  ASSERT_EQ(copies.size(), 1u);
  region_may_end.open();
  region_has_ended.wait();
  until_parked_in(tid.get(), SYS_futex);
  const taskleak::detail::await_graph no_coroutines;
  taskleak::detail::coroutine_inspector coroutines(no_coroutines);
  const std::optional<taskleak::straggler> found = taskleak::detail::inspect(copies[0], coroutines);
  leave.open();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->state_text, "condition wait");
}

/// From far below the frames of what the thread does next.
[[gnu::noinline]] void jump_out_of_region(jmp_buf& to) {
  volatile char room[8192];
  room[0] = 0;
  taskleak::blocking_region region("abandoned");
  longjmp(to, room[0] + 1);
}

TEST(BlockingRegion, ThatLongjmpHasLeftIsNotShown) {
  told_tid tid;
  gate leave;
  std::jthread thread([&] {
    jmp_buf here;
    if (setjmp(here) == 0) jump_out_of_region(here);
    tid.tell();
    leave.wait();
  });
  const taskleak::straggler found = parked_thread(tid.get());
  leave.open();
  EXPECT_EQ(found.state_text, "condition wait");
}

TEST(BlockingRegion, OfTheMainThreadMakesItNoStraggler) {
  taskleak::blocking_region region("main waits", nullptr);
  EXPECT_TRUE(taskleak::find(at_once).empty());
}

}  // namespace
