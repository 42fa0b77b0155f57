// SPDX-License-Identifier: MIT
/// \file Handles the end of a process by exit(), the only end that the standard knows.
#ifndef TASKLEAK_DETAIL_RUN_PORTABLE_ENDS_OF_PROCESS_HPP
#define TASKLEAK_DETAIL_RUN_PORTABLE_ENDS_OF_PROCESS_HPP

namespace taskleak::inline v0::detail {

/// Does nothing: a process that ends by std::terminate or a signal gets no report.
inline void tell_of_threads_on_death() noexcept {}
inline void take_abort_signal() noexcept {}

/// Does nothing: a crash of a task that was left behind decides the program's exit code.
inline void keep_exit_code_through_crashes(int) noexcept {}

}  // namespace taskleak::inline v0::detail

#endif
