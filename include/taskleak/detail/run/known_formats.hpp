// SPDX-License-Identifier: MIT
/// \file Finds a format by its name, and says of one that the program does not have what would bring it.
#ifndef TASKLEAK_DETAIL_RUN_KNOWN_FORMATS_HPP
#define TASKLEAK_DETAIL_RUN_KNOWN_FORMATS_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/text.hpp>
#include <taskleak/format.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace taskleak::inline v0::detail {

/// Names the formats that taskleak has beside those of every program: the header and the CMake target of each have its name.
inline constexpr std::string_view optional_formats[] = {"dot", "gitlab", "html", "json", "pprof", "sarif", "trace"};

/// Returns the format of this name; null where the program has none.
inline const output_format* find_format(std::string_view name) noexcept {
  for (const output_format* f = output_format::first(); f; f = f->next())
    if (f->name() == name) return f;
  return nullptr;
}

/// Returns the names of the formats that the program has, sorted: the order of their registration is the linker's.
inline std::string names_of_formats() {
  std::vector<std::string> all;
  for (const output_format* f = output_format::first(); f; f = f->next()) all.emplace_back(f->name());
  detail::sort(all, [](const std::string& a, const std::string& b) { return a < b; });
  std::string names;
  for (const std::string& name : all) names.append(names.empty() ? "" : ", ").append(name);
  return names;
}

/// Returns what to do about a format that the program does not have.
inline std::string remedy_for_format(std::string_view name) {
  std::string others;
  std::string_view nearest;
  std::size_t smallest = name.size() / 3 + 2;
  const auto compare = [&](std::string_view known) {
    const std::size_t distance = edit_distance(name, known);
    if (distance >= smallest) return;
    smallest = distance;
    nearest = known;
  };
  for (const output_format* f = output_format::first(); f; f = f->next()) compare(f->name());
  for (const std::string_view known : optional_formats) {
    if (known == name) {
      std::string text = "the program does not have the format '";
      text.append(name)
          .append("': include <taskleak/")
          .append(name)
          .append(".hpp> in one of its source files, or link the CMake ");
      return text.append("target taskleak::").append(name);
    }
    compare(known);
    if (!find_format(known)) others.append(others.empty() ? "" : ", ").append(known);
  }
  std::string text = "unknown format '";
  text.append(name).append("'; ");
  if (!nearest.empty()) text.append("did you mean '").append(nearest).append("'? ");
  text.append("the program has ").append(names_of_formats());
  if (!others.empty()) text.append("; with a header or a CMake target more it may have ").append(others);
  return text;
}

}  // namespace taskleak::inline v0::detail

#endif
