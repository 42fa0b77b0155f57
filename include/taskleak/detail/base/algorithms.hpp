// SPDX-License-Identifier: MIT
/// \file Holds plain loops under the names that <algorithm> has for them.
///
/// libstdc++ makes eight functions of one call of std::any_of() with a lambda, one of them unrolled four times, and seventeen of
/// one of std::sort(). The lists that these loops run over are short, and the file that has all the calls takes long to compile:
/// by the names of <algorithm> it had 14,575 functions in place of 13,841, and took a tenth longer with g++ -O0. The sort is by
/// the library's heap, of which it takes 110 functions more than a heap of our own would; by std::sort() it would be 380.
#ifndef TASKLEAK_DETAIL_BASE_ALGORITHMS_HPP
#define TASKLEAK_DETAIL_BASE_ALGORITHMS_HPP

#include <algorithm>
#include <cstddef>
#include <vector>

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

template <class T, class Goes>
void erase_if(std::vector<T>& all, Goes&& goes) {
  auto kept = all.begin();
  for (T& one : all) {
    if (goes(one)) continue;
    if (&*kept != &one) *kept = static_cast<T&&>(one);
    ++kept;
  }
  all.erase(kept, all.end());
}

/// Sorts by the library's heap, which takes twice the time of std::sort() over a long list. Equal elements do not keep their
/// order.
template <class T, class Less>
void sort(std::vector<T>& all, Less less) {
  std::make_heap(all.begin(), all.end(), less);
  std::sort_heap(all.begin(), all.end(), less);
}
template <class T>
void sort(std::vector<T>& all) {
  sort(all, [](const T& a, const T& b) { return a < b; });
}

}  // namespace taskleak::inline v0::detail

#endif
