// SPDX-License-Identifier: MIT
/// \file Declares what the light headers need from the one heavy source file. The name of the namespace is the linker's message
/// when that file is missing.
#ifndef TASKLEAK_DETAIL_RUN_MAIN_LINE_HPP
#define TASKLEAK_DETAIL_RUN_MAIN_LINE_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/fwd.hpp>

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0 {

/// Is defined by taskleak/runtime.hpp, which the headers of the adapters and their mains include.
///
/// If a linker reports one of the functions as undefined, include one of these headers in one source file of the program. If it
/// reports one as multiply defined, include the header in one source file only.
namespace TASKLEAK_SHARED the_main_line_is_missing {

void include_taskleak_gtest_main_hpp_or_catch2_main_hpp_or_doctest_main_hpp_in_one_source_file() noexcept;

std::uint64_t take_snapshot() noexcept;
std::size_t count_tasks() noexcept;
void* open_guard(const options& rules, const char* file, unsigned line) noexcept;
/// Ends the guard's scope and reports what was left in it; returns true when that made no failure.
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
