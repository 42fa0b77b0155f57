// SPDX-License-Identifier: MIT
/// \file Includes every public header but those of the test main. For a guard alone, guard.hpp compiles faster.
#ifndef TASKLEAK_TASKLEAK_HPP
#define TASKLEAK_TASKLEAK_HPP

#include <taskleak/blocking_region.hpp>
#include <taskleak/coroutine.hpp>
#include <taskleak/default_rules.hpp>
#include <taskleak/format.hpp>
#include <taskleak/fwd.hpp>
#include <taskleak/guard.hpp>
#include <taskleak/ignore.hpp>
#include <taskleak/keep_alive.hpp>
#include <taskleak/options.hpp>
#include <taskleak/report.hpp>
#include <taskleak/snapshot.hpp>
#include <taskleak/task.hpp>
#include <taskleak/thread.hpp>
#include <taskleak/version.hpp>
#include <taskleak/wait_until_parked.hpp>

#endif
