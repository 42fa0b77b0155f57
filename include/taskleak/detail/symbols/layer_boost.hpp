// SPDX-License-Identifier: MIT
/// \file Functions and lines by the Boost.Stacktrace backend that the program is built for.
#ifndef TASKLEAK_DETAIL_SYMBOLS_LAYER_BOOST_HPP
#define TASKLEAK_DETAIL_SYMBOLS_LAYER_BOOST_HPP

#include <taskleak/detail/platform/choice.hpp>
#include <taskleak/report.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/symbols/layer_dladdr.hpp>
#else
#include <taskleak/detail/symbols/layer_of_none.hpp>
#endif

#include <boost/stacktrace/frame.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace taskleak::inline v0::detail {

class layer_boost {
 public:
  static constexpr bool knows_inlined_functions = false;

  bool look_up(std::uintptr_t pc, std::vector<frame>& found) {
#if defined(TASKLEAK_ON_LINUX) && !defined(BOOST_STACKTRACE_LINK) && !defined(BOOST_STACKTRACE_USE_ADDR2LINE)
    // The basic backend answers with the nearest exported symbol, however far away.
    if (!covering_symbol(pc)) return false;
#endif
    const boost::stacktrace::frame at(reinterpret_cast<boost::stacktrace::frame::native_frame_ptr_t>(pc));
    frame made;
    made.function = at.name();
    made.file = at.source_file();
    made.line = static_cast<unsigned>(at.source_line());
    // what Boost gives for a function without a name: the address
    if (made.function.starts_with("0x") || made.function.starts_with("??")) made.function.clear();
    if (made.function.empty() && made.line == 0) return false;
    if (made.line == 0) made.file.clear();
    found.push_back(static_cast<frame&&>(made));
    return true;
  }

  std::string note() const {
#if defined(TASKLEAK_ON_LINUX)
    return layer_dladdr().note();
#else
    return layer_of_none().note();
#endif
  }
};

}  // namespace taskleak::inline v0::detail

#endif
