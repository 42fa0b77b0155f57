// SPDX-License-Identifier: MIT
/// \file An umbrella with a hole, out of order.
#ifndef TASKLEAK_TASKLEAK_HPP
#define TASKLEAK_TASKLEAK_HPP

#include <taskleak/wrong_guard.hpp>
#include <taskleak/no_licence.hpp>

#endif
