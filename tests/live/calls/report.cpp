// See report.h. A report has a line per call, `call ID EVENT ok|fail RESULT`, and below it one per
// parameter: its kind, name and value, bytes in hexadecimal.
#include "tests/live/calls/report.h"

#include <sys/mman.h>
#include <sys/syscall.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>

namespace calls {
namespace {

/// Ids count on through forks: shared memory.
std::atomic<int>& next_id() {
  static auto* const counter =
      static_cast<std::atomic<int>*>(mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE,
                                          MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  return *counter;
}

std::array<long, 6> six(Arguments arguments) {
  std::array<long, 6> all{};
  size_t i = 0;
  for (const Argument& argument : arguments) all[i++] = argument.value;
  return all;
}

std::string hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += kDigits[static_cast<uint8_t>(byte) >> 4];
    text += kDigits[static_cast<uint8_t>(byte) & 15];
  }
  return text;
}

}  // namespace

long raw_call(long number, Arguments arguments) {
  const auto a = six(arguments);
  const long result = syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  return result == -1 ? -errno : result;
}

long raw_call32([[maybe_unused]] long number, [[maybe_unused]] Arguments arguments) {
#if defined(__x86_64__)
  const auto a = six(arguments);
  long result = number;
  // the sixth argument is in ebp, which the compiler needs, and is 0; below rsp is what it uses too
  asm volatile(
      "lea -128(%%rsp), %%rsp\n\tpush %%rbp\n\txor %%ebp, %%ebp\n\tint $0x80\n\t"
      "pop %%rbp\n\tlea 128(%%rsp), %%rsp"
      : "+a"(result)
      : "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4])
      : "memory", "r8", "r9", "r10", "r11");
  return static_cast<int>(result);
#else
  return -ENOSYS;
#endif
}

Measured::Measured(Report& report, int id, std::string_view event, bool fails, long result)
    : report_(report), result_(result) {
  text_ = "call " + std::to_string(id) + ' ' + std::string(event) + (fails ? " fail " : " ok ") +
          std::to_string(result) + '\n';
}

Measured::~Measured() { report_.write(text_ + "end\n"); }

void Measured::line(char kind, const char* name, std::string_view value) {
  text_.append(1, kind).append(1, ' ').append(name).append(1, ' ').append(value).append(1, '\n');
}

Measured& Measured::num(const char* name, int64_t value) {
  line('n', name, std::to_string(value));
  return *this;
}

Measured& Measured::text(const char* name, std::string_view value) {
  return bytes(name, std::string(value) + '\0');
}

Measured& Measured::bytes(const char* name, std::string_view value) {
  line('b', name, hex(value));
  return *this;
}

Measured& Measured::starts(const char* name, std::string_view value) {
  line('s', name, hex(value));
  return *this;
}

Measured& Measured::empty(const char* name) {
  line('e', name, "");
  return *this;
}

Measured& Measured::least(const char* name, uint64_t value) {
  line('l', name, std::to_string(value));
  return *this;
}

Measured& Measured::kernel(const char* name) {
  line('k', name, "");
  return *this;
}

int Report::mark() {
  const int id = ++next_id();
  raw_call(SYS_getpriority, {kMarker, id});
  return id;
}

Measured Report::finish(int id, const char* event, int error, long result) {
  if (error == 0 ? result < 0 && result > -4096 : result != -error) {
    write("broken " + std::string(event) + " returned " + std::to_string(result) +
          (error == 0 ? " instead of success\n" : " instead of " + std::to_string(-error) + '\n'));
  }
  return {*this, id, event, error != 0, result};
}

Measured Report::ok(const char* event, long number, Arguments arguments) {
  return fails(event, 0, number, arguments);
}

Measured Report::fails(const char* event, int error, long number, Arguments arguments) {
  const int id = mark();
  return finish(id, event, error, raw_call(number, arguments));
}

Measured Report::ok32(const char* event, long number, Arguments arguments) {
  return fails32(event, 0, number, arguments);
}

Measured Report::fails32(const char* event, int error, long number, Arguments arguments) {
  const int id = mark();
  return finish(id, event, error, raw_call32(number, arguments));
}

Measured Report::next(const char* event, bool is_failure, long result) {
  return {*this, mark(), event, is_failure, result};
}

void Report::generic(const char* name, long number, Arguments arguments) {
  const int id = mark();
  const long result = raw_call(number, arguments);
  Measured measured(*this, id, "generic:" + std::string(name), result < 0, result);
}

void Report::skip(const char* event, bool is_failure, const char* why) {
  write("skip " + std::string(event) + (is_failure ? " fail " : " ok ") + why + '\n');
}

void Report::write(std::string_view text) const {
  if (::write(fd_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) abort();
}

}  // namespace calls
