// SPDX-License-Identifier: MIT
/// \file An option that is made and dropped does nothing. RULE is one of those below.
#include <taskleak/guard.hpp>

struct one_second {
  struct period {
    static constexpr long num = 1;
    static constexpr long den = 1;
  };
  long count() const { return 1; }
};

[[maybe_unused]] static bool is_ours(const taskleak::task&) { return true; }
[[maybe_unused]] static void stop() {}

void test();
void test() {
#ifdef MISTAKE
  taskleak::RULE;
#else
  taskleak::guard guard(taskleak::RULE);
#endif
}
