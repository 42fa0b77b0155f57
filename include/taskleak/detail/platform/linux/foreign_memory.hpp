// SPDX-License-Identifier: MIT
/// \file Reads memory of this process that may not be there: another thread's stack, a pointer found in it.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_FOREIGN_MEMORY_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_FOREIGN_MEMORY_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/platform/linux/system.hpp>
#include <taskleak/detail/platform/memory_piece.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Copies through the kernel, which answers EFAULT where a plain read would crash. Returns how many bytes it got, from the front.
inline std::size_t copy_memory(std::uintptr_t from, void* to, std::size_t bytes) noexcept {
  const iovec local{to, bytes};
  const iovec remote{reinterpret_cast<void*>(from), bytes};
  const ssize_t got = syscall(SYS_process_vm_readv, id_of_this_process(), &local, 1L, &remote, 1L, 0L);
  if (got >= 0) return static_cast<std::size_t>(got);
  if (errno != EPERM && errno != ENOSYS) return 0;
  // a seccomp filter may forbid it, as Docker's default did before 2020
  const int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  const ssize_t read_back = pread(fd, to, bytes, static_cast<off_t>(from));
  close(fd);
  return read_back > 0 ? static_cast<std::size_t>(read_back) : 0;
}

/// Copies many pieces with few system calls, and passes over pieces that are not there.
///
/// The kernel looks up the pages of each range anew, which costs more than the copy. So pieces that follow one another with small
/// gaps, as the frames of coroutines do that were made in a row, are copied with what lies between them.
class piece_copier {
 public:
  explicit piece_copier(light_vector<memory_piece>& pieces) noexcept : pieces_(pieces) {}

  void run() {
    for (std::size_t at = 0; at < pieces_.size();) {
      const std::size_t end = list_ranges(at);
      at += copy_from_ranges(at, end, is_refused_ ? 0 : read_ranges());
      if (at == end) continue;
      // the first that was not copied is not there, or its neighbour is not
      memory_piece& next = pieces_[at++];
      next.copied = copy_memory(next.from, next.to, next.bytes) == next.bytes;
    }
  }

 private:
  static constexpr std::size_t most_ranges = 1024;  // UIO_MAXIOV of the kernel
  static constexpr std::size_t longest_gap = 256;
  static constexpr std::size_t most_bytes = std::size_t{1} << 20;

  /// Puts as many pieces together as one call can copy; returns the first that is not among them.
  std::size_t list_ranges(std::size_t at) {
    ranges_.clear();
    places_.clear();
    bytes_ = 0;
    std::uintptr_t reached = 0;
    std::size_t end = at;
    for (; end < pieces_.size() && (end == at || !is_refused_); ++end) {
      const memory_piece& p = pieces_[end];
      const bool joins = !ranges_.empty() && p.from >= reached && p.from - reached <= longest_gap;
      const std::size_t more = joins ? p.from + p.bytes - reached : p.bytes;
      if (end > at && (bytes_ + more > most_bytes || (!joins && ranges_.size() == most_ranges))) break;
      if (joins)
        ranges_.back().iov_len += more;
      else
        ranges_.push_back({reinterpret_cast<void*>(p.from), more});
      bytes_ += more;
      places_.push_back(bytes_ - p.bytes);
      reached = p.from + p.bytes;
    }
    return end;
  }

  std::size_t read_ranges() {
    if (block_.size() < bytes_) block_.resize(bytes_);
    const iovec local{block_.data(), bytes_};
    const ssize_t got = syscall(SYS_process_vm_readv, id_of_this_process(), &local, 1L, ranges_.data(), ranges_.size(), 0L);
    if (got < 0 && (errno == EPERM || errno == ENOSYS)) is_refused_ = true;  // see copy_memory()
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }

  std::size_t copy_from_ranges(std::size_t at, std::size_t end, std::size_t got) noexcept {
    std::size_t done = 0;
    for (; at + done < end; ++done) {
      memory_piece& p = pieces_[at + done];
      if (places_[done] + p.bytes > got) break;
      std::memcpy(p.to, block_.data() + places_[done], p.bytes);
      p.copied = true;
    }
    return done;
  }

  light_vector<memory_piece>& pieces_;
  light_vector<iovec> ranges_;
  std::vector<std::size_t> places_;  ///< of the pieces in the block
  light_vector<unsigned char> block_;
  std::size_t bytes_ = 0;
  bool is_refused_ = false;
};

inline void copy_pieces(light_vector<memory_piece>& pieces) { piece_copier(pieces).run(); }

template <class T>
bool copy_value(std::uintptr_t from, T& to) noexcept {
  return copy_memory(from, &to, sizeof to) == sizeof to;
}

/// Copies a thread's stack from the stack pointer on, in pieces as they are asked for.
class stack_copy {
 public:
  explicit stack_copy(std::uintptr_t sp) : base_(sp & ~std::uintptr_t{7}) {}

  /// Copies at once into memory that is there already, while the thread is held: the thread may hold the allocator's lock.
  class buffer {
   public:
    explicit buffer(std::size_t bytes) : words_(bytes / sizeof(std::uintptr_t)) {}

   private:
    friend stack_copy;
    std::vector<std::uintptr_t> words_;
  };

  /// Takes the copy without an allocation.
  stack_copy(std::uintptr_t sp, buffer&& room) noexcept
      : base_(sp & ~std::uintptr_t{7}), at_end_(true), words_(static_cast<std::vector<std::uintptr_t>&&>(room.words_)) {
    const std::size_t got = copy_memory(base_, words_.data(), words_.size() * sizeof(std::uintptr_t));
    words_.resize(got / sizeof(std::uintptr_t));
  }

  /// Wipes the copy: its block may become part of another one, and then the program would seem to point to what the stack did.
  ~stack_copy() { wipe(words_); }
  stack_copy(stack_copy&&) noexcept = default;
  stack_copy& operator=(stack_copy&&) = delete;

  std::uintptr_t base() const noexcept { return base_; }

  /// Reads the word at this address; false where there is no memory. Addresses off the stack are read one at a time.
  bool word(std::uintptr_t address, std::uintptr_t& value) {
    if (address >= base_ && address % sizeof value == 0 && address - base_ < longest) {
      const std::size_t index = (address - base_) / sizeof value;
      while (index >= words_.size() && grow()) {
      }
      if (index >= words_.size()) return false;
      value = words_[index];
      return true;
    }
    return copy_value(address, value);
  }

 private:
  static constexpr std::size_t longest = std::size_t{16} << 20;

  static void wipe(std::vector<std::uintptr_t>& words) noexcept {
    words.resize(words.capacity());
    if (words.empty()) return;  // of no memory there is no address
    explicit_bzero(words.data(), words.size() * sizeof(std::uintptr_t));
  }

  bool grow() {
    if (at_end_) return false;
    const std::size_t have = words_.size();
    const std::size_t more = have == 0 ? 512 : have;  // 4 KiB first: most parked threads lie shallow
    std::vector<std::uintptr_t> longer(have + more);
    std::copy(words_.begin(), words_.end(), longer.begin());
    words_.swap(longer);
    wipe(longer);
    const std::size_t got =
        copy_memory(base_ + have * sizeof(std::uintptr_t), words_.data() + have, more * sizeof(std::uintptr_t));
    words_.resize(have + got / sizeof(std::uintptr_t));
    at_end_ = words_.size() < have + more;
    return words_.size() > have;
  }

  std::uintptr_t base_;
  bool at_end_ = false;
  std::vector<std::uintptr_t> words_;
};

}  // namespace taskleak::inline v0::detail

#endif
