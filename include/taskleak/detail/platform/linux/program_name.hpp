// SPDX-License-Identifier: MIT
/// \file Returns the name of the program, as the C library has it.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_PROGRAM_NAME_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_PROGRAM_NAME_HPP

#include <cerrno>
#include <string>

namespace taskleak::inline v0::detail {

/// Returns the file name of the running executable.
inline std::string program_name() { return program_invocation_short_name; }

}  // namespace taskleak::inline v0::detail

#endif
