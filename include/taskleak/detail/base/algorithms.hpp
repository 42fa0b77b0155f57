// SPDX-License-Identifier: MIT
/// \file Holds plain loops under the names that <algorithm> has for them.
///
/// libstdc++ makes eight functions of one call of std::any_of() with a lambda, one of them unrolled four times, and seventeen of
/// one of std::sort(). The lists that these loops run over are short, and the file that has all the calls takes long to compile:
/// by the names of <algorithm> it had 14,575 functions in place of 13,841, and took a tenth longer with g++ -O0. The sort is by
/// the library's heap, of which it takes 100 functions more than a sort of our own would; by std::sort() it would be 380.
#ifndef TASKLEAK_DETAIL_BASE_ALGORITHMS_HPP
#define TASKLEAK_DETAIL_BASE_ALGORITHMS_HPP

#include <algorithm>
#include <cstddef>
#include <utility>

namespace taskleak::inline v0::detail {

template <class Iterator, class Holds>
constexpr Iterator find_if(Iterator at, Iterator end, Holds&& holds) {
  while (at != end && !holds(*at)) ++at;
  return at;
}

template <class Iterator, class T>
constexpr Iterator find(Iterator at, Iterator end, const T& wanted) {
  while (at != end && !(*at == wanted)) ++at;
  return at;
}

template <class Iterator, class Holds>
constexpr bool any_of(Iterator at, Iterator end, Holds&& holds) {
  for (; at != end; ++at)
    if (holds(*at)) return true;
  return false;
}

template <class Iterator, class Holds>
constexpr bool none_of(Iterator at, Iterator end, Holds&& holds) {
  for (; at != end; ++at)
    if (holds(*at)) return false;
  return true;
}

template <class Iterator, class Holds>
constexpr bool all_of(Iterator at, Iterator end, Holds&& holds) {
  for (; at != end; ++at)
    if (!holds(*at)) return false;
  return true;
}

template <class Iterator, class Holds>
constexpr std::size_t count_if(Iterator at, Iterator end, Holds&& holds) {
  std::size_t count = 0;
  for (; at != end; ++at)
    if (holds(*at)) ++count;
  return count;
}

/// Erases from a light_vector or std::vector.
template <class Row, class Goes>
void erase_if(Row& all, Goes&& goes) {
  std::size_t kept = 0;
  for (auto& one : all) {
    if (goes(one)) continue;
    if (auto& place = all[kept++]; &place != &one) place = std::move(one);
  }
  while (all.size() > kept) all.pop_back();
}

/// Sorts a light_vector or std::vector by the library's heap, which takes twice the time of std::sort() over a long list. Equal
/// elements do not keep their order.
template <class Row, class Less>
void sort(Row& all, Less less) {
  std::make_heap(all.begin(), all.end(), less);
  std::sort_heap(all.begin(), all.end(), less);
}
template <class Row>
void sort(Row& all) {
  detail::sort(all, [](const auto& a, const auto& b) { return a < b; });
}

}  // namespace taskleak::inline v0::detail

#endif
