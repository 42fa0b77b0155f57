// SPDX-License-Identifier: MIT
/// \file The guard is that of another file.
#ifndef TASKLEAK_OTHER_HPP
#define TASKLEAK_OTHER_HPP

#endif
