// SPDX-License-Identifier: MIT
/// \file A libFuzzer program for the reader that TASKLEAK_READER names.
#include "readers.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  readers::TASKLEAK_READER({reinterpret_cast<const char*>(data), size});
  return 0;
}
