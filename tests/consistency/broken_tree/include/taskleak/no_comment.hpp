// SPDX-License-Identifier: MIT
#ifndef TASKLEAK_NO_COMMENT_HPP
#define TASKLEAK_NO_COMMENT_HPP

#endif
