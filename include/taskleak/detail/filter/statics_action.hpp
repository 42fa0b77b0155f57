// SPDX-License-Identifier: MIT
/// \file Says what is done about a thread that a static object owns.
#ifndef TASKLEAK_DETAIL_FILTER_STATICS_ACTION_HPP
#define TASKLEAK_DETAIL_FILTER_STATICS_ACTION_HPP

namespace taskleak::inline v0::detail {

enum class statics_action : unsigned char {
  judge,   ///< it fails no test, and is looked at again after static destruction
  fail,    ///< it is a leak like another
  ignore,  ///< it is left out
};

}  // namespace taskleak::inline v0::detail

#endif
