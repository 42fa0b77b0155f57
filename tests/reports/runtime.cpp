// SPDX-License-Identifier: MIT
#include <taskleak/runtime.hpp>
