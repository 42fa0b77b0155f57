// SPDX-License-Identifier: MIT
/// \file Maps one ELF file: its sections, its build id, and the separate file that has its debug information.
///
/// What is in the file is not believed: no offset and no size is followed out of the mapping.
#ifndef TASKLEAK_DETAIL_SYMBOLS_ELF_FILE_HPP
#define TASKLEAK_DETAIL_SYMBOLS_ELF_FILE_HPP

#include <taskleak/detail/base/byte_reader.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Reads an ELF file. A file that is missing, or no 64-bit ELF of this machine's byte order, has no sections.
class elf_file {
 public:
  explicit elf_file(const char* path) {
    map(path);
    find_section_headers();
  }
  /// Takes bytes that are in memory already and stay there.
  static elf_file in_memory(std::string_view bytes) { return elf_file(bytes); }
  elf_file(const elf_file&) = delete;
  elf_file& operator=(const elf_file&) = delete;
  ~elf_file() {
    if (is_mapped_) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
  }

  std::string_view bytes() const noexcept { return bytes_; }

  /// Returns the contents of the first section of that name; empty where there is none, or where it is compressed.
  std::string_view section(std::string_view name) const {
    for (std::uint64_t i = 0; i < section_count_; ++i) {
      const Elf64_Shdr header = section_header(i);
      if (is_text_at(names_, header.sh_name, name)) return contents(header);
    }
    return {};
  }

  /// Holds a table of symbols and the texts that their names are in; both empty where the file has no such table.
  struct symbols_of_file {
    std::string_view symbols;
    std::string_view names;
  };

  /// Returns the table of a type: SHT_SYMTAB, or SHT_DYNSYM, which strip(1) leaves in place.
  symbols_of_file symbols(std::uint32_t type) const {
    for (std::uint64_t i = 0; i < section_count_; ++i) {
      const Elf64_Shdr header = section_header(i);
      if (header.sh_type != type || header.sh_entsize != sizeof(Elf64_Sym) || header.sh_link >= section_count_) continue;
      return {contents(header), contents(section_header(header.sh_link))};
    }
    return {};
  }

  /// Returns the bytes that the linker has put into this build of the file and into its debug information; empty where it has
  /// not.
  std::string_view build_id() const {
    byte_reader notes(section(".note.gnu.build-id"));
    while (!notes.at_end()) {
      const std::uint64_t name_size = notes.number(4);
      const std::uint64_t size = notes.number(4);
      const std::uint64_t type = notes.number(4);
      const std::string_view name = notes.take(padded(name_size));
      const std::string_view id = notes.take(padded(size)).substr(0, static_cast<std::size_t>(size));
      if (!notes.failed() && type == NT_GNU_BUILD_ID && name == std::string_view("GNU", 4)) return id;
    }
    return {};
  }

  static std::string_view text_at(std::string_view texts, std::uint64_t offset) {
    return offset < texts.size() ? byte_reader(texts, offset).text() : std::string_view();
  }

 private:
  /// Whether the text at the offset is this one. A damaged text has no end, which is not looked for.
  static bool is_text_at(std::string_view texts, std::size_t offset, std::string_view text) noexcept {
    if (offset >= texts.size() || !texts.substr(offset).starts_with(text)) return false;
    const std::size_t end = offset + text.size();
    return end < texts.size() && texts[end] == '\0';
  }

  explicit elf_file(std::string_view bytes) : bytes_(bytes) { find_section_headers(); }

  static std::uint64_t padded(std::uint64_t size) noexcept { return (size + 3) / 4 * 4; }

  void map(const char* path) {
    const int descriptor = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) return;
    struct stat status;
    if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
      const auto size = static_cast<std::size_t>(status.st_size);
      void* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
      is_mapped_ = mapped != MAP_FAILED;
      if (is_mapped_) bytes_ = {static_cast<const char*>(mapped), size};
    }
    ::close(descriptor);
  }

  template <class T>
  bool read_struct(std::uint64_t offset, T& read) const {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof read) return false;
    std::memcpy(&read, bytes_.data() + offset, sizeof read);
    return true;
  }

  Elf64_Shdr section_header(std::uint64_t index) const {
    Elf64_Shdr header{};
    read_struct(headers_at_ + index * sizeof header, header);
    return header;
  }

  std::string_view contents(const Elf64_Shdr& section) const {
    if (section.sh_type == SHT_NOBITS || (section.sh_flags & SHF_COMPRESSED) || section.sh_offset > bytes_.size()) return {};
    return byte_reader(bytes_, static_cast<std::size_t>(section.sh_offset)).take(section.sh_size);
  }

  void find_section_headers() {
    constexpr unsigned char native = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
    Elf64_Ehdr header;
    if (!read_struct(0, header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return;
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != native) return;
    if (header.e_shentsize != sizeof(Elf64_Shdr) || header.e_shoff == 0 || header.e_shoff >= bytes_.size()) return;
    headers_at_ = header.e_shoff;
    const std::uint64_t room = (bytes_.size() - headers_at_) / sizeof(Elf64_Shdr);
    // numbers that do not fit are in the first section header (gABI, "Extended Section Header")
    const Elf64_Shdr first = section_header(0);
    const std::uint64_t count = header.e_shnum != 0 ? header.e_shnum : first.sh_size;
    section_count_ = count < room ? count : room;
    const std::uint64_t of_names = header.e_shstrndx != SHN_XINDEX ? header.e_shstrndx : first.sh_link;
    if (of_names < section_count_) names_ = contents(section_header(of_names));
  }

  std::string_view bytes_;
  bool is_mapped_ = false;
  std::uint64_t headers_at_ = 0;
  std::uint64_t section_count_ = 0;
  std::string_view names_;
};

/// Returns the checksum in a .gnu_debuglink section (GDB's manual, "Separate Debug Files").
inline std::uint32_t debug_link_crc(std::string_view bytes) noexcept {
  static constexpr auto table = [] {
    std::array<std::uint32_t, 256> made{};
    for (std::uint32_t i = 0; i < made.size(); ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) ? 0xedb88320u : 0u);
      made[i] = value;
    }
    return made;
  }();
  std::uint32_t crc = 0xffffffffu;
  for (const char c : bytes) crc = table[(crc ^ static_cast<unsigned char>(c)) & 0xff] ^ (crc >> 8);
  return ~crc;
}

/// Returns the path of the file that has the debug information of this one, which lies at the path; empty where none is found.
///
/// Debian's and Fedora's -dbgsym and -debuginfo packages go by the build id, `objcopy --add-gnu-debuglink` by name and checksum.
inline std::string debug_file_of(const elf_file& file, std::string_view path) {
  constexpr std::string_view root = "/usr/lib/debug";
  if (const std::string_view id = file.build_id(); id.size() >= 2) {
    constexpr char digits[] = "0123456789abcdef";
    std::string candidate = std::string(root) + "/.build-id/";
    for (std::size_t i = 0; i < id.size(); ++i) {
      const auto byte = static_cast<unsigned char>(id[i]);
      candidate += digits[byte >> 4];
      candidate += digits[byte & 0xf];
      if (i == 0) candidate += '/';
    }
    candidate += ".debug";
    if (::access(candidate.c_str(), R_OK) == 0) return candidate;
  }
  byte_reader link(file.section(".gnu_debuglink"));
  const std::string name(link.text());
  link.take((4 - link.position() % 4) % 4);
  const auto crc = static_cast<std::uint32_t>(link.number(4));
  const std::size_t slash = path.rfind('/');
  if (link.failed() || name.empty() || name.find('/') != std::string::npos || slash == std::string_view::npos) return {};
  const std::string directory(path.substr(0, slash + 1));
  for (const std::string& candidate : {directory + name, directory + ".debug/" + name, std::string(root) + directory + name}) {
    if (candidate == path) continue;
    const elf_file found(candidate.c_str());
    if (!found.bytes().empty() && debug_link_crc(found.bytes()) == crc) return candidate;
  }
  return {};
}

}  // namespace taskleak::inline v0::detail

#endif
