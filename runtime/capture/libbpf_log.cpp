// See libbpf_log.h.
#include "runtime/capture/libbpf_log.h"

#include <bpf/libbpf.h>

#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace falcod {

namespace {

constexpr size_t kTail = 2000;  // bytes of the log in a diagnostic: its last lines say why
constexpr size_t kLimit = 1u << 20;

thread_local std::string* current = nullptr;

int print(libbpf_print_level level, const char* format, va_list arguments) {
  if (level == LIBBPF_DEBUG || current == nullptr || current->size() > kLimit) return 0;
  va_list again;
  va_copy(again, arguments);
  const int length = std::vsnprintf(nullptr, 0, format, arguments);
  if (length > 0) {
    const size_t before = current->size();
    current->resize(before + static_cast<size_t>(length) + 1);
    std::vsnprintf(current->data() + before, static_cast<size_t>(length) + 1, format, again);
    current->pop_back();
  }
  va_end(again);
  return 0;
}

}  // namespace

std::string error_text(int error) { return std::strerror(error < 0 ? -error : error); }

LibbpfLog::LibbpfLog() {
  libbpf_set_print(&print);
  current = &text_;
}

LibbpfLog::~LibbpfLog() { current = nullptr; }

std::string LibbpfLog::tail() const {
  if (text_.size() <= kTail) return text_;
  const size_t line = text_.find('\n', text_.size() - kTail);
  return text_.substr(line == std::string::npos ? text_.size() - kTail : line + 1);
}

bool LibbpfLog::has_verifier_log() const {
  return text_.find("PROG LOAD LOG") != std::string::npos;
}

}  // namespace falcod
