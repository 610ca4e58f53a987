// gRPC over a Unix socket: HTTP/2 by libcurl, messages as they come from wire.h. Calls and streams
// of a client, which is all that asking an engine takes.
#pragma once

#include <cstdint>

#include "runtime/metadata/unix_http.h"

namespace falcod::metadata {

struct GrpcError {
  int status = -1;  ///< gRPC's; -1: there was no answer
  std::string message{};
};

/// gRPC's statuses that callers tell apart.
inline constexpr int kGrpcNotFound = 5;
inline constexpr int kGrpcUnimplemented = 12;

class GrpcClient {
 public:
  explicit GrpcClient(std::string socket) : http_(std::move(socket), true) {}

  /// `method`: "/package.Service/Method". `headers`: metadata as "name: value".
  std::expected<std::string, GrpcError> call(
      const std::string& method, const std::string& request,
      std::chrono::milliseconds timeout = std::chrono::milliseconds{2000},
      std::vector<std::string> headers = {});
  /// Calls `on_message` for each message until the stream ends or stop() is called.
  GrpcError stream(const std::string& method, const std::string& request,
                   const std::function<void(std::string_view)>& on_message);
  void stop() { http_.stop(); }
  const std::string& socket() const { return http_.socket(); }

 private:
  UnixHttp http_;
};

}  // namespace falcod::metadata
