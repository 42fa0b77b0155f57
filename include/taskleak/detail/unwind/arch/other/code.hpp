// SPDX-License-Identifier: MIT
/// \file Stands for a CPU whose code we do not read: no call before a return address says what was called.
#ifndef TASKLEAK_DETAIL_UNWIND_ARCH_OTHER_CODE_HPP
#define TASKLEAK_DETAIL_UNWIND_ARCH_OTHER_CODE_HPP

#include <cstdint>

namespace taskleak::inline v0::detail {

struct call_site {
  bool is_call = false;
  std::uintptr_t target = 0;  ///< 0 when it is not known
};

inline call_site call_before(std::uintptr_t) noexcept { return {}; }

/// Is 0: it is not known.
inline std::uintptr_t stack_of_callers() noexcept { return 0; }

}  // namespace taskleak::inline v0::detail

#endif
