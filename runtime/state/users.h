// Names of users and groups of the host, read from its databases and read again when they change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

namespace falcod {

struct User {
  std::string name, home, shell;
};

class Users {
 public:
  explicit Users(std::string root = "/");
  /// Null if unknown. The pointer is valid until the next call.
  const User* user(uint32_t uid);
  const std::string* group(uint32_t gid);

 private:
  void refresh();

  std::string root_;
  int64_t passwd_stamp_ns_ = -1;
  int64_t group_stamp_ns_ = -1;
  uint64_t next_check_ns_ = 0;
  std::unordered_map<uint32_t, User> users_;
  std::unordered_map<uint32_t, std::string> groups_;
};

}  // namespace falcod
