// SPDX-License-Identifier: MIT
/// \file Calls a user's callable and turns an exception into text, since checks also run in destructors.
#ifndef TASKLEAK_DETAIL_BASE_GUARDED_CALL_HPP
#define TASKLEAK_DETAIL_BASE_GUARDED_CALL_HPP

#include <exception>
#include <string>

#if defined(__GLIBCXX__) && defined(__cpp_exceptions)
#include <cxxabi.h>
#endif

namespace taskleak::inline v0::detail {

/// Calls the callable; returns the exception that it threw, in words, or an empty text.
template <class F>
std::string what_it_throws(F&& call) {
#if defined(__cpp_exceptions)
  try {
    call();
#if defined(__GLIBCXX__)
  } catch (const abi::__forced_unwind&) {
    throw;  // pthread_cancel and pthread_exit: to swallow this exception would end the program
#endif
  } catch (const std::exception& thrown) {
    const char* what = thrown.what();
    return what && *what ? what : "an exception without a message";
  } catch (...) {
    return "something that is no std::exception";
  }
#else
  call();
#endif
  return {};
}

}  // namespace taskleak::inline v0::detail

#endif
