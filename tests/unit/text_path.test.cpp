// SPDX-License-Identifier: MIT
#include <taskleak/detail/base/path.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

namespace {

using taskleak::detail::normalise_path;
using taskleak::detail::shorten_path;

TEST(Path, BelowTheDirectoryIsRelativeToIt) {
  EXPECT_EQ(shorten_path("/home/me/feed/src/feed.cpp", "/home/me/feed"), "src/feed.cpp");
  EXPECT_EQ(shorten_path("/home/me/feed/src/feed.cpp", "/home/me/feed/"), "src/feed.cpp");
  EXPECT_EQ(shorten_path("/home/me/feed/build/../src/feed.cpp", "/home/me/feed"), "src/feed.cpp");
}

TEST(Path, ElsewhereStaysAsItIs) {
  EXPECT_EQ(shorten_path("/usr/include/c++/12/thread", "/home/me/feed"), "/usr/include/c++/12/thread");
  EXPECT_EQ(shorten_path("/home/me/feeder/feed.cpp", "/home/me/feed"), "/home/me/feeder/feed.cpp");
  EXPECT_EQ(shorten_path("/home/me/feed", "/home/me/feed"), "/home/me/feed");
  EXPECT_EQ(shorten_path("/feed.cpp", "/"), "/feed.cpp");
  EXPECT_EQ(shorten_path("/feed.cpp", ""), "/feed.cpp");
  EXPECT_EQ(shorten_path("src/feed.cpp", "/home/me"), "src/feed.cpp");
  EXPECT_EQ(shorten_path("", "/home/me"), "");
}

TEST(Path, DotsAndDoubleSlashesAreRemoved) {
  EXPECT_EQ(normalise_path("/usr/lib/gcc/x86_64-linux-gnu/12/../../../../include/c++/12/thread"), "/usr/include/c++/12/thread");
  EXPECT_EQ(normalise_path("/a/./b//c.cpp"), "/a/b/c.cpp");
  EXPECT_EQ(normalise_path("./a/../b.cpp"), "b.cpp");
  EXPECT_EQ(normalise_path("/../../b.cpp"), "/b.cpp");
}

TEST(Path, DotsThatLeadOutOfARelativePathStay) {
  EXPECT_EQ(normalise_path("../src/b.cpp"), "../src/b.cpp");
  EXPECT_EQ(normalise_path("a/../../b.cpp"), "../b.cpp");
  EXPECT_EQ(normalise_path("../../x/../b.cpp"), "../../b.cpp");
}

TEST(Path, NamesThatBeginWithDotsAreNames) { EXPECT_EQ(normalise_path("/a/.hidden/..b/c.cpp"), "/a/.hidden/..b/c.cpp"); }

TEST(TextPath, AFileHasOnePathHoweverTheCompilerCameToIt) {
  using taskleak::detail::canonical_path;
  char directory[] = "/tmp/taskleak_path.XXXXXX";
  ASSERT_TRUE(::mkdtemp(directory));
  char* const real = ::realpath(directory, nullptr);  // /tmp may itself be a link
  const std::string root = real;
  std::free(real);
  const std::string file = root + "/src/feed.cpp";
  ASSERT_EQ(::mkdir((root + "/src").c_str(), 0700), 0);
  ASSERT_EQ(::symlink((root + "/src").c_str(), (root + "/link").c_str()), 0);
  std::fclose(std::fopen(file.c_str(), "w"));
  EXPECT_EQ(canonical_path(file, ""), file);
  EXPECT_EQ(canonical_path("./feed.cpp", root + "/src"), file);
  EXPECT_EQ(canonical_path("../src/feed.cpp", root + "/src"), file);
  EXPECT_EQ(canonical_path("../link/feed.cpp", root + "/src"), file);
  EXPECT_EQ(canonical_path(root + "/link/../src/feed.cpp", "/elsewhere"), file);
  for (const char* left : {"/src/feed.cpp", "/link"}) ::unlink((root + left).c_str());
  for (const char* left : {"/src", ""}) ::rmdir((root + left).c_str());
  EXPECT_EQ(canonical_path("./feed.cpp", root), root + "/./feed.cpp") << "the file is gone";
  EXPECT_EQ(canonical_path("feed.cpp", ""), "feed.cpp");
  EXPECT_EQ(canonical_path("", root), "");
}

}  // namespace
