// SPDX-License-Identifier: MIT
/// \file Defines a vector that costs the compiler little.
///
/// libstdc++ makes some fifty functions of a std::vector for each type of element, and g++ takes 60 ms for them, with -O2 75 ms.
/// Of this vector it makes a dozen, in 12 ms, with -O2 40 ms; and its iterators are pointers, which need no functions at all. The
/// heavy part has lists of more than fifty types. What users see of reports is std::vector.
#ifndef TASKLEAK_DETAIL_BASE_LIGHT_VECTOR_HPP
#define TASKLEAK_DETAIL_BASE_LIGHT_VECTOR_HPP

#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <new>
#include <type_traits>

namespace taskleak::inline v0::detail {

/// Moves bytes to new memory, which may be larger, and frees the old one. Not inlined: g++ 12 takes an empty list for one of a
/// negative size, and warns of the copy.
[[gnu::noinline]] inline void* move_bytes(void* from, std::size_t used, std::size_t room) {
  void* const made = ::operator new(room);
  if (used != 0) std::memcpy(made, from, used);
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
  light_vector(const light_vector& other) { append(other.begin_, other.end_); }
  light_vector(light_vector&& other) noexcept { swap(other); }
  light_vector& operator=(light_vector other) noexcept {
    swap(other);
    return *this;
  }
  ~light_vector() {
    if constexpr (!std::is_trivially_destructible_v<T>)
      for (const T* element = begin_; element != end_; ++element) element->~T();
    ::operator delete(begin_);
  }

  void swap(light_vector& other) noexcept {
    light_vector* const both[] = {this, &other};
    T* const theirs[] = {other.begin_, other.end_, other.end_of_room_, begin_, end_, end_of_room_};
    for (int i = 0; i < 2; ++i) {
      both[i]->begin_ = theirs[3 * i];
      both[i]->end_ = theirs[3 * i + 1];
      both[i]->end_of_room_ = theirs[3 * i + 2];
    }
  }

  T* begin() noexcept { return begin_; }
  T* end() noexcept { return end_; }
  T* data() noexcept { return begin_; }
  const T* begin() const noexcept { return begin_; }
  const T* end() const noexcept { return end_; }
  const T* data() const noexcept { return begin_; }
  std::size_t size() const noexcept { return static_cast<std::size_t>(end_ - begin_); }
  bool empty() const noexcept { return begin_ == end_; }
  T& operator[](std::size_t index) noexcept { return begin_[index]; }
  const T& operator[](std::size_t index) const noexcept { return begin_[index]; }
  T& front() noexcept { return *begin_; }
  const T& front() const noexcept { return *begin_; }
  T& back() noexcept { return end_[-1]; }
  const T& back() const noexcept { return end_[-1]; }

  void push_back(T element) { emplace_back(static_cast<T&&>(element)); }
  /// Makes an element of the arguments, which must not refer to an element.
  template <class... Arguments>
  T& emplace_back(Arguments&&... arguments) {
    if (end_ == end_of_room_) move_to_room_for(begin_ == end_ ? 4 : 2 * size());
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
  void clear() noexcept { erase_from(begin_); }
  /// Erases the elements from this one to the end.
  void erase_from(const T* first) noexcept {
    while (end_ != first) pop_back();
  }
  void resize(std::size_t count) {
    if (count < size()) return erase_from(begin_ + count);
    reserve(count);
    while (size() < count) ::new (static_cast<void*>(end_++)) T();
  }
  void reserve(std::size_t count) {
    if (count > static_cast<std::size_t>(end_of_room_ - begin_)) move_to_room_for(count);
  }

 private:
  void move_to_room_for(std::size_t count) {
    static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
    static_assert(std::is_nothrow_move_constructible_v<T>);
    const std::size_t used = size();
    if constexpr (std::is_trivially_copyable_v<T>) {
      // NOLINTNEXTLINE(bugprone-sizeof-expression): an element may be a pointer
      begin_ = static_cast<T*>(move_bytes(begin_, used * sizeof(T), count * sizeof(T)));
    } else {
      T* const room = static_cast<T*>(::operator new(count * sizeof(T)));
      for (std::size_t i = 0; i < used; ++i) {
        ::new (static_cast<void*>(room + i)) T(static_cast<T&&>(begin_[i]));
        begin_[i].~T();
      }
      ::operator delete(begin_);
      begin_ = room;
    }
    end_ = begin_ + used;
    end_of_room_ = begin_ + count;
  }

  T* begin_ = nullptr;
  T* end_ = nullptr;
  T* end_of_room_ = nullptr;
};

}  // namespace taskleak::inline v0::detail

#endif
