// SPDX-License-Identifier: MIT
/// \file Makes the standard library look like that of a compiler which cannot tell where a call stands: clang 15 with libstdc++.
#include <version>
#undef __cpp_lib_source_location
