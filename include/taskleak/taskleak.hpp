// SPDX-License-Identifier: MIT
/// \file Every public header but those of the test main; where a guard is all you use, guard.hpp alone compiles faster.
#ifndef TASKLEAK_TASKLEAK_HPP
#define TASKLEAK_TASKLEAK_HPP

#include <taskleak/blocking_region.hpp>
#include <taskleak/coroutine.hpp>
#include <taskleak/default_rules.hpp>
#include <taskleak/fwd.hpp>
#include <taskleak/guard.hpp>
#include <taskleak/ignore.hpp>
#include <taskleak/options.hpp>
#include <taskleak/report.hpp>
#include <taskleak/snapshot.hpp>
#include <taskleak/task.hpp>
#include <taskleak/thread.hpp>
#include <taskleak/version.hpp>

#endif
