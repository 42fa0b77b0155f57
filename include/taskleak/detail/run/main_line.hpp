// SPDX-License-Identifier: MIT
/// \file What the light headers need from the one heavy source file; its namespace is the linker's message when that file is
/// missing.
#ifndef TASKLEAK_DETAIL_RUN_MAIN_LINE_HPP
#define TASKLEAK_DETAIL_RUN_MAIN_LINE_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/fwd.hpp>

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0 {

/// Defined by taskleak/runtime.hpp, which the headers of the adapters and their mains include.
///
/// A linker that reports one of these as undefined says: include one of those headers in one source file of the program.
/// One that reports it as multiply defined says: include it in one source file only.
namespace TASKLEAK_SHARED the_main_line_is_missing {

void include_taskleak_gtest_main_hpp_or_catch2_main_hpp_in_one_source_file() noexcept;

std::uint64_t take_snapshot() noexcept;
std::size_t count_tasks() noexcept;
void* open_guard(const char* file, unsigned line) noexcept;
/// Ends the guard's scope and reports what it left; true when it left nothing.
bool close_guard(void* scope, const options& rules, const char* file, unsigned line);
/// Ends the guard's scope without a check.
void drop_guard(void* scope) noexcept;
bool verify_none_at(const options& rules, const char* file, unsigned line);
bool wait_until_parked_at(const options& rules, const char* file, unsigned line);

}  // namespace the_main_line_is_missing

namespace detail {
namespace main_line = the_main_line_is_missing;
}

}  // namespace taskleak::inline v0

#endif
