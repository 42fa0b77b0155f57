// SPDX-License-Identifier: MIT
/// \file The one line, where Catch2 is a header of the project's own.
#include <taskleak/catch2_main.hpp>
