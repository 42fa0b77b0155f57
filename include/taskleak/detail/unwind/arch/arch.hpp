// SPDX-License-Identifier: MIT
/// \file Includes what a CPU decides, for the CPU that is compiled for. Nothing else includes what lies below this folder.
///
/// A CPU that has a folder of its own defines TASKLEAK_HAS_OWN_WALKER and has
///   - `registers` and `dwarf_register`, by DWARF's numbers, and what reads them in the calling function and of a signal's
///   context;
///   - `registers_that_outlive_calls`, and `without_signature()`, which makes a return address of what a function has saved;
///   - `is_return_from_signal()` and `step_to_interrupted()`, where call frame information does not tell that step;
///   - `return_addresses_of()`: where a function may return to that has its return address in a register alone;
///   - `call_before()`, `leads_to()`, `fixed_frame_size()`: what the code around a return address says;
///   - the instructions that the handler of the park signal is made of;
///   - `stack_of_callers()`: where the stack begins that is not the calling function's own.
/// Of any other CPU only `call_before()` and `stack_of_callers()` are needed, which say nothing.
#ifndef TASKLEAK_DETAIL_UNWIND_ARCH_ARCH_HPP
#define TASKLEAK_DETAIL_UNWIND_ARCH_ARCH_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX) && defined(__x86_64__)
#include <taskleak/detail/unwind/arch/x86_64/code.hpp>
#include <taskleak/detail/unwind/arch/x86_64/own_registers.hpp>
#include <taskleak/detail/unwind/arch/x86_64/plain_instructions.hpp>
#include <taskleak/detail/unwind/arch/x86_64/registers.hpp>
#include <taskleak/detail/unwind/arch/x86_64/signal_context.hpp>
#define TASKLEAK_HAS_OWN_WALKER 1
#elif defined(TASKLEAK_ON_LINUX) && defined(__aarch64__)
#include <taskleak/detail/unwind/arch/aarch64/calls_of.hpp>
#include <taskleak/detail/unwind/arch/aarch64/code.hpp>
#include <taskleak/detail/unwind/arch/aarch64/own_registers.hpp>
#include <taskleak/detail/unwind/arch/aarch64/plain_instructions.hpp>
#include <taskleak/detail/unwind/arch/aarch64/registers.hpp>
#include <taskleak/detail/unwind/arch/aarch64/signal_context.hpp>
#define TASKLEAK_HAS_OWN_WALKER 1
#else
#include <taskleak/detail/unwind/arch/other/code.hpp>
#endif

#endif
