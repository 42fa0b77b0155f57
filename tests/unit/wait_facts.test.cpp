// SPDX-License-Identifier: MIT
/// \file What a report knows of a wait beside its object: the time that is left, descriptors with their addresses, readers.
#include <taskleak/detail/platform/linux/descriptors.hpp>

#include "parked_thread.hpp"
#include <gmock/gmock.h>

#include <array>
#include <functional>
#include <shared_mutex>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace {

using namespace unit;
using namespace std::chrono_literals;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// Calls a function that blocks, until the test lets it return.
class blocked_thread {
 public:
  blocked_thread(long system_call, std::function<void()> blocks)
      : call_(system_call), thread_([this, blocks = std::move(blocks)] {
          tid_.tell();
          blocks();
        }) {}

  taskleak::straggler found() { return parked_thread(tid_.get(), call_); }

 private:
  long call_;
  told_tid tid_;
  std::jthread thread_;
};

/// Ends a wait for its reading end.
class pipe_ends {
 public:
  pipe_ends() { EXPECT_EQ(pipe2(ends_.data(), O_CLOEXEC), 0); }
  ~pipe_ends() {
    close(ends_[0]);
    close(ends_[1]);
  }
  int reading() const { return ends_[0]; }
  void write_to() const { EXPECT_EQ(write(ends_[1], "x", 1), 1); }

 private:
  std::array<int, 2> ends_{};
};

std::string fd_in_words(int fd, const std::string& target) { return "fd " + std::to_string(fd) + " (" + target; }

// ---- the time that is left

TEST(TimeLeft, OfATimedWaitIsShown) {
  std::mutex mutex;
  std::condition_variable changed;
  bool over = false;
  blocked_thread thread(SYS_futex, [&] {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, 1h, [&] { return over; });
  });
  const taskleak::straggler found = thread.found();
  ASSERT_TRUE(found.time_left);
  EXPECT_GT(*found.time_left, 0s);
  EXPECT_LE(*found.time_left, 1h);
  EXPECT_THAT(in_words(found), ContainsRegex("    waits on std::condition_variable 0x[0-9a-f]+, for another [0-9]+ "));
  {
    const std::lock_guard lock(mutex);
    over = true;
  }
  changed.notify_all();
}

TEST(TimeLeft, OfASleepIsShown) {
  pthread_t sleeper{};
  told_tid tid;
  const auto sleeps = [](void* told) -> void* {
    static_cast<told_tid*>(told)->tell();
    std::this_thread::sleep_for(1h);
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&sleeper, nullptr, sleeps, &tid), 0);
  const taskleak::straggler found = parked_thread(tid.get(), SYS_clock_nanosleep);
  ASSERT_TRUE(found.time_left);
  EXPECT_LE(*found.time_left, 1h);
  EXPECT_THAT(in_words(found), ContainsRegex("\n    waits for another [0-9]+ "));
  pthread_cancel(sleeper);
  pthread_join(sleeper, nullptr);
}

TEST(TimeLeft, OfAWaitWithoutALimitIsNone) {
  held_thread thread;
  const taskleak::straggler found = parked_thread(thread.tid());
  EXPECT_FALSE(found.time_left);
  EXPECT_THAT(in_words(found), Not(HasSubstr("for another")));
}

// ---- descriptors

TEST(Descriptors, OfPollAreAllShownWithTheTimeLeft) {
  pipe_ends one, other;
  blocked_thread thread(SYS_poll, [&] {
    std::array<pollfd, 2> both{{{one.reading(), POLLIN, 0}, {other.reading(), POLLIN, 0}}};
    poll(both.data(), both.size(), 3'600'000);
  });
  const taskleak::straggler found = thread.found();
  ASSERT_EQ(found.waits_on.descriptors.size(), 2u);
  EXPECT_EQ(found.waits_on.descriptors[1].number, other.reading());
  const std::string text = in_words(found);
  EXPECT_THAT(text, HasSubstr("    waits on " + fd_in_words(one.reading(), "pipe:[")));
  EXPECT_THAT(text, HasSubstr(", " + fd_in_words(other.reading(), "pipe:[")));
  EXPECT_THAT(text, ContainsRegex("\\), for another [0-9]+ "));
  other.write_to();
}

TEST(Descriptors, OfSelectAreShown) {
  pipe_ends pipe;
  blocked_thread thread(SYS_pselect6, [&] {
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(pipe.reading(), &readable);
    select(pipe.reading() + 1, &readable, nullptr, nullptr, nullptr);
  });
  EXPECT_THAT(in_words(thread.found()), HasSubstr("    waits on " + fd_in_words(pipe.reading(), "pipe:[")));
  pipe.write_to();
}

TEST(Descriptors, ThatEpollWatchesAreShown) {
  pipe_ends pipe;
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  epoll_event readable{};
  readable.events = EPOLLIN;
  ASSERT_EQ(epoll_ctl(epoll, EPOLL_CTL_ADD, pipe.reading(), &readable), 0);
  {
    blocked_thread thread(SYS_epoll_wait, [&] {
      epoll_event event{};
      epoll_wait(epoll, &event, 1, -1);
    });
    EXPECT_THAT(in_words(thread.found()), HasSubstr("    waits on " + fd_in_words(epoll, "anon_inode:[eventpoll]) for ") +
                                                    fd_in_words(pipe.reading(), "pipe:[")));
    pipe.write_to();
  }
  close(epoll);
}

TEST(Descriptors, OfTcpHaveAddressAndPeer) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(bind(listening, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(listening, 1), 0);
  ASSERT_EQ(getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::string local = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));

  const int calling = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  {
    int accepted = -1;
    blocked_thread accepts(SYS_accept, [&] { accepted = accept(listening, nullptr, nullptr); });
    EXPECT_THAT(in_words(accepts.found()), ContainsRegex("socket:\\[[0-9]+\\], tcp " + local + ", listening\\)"));
    ASSERT_EQ(connect(calling, reinterpret_cast<sockaddr*>(&address), size), 0);
  }
  {
    blocked_thread receives(SYS_recvfrom, [&] {
      char byte = 0;
      recv(calling, &byte, 1, 0);
    });
    const taskleak::straggler found = receives.found();
    EXPECT_THAT(in_words(found), ContainsRegex(", tcp 127.0.0.1:[0-9]+, peer " + local + "\\)"));
    ASSERT_EQ(found.waits_on.descriptors.size(), 1u);
    EXPECT_EQ(found.waits_on.descriptors[0].protocol, "tcp");
    EXPECT_EQ(found.waits_on.descriptors[0].peer, local);
    shutdown(calling, SHUT_RDWR);
  }
  close(calling);
  close(listening);
}

TEST(Descriptors, OfAnAbstractUnixSocketHaveItsName) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = "taskleak-test-" + std::to_string(getpid());
  name.copy(address.sun_path + 1, name.size());
  const int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  ASSERT_EQ(bind(listening, reinterpret_cast<sockaddr*>(&address), size), 0);
  const taskleak::descriptor found = taskleak::detail::look_at_descriptor(listening);
  EXPECT_EQ(found.protocol, "unix");
  EXPECT_EQ(found.local, '@' + name);
  EXPECT_THAT(found.peer, IsEmpty());
  close(listening);
}

// ---- locks for many readers

TEST(SharedLock, HeldByReadersSaysHowMany) {
  std::shared_mutex mutex;
  std::shared_lock one(mutex);
  gate leave;
  told_tid second;
  std::jthread reader([&] {
    const std::shared_lock other(mutex);
    second.tell();
    leave.wait();
  });
  second.get();
  {
    blocked_thread writer(SYS_futex, [&] { const std::lock_guard lock(mutex); });
    const taskleak::straggler found = writer.found();
    EXPECT_EQ(found.waits_on.readers, 2u);
    EXPECT_THAT(in_words(found), HasSubstr(", held by 2 readers\n"));
    leave.open();
    one.unlock();
  }
}

}  // namespace
