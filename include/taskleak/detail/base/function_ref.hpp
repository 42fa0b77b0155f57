// SPDX-License-Identifier: MIT
/// \file Refers to a callable of any type, so that who calls it need not be a template.
#ifndef TASKLEAK_DETAIL_BASE_FUNCTION_REF_HPP
#define TASKLEAK_DETAIL_BASE_FUNCTION_REF_HPP

#include <type_traits>

namespace taskleak::inline v0::detail {

template <class Signature>
class function_ref;

/// Refers to an object that can be called, a lambda as a rule, for no longer than that lives.
template <class R, class... Args>
class function_ref<R(Args...)> {
 public:
  template <class F, class = std::enable_if_t<!std::is_same_v<std::remove_cvref_t<F>, function_ref>>>
  function_ref(F&& callable) noexcept  // NOLINT(google-explicit-constructor): a lambda is passed as such
      : object_(&callable), call_([](const void* object, Args... args) -> R {
          return (*static_cast<const std::remove_reference_t<F>*>(object))(static_cast<Args>(args)...);
        }) {}

  R operator()(Args... args) const { return call_(object_, static_cast<Args>(args)...); }

 private:
  const void* object_;
  R (*call_)(const void*, Args...);
};

}  // namespace taskleak::inline v0::detail

#endif
