// SPDX-License-Identifier: MIT
/// \file Lets a report say where the object that a task waits for was allocated; to be included in one source file of a test
/// program, beside its main line or anywhere else.
///
/// With `TASKLEAK_OPTIONS=verdicts=full` a report says
///
///     waits on std::condition_variable 0x5576a0b3f038, in a 120-byte block, allocated at src/feed.cpp:22
///
/// The header defines malloc(), free() and their kin for the whole program, in front of glibc's. Without the option they cost a
/// look at one word; with it each allocation walks its stack, so that malloc() and free() take several times as long, and 16 to
/// 64 bytes more. Of x86-64 and AArch64 Linux with glibc only; not with a sanitizer or another allocator, which define these
/// functions, too. Blocks that were allocated before main() are not known.
#ifndef TASKLEAK_ALLOCATION_SITES_HPP
#define TASKLEAK_ALLOCATION_SITES_HPP

#include <taskleak/detail/base/requirements.hpp>
#include <taskleak/detail/base/sanitizers.hpp>

#include <cstdlib>

#if defined(TASKLEAK_IS_SANITIZED)
#error "taskleak/allocation_sites.hpp: a sanitizer defines malloc() itself; leave this header out of such builds"
#elif !defined(__linux__) || !(defined(__x86_64__) || defined(__aarch64__)) || !defined(__GLIBC__)
#error "taskleak/allocation_sites.hpp: only of x86-64 and AArch64 Linux with glibc; leave this header out elsewhere"
#endif

#include <taskleak/detail/probe/heap/malloc_hooks.hpp>

#endif
