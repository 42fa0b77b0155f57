// SPDX-License-Identifier: MIT
/// \file Builds the paths of the kernel's files about a process, without memory of the allocator.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_PROC_PATH_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_PROC_PATH_HPP

#include <taskleak/detail/base/digits.hpp>

#include <cstddef>
#include <string_view>

namespace taskleak::inline v0::detail {

/// Builds `/proc/PID/task/TID/NAME`, or `/proc/PID/NAME` for no thread.
class proc_path {
 public:
  proc_path(int pid, int tid, const char* name) noexcept {
    add("/proc/").add(digits(static_cast<unsigned>(pid)).view());
    if (tid != 0) add("/task/").add(digits(static_cast<unsigned>(tid)).view());
    add("/").add(name);
    text_[used_] = '\0';
  }
  const char* c_str() const noexcept { return text_; }

 private:
  proc_path& add(std::string_view piece) noexcept {
    used_ += piece.copy(text_ + used_, sizeof text_ - 1 - used_);
    return *this;
  }

  char text_[80];
  std::size_t used_ = 0;
};

}  // namespace taskleak::inline v0::detail

#endif
