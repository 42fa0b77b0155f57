// SPDX-License-Identifier: MIT
/// \file Includes what one CPU decides.
#ifndef TASKLEAK_DETAIL_INSPECT_PAST_THE_SEAM_HPP
#define TASKLEAK_DETAIL_INSPECT_PAST_THE_SEAM_HPP

#include <taskleak/detail/unwind/arch/x86_64/code.hpp>

#endif
