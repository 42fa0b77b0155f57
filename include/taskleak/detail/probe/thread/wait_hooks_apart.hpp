// SPDX-License-Identifier: MIT
/// \file Has the linker take the file of an archive that wait_hooks.hpp is compiled into.
#ifndef TASKLEAK_DETAIL_PROBE_THREAD_WAIT_HOOKS_APART_HPP
#define TASKLEAK_DETAIL_PROBE_THREAD_WAIT_HOOKS_APART_HPP

/// Is defined in that file.
extern "C" const char taskleak_wait_hooks;

namespace taskleak::inline v0::detail {

[[gnu::used]] inline const char* const needs_wait_hooks = &taskleak_wait_hooks;

}  // namespace taskleak::inline v0::detail

#endif
