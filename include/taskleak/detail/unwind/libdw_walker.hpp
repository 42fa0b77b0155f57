// SPDX-License-Identifier: MIT
/// \file Walks the stack of a parked thread by libdw of elfutils, which knows the frames of many CPUs.
///
/// It is told the stack pointer and the program counter, and reads memory through us, so it traces nothing and sends no signal.
/// What it finds is exact as long as inner functions have saved what outer ones find their frames from; it does not guess.
#ifndef TASKLEAK_DETAIL_UNWIND_LIBDW_WALKER_HPP
#define TASKLEAK_DETAIL_UNWIND_LIBDW_WALKER_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/platform/foreign_memory.hpp>
#include <taskleak/detail/platform/loaded_modules.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/unwind/raw_stack.hpp>

#include <elfutils/libdwfl.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace taskleak::inline v0::detail {

/// Knows the modules that were loaded when it was made. For one thread at a time.
class libdw_walker {
 public:
  libdw_walker() : loads_(count_of_loads()) {
    static constexpr Dwfl_Callbacks files{&no_file, &no_debug_file, nullptr, nullptr};
    dwfl_ = dwfl_begin(&files);
    if (!dwfl_) return;
    for (const module& m : loaded_modules()) {
      const char* const path = *m.name ? m.name : "/proc/self/exe";
      dwfl_report_elf(dwfl_, path, path, -1, m.bias, true);  // fails for the vdso, which has no file
    }
    if (dwfl_report_end(dwfl_, nullptr, nullptr) != 0) return;
    is_ready_ = dwfl_attach_state(dwfl_, nullptr, current_pid(), &threads, this);
  }
  libdw_walker(const libdw_walker&) = delete;
  libdw_walker& operator=(const libdw_walker&) = delete;
  ~libdw_walker() {
    if (dwfl_) dwfl_end(dwfl_);
  }

  /// Whether modules have been loaded or unloaded since.
  bool is_stale() const noexcept { return loads_ != count_of_loads(); }

  raw_stack walk(std::uintptr_t sp, std::uintptr_t pc) {
    raw_stack found;
    if (!is_ready_) return found;
    sp_ = sp;
    pc_ = pc;
    const bool came_to_an_end = dwfl_getthread_frames(dwfl_, current_pid(), &take_frame, &found) == 0;
    found.complete = came_to_an_end && !found.addresses.empty() && is_outermost(found.addresses.back());
    return found;
  }

 private:
  /// Is DWARF's number of the stack pointer, by each CPU's ABI.
#if defined(__x86_64__)
  static constexpr int stack_pointer_number = 7;
#elif defined(__aarch64__)
  static constexpr int stack_pointer_number = 31;
#elif defined(__powerpc64__)
  static constexpr int stack_pointer_number = 1;
#elif defined(__s390x__)
  static constexpr int stack_pointer_number = 15;
#elif defined(__riscv)
  static constexpr int stack_pointer_number = 2;
#else
#error "taskleak: the stack pointer's number for this CPU is missing here; build without libdw: TASKLEAK_LIBDW=OFF"
#endif

  struct module {
    const char* name;
    std::uintptr_t bias;
  };

  /// Asks the loader: dwfl_linux_proc_report() goes by /proc/self/maps, where a file that somebody has mapped to read it may
  /// stand next to where it is loaded and counts as a part of that.
  static light_vector<module> loaded_modules() {
    light_vector<module> found;
    const std::size_t room = count_of_loads() + 16;
    found.reserve(room);  // nothing is allocated while the loader holds its lock
    any_module([&](const dl_phdr_info& module) {
      if (found.size() == room) return true;
      found.push_back({module.dlpi_name ? module.dlpi_name : "", module.dlpi_addr});
      return false;
    });
    return found;
  }

  static int no_file(Dwfl_Module*, void**, const char*, Dwarf_Addr, char**, Elf**) { return -1; }

  /// Names no file with debug information: the files themselves have what is needed, and looking for others may go over the
  /// network (debuginfod).
  static int no_debug_file(Dwfl_Module*, void**, const char*, Dwarf_Addr, const char*, const char*, GElf_Word, char**) {
    return -1;
  }

  static unsigned long long count_of_loads() noexcept {
    const loader_counts counts = count_loads();
    return counts.loads + counts.unloads;
  }

  /// Whether the function at a return address says of itself that it has no caller. A walk also comes to an end, without an
  /// error, where it has lost the frame pointer.
  bool is_outermost(std::uintptr_t address) {
    Dwfl_Module* const in = dwfl_addrmodule(dwfl_, address - 1);
    Dwarf_Addr bias = 0;
    Dwarf_CFI* const rules = in ? dwfl_module_eh_cfi(in, &bias) : nullptr;
    Dwarf_Frame* row = nullptr;
    if (!rules || dwarf_cfi_addrframe(rules, address - 1 - bias, &row) != 0) return false;
    Dwarf_Op room[3];
    Dwarf_Op* rule = nullptr;
    std::size_t size = 0;
    const int caller = dwarf_frame_info(row, nullptr, nullptr, nullptr);
    const bool is_known = caller >= 0 && dwarf_frame_register(row, caller, room, &rule, &size) == 0;
    std::free(row);
    return is_known && size == 0 && rule == room;  // how libdw says "undefined"
  }

  static pid_t no_next_thread(Dwfl*, void*, void**) { return 0; }
  static bool get_thread(Dwfl*, pid_t, void* self, void** thread) {
    *thread = self;
    return true;
  }
  static bool read_memory(Dwfl*, Dwarf_Addr address, Dwarf_Word* result, void*) {
    std::uintptr_t word = 0;
    if (!copy_value(address, word)) return false;
    *result = word;
    return true;
  }
  static bool set_registers(Dwfl_Thread* thread, void* self) {
    const auto& walker = *static_cast<const libdw_walker*>(self);
    const Dwarf_Word sp = walker.sp_;
    dwfl_thread_state_register_pc(thread, walker.pc_);
    return dwfl_thread_state_registers(thread, stack_pointer_number, 1, &sp);
  }
  static int take_frame(Dwfl_Frame* frame, void* result) {
    auto& stack = *static_cast<raw_stack*>(result);
    Dwarf_Addr pc = 0;
    bool interrupted = false;
    if (!dwfl_frame_pc(frame, &pc, &interrupted)) return DWARF_CB_ABORT;
    if (pc == 0) return DWARF_CB_OK;
    stack.add(pc, interrupted);
    return stack.addresses.size() < deepest_stack ? DWARF_CB_OK : DWARF_CB_ABORT;
  }

  static constexpr Dwfl_Thread_Callbacks threads{&no_next_thread, &get_thread, &read_memory, &set_registers, nullptr, nullptr};

  unsigned long long loads_;
  Dwfl* dwfl_ = nullptr;
  bool is_ready_ = false;
  std::uintptr_t sp_ = 0, pc_ = 0;
};

/// Walks a stack with a walker that is kept between calls, since the first walk through a module takes milliseconds.
///
/// The walker is taken out while it is used, and no lock is held meanwhile: it allocates, and opens files.
inline raw_stack walk_by_libdw(std::uintptr_t sp, std::uintptr_t pc) {
  static constinit std::atomic<libdw_walker*> kept{nullptr};
  std::unique_ptr<libdw_walker> walker(kept.exchange(nullptr, std::memory_order_acquire));
  if (!walker || walker->is_stale()) walker = std::make_unique<libdw_walker>();
  raw_stack found = walker->walk(sp, pc);
  libdw_walker* none = nullptr;
  if (kept.compare_exchange_strong(none, walker.get(), std::memory_order_release)) static_cast<void>(walker.release());
  return found;
}

}  // namespace taskleak::inline v0::detail

#endif
