// SPDX-License-Identifier: MIT
/// \file Defines a vector that costs the compiler little.
///
/// libstdc++ makes some fifty functions of a std::vector for each type of element, and g++ takes 60 ms for them, with -O2 75 ms.
/// Of this vector it makes a dozen, in 12 ms, with -O2 40 ms; and its iterators are pointers, which need no functions at all. The
/// heavy part has lists of more than fifty types. What users see of reports is std::vector.
#ifndef TASKLEAK_DETAIL_BASE_LIGHT_VECTOR_HPP
#define TASKLEAK_DETAIL_BASE_LIGHT_VECTOR_HPP

#include <taskleak/detail/base/own_block.hpp>

#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <new>
#include <type_traits>

namespace taskleak::inline v0::detail {

/// Makes a block with room for so many bytes behind its mark.
inline own_block_mark* make_own_block(std::size_t room) {
  return ::new (::operator new(sizeof(own_block_mark) + room)) own_block_mark;
}

/// Moves bytes to a new block, which may be larger, and frees the old one. Not inlined: g++ 12 takes an empty list for one of a
/// negative size, and warns of the copy.
[[gnu::noinline]] inline own_block_mark* move_bytes(own_block_mark* from, std::size_t used, std::size_t room) {
  own_block_mark* const made = make_own_block(room);
  if (used != 0) std::memcpy(static_cast<void*>(made + 1), static_cast<const void*>(from + 1), used);
  ::operator delete(from);
  return made;
}

/// Holds elements in a row, as std::vector does, under the same names. Nothing is checked: neither an index nor whether it is
/// empty.
template <class T>
class light_vector {
 public:
  using value_type = T;

  light_vector() noexcept = default;
  explicit light_vector(std::size_t count) { resize(count); }
  light_vector(std::initializer_list<T> elements) { append(elements.begin(), elements.end()); }
  light_vector(const light_vector& other) { append(other.begin(), other.end_); }
  light_vector(light_vector&& other) noexcept { swap(other); }
  light_vector& operator=(light_vector other) noexcept {
    swap(other);
    return *this;
  }
  ~light_vector() {
    if constexpr (!std::is_trivially_destructible_v<T>)
      for (const T* element = begin(); element != end_; ++element) element->~T();
    ::operator delete(block_);
  }

  void swap(light_vector& other) noexcept {
    own_block_mark* const block = block_;
    T* const begin = begin_;
    T* const end = end_;
    T* const end_of_room = end_of_room_;
    block_ = other.block_;
    begin_ = other.begin_;
    end_ = other.end_;
    end_of_room_ = other.end_of_room_;
    other.block_ = block;
    other.begin_ = begin;
    other.end_ = end;
    other.end_of_room_ = end_of_room;
  }

  T* begin() noexcept { return begin_; }
  T* end() noexcept { return end_; }
  T* data() noexcept { return begin(); }
  const T* begin() const noexcept { return begin_; }
  const T* end() const noexcept { return end_; }
  const T* data() const noexcept { return begin(); }
  std::size_t size() const noexcept { return static_cast<std::size_t>(end_ - begin()); }
  bool empty() const noexcept { return begin() == end_; }
  T& operator[](std::size_t index) noexcept { return begin()[index]; }
  const T& operator[](std::size_t index) const noexcept { return begin()[index]; }
  T& front() noexcept { return *begin(); }
  const T& front() const noexcept { return *begin(); }
  T& back() noexcept { return end_[-1]; }
  const T& back() const noexcept { return end_[-1]; }

  void push_back(T element) { emplace_back(static_cast<T&&>(element)); }
  /// Makes an element of the arguments, which must not refer to an element.
  template <class... Arguments>
  T& emplace_back(Arguments&&... arguments) {
    if (end_ == end_of_room_) move_to_room_for(empty() ? 4 : 2 * size());
    T* const made = ::new (static_cast<void*>(end_)) T(static_cast<Arguments&&>(arguments)...);
    ++end_;
    return *made;
  }
  /// Appends copies of elements that are not of this vector.
  void append(const T* first, const T* last) {
    reserve(size() + static_cast<std::size_t>(last - first));
    for (; first != last; ++first) emplace_back(*first);
  }
  void pop_back() noexcept { (--end_)->~T(); }
  void clear() noexcept { erase_from(begin()); }
  /// Erases the elements from this one to the end.
  void erase_from(const T* first) noexcept {
    while (end_ != first) pop_back();
  }
  void resize(std::size_t count) {
    if (count < size()) return erase_from(begin() + count);
    reserve(count);
    while (size() < count) ::new (static_cast<void*>(end_++)) T();
  }
  void reserve(std::size_t count) {
    if (count > static_cast<std::size_t>(end_of_room_ - begin())) move_to_room_for(count);
  }

 private:
  void move_to_room_for(std::size_t count) {
    static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__ &&
                  sizeof(own_block_mark) % __STDCPP_DEFAULT_NEW_ALIGNMENT__ == 0);
    static_assert(std::is_nothrow_move_constructible_v<T>);
    const std::size_t used = size();
    if constexpr (std::is_trivially_copyable_v<T>) {
      // NOLINTNEXTLINE(bugprone-sizeof-expression): an element may be a pointer
      block_ = move_bytes(block_, used * sizeof(T), count * sizeof(T));
    } else {
      own_block_mark* const made = make_own_block(count * sizeof(T));
      T* const from = begin();
      T* const room = reinterpret_cast<T*>(made + 1);
      for (std::size_t i = 0; i < used; ++i) {
        ::new (static_cast<void*>(room + i)) T(static_cast<T&&>(from[i]));
        from[i].~T();
      }
      ::operator delete(block_);
      block_ = made;
    }
    begin_ = reinterpret_cast<T*>(block_ + 1);
    end_ = begin_ + used;
    end_of_room_ = begin_ + count;
  }

  own_block_mark* block_ = nullptr;  ///< the elements lie behind it
  T* begin_ = nullptr;
  T* end_ = nullptr;
  T* end_of_room_ = nullptr;
};

}  // namespace taskleak::inline v0::detail

#endif
