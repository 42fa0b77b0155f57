// SPDX-License-Identifier: MIT
/// \file Lists the memory of this process, as a frozen copy of it can be read, where there is a back end that knows it.
#ifndef TASKLEAK_DETAIL_PLATFORM_PROCESS_MEMORY_HPP
#define TASKLEAK_DETAIL_PLATFORM_PROCESS_MEMORY_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/foreign_allocator.hpp>
#include <taskleak/detail/platform/linux/heap_chunks.hpp>
#include <taskleak/detail/platform/linux/kernel_words.hpp>
#include <taskleak/detail/platform/linux/memory_map.hpp>
#include <taskleak/detail/platform/linux/own_pages.hpp>
#include <taskleak/detail/platform/linux/page_array.hpp>
#include <taskleak/detail/platform/linux/raw_memory.hpp>
#include <taskleak/detail/platform/linux/sanitizer_blocks.hpp>
#include <taskleak/detail/platform/linux/shared_pages.hpp>
#include <taskleak/detail/platform/linux/static_memory.hpp>
#include <taskleak/detail/platform/linux/thread_descriptors.hpp>
#endif

#endif
