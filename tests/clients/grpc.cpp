// SPDX-License-Identifier: MIT
/// \file gRPC: a channel that lives as long as the program keeps the library's threads.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>

namespace {
std::shared_ptr<grpc::Channel> channel;  // destroyed after the last test
}

TEST(Grpc, KeepsItsThreads) {
  channel = grpc::CreateChannel("localhost:1", grpc::InsecureChannelCredentials());
  EXPECT_FALSE(channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::milliseconds(50)));
}
