// SPDX-License-Identifier: MIT
/// \file What the type of a std::thread's callable tells of the user's function.
#include <taskleak/detail/symbols/callable_type.hpp>

#include <gtest/gtest.h>

namespace {

using taskleak::detail::class_of_member_pointer;
using taskleak::detail::parameters_of_type;
using taskleak::detail::users_callable_in;

TEST(CallableType, ALambdaOrAClassIsTheUsers) {
  EXPECT_EQ(users_callable_in("Feed::start(int)::{lambda(int)#1}"), "Feed::start(int)::{lambda(int)#1}");
  EXPECT_EQ(users_callable_in("Feed::start()::$_0"), "Feed::start()::$_0");
  EXPECT_EQ(users_callable_in("(anonymous namespace)::pump<int>"), "(anonymous namespace)::pump<int>");
  EXPECT_EQ(users_callable_in("functor"), "functor");
}

TEST(CallableType, WrappersOfTheLanguageAreLookedInto) {
  EXPECT_EQ(users_callable_in("std::reference_wrapper<pump>"), "pump");
  EXPECT_EQ(users_callable_in("taskleak::detail::announced_callable<Feed::start()::{lambda()#1}>"),
            "Feed::start()::{lambda()#1}");
  EXPECT_EQ(users_callable_in("std::_Bind<Feed::start()::{lambda(int)#1}(int)>"), "Feed::start()::{lambda(int)#1}");
  EXPECT_EQ(users_callable_in("void (std::__future_base::_Async_state_impl<std::thread::_Invoker<std::tuple<"
                              "Feed::start()::{lambda()#1}, Feed*>>, void>::*)()"),
            "Feed::start()::{lambda()#1}");
}

TEST(CallableType, APointerToAFunctionAndAnArgumentTellNothing) {
  for (const char* type : {"void (*)(int)", "void (Feed::*)(int) const", "std::function<void()>", "std::function<Feed(Feed)>",
                           "std::packaged_task<void()>", "std::_Bind<void (Feed::*(Feed*))()>",
                           "std::tuple<void (*)(Feed), Feed>", "Feed*", "unsigned long", ""})
    EXPECT_EQ(users_callable_in(type), "") << type;
}

TEST(CallableType, APointerToAFunctionHasParametersAndPerhapsAClass) {
  EXPECT_EQ(parameters_of_type("void (*)(int, std::function<void(int)>)"), "(int, std::function<void(int)>)");
  EXPECT_EQ(parameters_of_type("void (Feed::*)() const"), "()");
  EXPECT_EQ(parameters_of_type("Feed::start()::{lambda()#1}"), "");
  EXPECT_EQ(class_of_member_pointer("void (app::Feed::*)(int) const"), "app::Feed");
  EXPECT_EQ(class_of_member_pointer("void (*)(int)"), "");
}

}  // namespace
