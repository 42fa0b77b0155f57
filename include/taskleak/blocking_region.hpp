// SPDX-License-Identifier: MIT
/// \file Lets a channel, queue or latch name its own wait.
#ifndef TASKLEAK_BLOCKING_REGION_HPP
#define TASKLEAK_BLOCKING_REGION_HPP

#include <taskleak/detail/registry/current.hpp>

namespace taskleak::inline v0 {

/// Names what the calling thread waits for while this object lives: a report then shows `[channel send]` for `[condition wait]`.
///
/// Two stores and no system call; without a main line in the program, nothing. The label must outlive the object: give it a
/// literal. Regions nest; the innermost one is shown. Belongs into library code that has its own kind of waiting:
///
///     void channel::send(T value) {
///       std::unique_lock lock(mutex_);
///       taskleak::blocking_region waiting("channel send", this);
///       not_full_.wait(lock, [&] { return !full(); });
///     }
class [[nodiscard("the region ends when the object is destroyed: give it a name")]] blocking_region {
 public:
  [[nodiscard("the region ends when the object is destroyed: give it a name")]] explicit blocking_region(
      const char* label, const void* object = nullptr) noexcept
      : note_(detail::this_task.note) {
    if (!note_) return;
    outer_label_ = note_->label.load_relaxed();
    outer_object_ = note_->object.load_relaxed();
    note_->object.store_relaxed(object);
    note_->label.store_release(label);
  }

  blocking_region(const blocking_region&) = delete;
  blocking_region& operator=(const blocking_region&) = delete;

  ~blocking_region() {
    if (!note_) return;
    note_->object.store_relaxed(outer_object_);
    note_->label.store_release(outer_label_);
  }

 private:
  detail::wait_note* note_;
  const char* outer_label_ = nullptr;
  const void* outer_object_ = nullptr;
};

}  // namespace taskleak::inline v0

#endif
