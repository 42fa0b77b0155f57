// SPDX-License-Identifier: MIT
/// \file Chooses what turns an address into function, file and line.
///
/// A backend is a class with
///   - `bool look_up(std::uintptr_t pc, std::vector<frame>& found)`: appends the functions at pc, innermost first, with function
///     (demangled, otherwise raw), file and line where known; returns whether it appended any. Called without a lock.
///   - `std::string note() const`: what the user can do to see lines, for the case that no frame had one.
#ifndef TASKLEAK_DETAIL_SYMBOLS_BACKEND_HPP
#define TASKLEAK_DETAIL_SYMBOLS_BACKEND_HPP

// A program built for Boost's header-only libbacktrace backend links libbacktrace, too. Used directly it gives inlined frames.
#if defined(TASKLEAK_USE_LIBBACKTRACE) || (defined(BOOST_STACKTRACE_USE_BACKTRACE) && !defined(BOOST_STACKTRACE_LINK))
#include <taskleak/detail/symbols/backend_libbacktrace.hpp>
#elif __has_include(<boost/stacktrace/frame.hpp>)
#include <taskleak/detail/symbols/backend_boost.hpp>
#else
#include <taskleak/detail/symbols/backend_dladdr.hpp>
#endif

namespace taskleak::inline v0::detail {

#if defined(TASKLEAK_USE_LIBBACKTRACE) || (defined(BOOST_STACKTRACE_USE_BACKTRACE) && !defined(BOOST_STACKTRACE_LINK))
using symbol_backend = backend_libbacktrace;
#elif __has_include(<boost/stacktrace/frame.hpp>)
using symbol_backend = backend_boost;
#else
using symbol_backend = backend_dladdr;
#endif

}  // namespace taskleak::inline v0::detail

#endif
