// Names of users and groups, read from a root's databases and read again when they change. One for
// the host, one for each container that asks.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace falcod {

struct User {
  std::string name, home, shell;
};

class Users {
 public:
  /// `root` is the directory that holds etc/passwd and etc/group. Whoever owns it may be hostile:
  /// files are opened inside it, whatever links it holds, and only regular ones of bounded size are
  /// read.
  explicit Users(std::string root = "/");
  /// Null if unknown. The pointer is valid until the next call.
  const User* user(uint32_t uid);
  const std::string* group(uint32_t gid);
  /// Counts the changes that were noticed, those of now included.
  uint64_t version();

  /// The databases of a container as one of its processes sees them: `pid`, or if it is gone
  /// already its `parent` in the same container (0: it has none there), or the last one that was
  /// there. Bounded; valid until the next call with another container.
  Users& of_container(std::string_view container_id, int64_t pid, int64_t parent = 0);

  /// From now on nothing is read from this host: accounts are those that a capture tells, by
  /// container (empty: its host).
  void use_captured_only();
  void set_user(std::string_view container_id, uint32_t uid, User user);
  void set_group(std::string_view container_id, uint32_t gid, std::string name);
  void remove_user(std::string_view container_id, uint32_t uid);
  void remove_group(std::string_view container_id, uint32_t gid);

 private:
  struct FileStamp {
    int64_t modified_ns = -1;
    uint64_t inode = 0;
    bool operator==(const FileStamp&) const = default;
  };

  void refresh();
  /// Descriptor of the root, -1 if nobody is left whose it is; `settled`: it is not this process's
  /// own, where a container's processes are until they enter theirs.
  int open_root(bool& settled);
  /// The table of a container in a capture, made if there is none; bounded.
  Users& captured(std::string_view container_id);
  static std::optional<std::string> read_if_changed(int root, const char* path, FileStamp& stamp);

  std::string root_;  ///< empty: a container, which pids_ lead to
  std::array<int64_t, 3> pids_{};
  FileStamp passwd_stamp_, group_stamp_;
  uint64_t next_check_ns_ = 0;
  uint64_t version_ = 0;
  bool captured_only_ = false;
  std::unordered_map<uint32_t, User> users_;
  std::unordered_map<uint32_t, std::string> groups_;
  std::unordered_map<std::string, std::unique_ptr<Users>> containers_;
};

}  // namespace falcod
