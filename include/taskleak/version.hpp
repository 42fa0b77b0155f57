// SPDX-License-Identifier: MIT
/// \file Defines the version of taskleak; CMake reads it from this file.
#ifndef TASKLEAK_VERSION_HPP
#define TASKLEAK_VERSION_HPP

#define TASKLEAK_VERSION_MAJOR 0
#define TASKLEAK_VERSION_MINOR 1
#define TASKLEAK_VERSION_PATCH 0

#endif
