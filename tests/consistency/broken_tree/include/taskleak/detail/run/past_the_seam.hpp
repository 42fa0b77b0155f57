// SPDX-License-Identifier: MIT
/// \file Includes a file of one back end by name.
#ifndef TASKLEAK_DETAIL_RUN_PAST_THE_SEAM_HPP
#define TASKLEAK_DETAIL_RUN_PAST_THE_SEAM_HPP

#include <taskleak/detail/platform/linux/system.hpp>

#endif
