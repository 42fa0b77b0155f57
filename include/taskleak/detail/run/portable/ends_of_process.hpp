// SPDX-License-Identifier: MIT
/// \file The end of a process by exit(), which is all that the standard knows of.
#ifndef TASKLEAK_DETAIL_RUN_PORTABLE_ENDS_OF_PROCESS_HPP
#define TASKLEAK_DETAIL_RUN_PORTABLE_ENDS_OF_PROCESS_HPP

namespace taskleak::inline v0::detail {

/// What ends by std::terminate or a signal ends without a word of ours.
inline void tell_of_threads_on_death() noexcept {}
inline void take_abort_signal() noexcept {}

/// A crash of what was left behind is the program's exit code.
inline void keep_exit_code_through_crashes(int) noexcept {}

}  // namespace taskleak::inline v0::detail

#endif
