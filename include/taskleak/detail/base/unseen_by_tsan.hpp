// SPDX-License-Identifier: MIT
/// \file Hides what taskleak does from ThreadSanitizer, for which it would be part of the program.
#ifndef TASKLEAK_DETAIL_BASE_UNSEEN_BY_TSAN_HPP
#define TASKLEAK_DETAIL_BASE_UNSEEN_BY_TSAN_HPP

#if defined(__SANITIZE_THREAD__)
#define TASKLEAK_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TASKLEAK_TSAN 1
#endif
#endif

#if defined(TASKLEAK_TSAN)
// why: sanitizer/tsan_interface.h does not declare them; they are those of "dynamic annotations", known to valgrind as well
extern "C" {
void AnnotateIgnoreSyncBegin(const char* file, int line);
void AnnotateIgnoreSyncEnd(const char* file, int line);
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}
#endif

namespace taskleak::inline v0::detail {

/// While one lives, the calling thread's accesses and atomics are none to ThreadSanitizer. May be nested.
///
/// Every thread comes by the registry's locks and counters when it starts, ends, joins or detaches. Were they seen, they would
/// order threads that nothing in the program orders, and the program's races would not be found.
class [[maybe_unused]] unseen_by_tsan {
 public:
#if defined(TASKLEAK_TSAN)
  unseen_by_tsan() noexcept {
    AnnotateIgnoreSyncBegin(__FILE__, __LINE__);
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
  }
  ~unseen_by_tsan() {
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
    AnnotateIgnoreSyncEnd(__FILE__, __LINE__);
  }
#else
  constexpr unseen_by_tsan() noexcept {}
#endif
  unseen_by_tsan(const unseen_by_tsan&) = delete;
  unseen_by_tsan& operator=(const unseen_by_tsan&) = delete;
};

}  // namespace taskleak::inline v0::detail

#endif
