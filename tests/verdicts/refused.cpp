// SPDX-License-Identifier: MIT
/// \file Threads of static objects where the process cannot be copied: a filter refuses clone(2) without CLONE_VM, seccomp(2).
#include "pool.hpp"
#include <gtest/gtest.h>

#include <cerrno>
#include <cstddef>
#include <memory>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

namespace {

std::unique_ptr<verdicts::pool> first;
std::unique_ptr<verdicts::pool> second;

/// Threads are made as before.
class Refused : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    constexpr auto number = static_cast<unsigned>(offsetof(seccomp_data, nr));
    constexpr auto flags = static_cast<unsigned>(offsetof(seccomp_data, args));
    sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, number),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, flags),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_VM, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog program{sizeof filter / sizeof *filter, filter};
    ASSERT_EQ(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    ASSERT_EQ(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
  }
};

TEST_F(Refused, First) { first = std::make_unique<verdicts::pool>(1); }
TEST_F(Refused, Second) { second = std::make_unique<verdicts::pool>(1); }

}  // namespace
