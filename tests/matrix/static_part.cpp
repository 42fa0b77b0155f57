// SPDX-License-Identifier: MIT
#include "parts.hpp"

#include <cstdlib>

MATRIX_NOINLINE void* static_part::wait(void* part) {
  while (sem_wait(&static_cast<static_part*>(part)->finished_) != 0) {  // the static library's wait
  }
  return nullptr;
}

MATRIX_NOINLINE void static_part::start() {
  sem_init(&finished_, 0, 0);
  const int error = pthread_create(&thread_, nullptr, wait, this);  // the static library's start
  if (error != 0) std::abort();
}

void static_part::finish() {
  sem_post(&finished_);
  pthread_join(thread_, nullptr);
  sem_destroy(&finished_);
}
