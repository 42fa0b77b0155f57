// SPDX-License-Identifier: MIT
/// \file Chooses the two layers that names and lines come from: the one place that asks what the program is built with.
///
/// The base is what the system itself tells; on Linux the symbols of the ELF files, and their line tables. What stands above it
/// knows more, and may fail. Such a layer is a class with
///   - `bool look_up(std::uintptr_t pc, std::vector<frame>& found)`: appends the functions at pc, innermost first, with function
///     (demangled, otherwise raw), file and line where known; returns whether it appended any. Called without a lock.
///   - `knows_inlined_functions`: whether its answer may have more than one function.
///   - `std::string note() const`: what the user can do to see lines, for the case that no frame had one.
#ifndef TASKLEAK_DETAIL_SYMBOLS_LAYERS_HPP
#define TASKLEAK_DETAIL_SYMBOLS_LAYERS_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/symbols/layer_files.hpp>
namespace taskleak::inline v0::detail {
using base_layer = layer_files;
}
#else
#include <taskleak/detail/symbols/layer_of_none.hpp>
namespace taskleak::inline v0::detail {
using base_layer = layer_of_none;
}
#endif

// A program built for Boost's header-only libbacktrace backend links libbacktrace, too. Used directly it gives inlined frames.
#if defined(TASKLEAK_USE_LIBBACKTRACE) || (defined(BOOST_STACKTRACE_USE_BACKTRACE) && !defined(BOOST_STACKTRACE_LINK))
#include <taskleak/detail/symbols/layer_libbacktrace.hpp>
namespace taskleak::inline v0::detail {
using upper_layer = layer_libbacktrace;
}
// Elsewhere Boost's basic backend answers with the nearest exported symbol, and nothing tells how far away that is.
#elif !defined(TASKLEAK_WITHOUT_BOOST) && !defined(BOOST_STACKTRACE_USE_NOOP) && __has_include(<boost/stacktrace/frame.hpp>) && \
    (defined(TASKLEAK_ON_LINUX) || defined(BOOST_STACKTRACE_LINK) || defined(BOOST_STACKTRACE_USE_ADDR2LINE))
#include <taskleak/detail/symbols/layer_boost.hpp>
namespace taskleak::inline v0::detail {
using upper_layer = layer_boost;
}
#elif defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/symbols/layer_dladdr.hpp>
namespace taskleak::inline v0::detail {
using upper_layer = layer_dladdr;
}
#else
namespace taskleak::inline v0::detail {
using upper_layer = layer_of_none;
}
#endif

#endif
