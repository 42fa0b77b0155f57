// SPDX-License-Identifier: MIT
/// \file Includes what comes after it.
#ifndef TASKLEAK_DETAIL_BASE_UPWARD_HPP
#define TASKLEAK_DETAIL_BASE_UPWARD_HPP

#include <taskleak/detail/run/check.hpp>
#include <taskleak/guard.hpp>

#endif
