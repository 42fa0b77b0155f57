// SPDX-License-Identifier: MIT
/// \file Declares taskleak's public types, for headers that only mention them.
#ifndef TASKLEAK_FWD_HPP
#define TASKLEAK_FWD_HPP

#include <taskleak/detail/base/requirements.hpp>

namespace taskleak::inline v0 {

enum class task_kind : unsigned char;
enum class state : unsigned char;
enum class format : unsigned char;
enum class leak_action : unsigned char;

class blocking_region;
class guard;
class options;
class snapshot;
struct frame;
struct report;
struct straggler;
struct task;

}  // namespace taskleak::inline v0

#endif
