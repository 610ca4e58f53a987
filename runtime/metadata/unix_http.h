// HTTP over a Unix socket, as container engines speak it: HTTP/1.1, or HTTP/2 without TLS.
#pragma once

#include "runtime/metadata/http_pool.h"

namespace falcod::metadata {

class UnixHttp : public HttpPool {
 public:
  explicit UnixHttp(std::string socket, bool http2 = false);
  const std::string& socket() const { return socket_; }

 private:
  std::string socket_;
};

}  // namespace falcod::metadata
