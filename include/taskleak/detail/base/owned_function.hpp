// SPDX-License-Identifier: MIT
/// \file Holds a copyable callable without <functional>, which costs a test file 230 ms.
#ifndef TASKLEAK_DETAIL_BASE_OWNED_FUNCTION_HPP
#define TASKLEAK_DETAIL_BASE_OWNED_FUNCTION_HPP

namespace taskleak::inline v0::detail {

template <class Signature>
class owned_function;

/// Holds any copyable callable, as std::function does; empty by default.
template <class R, class... Args>
class owned_function<R(Args...)> {
 public:
  owned_function() noexcept = default;

  template <class F>
  static owned_function from(F callable) {
    owned_function made;
    made.object_ = new F(static_cast<F&&>(callable));
    made.call_ = [](void* object, Args... args) -> R { return (*static_cast<F*>(object))(static_cast<Args>(args)...); };
    made.copy_ = [](const void* object) -> void* { return new F(*static_cast<const F*>(object)); };
    made.destroy_ = [](void* object) noexcept { delete static_cast<F*>(object); };
    return made;
  }

  owned_function(const owned_function& other)
      : object_(other.object_ ? other.copy_(other.object_) : nullptr),
        call_(other.call_),
        copy_(other.copy_),
        destroy_(other.destroy_) {}

  owned_function(owned_function&& other) noexcept
      : object_(other.object_), call_(other.call_), copy_(other.copy_), destroy_(other.destroy_) {
    other.object_ = nullptr;
  }

  owned_function& operator=(const owned_function&) = delete;
  owned_function& operator=(owned_function&& other) noexcept {
    owned_function old(static_cast<owned_function&&>(*this));
    object_ = other.object_;
    call_ = other.call_;
    copy_ = other.copy_;
    destroy_ = other.destroy_;
    other.object_ = nullptr;
    return *this;
  }

  ~owned_function() {
    if (object_) destroy_(object_);
  }

  explicit operator bool() const noexcept { return object_ != nullptr; }
  R operator()(Args... args) const { return call_(object_, static_cast<Args>(args)...); }

 private:
  void* object_ = nullptr;
  R (*call_)(void*, Args...) = nullptr;
  void* (*copy_)(const void*) = nullptr;
  void (*destroy_)(void*) noexcept = nullptr;
};

}  // namespace taskleak::inline v0::detail

#endif
