// SPDX-License-Identifier: MIT
/// \file Writes the standard library's templates as in source: without default arguments, and by their usual names.
#ifndef TASKLEAK_DETAIL_SYMBOLS_STD_NAMES_HPP
#define TASKLEAK_DETAIL_SYMBOLS_STD_NAMES_HPP

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace taskleak::inline v0::detail {

/// Whether a part of a name in namespace std is an inline namespace, which no source mentions: versions of the library and of its
/// parts (`__1`, `__8`, `__n4861`, `__cxx11`, `_V2`, `__cust`).
constexpr bool is_inline_namespace_of_std(std::string_view word) noexcept {
  for (const std::string_view known : {"__cxx11", "__cxx1998", "__debug", "__profile", "__cust", "__ndk1", "__Cr", "__fs", "_V2"})
    if (word == known) return true;
  const std::size_t digits = word.starts_with("__n") ? 3 : word.starts_with("__") ? 2 : word.starts_with("_V") ? 2 : word.size();
  return digits < word.size() && word.find_first_not_of("0123456789", digits) == std::string_view::npos;
}

/// Holds the default arguments of one template; `$0` and `$1` stand for its first two arguments.
struct default_arguments {
  std::string_view name;       ///< behind `std::`
  std::size_t first;           ///< index of the first argument that has a default
  std::string_view values[3];  ///< empty behind the last
};

inline constexpr default_arguments known_defaults[] = {
    {"vector", 1, {"std::allocator<$0>"}},
    {"deque", 1, {"std::allocator<$0>"}},
    {"list", 1, {"std::allocator<$0>"}},
    {"forward_list", 1, {"std::allocator<$0>"}},
    {"set", 1, {"std::less<$0>", "std::allocator<$0>"}},
    {"multiset", 1, {"std::less<$0>", "std::allocator<$0>"}},
    {"map", 2, {"std::less<$0>", "std::allocator<std::pair<$0 const, $1>>"}},
    {"multimap", 2, {"std::less<$0>", "std::allocator<std::pair<$0 const, $1>>"}},
    {"unordered_set", 1, {"std::hash<$0>", "std::equal_to<$0>", "std::allocator<$0>"}},
    {"unordered_multiset", 1, {"std::hash<$0>", "std::equal_to<$0>", "std::allocator<$0>"}},
    {"unordered_map", 2, {"std::hash<$0>", "std::equal_to<$0>", "std::allocator<std::pair<$0 const, $1>>"}},
    {"unordered_multimap", 2, {"std::hash<$0>", "std::equal_to<$0>", "std::allocator<std::pair<$0 const, $1>>"}},
    {"stack", 1, {"std::deque<$0>"}},
    {"queue", 1, {"std::deque<$0>"}},
    {"priority_queue", 1, {"std::vector<$0>", "std::less<$0>"}},
    {"unique_ptr", 1, {"std::default_delete<$0>"}},
    {"basic_string", 1, {"std::char_traits<$0>", "std::allocator<$0>"}},
    {"basic_string_view", 1, {"std::char_traits<$0>"}},
    {"basic_ios", 1, {"std::char_traits<$0>"}},
    {"basic_streambuf", 1, {"std::char_traits<$0>"}},
    {"basic_istream", 1, {"std::char_traits<$0>"}},
    {"basic_ostream", 1, {"std::char_traits<$0>"}},
    {"basic_iostream", 1, {"std::char_traits<$0>"}},
    {"basic_filebuf", 1, {"std::char_traits<$0>"}},
    {"basic_ifstream", 1, {"std::char_traits<$0>"}},
    {"basic_ofstream", 1, {"std::char_traits<$0>"}},
    {"basic_fstream", 1, {"std::char_traits<$0>"}},
    {"basic_stringbuf", 1, {"std::char_traits<$0>", "std::allocator<$0>"}},
    {"basic_istringstream", 1, {"std::char_traits<$0>", "std::allocator<$0>"}},
    {"basic_ostringstream", 1, {"std::char_traits<$0>", "std::allocator<$0>"}},
    {"basic_stringstream", 1, {"std::char_traits<$0>", "std::allocator<$0>"}},
    {"basic_regex", 1, {"std::regex_traits<$0>"}},
    {"match_results", 1, {"std::allocator<std::sub_match<$0>>"}},
    {"span", 1, {"18446744073709551615ul"}},
    {"chrono::duration", 1, {"std::ratio<1, 1>"}},
    {"counting_semaphore", 0, {"2147483647l"}},
    {"barrier", 0, {"std::__empty_completion"}},
};

/// Holds what a whole template-id is called in source.
struct usual_name {
  std::string_view written_out;
  std::string_view usual;
};

inline constexpr usual_name usual_names[] = {
    {"chrono::duration<long, std::ratio<1, 1000000000>>", "chrono::nanoseconds"},
    {"chrono::duration<long, std::ratio<1, 1000000>>", "chrono::microseconds"},
    {"chrono::duration<long, std::ratio<1, 1000>>", "chrono::milliseconds"},
    {"chrono::duration<long>", "chrono::seconds"},
    {"chrono::duration<long, std::ratio<60, 1>>", "chrono::minutes"},
    {"chrono::duration<long, std::ratio<3600, 1>>", "chrono::hours"},
    {"chrono::duration<long, std::ratio<86400, 1>>", "chrono::days"},
    {"chrono::duration<long long, std::ratio<1, 1000000000>>", "chrono::nanoseconds"},
    {"chrono::duration<long long, std::ratio<1, 1000000>>", "chrono::microseconds"},
    {"chrono::duration<long long, std::ratio<1, 1000>>", "chrono::milliseconds"},
    {"chrono::duration<long long>", "chrono::seconds"},
    {"chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>", "chrono::system_clock::time_point"},
    {"chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>", "chrono::steady_clock::time_point"},
    {"counting_semaphore<1l>", "binary_semaphore"},
    {"match_results<char const*>", "cmatch"},
};

/// Replaces `$0` and `$1` in a default argument.
inline std::string fill_in(std::string_view pattern, const std::vector<std::string>& arguments) {
  std::string text;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '$')
      text += arguments[static_cast<std::size_t>(pattern[++i] - '0')];
    else
      text += pattern[i];
  }
  return text;
}

/// Removes the arguments at the end that are the template's defaults. The name comes without `std::`.
inline void drop_default_arguments(std::string_view name, std::vector<std::string>& arguments) {
  for (const default_arguments& known : known_defaults) {
    if (known.name != name) continue;
    while (arguments.size() > known.first && arguments.size() - known.first <= 3) {
      const std::string_view value = known.values[arguments.size() - 1 - known.first];
      if (value.empty() || arguments.back() != fill_in(value, arguments)) return;
      arguments.pop_back();
    }
    return;
  }
}

/// Returns `string` for `basic_string<char>`, and so on for all that `char` and `wchar_t` have a short name for, or an empty
/// text.
inline std::string short_name_by_character(std::string_view name, const std::vector<std::string>& arguments) {
  constexpr std::string_view basic = "basic_";
  if (arguments.size() != 1 || !name.starts_with(basic)) return {};
  const std::string_view short_name = name.substr(basic.size());
  if (arguments[0] == "char") return std::string(short_name);
  if (arguments[0] == "wchar_t") return std::string("w").append(short_name);
  if (!short_name.starts_with("string") || (short_name != "string" && short_name != "string_view")) return {};
  if (arguments[0] == "char8_t") return std::string("u8").append(short_name);
  if (arguments[0] == "char16_t") return std::string("u16").append(short_name);
  if (arguments[0] == "char32_t") return std::string("u32").append(short_name);
  return {};
}

/// Writes a template-id of namespace std as source does. The name comes without `std::`.
inline std::string std_template_id(std::string_view name, std::vector<std::string> arguments) {
  drop_default_arguments(name, arguments);
  if (name == "ratio") {
    for (std::string& number : arguments)
      while (number.ends_with('l')) number.pop_back();
  }
  if (std::string usual = short_name_by_character(name, arguments); !usual.empty()) return usual;
  std::string text(name);
  text += '<';
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (i > 0) text += ", ";
    text += arguments[i];
  }
  text += '>';
  for (const usual_name& known : usual_names)
    if (known.written_out == text) return std::string(known.usual);
  return text;
}

}  // namespace taskleak::inline v0::detail

#endif
