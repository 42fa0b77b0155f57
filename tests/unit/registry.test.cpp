// SPDX-License-Identifier: MIT
/// \file The registry by itself: order, epochs, sizes, and many threads at once.
#include <taskleak/detail/registry/registry.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <latch>
#include <memory>
#include <set>
#include <thread>
#include <vector>

namespace {

using taskleak::detail::registry;
using taskleak::detail::task_node;

std::vector<task_node*> younger_than(registry& all, std::uint64_t epoch) {
  std::vector<task_node*> seen(all.size());
  std::size_t count = 0;
  all.for_each_younger_than(epoch, [&](task_node& node) {
    if (count < seen.size()) seen[count] = &node;
    ++count;
  });
  seen.resize(count < seen.size() ? count : seen.size());
  return seen;
}

class Registry : public testing::Test {
 protected:
  void add_to_each_shard(std::vector<task_node>& nodes) {
    for (std::size_t i = 0; i < nodes.size(); ++i) all.add(nodes[i], static_cast<unsigned>(i));
  }

  std::unique_ptr<registry> owner = std::make_unique<registry>();
  registry& all = *owner;
};

TEST_F(Registry, IsEmptyAtFirst) {
  EXPECT_EQ(all.size(), 0u);
  EXPECT_FALSE(all.has_younger_than(0));
  EXPECT_TRUE(younger_than(all, 0).empty());
}

TEST_F(Registry, HoldsATaskFromAddToRemove) {
  task_node node;
  all.add(node, 3);
  EXPECT_EQ(all.size(), 1u);
  EXPECT_EQ(younger_than(all, 0), std::vector<task_node*>{&node});
  all.remove(node);
  EXPECT_EQ(all.size(), 0u);
  EXPECT_FALSE(all.has_younger_than(0));
  EXPECT_TRUE(younger_than(all, 0).empty());
}

TEST_F(Registry, KeepsTheOthersWhenTheFirstMiddleOrLastOfAShardIsRemoved) {
  for (std::size_t removed = 0; removed < 3; ++removed) {
    task_node nodes[3];
    for (task_node& node : nodes) all.add(node, 7);
    all.remove(nodes[removed]);
    std::vector<task_node*> others;
    for (std::size_t i = 3; i-- > 0;)
      if (i != removed) others.push_back(&nodes[i]);
    EXPECT_EQ(younger_than(all, 0), others) << "newest first, without number " << removed;
    EXPECT_EQ(all.size(), 2u);
    for (task_node* other : others) all.remove(*other);
  }
  EXPECT_EQ(all.size(), 0u);
}

TEST_F(Registry, ATaskIsYoungerThanEveryEpochClosedBeforeAndThanNoneClosedAfter) {
  task_node old, young;
  all.add(old, 0);
  const std::uint64_t between = all.close_epoch();
  all.add(young, 1);
  const std::uint64_t after = all.close_epoch();
  EXPECT_LE(old.epoch, between);
  EXPECT_GT(young.epoch, between);
  EXPECT_LE(young.epoch, after);
  EXPECT_TRUE(all.has_younger_than(between));
  EXPECT_FALSE(all.has_younger_than(after));
  EXPECT_EQ(younger_than(all, between), std::vector<task_node*>{&young});
  all.remove(young);
  EXPECT_FALSE(all.has_younger_than(between)) << "the older one in another shard does not count";
  all.remove(old);
}

TEST_F(Registry, HasNoYoungerOneAgainWhenTheNewestOfAShardIsRemoved) {
  task_node old, young;
  all.add(old, 5);
  const std::uint64_t between = all.close_epoch();
  all.add(young, 5);
  ASSERT_TRUE(all.has_younger_than(between));
  all.remove(young);
  EXPECT_FALSE(all.has_younger_than(between));
  EXPECT_TRUE(all.has_younger_than(0));
  all.remove(old);
}

// Were an older task looked at, the look would follow its link into a task that was never added.
TEST_F(Registry, LooksAtNoTaskBehindTheFirstOlderOneOfAShard) {
  std::vector<task_node> old(10 * registry::shard_count);
  add_to_each_shard(old);
  const std::uint64_t between = all.close_epoch();
  std::vector<task_node> young(3 * registry::shard_count);
  add_to_each_shard(young);
  task_node never_added;
  never_added.epoch = all.current_epoch() + 1;
  for (std::size_t i = old.size() - registry::shard_count; i < old.size(); ++i) old[i].older = &never_added;
  std::size_t visited = 0;
  all.for_each_younger_than(between, [&](task_node& node) {
    EXPECT_NE(&node, &never_added);
    ++visited;
  });
  EXPECT_EQ(visited, young.size());
}

TEST_F(Registry, SerialsAreUnique) {
  std::vector<task_node> nodes(4 * registry::shard_count);
  add_to_each_shard(nodes);
  std::set<std::uint64_t> serials;
  for (const task_node& node : nodes) serials.insert(node.serial);
  EXPECT_EQ(serials.size(), nodes.size());
  EXPECT_FALSE(serials.contains(0)) << "0 stands for a thread nobody announced";
}

TEST_F(Registry, EpochsNeverGrowTowardsTheBackWhileThreadsAddAndCloseEpochs) {
  constexpr unsigned threads = 4, each = 2000;
  std::vector<std::vector<task_node>> nodes;
  for (unsigned t = 0; t < threads; ++t) nodes.emplace_back(each);
  std::latch start(threads);
  std::vector<std::jthread> workers;
  for (unsigned t = 0; t < threads; ++t)
    workers.emplace_back([&, t] {
      start.arrive_and_wait();
      for (unsigned i = 0; i < each; ++i) {
        const std::uint64_t closed = all.close_epoch();
        all.add(nodes[t][i], i % 3);  // three shards, so that all threads meet in each
        if (nodes[t][i].epoch <= closed) ADD_FAILURE() << "born after the epoch " << closed << ", and is not younger";
      }
    });
  workers.clear();
  EXPECT_EQ(all.size(), std::size_t{threads} * each);
  const task_node* newer = nullptr;
  std::size_t visited = 0;
  all.for_each_younger_than(0, [&](task_node& node) {
    if (newer && newer->shard == node.shard) {
      EXPECT_GE(newer->epoch, node.epoch);
    }
    newer = &node;
    ++visited;
  });
  EXPECT_EQ(visited, std::size_t{threads} * each);
}

TEST_F(Registry, IsEmptyAfterThreadsHaveAddedAndRemovedSideBySide) {
  constexpr unsigned threads = 4, rounds = 400, held = 16;
  std::latch start(threads + 1);
  std::vector<std::jthread> workers;
  for (unsigned t = 0; t < threads; ++t)
    workers.emplace_back([&, t] {
      std::vector<task_node> nodes(held);
      start.arrive_and_wait();
      for (unsigned round = 0; round < rounds; ++round) {
        for (unsigned i = 0; i < held; ++i) all.add(nodes[i], t + i % 2);
        // the odd ones first, so that links are mended in the middle of a list
        for (unsigned i = 1; i < held; i += 2) all.remove(nodes[i]);
        for (unsigned i = 0; i < held; i += 2) all.remove(nodes[i]);
      }
    });
  start.arrive_and_wait();
  for (unsigned look = 0; look < rounds; ++look) EXPECT_LE(younger_than(all, 0).size(), std::size_t{threads} * held);
  workers.clear();
  EXPECT_EQ(all.size(), 0u);
  EXPECT_FALSE(all.has_younger_than(0));
  EXPECT_TRUE(younger_than(all, 0).empty());
}

// A thread that makes another and ends, which does the same, is looked for in one shard after the other.
TEST_F(Registry, ATaskIsSeenWhereEachMakesASuccessorAndEnds) {
  const std::uint64_t before = all.close_epoch();
  task_node first;
  all.add(first, 0);
  std::atomic<bool> over{false};
  std::thread relay([&] {
    task_node others[2];
    task_node* alive = &first;
    for (unsigned i = 1; !over; ++i) {
      task_node* const next = &others[i % 2];
      all.add(*next, 7 * i);
      all.remove(*alive);
      alive = next;
    }
    all.remove(*alive);
  });
  int missed = 0;
  for (int i = 0; i < 200'000; ++i) {
    missed += !all.has_younger_than(before);
    missed += all.youngest() <= before;
  }
  over = true;
  relay.join();
  EXPECT_EQ(missed, 0);
}

}  // namespace
