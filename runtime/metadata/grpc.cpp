// See grpc.h.
#include "runtime/metadata/grpc.h"

#include <charconv>

namespace falcod::metadata {

namespace {

/// A flag for compression, which is never used, and the length in four bytes.
constexpr size_t kFrameHeader = 5;

std::string framed(const std::string& message) {
  std::string frame(kFrameHeader, '\0');
  for (size_t i = 0; i < 4; ++i) {
    frame[1 + i] = static_cast<char>(message.size() >> (8 * (3 - i)) & 0xff);
  }
  return frame + message;
}

/// Takes the first whole message out of what came; false if there is none yet.
bool take_message(std::string& bytes, std::string& message) {
  if (bytes.size() < kFrameHeader) return false;
  size_t length = 0;
  for (size_t i = 1; i < kFrameHeader; ++i) {
    length = length << 8 | static_cast<unsigned char>(bytes[i]);
  }
  if (bytes.size() - kFrameHeader < length) return false;
  message.assign(bytes, kFrameHeader, length);
  bytes.erase(0, kFrameHeader + length);
  return true;
}

GrpcError error_of(const HttpAnswer& reply) {
  GrpcError error{.message = reply.grpc_message};
  const std::string& text = reply.grpc_status;
  std::from_chars(text.data(), text.data() + text.size(), error.status);
  if (error.status < 0) error.message = "no gRPC: HTTP status " + std::to_string(reply.status);
  return error;
}

std::vector<std::string> with_headers(std::vector<std::string> headers) {
  headers.insert(headers.end(), {"content-type: application/grpc", "te: trailers",
                                 "accept:", "user-agent: falcod"});
  return headers;
}

}  // namespace

std::expected<std::string, GrpcError> GrpcClient::call(const std::string& method,
                                                       const std::string& request,
                                                       std::chrono::milliseconds timeout,
                                                       std::vector<std::string> headers) {
  auto reply = http_.perform({.path = method,
                              .headers = with_headers(std::move(headers)),
                              .body = framed(request),
                              .post = true,
                              .timeout = timeout});
  if (!reply) return std::unexpected(GrpcError{.message = std::move(reply.error())});
  if (reply->grpc_status != "0") return std::unexpected(error_of(*reply));
  std::string message;
  if (!take_message(reply->body, message)) {
    return std::unexpected(GrpcError{.message = "the reply is cut off"});
  }
  return message;
}

GrpcError GrpcClient::stream(const std::string& method, const std::string& request,
                             const std::function<void(std::string_view)>& on_message) {
  std::string bytes, message;
  const auto on_data = [&](std::string_view piece) {
    bytes += piece;
    while (take_message(bytes, message)) on_message(message);
    return bytes.size() <= UnixHttp::kMaxReply;
  };
  const auto reply = http_.perform({.path = method,
                                    .headers = with_headers({}),
                                    .body = framed(request),
                                    .post = true,
                                    .timeout = std::chrono::milliseconds{0},
                                    .on_data = on_data});
  if (!reply) return {.message = reply.error()};
  return error_of(*reply);
}

}  // namespace falcod::metadata
