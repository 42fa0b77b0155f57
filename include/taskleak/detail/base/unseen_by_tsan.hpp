// SPDX-License-Identifier: MIT
/// \file Hides taskleak's own accesses from ThreadSanitizer, which would take them for the program's.
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
// why: sanitizer/tsan_interface.h does not declare these functions, the "dynamic annotations" that valgrind knows as well
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

/// Hides the calling thread's accesses and atomics from ThreadSanitizer while the object lives. Objects may nest.
///
/// Every thread uses the registry's locks and counters when it starts, ends, joins or detaches. From these TSan would infer
/// happens-before edges that the program does not have, and would miss the program's races.
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
