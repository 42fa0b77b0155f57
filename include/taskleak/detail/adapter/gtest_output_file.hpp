// SPDX-License-Identifier: MIT
/// \file Changes the file that GoogleTest writes for --gtest_output, once it is there.
#ifndef TASKLEAK_DETAIL_ADAPTER_GTEST_OUTPUT_FILE_HPP
#define TASKLEAK_DETAIL_ADAPTER_GTEST_OUTPUT_FILE_HPP

#include <taskleak/detail/base/requirements.hpp>

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

#include <sys/stat.h>

namespace taskleak::inline v0::detail {

/// Whether --gtest_output=`output` asks for this format.
inline bool is_gtest_output(std::string_view output, std::string_view format) noexcept {
  return output.starts_with(format) && (output.size() == format.size() || output[format.size()] == ':');
}

/// Returns the file that --gtest_output=`output` names, for this format; empty where it names a folder, in which GoogleTest finds
/// a name of its own. `folder` is that in which GoogleTest was initialised.
inline std::string gtest_output_path(const std::string& output, std::string_view format, const std::string& folder) {
  const std::string path =
      output.size() > format.size() ? output.substr(format.size() + 1) : std::string("test_detail.").append(format);
  if (path.empty() || path.back() == '/') return {};
  return path.front() == '/' ? path : folder + '/' + path;
}

/// Puts what `change(text)` returns in the place of the file's text, which must not get shorter by that. `folder` is that in
/// which GoogleTest was initialised. Leaves alone another format, and what is no regular file, as a pipe or a folder, in which
/// GoogleTest has found a name of its own.
template <class Change>
void change_gtest_output(const std::string& output, std::string_view format, const std::string& folder, Change&& change) {
  if (!is_gtest_output(output, format)) return;
  const std::string path = gtest_output_path(output, format, folder);
  struct stat kind {};
  if (stat(path.c_str(), &kind) != 0 || !S_ISREG(kind.st_mode)) return;
  std::FILE* const file = std::fopen(path.c_str(), "r+e");
  if (!file) return;
  std::string text;
  char part[4096];
  for (std::size_t got = 0; (got = std::fread(part, 1, sizeof part, file)) > 0;) text.append(part, got);
  if (const std::string changed = change(text); changed != text) {
    std::rewind(file);
    std::fwrite(changed.data(), 1, changed.size(), file);
  }
  std::fclose(file);
}

}  // namespace taskleak::inline v0::detail

#endif
