// SPDX-License-Identifier: MIT
/// \file The version of taskleak; CMake reads it from here.
#ifndef TASKLEAK_VERSION_HPP
#define TASKLEAK_VERSION_HPP

#define TASKLEAK_VERSION_MAJOR 0
#define TASKLEAK_VERSION_MINOR 1
#define TASKLEAK_VERSION_PATCH 0

#endif
