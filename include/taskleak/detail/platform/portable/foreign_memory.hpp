// SPDX-License-Identifier: MIT
/// \file Reads memory of this process that may not be there, through the system: a plain read would crash.
#ifndef TASKLEAK_DETAIL_PLATFORM_PORTABLE_FOREIGN_MEMORY_HPP
#define TASKLEAK_DETAIL_PLATFORM_PORTABLE_FOREIGN_MEMORY_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/platform/memory_piece.hpp>

#include <cstddef>
#include <cstdint>

#if defined(_WIN32)
// why not <windows.h>: its macros are all over the program that includes it
extern "C" {
__declspec(dllimport) void* __stdcall GetCurrentProcess();
__declspec(dllimport) int __stdcall ReadProcessMemory(void* process, const void* from, void* to, unsigned long long bytes,
                                                      unsigned long long* copied);
}
#else
#include <algorithm>

#include <fcntl.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/syscall.h>
#endif
#endif

namespace taskleak::inline v0::detail {

#if defined(_WIN32)

/// Returns how many bytes it got, from the front: all or none.
inline std::size_t copy_memory(std::uintptr_t from, void* to, std::size_t bytes) noexcept {
  unsigned long long copied = 0;
  if (!ReadProcessMemory(GetCurrentProcess(), reinterpret_cast<const void*>(from), to, bytes, &copied)) return 0;
  return static_cast<std::size_t>(copied);
}

#else

/// Copies through a pipe: write(2) takes any address, and answers EFAULT where there is nothing. One for each use, since a child
/// of fork(2) would share it.
class copying_pipe {
 public:
  copying_pipe() noexcept {
    if (::pipe(ends_) != 0) return;
    for (const int end : ends_) ::fcntl(end, F_SETFD, FD_CLOEXEC);
    ::fcntl(ends_[1], F_SETFL, O_NONBLOCK);
  }
  ~copying_pipe() {
    for (const int end : ends_)
      if (end >= 0) ::close(end);
  }
  copying_pipe(const copying_pipe&) = delete;
  copying_pipe& operator=(const copying_pipe&) = delete;

  /// Returns how many bytes it got, from the front.
  std::size_t copy(std::uintptr_t from, void* to, std::size_t bytes) noexcept {
    constexpr std::size_t most_at_once = 512;  // _POSIX_PIPE_BUF: what an empty pipe has room for
    constexpr std::size_t page = 4096;
    std::size_t done = 0;
    while (ends_[0] >= 0 && done < bytes) {
      // a piece that is there in part is not copied at all: none goes beyond a page
      const std::size_t piece = std::min({bytes - done, most_at_once, page - (from + done) % page});
      const auto put = write_unseen(ends_[1], reinterpret_cast<const void*>(from + done), piece);
      if (put <= 0) break;
      const auto got = ::read(ends_[0], static_cast<char*>(to) + done, static_cast<std::size_t>(put));
      if (got != put) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

 private:
  /// A sanitizer's write() would hold it against us that it reads what another thread writes, or what is freed.
  static std::ptrdiff_t write_unseen(int fd, const void* from, std::size_t bytes) noexcept {
#if defined(__linux__)
    return ::syscall(SYS_write, fd, from, bytes);
#else
    return ::write(fd, from, bytes);
#endif
  }

  int ends_[2] = {-1, -1};
};

inline std::size_t copy_memory(std::uintptr_t from, void* to, std::size_t bytes) noexcept {
  return copying_pipe().copy(from, to, bytes);
}

#endif

/// Copies many pieces, and passes over pieces that are not there.
inline void copy_pieces(light_vector<memory_piece>& pieces) {
#if defined(_WIN32)
  for (memory_piece& p : pieces) p.copied = copy_memory(p.from, p.to, p.bytes) == p.bytes;
#else
  copying_pipe pipe;
  for (memory_piece& p : pieces) p.copied = pipe.copy(p.from, p.to, p.bytes) == p.bytes;
#endif
}

template <class T>
bool copy_value(std::uintptr_t from, T& to) noexcept {
  return copy_memory(from, &to, sizeof to) == sizeof to;
}

}  // namespace taskleak::inline v0::detail

#endif
