// SPDX-License-Identifier: MIT
/// \file Lies in a room that there is not.
#ifndef TASKLEAK_DETAIL_CELLAR_UNKNOWN_ROOM_HPP
#define TASKLEAK_DETAIL_CELLAR_UNKNOWN_ROOM_HPP
#endif
