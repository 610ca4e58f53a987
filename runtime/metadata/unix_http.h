// HTTP over a Unix socket, as container engines speak it: whole replies and endless streams,
// HTTP/1.1 or HTTP/2 without TLS. One thread, but for stop().
#pragma once

#include <atomic>
#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace falcod::metadata {

struct UnixReply {
  long status = 0;
  std::string body{};
  std::string grpc_status{};   ///< header or trailer grpc-status, empty if there is none
  std::string grpc_message{};  ///< likewise
};

class UnixHttp {
 public:
  /// A reply larger than this is none that an engine has reason to send.
  static constexpr size_t kMaxReply = size_t{64} << 20;

  explicit UnixHttp(std::string socket, bool http2 = false);
  ~UnixHttp();
  UnixHttp(const UnixHttp&) = delete;
  UnixHttp& operator=(const UnixHttp&) = delete;

  struct Request {
    std::string path;
    std::vector<std::string> headers{};
    std::string body{};
    bool post = false;
    std::chrono::milliseconds timeout{2000};  ///< 0: none
    /// Gets the reply's body piece by piece instead of UnixReply::body; false ends the transfer.
    std::function<bool(std::string_view)> on_data{};
  };
  /// The reply, or what went wrong with the connection.
  std::expected<UnixReply, std::string> perform(const Request& request);

  /// Running transfers end with an error, and so does every later one.
  void stop();
  bool stopped() const { return stopped_.load(std::memory_order_relaxed); }
  const std::string& socket() const { return socket_; }

 private:
  struct Handles;
  class Loan;

  std::string socket_;
  bool http2_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Handles>> idle_;
  std::vector<Handles*> busy_;
  std::atomic<bool> stopped_ = false;
};

}  // namespace falcod::metadata
