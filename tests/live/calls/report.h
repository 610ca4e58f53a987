// The caller's half of the test of system calls: makes a call and writes down what every parameter
// of its event must be. The values are Falco's encodings (flags.tsv), written by hand in the cases.
#pragma once

#include <sys/types.h>

#include <concepts>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace calls {

/// First argument of getpriority(2) before each measured call, the second being the call's id: how
/// the checker, and the reader of strace's output, find it.
inline constexpr long kMarker = 0x7ca11;

/// Arguments of a raw system call: pointers and numbers alike.
struct Argument {
  template <typename Number>
    requires(std::integral<Number> || std::is_enum_v<Number>)
  Argument(Number number) : value(static_cast<long>(number)) {}  // NOLINT: a literal is one
  Argument(const void* pointer) : value(reinterpret_cast<long>(pointer)) {}  // NOLINT
  Argument(std::nullptr_t) : value(0) {}                                     // NOLINT
  long value;
};
using Arguments = std::initializer_list<Argument>;

/// The call through the 64-bit entry, or through int $0x80; a negative result is -errno.
long raw_call(long number, Arguments arguments);
long raw_call32(long number, Arguments arguments);

class Report;

/// What one call's event must hold; written to the report when it goes.
class Measured {
 public:
  Measured(Report& report, int id, std::string_view event, bool fails, long result);
  ~Measured();
  Measured(const Measured&) = delete;

  Measured& ret(const char* name) { return num(name, result_); }
  Measured& num(const char* name, int64_t value);
  Measured& address(const char* name, const void* value) {
    return num(name, reinterpret_cast<int64_t>(value));
  }
  Measured& text(const char* name, std::string_view value);    ///< without terminator
  Measured& bytes(const char* name, std::string_view value);   ///< the encoded parameter
  Measured& starts(const char* name, std::string_view value);  ///< the encoded parameter begins so
  Measured& empty(const char* name);
  Measured& least(const char* name, uint64_t value);  ///< a number of the kernel's, at least this
  /// Only the kernel knows it: a checked kind, its value is not.
  Measured& kernel(const char* name);

  long result() const { return result_; }
  int fd() const { return static_cast<int>(result_); }

 private:
  void line(char kind, const char* name, std::string_view value);

  Report& report_;
  std::string text_;
  long result_;
};

class Report {
 public:
  explicit Report(int fd) : fd_(fd) {}

  /// Makes a call that must succeed, or fail with `error`.
  Measured ok(const char* event, long number, Arguments arguments);
  Measured fails(const char* event, int error, long number, Arguments arguments);
  Measured ok32(const char* event, long number, Arguments arguments);
  Measured fails32(const char* event, int error, long number, Arguments arguments);
  /// What comes next in this thread is event `event`, but not by a call that returns here: an
  /// execution, an exit, a signal. `result` is what its event says.
  Measured next(const char* event, bool is_failure, long result);
  /// A generic system call: its event has its numbers only.
  void generic(const char* name, long number, Arguments arguments);

  /// Why a case that the checker demands is not there.
  void skip(const char* event, bool is_failure, const char* why);

  /// For calls that cannot be made through raw_call: the mark, then the call, then its end.
  int mark();
  Measured finish(int id, const char* event, int error, long result);

  void write(std::string_view text) const;

 private:
  int fd_;
};

/// Runs `body` in a child and waits for it.
template <typename Body>
void in_child(Body&& body);

}  // namespace calls

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

template <typename Body>
void calls::in_child(Body&& body) {
  const pid_t pid = fork();
  if (pid == 0) {
    body();
    _exit(0);
  }
  if (pid > 0) waitpid(pid, nullptr, 0);
}
