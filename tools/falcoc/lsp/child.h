// A process of ours whose output we wait for beside other things, and can do without. Knows
// processes only.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace falcoc::lsp {

/// A file descriptor that is closed with its owner.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  int number() const { return number_; }
  void close();

 private:
  int number_;
};

/// Ends its process when it goes.
class Child {
 public:
  /// Runs `work` in a copy of this process; what it writes is our output. It sees all that is in
  /// memory now, and cannot change it here. Throws std::system_error.
  static Child fork(const std::function<void(int output)>& work);
  /// Runs a program; its two outputs are kept apart. Throws std::system_error.
  static Child spawn(const std::vector<std::string>& command, const std::string& directory);

  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  ~Child();

  /// To wait for; -1 when all has been read.
  int output() const { return output_.number(); }
  int errors() const { return errors_.number(); }
  /// Reads what is there, for a descriptor that is ready.
  void read_ready(int descriptor);
  bool is_finished() const { return output() < 0 && errors() < 0; }

  const std::string& printed() const { return printed_; }
  /// What was printed since the last time.
  std::string take_printed() { return std::exchange(printed_, {}); }
  const std::string& complaints() const { return complaints_; }

 private:
  Child() = default;

  pid_t pid_ = -1;
  Descriptor output_, errors_;
  std::string printed_, complaints_;
};

/// Writes all of it; false if nobody reads any more.
bool write_fully(int descriptor, std::string_view bytes);

}  // namespace falcoc::lsp
