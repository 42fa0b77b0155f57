// SPDX-License-Identifier: MIT
/// \file Times a thing and its peer in turn, so that a busy machine is as unkind to the one as to the other.
#ifndef TASKLEAK_TESTS_BENCHMARK_COMPARE_HPP
#define TASKLEAK_TESTS_BENCHMARK_COMPARE_HPP

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

/// Nanoseconds that one call takes, over `batch` calls.
template <class F>
double time_of(std::size_t batch, F& call) {
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < batch; ++i) call();
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count() / static_cast<double>(batch);
}

inline double median(std::vector<double> samples) {
  const auto middle = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
  std::nth_element(samples.begin(), middle, samples.end());
  return *middle;
}

/// One iteration runs a batch of each, the first one in turn. The counters `peer` and `ours` are medians in nanoseconds, and
/// `ratio` is the median of the ratios of neighbouring batches.
template <class Peer, class Ours>
void compare(benchmark::State& state, std::size_t batch, Peer peer, Ours ours) {
  std::vector<double> peers, own, ratios;
  time_of(batch, peer);  // warms both up
  time_of(batch, ours);
  bool peer_first = false;
  for (auto _ : state) {
    peer_first = !peer_first;
    double p = 0, o = 0;
    if (peer_first) p = time_of(batch, peer);
    o = time_of(batch, ours);
    if (!peer_first) p = time_of(batch, peer);
    peers.push_back(p);
    own.push_back(o);
    ratios.push_back(o / p);
  }
  state.counters["peer"] = median(std::move(peers));
  state.counters["ours"] = median(std::move(own));
  state.counters["ratio"] = median(std::move(ratios));
}

#endif
