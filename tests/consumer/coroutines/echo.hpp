// SPDX-License-Identifier: MIT
/// \file One part of a session.
#ifndef ECHO_HPP
#define ECHO_HPP

#include <lite/task.hpp>

/// Waits for the event, and returns the number.
lite::task<int> echo(lite::event& arrived, int number);

#endif
