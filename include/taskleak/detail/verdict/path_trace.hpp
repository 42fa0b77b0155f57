// SPDX-License-Identifier: MIT
/// \file Follows the way by which the marker has found an object, back to a root.
#ifndef TASKLEAK_DETAIL_VERDICT_PATH_TRACE_HPP
#define TASKLEAK_DETAIL_VERDICT_PATH_TRACE_HPP

#include <taskleak/detail/verdict/object_table.hpp>
#include <taskleak/detail/verdict/owner_facts.hpp>

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// Adds the steps from the word to a root. A word that lies in no object is on a thread's stack, or among the main thread's
/// thread_local objects, of which `is_of_main(word)` tells.
template <class Marker, class IsOfMain>
void trace(std::uintptr_t word, object_path& path, object_table& objects, const Marker& marker, IsOfMain&& is_of_main) noexcept {
  constexpr std::size_t most_objects = 100'000;
  for (std::size_t n = 0; n < most_objects && word != 0; ++n) {
    owner_step step;
    step.word = word;
    const bool is_storage = is_of_main(word);
    const std::uint32_t object = is_storage ? object_table::none : objects.find(word);
    if (is_storage) {
      step.in = owner_step::kind::storage_of_main;
    } else if (object == object_table::none) {
      step.in = owner_step::kind::thread;
    } else {
      const memory_object& o = objects[object];
      step.in = o.kind() == object_kind::statics ? owner_step::kind::statics
                : o.kind() == object_kind::block ? owner_step::kind::block
                                                 : owner_step::kind::mapping;
      step.object = o.at();
      step.size = o.size();
    }
    path.add(step);
    if (object == object_table::none || step.in == owner_step::kind::statics) return;
    word = marker.found_at(object);
  }
}

}  // namespace taskleak::inline v0::detail

#endif
