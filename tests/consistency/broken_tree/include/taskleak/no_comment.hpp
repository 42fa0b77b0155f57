// SPDX-License-Identifier: MIT
#ifndef TASKLEAK_NO_COMMENT_HPP
#define TASKLEAK_NO_COMMENT_HPP

TASKLEAK_SHARED inline double the_mean = 0;
TASKLEAK_SHARED inline int the_total = 0;

#endif
