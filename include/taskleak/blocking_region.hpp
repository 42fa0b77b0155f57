// SPDX-License-Identifier: MIT
/// \file Lets a channel, queue or latch name its own wait.
#ifndef TASKLEAK_BLOCKING_REGION_HPP
#define TASKLEAK_BLOCKING_REGION_HPP

#include <taskleak/detail/registry/current.hpp>

namespace taskleak::inline v0 {

/// Names what the calling thread waits for while this object lives: a report then shows `[channel send]` for `[condition wait]`.
///
/// A region costs a few stores and no system call, and nothing in a program without a main line. The label must outlive the
/// object: pass a literal. A report shows the label's first 64 bytes. Regions nest; a report shows the innermost one. Use it in
/// code that implements its own blocking operation:
///
///     void channel::send(T value) {
///       std::unique_lock lock(mutex_);
///       taskleak::blocking_region waiting("channel send", this);
///       not_full_.wait(lock, [&] { return !full(); });
///     }
class [[nodiscard("the region ends when the object is destroyed: give it a name")]] blocking_region {
 public:
  [[nodiscard("the region ends when the object is destroyed: give it a name")]] explicit blocking_region(
      const char* label, const void* object = nullptr) noexcept {
    detail::wait_note* const note = detail::this_task.note;
    if (!note) return;
    region_ = {label, object, note->innermost.load_relaxed(), note};
    note->set(&region_);
  }

  blocking_region(const blocking_region&) = delete;
  blocking_region& operator=(const blocking_region&) = delete;

  ~blocking_region() {
    if (region_.of) const_cast<detail::wait_note*>(region_.of)->set(region_.outer);
  }

 private:
  detail::waiting_region region_;
};

}  // namespace taskleak::inline v0

#endif
