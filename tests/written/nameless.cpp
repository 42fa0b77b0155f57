// SPDX-License-Identifier: MIT
/// \file A library that tells no names, and makes threads: what it has on a stack is `libnameless.so+0x1234`.
#include "nameless.hpp"

#include <semaphore.h>

namespace {

sem_t never;

void* wait_for_one(void*) { return reinterpret_cast<void*>(static_cast<long>(sem_wait(&never) + 1)); }
void* wait_for_other(void*) { return reinterpret_cast<void*>(static_cast<long>(sem_wait(&never) + 2)); }

}  // namespace

nameless_calls nameless() {
  return {[](pthread_t* made) { pthread_create(made, nullptr, wait_for_one, nullptr); },
          [](pthread_t* made) { pthread_create(made, nullptr, wait_for_other, nullptr); }};
}
