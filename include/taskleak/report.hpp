// SPDX-License-Identifier: MIT
/// \file Holds what a check found as plain data, and declares the functions that make text of it.
#ifndef TASKLEAK_REPORT_HPP
#define TASKLEAK_REPORT_HPP

#include <taskleak/task.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace taskleak::inline v0 {

/// Describes one function of a stack. A field that is not known is empty or 0.
struct frame {
  std::string function;  ///< demangled, made readable: `std::string`, not `std::__cxx11::basic_string<char, ...>`
  std::string file;      ///< source file, relative to the working directory where it lies below it
  unsigned line = 0;
  std::string module;          ///< path of the executable or library
  std::uintptr_t address = 0;  ///< the return address, or the program counter of the innermost frame
  bool plumbing = false;       ///< a function of the language or the test framework: left out of the text
  bool inlined = false;        ///< into the next function of the stack, which has the same address
};

/// Describes a file descriptor that a thread waits for.
struct descriptor {
  int number = -1;
  std::string target;         ///< as /proc/self/fd has it: "pipe:[4711]", "socket:[4712]", a path
  std::string protocol;       ///< of a socket: "tcp", "udp", "unix", ...; empty for anything else
  std::string local;          ///< a socket's own address: "127.0.0.1:8080", a path, "@name" of an abstract one; may be empty
  std::string peer;           ///< the address that a socket is connected to
  bool is_listening = false;  ///< whether a socket accepts connections
  /// What the kernel says of one that is no file: "count 3" of an eventfd, "not set" of a timer, "process 4711" of a pidfd,
  /// "signals 1, 15" of a signalfd; empty for any other.
  std::string detail{};
  std::optional<std::chrono::nanoseconds> goes_off_in{};  ///< of a timer that is set
  int watched_by = -1;                                    ///< the number of the epoll instance by which the thread waits for it
};

/// Says why one task waits for another.
enum class wait_relation : unsigned char {
  owner,    ///< the other task holds the lock
  joined,   ///< the waiting task waits for the other's end
  awaited,  ///< the other task is a coroutine; another coroutine, or a thread that blocks, waits for its result
};

/// Names another task that a straggler waits for. Converts to the id of that task.
struct awaited_task {
  wait_relation relation = wait_relation::owner;
  task_kind kind = task_kind::thread;
  std::uint64_t id = 0;    ///< the kernel's thread id, or the coroutine's number
  std::string name{};      ///< a thread's name or a coroutine's function; empty when it is not known any more
  bool is_main = false;    ///< whether the task is the main thread
  bool has_ended = false;  ///< whether no thread has this id any more

  operator std::uint64_t() const noexcept { return id; }
};

/// Describes what a parked task waits for.
struct wait_object {
  /// "std::condition_variable", "mutex", "futex", "fd", "thread", "process"; for a coroutine the type of its awaiter; empty when
  /// the task waits for no object.
  std::string kind;
  /// Address, file descriptor, or id of a thread or process, as the kind says. For a coroutine the address of the awaiter, or,
  /// where the co_await itself made the awaiter, of what the awaiter refers to; 0 if that is nothing or another coroutine.
  std::uintptr_t address = 0;
  std::string detail;                     ///< in words, what the fields below and straggler::waits_for say; may be empty
  std::uint64_t owner = 0;                ///< the kernel's id of the thread that holds the object; 0 if no thread does
  unsigned readers = 0;                   ///< how many readers hold a lock for many readers or one writer
  std::vector<descriptor> descriptors{};  ///< the descriptors of a poll, select or epoll wait, or of a call on one
  /// The library ("libstdc++", "libc++") whose own word the thread waits on in place of the atomic; the address is 0 then.
  std::string waiter_pool_of{};
  std::string name{};  ///< the static object that the address lies in: `app::log_lock`, `app::state+0x18`; or empty
  /// Bytes of the allocated block that the address lies in, as the allocator rounds them; 0 where it lies in none, or where that
  /// is not known: only a check that judges what can still be reached looks for it.
  std::size_t block_size = 0;
  std::vector<frame> allocated_by{};  ///< the stack that has allocated the block, with TASKLEAK_OPTIONS=verdicts=full
};

/// Counts the coroutines that a report does not describe, since the description of another coroutine is true of them, too.
struct alike_tasks {
  std::vector<std::uint64_t> ids{};     ///< the id of each, without the described coroutine
  std::chrono::nanoseconds longest{0};  ///< the longest time that any of them has been in its state
  std::size_t objects = 1;              ///< how many different things these and the described coroutine await
};

/// Names a thread that created a task, or that created such a thread.
struct creator {
  std::uint64_t id = 0;    ///< the kernel's thread id
  bool is_main = false;    ///< whether the creator is the main thread
  bool has_ended = false;  ///< whether no thread has this id any more; false as well if another thread has been given the id
};

/// Says why a task is still alive, as far as that is certain.
enum class verdict : unsigned char {
  none,         ///< nothing is certain
  orphaned,     ///< no task that can still run can reach what this one waits for
  deadlocked,   ///< the task waits in a cycle
  owned,        ///< a static object owns the thread, which may end with the program
  held,         ///< a task that can still run, or a static object, can reach what this one waits for
  self_ending,  ///< the wait ends by itself
  polling,      ///< the task goes back to the same wait again and again
};

/// Returns "deadlocked", "self-ending" and so on; an empty text for verdict::none.
constexpr const char* to_string(verdict v) noexcept {
  switch (v) {
    case verdict::orphaned: return "orphaned";
    case verdict::deadlocked: return "deadlocked";
    case verdict::owned: return "owned";
    case verdict::held: return "held";
    case verdict::self_ending: return "self-ending";
    case verdict::polling: return "polling";
    case verdict::none: break;
  }
  return "";
}

/// Describes a task that is alive after its scope has ended, or that find() or dump() found.
struct straggler {
  task_kind kind = task_kind::thread;
  std::uint64_t id = 0;  ///< the kernel's thread id, or the coroutine's number
  std::string name;      ///< a thread's name or a coroutine's function
  bool is_main = false;  ///< whether the task is the main thread, which dump() shows
  taskleak::state state = taskleak::state::running;
  std::string state_text;                  ///< what the square brackets show: to_string(state), or a blocking_region's label
  std::chrono::nanoseconds parked_for{0};  ///< how long the task has been in this state
  std::optional<std::chrono::nanoseconds> time_left;  ///< until the wait ends by itself; none if it does not
  wait_object waits_on;
  std::vector<awaited_task> waits_for{};  ///< the tasks waited for: the lock's owner, the joined thread, the awaited coroutine
  /// The stack, innermost first. For a coroutine the await chain: the coroutine, the coroutine that awaits it, and so on, each
  /// where it is suspended.
  std::vector<frame> stack;
  std::string stack_note;             ///< why the stack is missing or incomplete; empty when the stack is complete
  std::string created_by;             ///< "main thread", "thread 48213", "unknown"; empty for the main thread
  std::vector<creator> ancestry;      ///< the creator, the creator's own creator, and so on: four at most; empty when unknown
  std::string scope;                  ///< the test, suite or guard that the task is charged to, for instance "Feed.Closes"
  std::vector<frame> creation_stack;  ///< innermost first
  taskleak::verdict verdict = taskleak::verdict::none;
  std::string reason;     ///< of the verdict, on one line; empty without one
  std::size_t wakes = 0;  ///< how often it woke and went back to the same wait while the check waited: of verdict::polling
  std::string owned_by;   ///< the static object that owns the thread; empty where none is known to
  std::vector<std::string> holders;  ///< the path by which what it waits for can be reached, from its beginning
  /// The kernel's id of the thread on whose stack that path begins; 0 where it begins elsewhere, or there is none.
  std::uint64_t held_by = 0;
  std::string hint;  ///< advice for a known case, such as a library's pool; may be empty
  /// The coroutines that this description stands for, too, in the report of a failing check. find() describes each coroutine.
  alike_tasks alike;
};

/// Names a task that a rule left out.
struct ignored_task {
  task_kind kind = task_kind::thread;
  std::uint64_t id = 0;
  std::string name;
  std::string reason;      ///< the rule's reason, or the rule itself where none was given
  std::size_t count = 1;   ///< how many such tasks were left out: only the first of coroutines that are alike is named
  bool is_owned = false;   ///< whether it is a thread that a static object owns
  std::string owned_by{};  ///< the static object; empty where it has no symbol
};

/// Says what the stragglers of a report are.
enum class report_kind : unsigned char {
  leak,    ///< tasks that a scope has left alive, or that find() found
  hang,    ///< every task of a process in which a test does not end, or the process itself; the main thread is the first
  unrest,  ///< threads that still ran when wait_until_parked() gave up
};

/// Holds the result of a check.
struct report {
  std::string scope;                  ///< what was checked, for instance "Feed.Closes"; empty for the whole process
  std::vector<straggler> stragglers;  ///< oldest first
  std::vector<ignored_task> ignored;
  std::vector<std::string> errors{};  ///< errors in the check's own options, one line each; any of them is a failure
  std::vector<std::string> notes{};   ///< what a reader should know of the report, such as why it has no lines of sources
  std::string file{};                 ///< where the scope begins, as the compiler or the framework spells it; empty if not known
  unsigned line = 0;                  ///< the line in that file; 0 if it is not known
  bool fails = false;                 ///< whether the report failed a test or the program; false for a warning, find() and dump()
  report_kind kind = report_kind::leak;
  std::string headline{};  ///< of a hang and of unrest: "all tasks are asleep: Feed.Closes can never end"; empty for leaks

  /// Whether the check found no straggler and no error. An error counts, since the check may have missed stragglers by it.
  bool clean() const noexcept { return stragglers.empty() && errors.empty(); }

  /// Returns clean(), so a report that has only errors is not empty. `stragglers.empty()` asks for tasks only.
  bool empty() const noexcept { return clean(); }
};

/// Groups stragglers of which a report would say the same but for numbers: the first one's description is true of each.
struct straggler_group {
  const straggler* first = nullptr;                     ///< in report::stragglers
  std::vector<std::uint64_t> ids{};                     ///< the ids in the order of the report, those of straggler::alike too
  std::chrono::nanoseconds longest{0};                  ///< the longest time that a straggler has been in its state
  std::optional<std::chrono::nanoseconds> time_left{};  ///< the longest straggler::time_left of the group
  std::size_t wakes = 0;                                ///< the largest straggler::wakes of the group
  std::size_t objects = 1;                              ///< how many different things the stragglers wait for
  std::size_t creators = 1;                             ///< how many threads created the stragglers

  std::size_t count() const noexcept { return ids.size(); }
};

/// Limits how much of a report its text shows.
struct report_limits {
  std::size_t frames = 30;       ///< how many frames of one stack, taken from both of its ends
  std::size_t stragglers = 100;  ///< how many groups of stragglers of one report
  std::size_t line = 200;        ///< how many bytes of one line: names of functions are cut to fit
  bool all_frames = false;       ///< whether plumbing is shown, see frame::plumbing
};

/// Returns the limits that TASKLEAK_OPTIONS sets: `max_frames`, `max_stragglers` and `all_frames`.
report_limits limits_of_run();

/// Groups the stragglers of a report, in the order of each group's first straggler. The groups point into the report. With
/// `all_frames`, stragglers that differ in plumbing alone are in different groups.
std::vector<straggler_group> fold(const report& found, bool all_frames = false);

/// Returns the functions of a stack that somebody else has captured, as a report has them: innermost first, those that are
/// inlined into another in front of it. All addresses are return addresses, the innermost one too; null ones are left out. In a
/// child of the process, which makes no reports, there are none.
std::vector<frame> functions_at(const std::vector<std::uintptr_t>& stack);

/// Names the formats that dump() can write.
enum class format : unsigned char { text };

/// Returns the report as a failure shows it: the errors first, one line each, then each group of stragglers, the ignored tasks,
/// and the notes. The text is for people: it may change between versions, the fields above do not.
std::string to_text(const report& found, const report_limits& limits);

/// Returns the report as text, within limits_of_run().
std::string to_text(const report& found);

/// Returns the first line of the report's text, without a newline: "Feed.Closes left 1 thread behind: [join] in close()
/// feed.cpp:9".
std::string headline_of(const report& found);

/// Writes every live task but the calling thread, the main thread and ignored ones included, for a look at a program that hangs.
///
/// An unknown format is refused: the stream gets one line that says so, and its failbit is set.
void dump(std::ostream& out, format form = format::text);

}  // namespace taskleak::inline v0

#endif
