// See socket_table.h.
#include "runtime/state/socket_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>
#include <vector>

namespace falcod {
namespace {

using scap::FdEntry;
using scap::FdKind;

constexpr uint8_t kTcp = 2, kUdp = 3, kIcmp = 4, kRaw = 5;  // FdEntry::l4
constexpr size_t kMaxSockets = 1u << 20;                    // of one namespace

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  size_t begin = 0;
  while ((begin = line.find_first_not_of(' ', begin)) != std::string_view::npos) {
    const size_t end = std::min(line.find(' ', begin), line.size());
    words.push_back(line.substr(begin, end - begin));
    begin = end;
  }
  return words;
}

template <typename Number>
Number number_of(std::string_view text, int base) {
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value, base);
  return value;
}

/// `0100007F:1F90`: the address in words of 32 bits as the host reads them, the port as a number.
bool parse_endpoint(std::string_view text, size_t address_bytes, std::array<char, 16>& address,
                    uint16_t& port) {
  constexpr size_t kWordDigits = 8;
  const size_t digits = address_bytes * 2;
  if (text.size() <= digits || text[digits] != ':') return false;
  for (size_t i = 0; i * sizeof(uint32_t) < address_bytes; ++i) {
    const auto word = number_of<uint32_t>(text.substr(i * kWordDigits, kWordDigits), 16);
    std::memcpy(address.data() + i * sizeof word, &word, sizeof word);
  }
  port = number_of<uint16_t>(text.substr(digits + 1), 16);
  return true;
}

/// Lines after the heading.
template <typename Handler>
void for_each_line(const std::string& path, Handler handle) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) handle(words_of(line));
}

}  // namespace

SocketTable::SocketTable(int64_t pid) {
  const auto path = [pid](std::string_view name) {
    return fmt::format("/proc/{}/net/{}", pid, name);
  };
  read_ip(path("tcp"), 4, kTcp);
  read_ip(path("udp"), 4, kUdp);
  read_ip(path("icmp"), 4, kIcmp);
  read_ip(path("raw"), 4, kRaw);
  read_ip(path("tcp6"), 16, kTcp);
  read_ip(path("udp6"), 16, kUdp);
  read_ip(path("icmp6"), 16, kIcmp);
  read_ip(path("raw6"), 16, kRaw);
  read_unix(path("unix"));
  read_netlink(path("netlink"));
}

const FdEntry* SocketTable::find(uint64_t inode) const {
  const auto found = by_inode_.find(inode);
  return found == by_inode_.end() ? nullptr : &found->second;
}

void SocketTable::read_ip(const std::string& path, size_t address_bytes, uint8_t l4) {
  for_each_line(path, [&](const std::vector<std::string_view>& words) {
    constexpr size_t kLocal = 1, kRemote = 2, kInode = 9;
    FdEntry fd;
    if (words.size() <= kInode || by_inode_.size() >= kMaxSockets ||
        !parse_endpoint(words[kLocal], address_bytes, fd.source, fd.source_port) ||
        !parse_endpoint(words[kRemote], address_bytes, fd.destination, fd.destination_port)) {
      return;
    }
    const bool connected = std::ranges::any_of(fd.destination, [](char byte) { return byte != 0; });
    const bool v4 = address_bytes == 4;
    fd.kind = connected ? (v4 ? FdKind::IPV4_SOCKET : FdKind::IPV6_SOCKET)
                        : (v4 ? FdKind::IPV4_SERVER : FdKind::IPV6_SERVER);
    fd.l4 = l4;
    fd.ino = number_of<uint64_t>(words[kInode], 10);
    by_inode_.emplace(fd.ino, fd);
  });
}

void SocketTable::read_unix(const std::string& path) {
  for_each_line(path, [&](const std::vector<std::string_view>& words) {
    constexpr size_t kAddress = 0, kInode = 6, kPath = 7;
    if (words.size() <= kInode || by_inode_.size() >= kMaxSockets) return;
    FdEntry fd;
    fd.kind = FdKind::UNIX_SOCKET;
    fd.unix_source = number_of<uint64_t>(words[kAddress], 16);
    fd.ino = number_of<uint64_t>(words[kInode], 10);
    if (words.size() > kPath) fd.name = names_.emplace_back(words[kPath]);
    by_inode_.emplace(fd.ino, fd);
  });
}

void SocketTable::read_netlink(const std::string& path) {
  for_each_line(path, [&](const std::vector<std::string_view>& words) {
    if (words.size() < 2 || by_inode_.size() >= kMaxSockets) return;
    FdEntry fd;
    fd.kind = FdKind::NETLINK;
    fd.ino = number_of<uint64_t>(words.back(), 10);
    by_inode_.emplace(fd.ino, fd);
  });
}

}  // namespace falcod
