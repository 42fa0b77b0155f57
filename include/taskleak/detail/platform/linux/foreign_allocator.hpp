// SPDX-License-Identifier: MIT
/// \file Asks an allocator that is not glibc's which block an address is in: jemalloc, tcmalloc, mimalloc, or the one of g++'s
/// -fsanitize=leak, whose heaps are no chain of chunks.
///
/// All of them have malloc_usable_size(3), and answer it for any address in a block with the size of the block: they look up the
/// page, and its size class. Where the block begins follows from how they cut a page into blocks, see size_classes.hpp. None says
/// whether a block is in use.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_FOREIGN_ALLOCATOR_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_FOREIGN_ALLOCATOR_HPP

#include <taskleak/detail/platform/allocation_source.hpp>
#include <taskleak/detail/platform/linux/default_action.hpp>
#include <taskleak/detail/platform/linux/exported_function.hpp>
#include <taskleak/detail/platform/linux/loaded_modules.hpp>
#include <taskleak/detail/platform/linux/memory_map.hpp>
#include <taskleak/detail/platform/linux/own_pages.hpp>
#include <taskleak/detail/platform/linux/sanitizer_blocks.hpp>
#include <taskleak/detail/platform/linux/size_classes.hpp>

#include <csetjmp>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

extern "C" {
[[gnu::weak]] void __lsan_do_leak_check();  // sanitizer/lsan_interface.h
// of an allocator that is linked into the executable, which exports only what its libraries call
[[gnu::weak]] std::size_t malloc_usable_size(void* block) noexcept;
[[gnu::weak]] int mallctl(const char* name, void* old, std::size_t* old_size, void* fresh, std::size_t fresh_size) noexcept;
[[gnu::weak]] bool mi_is_in_heap_region(const void* address) noexcept;  // mimalloc.h
[[gnu::weak]] int MallocExtension_GetOwnership(const void* address);    // gperftools/malloc_extension_c.h
}

namespace taskleak::inline v0::detail {

class foreign_allocator {
 public:
  constexpr foreign_allocator() noexcept = default;

  /// Finds out whether there is one. Under the loader's lock: to be called before the process is copied.
  static const foreign_allocator& known() {
    static const foreign_allocator found = look_up();
    return found;
  }

  bool is_there() const noexcept { return usable_size_ != nullptr; }
  /// Whether thread-local objects of the executable lead to blocks that nobody else may know: those of jemalloc do, which leaves
  /// the addresses of blocks in its list of free ones when it hands them out.
  bool has_storage_in_executable() const noexcept { return has_storage_in_executable_; }
  bool is_of_leak_sanitizer() const noexcept { return classes_.is_of_leak_sanitizer(); }

  /// Whether malloc() is one of which little or nothing is known.
  bool is_unknown() const noexcept { return is_unknown_; }

  /// Whether blocks of the allocator may lie in the mapping.
  bool may_have_blocks_in(const memory_mapping& m) const noexcept {
    using kind = memory_mapping::kind;
    if (!is_there() || (m.what != kind::anonymous && m.what != kind::heap)) return false;
    // it ends the program when it is asked for an address elsewhere; a large block has a mapping of its own
    return classes_.is_of_leak_sanitizer() ? size_classes::space_of_leak_sanitizer.has(m.range.from) : true;
  }

  /// Lets block_at() be asked: in a frozen copy, where no other thread can run into a fault. Returns false without memory for it.
  bool begin_questions() const noexcept {
    void* const room = mmap(nullptr, sizeof(question), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED) return false;
    in_question = static_cast<question*>(room);
    struct sigaction action {};
    action.sa_handler = [](int number) {
      if (in_question && in_question->is_asking) siglongjmp(in_question->way_back, number);
      take_default_action(number);  // of a fault, which happens once more
    };
    action.sa_flags = SA_NODEFER;
    sigset_t faults;
    sigemptyset(&faults);
    for (const int number : {SIGSEGV, SIGBUS, SIGABRT}) {
      sigaction(number, &action, nullptr);
      sigaddset(&faults, number);
    }
    sigprocmask(SIG_UNBLOCK, &faults, nullptr);
    // what an allocator has to say of an address that is none of its own is nobody's business; the copy has descriptors of its
    // own
    if (const long nowhere = syscall(SYS_openat, AT_FDCWD, "/dev/null", O_WRONLY | O_CLOEXEC); nowhere >= 0)
      syscall(SYS_dup3, nowhere, STDERR_FILENO, 0);
    return true;
  }

  /// Returns the block that the address is in, or was in before it was freed; an empty range if the allocator knows of none.
  address_range block_at(std::uintptr_t address) const noexcept {
    const std::size_t size = size_at(address);
    if (size == 0) return {};
    const auto size_of_page_at = [this](std::uintptr_t page) { return size_at(page); };
    const std::uintptr_t begin = classes_.begin_of_block(address, size, in_question->pages, size_of_page_at);
    return {begin, begin + size};
  }

 private:
  using size_function = std::size_t (*)(void*) noexcept;
  using region_function = bool (*)(const void*) noexcept;
  using ownership_function = int (*)(const void*);
  static constexpr int is_owned = 1;  ///< MallocExtension_kOwned

  static foreign_allocator look_up() {
    foreign_allocator found;
    if (has_blocks_of_sanitizer()) return found;
    const bool is_of_leak_sanitizer = &__lsan_do_leak_check != nullptr;
    found.is_unknown_ = &__sanitizer_get_ownership && !is_of_leak_sanitizer;
    if (found.is_unknown_) return found;  // a sanitizer that nothing is known of
    bool is_jemalloc = false;
    // the first module that has malloc() is the one whose malloc() is called
    any_module([&](const dl_phdr_info& module) {
      const exported_functions functions(module);
      if (!functions.find("malloc")) return false;
      if (functions.find("gnu_get_libc_version")) return true;  // glibc itself
      const bool is_linked_in = !module.dlpi_name || !*module.dlpi_name;
      if (is_linked_in && find_allocation_source()) return true;  // taskleak's own functions, in front of glibc's
      found.is_unknown_ = true;
      const auto of = [&](const char* name, auto* linked_in) {
        const std::uintptr_t exported = functions.find(name);
        return exported ? reinterpret_cast<decltype(linked_in)>(exported) : is_linked_in ? linked_in : nullptr;
      };
      found.usable_size_ = of("malloc_usable_size", &::malloc_usable_size);
      found.is_in_region_ = of("mi_is_in_heap_region", &::mi_is_in_heap_region);
      found.ownership_ = of("MallocExtension_GetOwnership", &::MallocExtension_GetOwnership);
      is_jemalloc = of("mallctl", &::mallctl) != nullptr;
      found.has_storage_in_executable_ = is_jemalloc && is_linked_in;
      return true;
    });
    if (!found.is_there() || !found.knows_its_own_block()) {
      found.usable_size_ = nullptr;
      return found;
    }
    found.classes_ = is_of_leak_sanitizer  ? size_classes::of_leak_sanitizer()
                     : is_jemalloc         ? size_classes::of_jemalloc()
                     : found.is_in_region_ ? size_classes::of_mimalloc(found.usable_size_)
                     : found.ownership_    ? size_classes::of_tcmalloc()
                                           : size_classes();
    found.is_unknown_ = !found.classes_.are_known();
    return found;
  }

  /// Whether malloc_usable_size() belongs to this malloc(): an allocator may have none, and then it is glibc's.
  bool knows_its_own_block() const {
    constexpr std::size_t asked = 1000;
    void* volatile block = std::malloc(asked);
    const std::size_t size = block ? usable_size_(block) : 0;
    std::free(block);
    return size >= asked && size < 2 * asked;
  }

  /// The allocator is asked for what is no block at all, too: where it has no answer, it faults.
  [[gnu::noinline]] std::size_t size_at(std::uintptr_t address) const noexcept {
    void* const at = reinterpret_cast<void*>(address & ~std::uintptr_t{7});
    volatile std::size_t size = 0;
    in_question->is_asking = 1;
    if (sigsetjmp(in_question->way_back, 0) == 0) {
      const bool is_foreign = (is_in_region_ && !is_in_region_(at)) || (ownership_ && ownership_(at) != is_owned);
      if (!is_foreign) size = usable_size_(at);
    }
    in_question->is_asking = 0;
    return size;
  }

  struct question {
    sigjmp_buf way_back;
    volatile std::sig_atomic_t is_asking;
    pages_seen pages;
  };
  static inline question* in_question = nullptr;  ///< in a mapping that is made after the list of mappings was read

  size_function usable_size_ = nullptr;
  region_function is_in_region_ = nullptr;
  ownership_function ownership_ = nullptr;
  size_classes classes_;
  bool has_storage_in_executable_ = false;
  bool is_unknown_ = false;
};

}  // namespace taskleak::inline v0::detail

#endif
