// SPDX-License-Identifier: MIT
/// \file Finds where the stacks and descriptors of threads are, by what glibc tells debuggers.
///
/// A thread's handle is the address of its descriptor, which lies at the upper end of the memory of its stack, and so do the
/// thread's static thread-local objects: below the descriptor on x86-64, above it on AArch64. glibc exports the layout of
/// descriptors for libthread_db: nptl_db/structs.def.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_THREAD_DESCRIPTORS_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_THREAD_DESCRIPTORS_HPP

#include <taskleak/detail/platform/linux/exported_function.hpp>
#include <taskleak/detail/platform/linux/memory_map.hpp>
#include <taskleak/detail/platform/linux/own_pages.hpp>
#include <taskleak/detail/platform/linux/page_array.hpp>
#include <taskleak/detail/platform/linux/raw_memory.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <pthread.h>

namespace taskleak::inline v0::detail {

/// Says what glibc tells of its descriptors; where it tells nothing (a static program, for one) there are the values of
/// glibc 2.36.
struct descriptor_layout {
  std::size_t size = 2304;
  std::size_t list_node = 704;             ///< of the list that the descriptor is in
  std::size_t tid = 720;                   ///< the kernel's id of the thread, 0 once it has ended
  std::size_t specific = 1296;             ///< the pointers to the blocks of pthread_setspecific(3)
  std::size_t static_storage = 0;          ///< bytes of static thread-local objects, at most; 0: not known
  std::uintptr_t lists_of_stacks = 0;      ///< of the stacks in use, of those of the program's own, and of those kept for reuse
  static constexpr std::size_t lists = 3;  ///< in this order and without a gap: glibc 2.34 to 2.41, ldsodefs.h

#if defined(__aarch64__)
  /// Is what the thread pointer points to, behind the descriptor: TLS_DTV_AT_TP of sysdeps/aarch64/nptl/tls.h. First in it is the
  /// pointer to the blocks of thread-local objects of libraries, and behind it are the static ones.
  static constexpr std::size_t size_of_head = 16;
  std::uintptr_t thread_pointer_of(std::uintptr_t descriptor) const noexcept { return descriptor + size; }
  std::uintptr_t place_of_blocks(std::uintptr_t descriptor) const noexcept { return thread_pointer_of(descriptor); }
  address_range storage_of(std::uintptr_t descriptor, address_range mapping) const noexcept {
    const std::uintptr_t from = thread_pointer_of(descriptor) + size_of_head;
    return {from, static_storage != 0 ? std::min(mapping.to, from + static_storage) : mapping.to};
  }
#else
  std::uintptr_t thread_pointer_of(std::uintptr_t descriptor) const noexcept { return descriptor; }
  /// Returns where the descriptor has the pointer to the blocks of thread-local objects of libraries: tcbhead_t::dtv.
  std::uintptr_t place_of_blocks(std::uintptr_t descriptor) const noexcept { return descriptor + sizeof(std::uintptr_t); }
  /// Returns the static thread-local objects of a thread, or all that may be among them in the mapping of its descriptor.
  address_range storage_of(std::uintptr_t descriptor, address_range mapping) const noexcept {
    const std::size_t below = descriptor - mapping.from;
    return {descriptor - (static_storage != 0 ? std::min(below, static_storage) : below), descriptor};
  }
#endif

  /// Asks the modules, under the loader's lock: to be called before the process is copied.
  static const descriptor_layout& known() {
    static const descriptor_layout layout = look_up();
    return layout;
  }

 private:
  static descriptor_layout look_up() {
    descriptor_layout layout;
#if defined(__aarch64__)
    layout.size = reinterpret_cast<std::uintptr_t>(__builtin_thread_pointer()) - static_cast<std::uintptr_t>(pthread_self());
#endif
    if (const std::uintptr_t at = exported_object("_thread_db_sizeof_pthread")) layout.size = raw_word<std::uint32_t>(at);
    set_offset("_thread_db_pthread_list", layout.list_node);
    set_offset("_thread_db_pthread_tid", layout.tid);
    set_offset("_thread_db_pthread_specific", layout.specific);
    std::size_t in_loader = 0;
    set_offset("_thread_db_rtld_global__dl_stack_used", in_loader);
    if (const std::uintptr_t loader = exported_object("_rtld_global"); loader && in_loader)
      layout.lists_of_stacks = loader + in_loader;
    for_each_exported_function("_dl_get_tls_static_info", [&](std::uintptr_t function) {
      std::size_t alignment = 0;
      reinterpret_cast<void (*)(std::size_t*, std::size_t*)>(function)(&layout.static_storage, &alignment);
    });
    return layout;
  }

  /// A field is told by its size in bits, the number of its elements and its offset.
  static void set_offset(const char* field, std::size_t& offset) {
    if (const std::uintptr_t at = exported_object(field)) offset = raw_word<std::uint32_t>(at + 8);
  }
};

/// Names memory that belongs to one thread, or to a thread that has ended and whose stack is kept for another one.
struct thread_area {
  std::uintptr_t descriptor = 0;
  address_range memory;
};

/// Finds the areas in a frozen copy, and keeps them in order: no two share memory.
class thread_areas {
 public:
  bool reserve(std::size_t most) noexcept { return areas_.reserve(most); }

  /// Finds those of all threads that glibc has on its lists; `maps` are the mappings of the process.
  void collect(const descriptor_layout& layout, const page_array<memory_mapping>& maps) noexcept {
    for (std::size_t i = 0; layout.lists_of_stacks != 0 && i < descriptor_layout::lists; ++i) {
      const std::size_t before = areas_.size();
      if (!collect_list(layout, maps, layout.lists_of_stacks + i * 2 * sizeof(std::uintptr_t))) areas_.shrink_to(before);
    }
    std::sort(areas_.begin(), areas_.end(), &is_before);
  }

  /// Adds that of one thread, unless it is there already.
  void add(const descriptor_layout& layout, const page_array<memory_mapping>& maps, std::uintptr_t descriptor) noexcept {
    if (find(descriptor) || areas_.is_full() || !is_descriptor(layout, maps, descriptor)) return;
    areas_.push({descriptor, memory_of(layout, descriptor)});
    for (thread_area* a = areas_.end() - 1; a != areas_.begin() && is_before(*a, a[-1]); --a) std::swap(*a, a[-1]);
  }

  const thread_area* find(std::uintptr_t descriptor) const noexcept {
    const thread_area* const a = first_from(descriptor);
    return a != end() && a->descriptor == descriptor ? a : nullptr;
  }

  /// Returns the area that the address lies in.
  const thread_area* around(std::uintptr_t address) const noexcept {
    const thread_area* const behind = first_from(address);  // a descriptor is at the upper end of its area
    if (behind != end() && behind->memory.has(address)) return behind;
    return behind != begin() && behind[-1].memory.has(address) ? behind - 1 : nullptr;
  }

  const thread_area* begin() const noexcept { return areas_.begin(); }
  const thread_area* end() const noexcept { return areas_.end(); }

 private:
  static bool is_before(const thread_area& a, const thread_area& b) noexcept { return a.descriptor < b.descriptor; }

  const thread_area* first_from(std::uintptr_t descriptor) const noexcept {
    return std::lower_bound(begin(), end(), descriptor,
                            [](const thread_area& a, std::uintptr_t at) { return a.descriptor < at; });
  }

  /// Returns false where there is no such list.
  bool collect_list(const descriptor_layout& layout, const page_array<memory_mapping>& maps, std::uintptr_t head) noexcept {
    std::uintptr_t before = head;
    for (std::uintptr_t node = raw_word(head); node != head; node = raw_word(node)) {
      const std::uintptr_t descriptor = node - layout.list_node;
      if (areas_.is_full() || !is_descriptor(layout, maps, descriptor) || raw_word(node + sizeof before) != before) return false;
      // the main thread's has no memory of its own around it
      if (const address_range memory = memory_of(layout, descriptor); memory.to != 0) areas_.push({descriptor, memory});
      before = node;
    }
    return true;
  }

#if defined(__aarch64__)
  /// A descriptor has nothing of its own to be known by: it is on a list, and its neighbours there point to it.
  static bool is_descriptor(const descriptor_layout& layout, const page_array<memory_mapping>& maps, std::uintptr_t at) noexcept {
    if (at % 16 != 0 || !is_mapped(maps, at, layout.size)) return false;
    const std::uintptr_t node = at + layout.list_node, next = raw_word(node), before = raw_word(node + sizeof node);
    constexpr std::size_t link = 2 * sizeof node;
    return is_mapped(maps, next, link) && is_mapped(maps, before, link) && raw_word(next + sizeof node) == node &&
           raw_word(before) == node;
  }
#else
  /// A descriptor points to itself twice: tcbhead_t in sysdeps/x86_64/nptl/tls.h.
  static bool is_descriptor(const descriptor_layout& layout, const page_array<memory_mapping>& maps, std::uintptr_t at) noexcept {
    if (at % 16 != 0 || !is_mapped(maps, at, layout.size)) return false;
    return raw_word(at) == at && raw_word(at + 16) == at;
  }
#endif

  static bool is_mapped(const page_array<memory_mapping>& maps, std::uintptr_t from, std::size_t bytes) noexcept {
    std::size_t low = 0, high = maps.size();
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      maps[middle].range.to <= from ? low = middle + 1 : high = middle;
    }
    return low < maps.size() && maps[low].range.from <= from && maps[low].range.to - from >= bytes;
  }

  /// Looks in the descriptor for where the stack's memory begins and how large it is, `stackblock` and `stackblock_size` of
  /// struct pthread: the descriptor lies at its end.
  static address_range memory_of(const descriptor_layout& layout, std::uintptr_t descriptor) noexcept {
#if defined(__aarch64__)
    const std::size_t most_behind =
        std::size_t{65536} + (layout.static_storage != 0 ? layout.static_storage : std::size_t{1} << 20);
#else
    constexpr std::size_t most_behind = 16384;  // of padding, for its alignment
#endif
    constexpr std::size_t largest = std::size_t{1} << 36;
    const std::uintptr_t end = descriptor + layout.size;
    for (std::uintptr_t at = descriptor; at + 16 <= end; at += 8) {
      const std::uintptr_t from = raw_word(at), size = raw_word(at + 8), to = from + size;
      if (from < descriptor && from % 16 == 0 && size < largest && to >= end && to - end <= most_behind) return {from, to};
    }
    return {};
  }

  page_array<thread_area> areas_;
};

}  // namespace taskleak::inline v0::detail

#endif
