// SPDX-License-Identifier: MIT
/// \file Compresses a profile as gzip does, where zlib is there.
#ifndef TASKLEAK_DETAIL_REPORT_PPROF_GZIP_HPP
#define TASKLEAK_DETAIL_REPORT_PPROF_GZIP_HPP

#include <string>
#include <utility>

#if defined(TASKLEAK_USE_ZLIB)  // set by CMake where the program links zlib
#include <stdexcept>

#include <zlib.h>
#endif

namespace taskleak::inline v0::detail {

#if defined(TASKLEAK_USE_ZLIB)
/// Returns the bytes compressed, without a name and a time, so that the same bytes always become the same. Throws
/// std::runtime_error when zlib fails, as it does for want of memory.
inline std::string compressed(std::string bytes) {
  constexpr int with_gzip_header = 15 + 16;  // of zlib.h: 16 more than the largest window asks for a gzip header
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, with_gzip_header, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("taskleak: zlib cannot begin to compress a profile");
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int end = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (end != Z_STREAM_END) throw std::runtime_error("taskleak: zlib cannot compress a profile");
  return packed;
}
#else
/// Returns the bytes as they are: the tools read them, too.
inline std::string compressed(std::string bytes) { return bytes; }
#endif

}  // namespace taskleak::inline v0::detail

#endif
