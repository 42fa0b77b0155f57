// SPDX-License-Identifier: MIT
/// \file Bytes behind which there is no memory: who reads further crashes, with any compiler and without a sanitizer.
#ifndef TASKLEAK_TESTS_FUZZ_GUARDED_BYTES_HPP
#define TASKLEAK_TESTS_FUZZ_GUARDED_BYTES_HPP

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

class guarded_bytes {
 public:
  explicit guarded_bytes(std::size_t most) : room_((most + page() - 1) / page() * page()) {
    void* const mapped = ::mmap(nullptr, room_ + page(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED || ::mprotect(mapped, room_, PROT_READ | PROT_WRITE) != 0) std::abort();
    begin_ = static_cast<char*>(mapped);
  }
  guarded_bytes(const guarded_bytes&) = delete;
  guarded_bytes& operator=(const guarded_bytes&) = delete;
  ~guarded_bytes() { ::munmap(begin_, room_ + page()); }

  /// Returns a copy of the bytes that ends where the memory does.
  std::string_view hold(std::string_view bytes) {
    bytes = bytes.substr(0, room_);
    char* const at = begin_ + room_ - bytes.size();
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
    return {at, bytes.size()};
  }

 private:
  static std::size_t page() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

  std::size_t room_;
  char* begin_;
};

#endif
