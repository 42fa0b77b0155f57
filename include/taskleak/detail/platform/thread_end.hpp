// SPDX-License-Identifier: MIT
/// \file Calls a function when a thread ends, where a thread_local object cannot do it: on Windows.
#ifndef TASKLEAK_DETAIL_PLATFORM_THREAD_END_HPP
#define TASKLEAK_DETAIL_PLATFORM_THREAD_END_HPP

#if defined(_WIN32)
// why not <windows.h>: its macros are all over the program that includes it
extern "C" {
__declspec(dllimport) unsigned long __stdcall FlsAlloc(void(__stdcall* at_end)(void*));
__declspec(dllimport) int __stdcall FlsSetValue(unsigned long slot, void* value);
}

namespace taskleak::inline v0::detail {

template <void (*end)(void*)>
void __stdcall call_at_thread_end(void* argument) {
  if (argument) end(argument);
}

/// Calls `end(argument)` when the calling thread ends; of several calls with the same function the last one counts.
///
/// By a slot of the system's: MinGW's thread_local objects lie in memory that is freed before their destructors run, of libgcc's
/// emulated thread-local storage.
template <void (*end)(void*)>
void at_end_of_this_thread(void* argument) noexcept {
  static const unsigned long slot = FlsAlloc(&call_at_thread_end<end>);
  FlsSetValue(slot, argument);
}

}  // namespace taskleak::inline v0::detail

#endif

#endif
