// SPDX-License-Identifier: MIT
/// \file What a report knows of a wait beside its object: the time that is left, descriptors with their addresses, readers.
#include <taskleak/detail/inspect/descriptors.hpp>

#include "parked_thread.hpp"
#include <gmock/gmock.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <shared_mutex>

#include <arpa/inet.h>
#include <fcntl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

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

/// A thread that sleeps for an hour, and is cancelled.
class sleeping_thread {
 public:
  sleeping_thread() {
    const auto sleeps = [](void* told) -> void* {
      static_cast<told_tid*>(told)->tell();
      std::this_thread::sleep_for(1h);
      return nullptr;
    };
    EXPECT_EQ(pthread_create(&thread_, nullptr, sleeps, &tid_), 0);
  }
  ~sleeping_thread() {
    pthread_cancel(thread_);
    pthread_join(thread_, nullptr);
  }
  sleeping_thread(const sleeping_thread&) = delete;
  sleeping_thread& operator=(const sleeping_thread&) = delete;
  int tid() const { return tid_.get(); }

 private:
  pthread_t thread_{};
  told_tid tid_;
};

TEST(TimeLeft, OfASleepIsShown) {
  const sleeping_thread sleeper;
  const taskleak::straggler found = parked_thread(sleeper.tid(), SYS_clock_nanosleep);
  ASSERT_TRUE(found.time_left);
  EXPECT_LE(*found.time_left, 1h);
  EXPECT_THAT(in_words(found), ContainsRegex("\n    waits for another [0-9]+ "));
}

TEST(TimeLeft, OfAWaitWithoutALimitIsNone) {
  held_thread thread;
  const taskleak::straggler found = parked_thread(thread.tid());
  EXPECT_FALSE(found.time_left);
  EXPECT_THAT(in_words(found), Not(HasSubstr("for another")));
}

TEST(TimeLeft, OfALockThatLendsItsPriorityIsShown) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
  pthread_mutex_t mutex;
  ASSERT_EQ(pthread_mutex_init(&mutex, &attributes), 0);
  pthread_mutex_lock(&mutex);
  for (const clockid_t clock : {CLOCK_REALTIME, CLOCK_MONOTONIC}) {
    blocked_thread thread(SYS_futex, [&] {
      timespec until{};
      clock_gettime(clock, &until);
      until.tv_sec += 3600;
      if (pthread_mutex_clocklock(&mutex, clock, &until) == 0) pthread_mutex_unlock(&mutex);
    });
    const taskleak::straggler found = thread.found();
    EXPECT_EQ(found.waits_on.owner, static_cast<std::uint64_t>(getpid()));
    EXPECT_TRUE(found.time_left) << in_words(found);
    pthread_mutex_unlock(&mutex);
    pthread_mutex_lock(&mutex);
  }
  pthread_mutex_unlock(&mutex);
}

TEST(TimeLeft, OfASocketWithALimitIsShown) {
  std::array<int, 2> ends;
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  const timeval hour{3600, 0};
  setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &hour, sizeof hour);
  char byte = 0;
  blocked_thread thread(SYS_recvfrom, [&] { EXPECT_EQ(recv(ends[0], &byte, 1, 0), 1); });
  const taskleak::straggler found = thread.found();
  ASSERT_TRUE(found.time_left) << in_words(found);
  EXPECT_LE(*found.time_left, 1h);
  EXPECT_EQ(send(ends[1], "x", 1, 0), 1);
}

TEST(TimeLeft, OfATimersDescriptorIsShown) {
  const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  itimerspec in_an_hour{};
  in_an_hour.it_value.tv_sec = 3600;
  timerfd_settime(timer, 0, &in_an_hour, nullptr);
  std::uint64_t times = 0;
  blocked_thread thread(SYS_read, [&] { EXPECT_EQ(read(timer, &times, sizeof times), 8); });
  const taskleak::straggler found = thread.found();
  ASSERT_TRUE(found.time_left) << in_words(found);
  EXPECT_LE(*found.time_left, 1h);
  itimerspec now{};
  now.it_value.tv_nsec = 1;
  timerfd_settime(timer, 0, &now, nullptr);
}

TEST(Descriptors, OfAnEpollWaitAreShownWithTimersCountsAndSocketsPeers) {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  const int idle_timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  const int counter = eventfd(3, EFD_CLOEXEC);
  std::array<int, 2> ends;
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  itimerspec in_an_hour{};
  in_an_hour.it_value.tv_sec = 3600;
  timerfd_settime(timer, 0, &in_an_hour, nullptr);
  for (const int fd : {timer, idle_timer, ends[0]}) {
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &wanted);
  }
  epoll_event when_full{};  // not ready: the counter has room
  epoll_ctl(epoll, EPOLL_CTL_ADD, counter, &when_full);
  epoll_event got{};
  blocked_thread thread(call_of_epoll_wait, [&] { EXPECT_EQ(epoll_wait(epoll, &got, 1, -1), 1); });
  const taskleak::straggler found = thread.found();
  const std::string text = in_words(found);
  EXPECT_THAT(found.waits_on.detail, HasSubstr("(anon_inode:[timerfd], not set)")) << text;
  EXPECT_THAT(text, testing::AnyOf(HasSubstr("(anon_inode:[eventfd], count 3)"), HasSubstr("more")));
  EXPECT_THAT(text, HasSubstr(", unix)"));
  EXPECT_THAT(text, HasSubstr("fd " + std::to_string(timer) + " goes off in 59 min 59 s"));
  bool has_timer = false, has_count = false;
  for (const taskleak::descriptor& d : found.waits_on.descriptors) {
    if (d.number == timer) has_timer = d.goes_off_in && *d.goes_off_in <= 1h && *d.goes_off_in > 59min;
    if (d.number == counter) has_count = d.detail == "count 3";
  }
  EXPECT_TRUE(has_timer);
  EXPECT_TRUE(has_count);
  EXPECT_EQ(write(ends[1], "x", 1), 1);
}

TEST(Descriptors, OfProcessesAndSignalsSayWhich) {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGUSR1);
  sigaddset(&mask, SIGTERM);
  const int signals = signalfd(-1, &mask, SFD_CLOEXEC);
  EXPECT_EQ(taskleak::detail::look_at_descriptor(signals).detail, "signals 10, 15");
  const int self = static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0));
  EXPECT_EQ(taskleak::detail::look_at_descriptor(self).detail, "process " + std::to_string(getpid()));
  close(signals);
  close(self);
}

TEST(Descriptors, OfAnEpollInstanceWithHundredsAreAllFound) {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  std::vector<int> watched;
  for (int i = 0; i < 300; ++i) {
    watched.push_back(eventfd(0, EFD_CLOEXEC));
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    ASSERT_EQ(epoll_ctl(epoll, EPOLL_CTL_ADD, watched.back(), &wanted), 0);
  }
  EXPECT_EQ(taskleak::detail::watched_by_epoll(epoll).size(), 300u);
  for (const int fd : watched) close(fd);
  close(epoll);
}

/// Lets another process stop this one and let it go on, as a debugger does.
void stop_for_a_moment() {
  const pid_t stops = fork();
  if (stops == 0) {
    const pid_t parent = getppid();
    kill(parent, SIGSTOP);
    const std::string path = "/proc/" + std::to_string(parent) + "/stat";
    for (char state = '?'; state != 'T';) {
      char text[512] = {};
      const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
      if (read(file, text, sizeof text - 1) > 0) state = std::strrchr(text, ')')[2];
      close(file);
    }
    kill(parent, SIGCONT);
    _exit(0);
  }
  waitpid(stops, nullptr, 0);
}

TEST(TimeLeft, OfASleepIsShownAfterTheProcessWasStopped) {
  const sleeping_thread sleeper;
  until_parked_in(sleeper.tid(), SYS_clock_nanosleep);
  stop_for_a_moment();
  const taskleak::straggler found = parked_thread(sleeper.tid(), SYS_restart_syscall);
  EXPECT_EQ(found.state, taskleak::state::sleep) << in_words(found);
  EXPECT_TRUE(found.time_left);
}

TEST(TimeLeft, OfAPollIsShownAfterTheProcessWasStopped) {
  const pipe_ends ends;
  pollfd waited{ends.reading(), POLLIN, 0};
  told_tid tid;
  std::jthread thread([&] {
    tid.tell();
    poll(&waited, 1, 3'600'000);
  });
  until_parked_in(tid.get(), call_of_poll);
  stop_for_a_moment();
  const taskleak::straggler found = parked_thread(tid.get(), SYS_restart_syscall);
  EXPECT_EQ(found.state, taskleak::state::poll) << in_words(found);
  EXPECT_TRUE(found.time_left);
  EXPECT_THAT(in_words(found), HasSubstr("    waits on " + fd_in_words(ends.reading(), "pipe:[")));
  ends.write_to();
}

// ---- things of the kernel's that are no descriptors

TEST(Numbered, AChildProcessIsJoined) {
  const pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  blocked_thread thread(SYS_wait4, [&] { waitpid(child, nullptr, 0); });
  const taskleak::straggler found = thread.found();
  EXPECT_EQ(found.state, taskleak::state::join);
  EXPECT_THAT(in_words(found), HasSubstr("    waits on process " + std::to_string(child) + "\n"));
  kill(child, SIGKILL);
}

TEST(Numbered, AnyChildProcessHasNoNumber) {
  const pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  blocked_thread thread(SYS_waitid, [&] {
    siginfo_t ended{};
    waitid(P_ALL, 0, &ended, WEXITED);
  });
  const taskleak::straggler found = thread.found();
  EXPECT_EQ(found.state, taskleak::state::join);
  EXPECT_THAT(in_words(found), HasSubstr("    waits on any child process\n"));
  kill(child, SIGKILL);
}

TEST(Numbered, AMessageQueueOfSystemVIsRead) {
  const int queue = msgget(IPC_PRIVATE, 0600);
  ASSERT_GE(queue, 0);
  struct {
    long type;
    char byte;
  } message{};
  blocked_thread thread(SYS_msgrcv, [&] { msgrcv(queue, &message, 1, 0, 0); });
  const taskleak::straggler found = thread.found();
  EXPECT_EQ(found.state, taskleak::state::read);
  EXPECT_THAT(in_words(found), HasSubstr("    waits on message queue " + std::to_string(queue) + "\n"));
  msgctl(queue, IPC_RMID, nullptr);
}

TEST(Numbered, ASemaphoreOfSystemVIsOneOfASet) {
  const int set = semget(IPC_PRIVATE, 1, 0600);
  ASSERT_GE(set, 0);
  blocked_thread thread(SYS_semtimedop, [&] {
    sembuf take{0, -1, 0};
    const timespec hour{3600, 0};
    semtimedop(set, &take, 1, &hour);
  });
  const taskleak::straggler found = thread.found();
  EXPECT_EQ(found.state, taskleak::state::semaphore_wait);
  EXPECT_TRUE(found.time_left);
  EXPECT_THAT(in_words(found), HasSubstr("    waits on semaphore set " + std::to_string(set) + ", for another "));
  semctl(set, 0, IPC_RMID);
}

TEST(Numbered, ALockedFileIsADescriptor) {
  char path[] = "/tmp/taskleak_lock_XXXXXX";
  const int holder = mkstemp(path);
  const int other = open(path, O_RDWR | O_CLOEXEC);
  unlink(path);
  ASSERT_EQ(flock(holder, LOCK_EX), 0);
  blocked_thread thread(SYS_flock, [&] { flock(other, LOCK_EX); });
  const taskleak::straggler found = thread.found();
  EXPECT_EQ(found.state, taskleak::state::io_wait);
  EXPECT_THAT(in_words(found), HasSubstr("    waits on " + fd_in_words(other, "/tmp/taskleak_lock_")));
  flock(holder, LOCK_UN);
}

TEST(Numbered, APosixMessageQueueIsADescriptor) {
  mq_attr shape{};
  shape.mq_maxmsg = 1;
  shape.mq_msgsize = 1;
  const std::string name = "/taskleak_" + std::to_string(getpid());
  const mqd_t queue = mq_open(name.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600, &shape);
  if (queue < 0) GTEST_SKIP() << "no message queues here";
  mq_unlink(name.c_str());
  char byte = 0;
  timespec until{};
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += 3600;
  blocked_thread thread(SYS_mq_timedreceive, [&] { mq_timedreceive(queue, &byte, 1, nullptr, &until); });
  const taskleak::straggler found = thread.found();
  EXPECT_EQ(found.state, taskleak::state::read);
  EXPECT_TRUE(found.time_left);
  EXPECT_THAT(in_words(found), HasSubstr("    waits on fd " + std::to_string(queue) + " ("));
  EXPECT_EQ(mq_send(queue, "x", 1, 0), 0);
}

// ---- descriptors

TEST(Descriptors, OfPollAreAllShownWithTheTimeLeft) {
  pipe_ends one, other;
  blocked_thread thread(call_of_poll, [&] {
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
    blocked_thread thread(call_of_epoll_wait, [&] {
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
