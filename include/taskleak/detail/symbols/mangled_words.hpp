// SPDX-License-Identifier: MIT
/// \file Lists the words of mangled names: operators by two letters, builtin types by one.
#ifndef TASKLEAK_DETAIL_SYMBOLS_MANGLED_WORDS_HPP
#define TASKLEAK_DETAIL_SYMBOLS_MANGLED_WORDS_HPP

#include <string_view>

namespace taskleak::inline v0::detail {

struct mangled_word {
  char code[3];
  std::string_view meaning;
};

// clang-format off
inline constexpr mangled_word operator_words[] = {
    {"nw", "operator new"}, {"na", "operator new[]"}, {"dl", "operator delete"}, {"da", "operator delete[]"},
    {"aw", "operator co_await"}, {"ps", "operator+"}, {"ng", "operator-"}, {"ad", "operator&"}, {"de", "operator*"},
    {"co", "operator~"}, {"pl", "operator+"}, {"mi", "operator-"}, {"ml", "operator*"}, {"dv", "operator/"},
    {"rm", "operator%"}, {"an", "operator&"}, {"or", "operator|"}, {"eo", "operator^"}, {"aS", "operator="},
    {"pL", "operator+="}, {"mI", "operator-="}, {"mL", "operator*="}, {"dV", "operator/="}, {"rM", "operator%="},
    {"aN", "operator&="}, {"oR", "operator|="}, {"eO", "operator^="}, {"ls", "operator<<"}, {"rs", "operator>>"},
    {"lS", "operator<<="}, {"rS", "operator>>="}, {"eq", "operator=="}, {"ne", "operator!="}, {"lt", "operator<"},
    {"gt", "operator>"}, {"le", "operator<="}, {"ge", "operator>="}, {"ss", "operator<=>"}, {"nt", "operator!"},
    {"aa", "operator&&"}, {"oo", "operator||"}, {"pp", "operator++"}, {"mm", "operator--"}, {"cm", "operator,"},
    {"pm", "operator->*"}, {"pt", "operator->"}, {"cl", "operator()"}, {"ix", "operator[]"}, {"qu", "operator?"}
};
// clang-format on

/// Returns the word for a letter from `a` to `z`; empty where the letter is none.
inline constexpr std::string_view builtin_words[26] = {"signed char",
                                                       "bool",
                                                       "char",
                                                       "double",
                                                       "long double",
                                                       "float",
                                                       "__float128",
                                                       "unsigned char",
                                                       "int",
                                                       "unsigned int",
                                                       {},
                                                       "long",
                                                       "unsigned long",
                                                       "__int128",
                                                       "unsigned __int128",
                                                       {},
                                                       {},
                                                       {},
                                                       "short",
                                                       "unsigned short",
                                                       {},
                                                       "void",
                                                       "wchar_t",
                                                       "long long",
                                                       "unsigned long long",
                                                       "..."};

}  // namespace taskleak::inline v0::detail

#endif
