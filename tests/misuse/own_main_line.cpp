// SPDX-License-Identifier: MIT
/// \file As own_main.cpp: the main line comes with the main().
#include <taskleak/detail/run/main_is_linked.hpp>
#include <taskleak/guard.hpp>
#ifdef MISTAKE
#include <taskleak/runtime.hpp>
#endif
