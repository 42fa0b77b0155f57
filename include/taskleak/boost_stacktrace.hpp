// SPDX-License-Identifier: MIT
/// \file Converts the stacks of a report to those of Boost.Stacktrace and back, so that a program can print, store and compare
/// them as its own stacks.
///
/// No other header of taskleak includes this one. The conversions work with each backend of Boost.Stacktrace, and choose none.
#ifndef TASKLEAK_BOOST_STACKTRACE_HPP
#define TASKLEAK_BOOST_STACKTRACE_HPP

#include <taskleak/report.hpp>

#include <boost/stacktrace.hpp>

#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

namespace taskleak::inline v0 {

/// Returns Boost's frame for a function of a report. The frame holds the address; Boost's backend looks up name and line when
/// asked.
inline boost::stacktrace::frame to_boost(const frame& function) noexcept {
  return boost::stacktrace::frame(reinterpret_cast<boost::stacktrace::frame::native_frame_ptr_t>(function.address));
}

/// Writes a stack as boost::stacktrace::safe_dump_to() writes its own, for a file that boost::stacktrace::stacktrace::from_dump()
/// will read: the addresses, then a zero.
///
/// An inlined function has the address of the function around it, which is written once. A function without an address is left
/// out.
inline std::string to_dump(const std::vector<frame>& stack) {
  std::string dump;
  const auto append = [&dump](std::uintptr_t address) { dump.append(reinterpret_cast<const char*>(&address), sizeof address); };
  for (std::size_t i = 0; i < stack.size(); ++i) {
    const std::uintptr_t address = stack[i].address;
    const bool is_in_next = stack[i].inlined && i + 1 < stack.size() && stack[i + 1].address == address;
    if (address != 0 && !is_in_next) append(address);
  }
  append(0);
  return dump;
}

/// Returns a stack of a report, straggler::stack or straggler::creation_stack, as Boost's.
///
///     for (const taskleak::straggler& s : taskleak::find().stragglers) std::cout << taskleak::to_boost(s.stack);
inline boost::stacktrace::stacktrace to_boost(const std::vector<frame>& stack) {
  // from_dump() stops after 1024 frames if it reads memory, but not if it reads a stream
  std::istringstream dump(to_dump(stack));
  return boost::stacktrace::stacktrace::from_dump(dump);
}

/// Returns the functions at one of Boost's frames as a report has them, innermost first: several if some are inlined.
inline std::vector<frame> from_boost(const boost::stacktrace::frame& at) {
  return functions_at({reinterpret_cast<std::uintptr_t>(at.address())});
}

/// Returns one of Boost's stacks as a stack of a report: with readable names, inlined functions, lines, and plumbing marked.
///
/// All addresses count as return addresses, also the innermost one, as in a stack that Boost has captured.
inline std::vector<frame> from_boost(const boost::stacktrace::stacktrace& stack) {
  std::vector<std::uintptr_t> addresses;
  addresses.reserve(stack.size());
  for (const boost::stacktrace::frame& at : stack) addresses.push_back(reinterpret_cast<std::uintptr_t>(at.address()));
  return functions_at(addresses);
}

}  // namespace taskleak::inline v0

#endif
