// SPDX-License-Identifier: MIT
/// \file Finds the functions that the hooks stand in front of.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_REAL_FUNCTIONS_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_REAL_FUNCTIONS_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/light_atomic.hpp>

#include <cstdlib>

#include <dlfcn.h>
#include <pthread.h>
#include <threads.h>
#include <time.h>

// A sanitizer's interceptors, which a hook must call in libc's place: clang links them into the executable as weak symbols that
// the hook's own definition displaces, and TSan crashes on a thread it has not seen created.
// libc's second names: in a static link there is no next definition for dlsym() to find.
extern "C" {
[[gnu::weak]] int __interceptor_pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
[[gnu::weak]] int __interceptor_pthread_join(pthread_t, void**);
[[gnu::weak]] int __interceptor_pthread_detach(pthread_t);
[[gnu::weak]] int __interceptor_pthread_tryjoin_np(pthread_t, void**);
[[gnu::weak]] int __interceptor_pthread_timedjoin_np(pthread_t, void**, const timespec*);
[[gnu::weak]] int __interceptor_pthread_clockjoin_np(pthread_t, void**, clockid_t, const timespec*);
[[gnu::weak]] int __interceptor_pthread_setname_np(pthread_t, const char*);
[[gnu::weak]] int __pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
[[gnu::weak]] int __pthread_join(pthread_t, void**);
[[gnu::weak]] int __pthread_detach(pthread_t);
[[gnu::weak]] int __pthread_clockjoin_ex(pthread_t, void**, clockid_t, const timespec*, bool);
}

namespace taskleak::inline v0::detail {
namespace {

// Everything here is private to the executable or library that compiles it: each must find what comes after itself.

/// Returns libc's function by its own name, where a hook is called below another module's hook: going through a sanitizer again
/// would loop.
template <class F>
F* next_definition(const char* name) noexcept {
  return reinterpret_cast<F*>(dlsym(RTLD_NEXT, name));
}

/// Is the place from which dlsym() searches in the order of the program; RTLD_DEFAULT where there is nothing but one static
/// program.
inline void* program_handle() noexcept {
  static void* const handle = [] {
    // why: a call of dlopen by name makes the linker warn in a static link
    auto* const open = reinterpret_cast<void* (*)(const char*, int)>(dlsym(RTLD_DEFAULT, "dlopen"));
    return open ? open(nullptr, RTLD_LAZY) : RTLD_DEFAULT;
  }();
  return handle;
}

/// Returns the function behind the hook, looked up once: the sanitizer's interceptor, libc's second name, or the next definition.
/// May be null in a static link.
template <class F>
F* find_real(light_atomic<F*>& cache, const char* name, F* interceptor, F* second_name) noexcept {
  F* real = cache.load_acquire();
  if (!real) {
    real = interceptor ? interceptor : second_name ? second_name : next_definition<F>(name);
    cache.store_release(real);
  }
  return real;
}

using create_function = int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
using join_function = int(pthread_t, void**);
using detach_function = int(pthread_t);
using timedjoin_function = int(pthread_t, void**, const timespec*);
using clockjoin_function = int(pthread_t, void**, clockid_t, const timespec*);
using thrd_create_function = int(thrd_t*, thrd_start_t, void*);
using setname_function = int(pthread_t, const char*);

inline create_function* real_create() noexcept {
  static constinit light_atomic<create_function*> cache;
  return find_real(cache, "pthread_create", &__interceptor_pthread_create, &__pthread_create);
}
inline join_function* real_join() noexcept {
  static constinit light_atomic<join_function*> cache;
  return find_real(cache, "pthread_join", &__interceptor_pthread_join, &__pthread_join);
}
inline detach_function* real_detach() noexcept {
  static constinit light_atomic<detach_function*> cache;
  return find_real(cache, "pthread_detach", &__interceptor_pthread_detach, &__pthread_detach);
}
inline join_function* real_tryjoin() noexcept {
  static constinit light_atomic<join_function*> cache;
  return find_real<join_function>(cache, "pthread_tryjoin_np", &__interceptor_pthread_tryjoin_np, nullptr);
}
inline timedjoin_function* real_timedjoin() noexcept {
  static constinit light_atomic<timedjoin_function*> cache;
  return find_real<timedjoin_function>(cache, "pthread_timedjoin_np", &__interceptor_pthread_timedjoin_np, nullptr);
}
inline clockjoin_function* real_clockjoin() noexcept {
  static constinit light_atomic<clockjoin_function*> cache;
  return find_real<clockjoin_function>(cache, "pthread_clockjoin_np", &__interceptor_pthread_clockjoin_np, nullptr);
}
inline setname_function* real_setname() noexcept {
  static constinit light_atomic<setname_function*> cache;
  return find_real<setname_function>(cache, "pthread_setname_np", &__interceptor_pthread_setname_np, nullptr);
}
/// Returns libc's own function, and not a sanitizer's: those of GCC 12 and Clang 19 know no thrd_join, and would report every C11
/// thread as leaked.
inline thrd_create_function* real_thrd_create() noexcept {
  static constinit light_atomic<thrd_create_function*> cache;
  return find_real<thrd_create_function>(cache, "thrd_create", nullptr, nullptr);
}

/// Bring libc's second names into a static link: the archive members that these variables refer to are linked for their sake.
/// (timer_create refers to __pthread_create, thrd_join to __pthread_join, thrd_detach to __pthread_detach; glibc 2.36.)
[[gnu::used]] inline const void* const static_link_needs[] = {
    reinterpret_cast<const void*>(&thrd_join),
    reinterpret_cast<const void*>(&thrd_detach),
    reinterpret_cast<const void*>(&timer_create),
};

}  // namespace
}  // namespace taskleak::inline v0::detail

#endif
