// SPDX-License-Identifier: MIT
/// \file Tells whether the thread probe is in effect.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_SELF_CHECK_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_SELF_CHECK_HPP

#include <taskleak/detail/platform/linux/real_functions.hpp>

#include <dlfcn.h>
#include <pthread.h>

namespace taskleak::inline v0::detail {

/// Says why threads go unseen that shared libraries create; null when none do.
///
/// A library finds the first pthread_create in the search order, which is to be the executable's own. A version script with
/// `local: *`, or --exclude-libs, keeps it out of the executable's dynamic symbols.
inline const char* interposition_defeat() noexcept {
  void* const first = dlsym(RTLD_DEFAULT, "pthread_create");
  // nothing at all: a static program, in which every call is bound to the definition in it
  if (!first || first == reinterpret_cast<void*>(&pthread_create)) return nullptr;
  return "threads created by shared libraries, std::thread among them, are seen without their creation stack: the executable "
         "does "
         "not export its pthread_create (a version script with `local: *`? Add `global: pthread_*;` to it). "
         "See docs/limitations.md";
}

}  // namespace taskleak::inline v0::detail

#endif
