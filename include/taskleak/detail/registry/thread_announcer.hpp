// SPDX-License-Identifier: MIT
/// \file Lets the explicit thread wrappers announce a thread whose creation no hook sees.
#ifndef TASKLEAK_DETAIL_REGISTRY_THREAD_ANNOUNCER_HPP
#define TASKLEAK_DETAIL_REGISTRY_THREAD_ANNOUNCER_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/light_atomic.hpp>

#include <cstdint>
#include <utility>

namespace taskleak::inline v0::detail {

/// Holds the functions that the runtime provides to a wrapper. The record is opaque: product code sees no platform header.
struct thread_announcer {
  void* (*birth)(bool detached) noexcept;   ///< called by the creator; returns null when there is no memory for a record
  void (*unborn)(void* record) noexcept;    ///< called if the thread was not started after all
  void (*start)(void* record) noexcept;     ///< called first in the thread
  void (*finished)(void* record) noexcept;  ///< called last in the thread's function; null where the thread itself notes its end
  void (*created)(void* record, std::uintptr_t handle) noexcept;  ///< called last in the creator, unless the thread is detached
  std::uint64_t (*serial_of)(std::uintptr_t handle) noexcept;     ///< called before the thread is joined or detached
  void (*release)(std::uintptr_t handle, std::uint64_t serial, bool joined) noexcept;  ///< called after the join or detach
};

/// Is null in a program without a main line, and where hooks see every thread anyway: a wrapper then costs one load.
TASKLEAK_SHARED inline constinit light_atomic<const thread_announcer*> the_thread_announcer{nullptr};

/// Announces a birth, and takes it back unless the thread starts: std::thread's constructor may throw.
class announced_birth {
 public:
  explicit announced_birth(bool detached) noexcept : announcer_(the_thread_announcer.load_acquire()) {
    if (announcer_) record_ = announcer_->birth(detached);
  }
  announced_birth(announced_birth&& other) noexcept : announcer_(other.announcer_), record_(other.record_) {
    other.record_ = nullptr;
  }
  announced_birth& operator=(announced_birth&&) = delete;
  ~announced_birth() {
    if (record_) announcer_->unborn(record_);
  }

  void* record() const noexcept { return record_; }
  const thread_announcer* announcer() const noexcept { return announcer_; }

  /// Returns the record, which is the thread's own from here on; null when there is none.
  void* start() noexcept {
    if (record_) announcer_->start(record_);
    return std::exchange(record_, nullptr);
  }

 private:
  const thread_announcer* announcer_;
  void* record_ = nullptr;
};

}  // namespace taskleak::inline v0::detail

#endif
