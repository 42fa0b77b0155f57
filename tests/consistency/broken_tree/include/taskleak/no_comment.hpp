// SPDX-License-Identifier: MIT
#ifndef TASKLEAK_NO_COMMENT_HPP
#define TASKLEAK_NO_COMMENT_HPP

#include <taskleak/detail/platform/portable/pages.hpp>

TASKLEAK_SHARED inline double the_mean = 0;
TASKLEAK_SHARED inline int the_total = 0;

#endif
