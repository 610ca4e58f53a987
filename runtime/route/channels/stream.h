// A TCP connection, with TLS where asked for: libcurl resolves, connects and encrypts.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "runtime/output/http_client.h"

namespace falcod::route {

class Stream {
 public:
  Stream(std::string host, uint16_t port, bool encrypted, TlsOptions tls);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  bool is_open() const { return handle_ != nullptr; }
  /// What is wrong, empty if nothing is.
  std::string open();
  void close();
  /// Everything, or what is wrong; the stream is closed then.
  std::string send(std::string_view bytes, int stop_fd);
  /// Appends what comes next to `bytes`; what is wrong, or that nothing came in time.
  std::string receive(std::string& bytes, int stop_fd);

 private:
  struct Handle;
  std::string wait(bool for_writing, int stop_fd);

  std::string host_;
  uint16_t port_;
  bool encrypted_;
  TlsOptions tls_;
  std::unique_ptr<Handle> handle_;
};

}  // namespace falcod::route
