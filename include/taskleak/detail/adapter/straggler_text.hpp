// SPDX-License-Identifier: MIT
/// \file What every adapter does at the end of a scope.
#ifndef TASKLEAK_DETAIL_ADAPTER_STRAGGLER_TEXT_HPP
#define TASKLEAK_DETAIL_ADAPTER_STRAGGLER_TEXT_HPP

#include <taskleak/detail/runtime/run.hpp>
#include <taskleak/report.hpp>

#include <string>

namespace taskleak::inline v0::detail {

/// Ends the scope and returns the text of its failure; empty when it left nothing behind or checks are off.
inline std::string straggler_text(scope*& ended) {
  scope* const closing = ended;
  ended = nullptr;
  return failure_text(close_scope(closing));
}

}  // namespace taskleak::inline v0::detail

#endif
