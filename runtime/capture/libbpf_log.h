// What libbpf says while it loads and attaches: the verifier's log is in it.
#pragma once

#include <string>

namespace falcod {

/// Of what a function of libbpf returned: an errno or its negative.
std::string error_text(int error);

/// Collects what libbpf says in this thread while it lives. libbpf has one print function per
/// process and gives it no context: from the first log on it says nothing elsewhere.
class LibbpfLog {
 public:
  LibbpfLog();
  ~LibbpfLog();
  LibbpfLog(const LibbpfLog&) = delete;
  LibbpfLog& operator=(const LibbpfLog&) = delete;

  /// The end of it, from the begin of a line.
  std::string tail() const;
  bool has_verifier_log() const;

 private:
  std::string text_;
};

}  // namespace falcod
