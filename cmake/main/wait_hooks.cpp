// SPDX-License-Identifier: MIT
/// \file Holds the functions in front of poll() and its kin, compiled apart from the heavy part: of an archive a linker takes a
/// file for the sake of any function in it, and a program that calls poll() must not get the heavy part by that.
#include <taskleak/detail/probe/thread/wait_hooks.hpp>
#include <taskleak/detail/probe/thread/wait_hooks_apart.hpp>

const char taskleak_wait_hooks = 0;
