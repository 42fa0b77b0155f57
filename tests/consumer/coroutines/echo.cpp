// SPDX-License-Identifier: MIT
/// \file A coroutine in another source file than the tests.
#include "echo.hpp"

lite::task<int> echo(lite::event& arrived, int number) {
  co_await arrived;
  co_return number;
}
