// RabbitMQ by librabbitmq: to a queue through the default exchange, each alert confirmed by the
// broker.
#include <amqp.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <fmt/format.h>

#include <memory>
#include <vector>

#include "runtime/route/channel.h"

namespace falcod::route {

namespace {

constexpr amqp_channel_t kChannel = 1;
constexpr int kFrameBytes = 131'072;

timeval timeout() { return {.tv_sec = kChannelTimeout.count() / 1000, .tv_usec = 0}; }

struct ConnectionDeleter {
  // Not closed in the protocol's way: that would wait for a broker that does not answer.
  void operator()(amqp_connection_state_t_* connection) const {
    amqp_destroy_connection(connection);
  }
};

amqp_bytes_t bytes(const std::string& text) {
  return {.len = text.size(), .bytes = const_cast<char*>(text.data())};
}

std::string problem_of(const amqp_rpc_reply_t& reply) {
  switch (reply.reply_type) {
    case AMQP_RESPONSE_NORMAL:
      return {};
    case AMQP_RESPONSE_LIBRARY_EXCEPTION:
      return amqp_error_string2(reply.library_error);
    case AMQP_RESPONSE_SERVER_EXCEPTION:
      if (reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD) {
        const auto* closed = static_cast<const amqp_connection_close_t*>(reply.reply.decoded);
        return {static_cast<const char*>(closed->reply_text.bytes), closed->reply_text.len};
      }
      if (reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
        const auto* closed = static_cast<const amqp_channel_close_t*>(reply.reply.decoded);
        return {static_cast<const char*>(closed->reply_text.bytes), closed->reply_text.len};
      }
      return "the broker refuses";
    default:
      return "no answer";
  }
}

class RabbitMq final : public Channel {
 public:
  RabbitMq(std::string url, std::string queue, TlsOptions tls)
      : url_(std::move(url)), queue_(std::move(queue)), tls_(std::move(tls)) {}

  WriteResult deliver(std::span<const SinkAlert> alerts, int) override {
    size_t written = 0;
    for (const SinkAlert& alert : alerts) {
      std::string problem = connection_ ? "" : connect();
      if (problem.empty()) problem = publish(alert);
      if (!problem.empty()) {
        connection_.reset();
        return retry(written, problem);
      }
      ++written;
    }
    return {.written = written};
  }

 private:
  std::string connect() {
    // amqp_parse_url() cuts its text to pieces.
    std::vector<char> url(url_.c_str(), url_.c_str() + url_.size() + 1);
    amqp_connection_info info{};
    if (amqp_parse_url(url.data(), &info) != AMQP_STATUS_OK) return "url: it is no AMQP address";
    connection_.reset(amqp_new_connection());
    amqp_socket_t* const socket = info.ssl != 0 ? amqp_ssl_socket_new(connection_.get())
                                                : amqp_tcp_socket_new(connection_.get());
    if (socket == nullptr) return "out of memory";
    if (info.ssl != 0) {
      amqp_ssl_socket_set_verify_peer(socket, tls_.verify);
      amqp_ssl_socket_set_verify_hostname(socket, tls_.verify);
      if (!tls_.ca_file.empty()) amqp_ssl_socket_set_cacert(socket, tls_.ca_file.c_str());
      if (!tls_.client_cert.empty()) {
        amqp_ssl_socket_set_key(socket, tls_.client_cert.c_str(), tls_.client_key.c_str());
      }
    }
    timeval limit = timeout();
    amqp_set_rpc_timeout(connection_.get(), &limit);
    if (const int status = amqp_socket_open_noblock(socket, info.host, info.port, &limit);
        status != AMQP_STATUS_OK) {
      return fmt::format("{}:{}: {}", info.host, info.port, amqp_error_string2(status));
    }
    const amqp_rpc_reply_t login = amqp_login(connection_.get(), info.vhost, 0, kFrameBytes, 0,
                                              AMQP_SASL_METHOD_PLAIN, info.user, info.password);
    if (std::string problem = problem_of(login); !problem.empty()) return problem;
    amqp_channel_open(connection_.get(), kChannel);
    if (std::string problem = answered(); !problem.empty()) return problem;
    amqp_queue_declare(connection_.get(), kChannel, bytes(queue_), 0, 0, 0, 0, amqp_table_t{});
    if (!answered().empty()) {
      // It is there with other properties, which is as good; the broker closed the channel.
      amqp_channel_open(connection_.get(), kChannel);
      if (std::string problem = answered(); !problem.empty()) return problem;
    }
    amqp_confirm_select(connection_.get(), kChannel);
    return answered();
  }

  std::string answered() { return problem_of(amqp_get_rpc_reply(connection_.get())); }

  std::string publish(const SinkAlert& alert) {
    const std::string body =
        alert.json().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    const std::string type = "application/json";
    amqp_basic_properties_t properties{};
    properties._flags =
        AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG;
    properties.content_type = bytes(type);
    properties.delivery_mode = AMQP_DELIVERY_PERSISTENT;
    properties.message_id = bytes(alert.id);
    const int status = amqp_basic_publish(connection_.get(), kChannel, amqp_bytes_t{},
                                          bytes(queue_), 0, 0, &properties, bytes(body));
    if (status != AMQP_STATUS_OK) return amqp_error_string2(status);
    amqp_frame_t frame{};
    timeval limit = timeout();
    const int got = amqp_simple_wait_frame_noblock(connection_.get(), &frame, &limit);
    if (got != AMQP_STATUS_OK) return amqp_error_string2(got);
    const bool confirmed =
        frame.frame_type == AMQP_FRAME_METHOD && frame.payload.method.id == AMQP_BASIC_ACK_METHOD;
    amqp_maybe_release_buffers(connection_.get());
    return confirmed ? "" : "the broker does not confirm";
  }

  std::string url_, queue_;
  TlsOptions tls_;
  std::unique_ptr<amqp_connection_state_t_, ConnectionDeleter> connection_;
};

}  // namespace

ChannelOrError open_rabbitmq(const Settings& settings, const TlsOptions& tls) {
  const std::string url = settings.text("url");
  std::vector<char> copy(url.c_str(), url.c_str() + url.size() + 1);
  amqp_connection_info info{};
  if (amqp_parse_url(copy.data(), &info) != AMQP_STATUS_OK) {
    return std::unexpected(fmt::format("url: `{}` is no AMQP address", url));
  }
  return std::make_unique<RabbitMq>(url, settings.text("queue"), tls);
}

}  // namespace falcod::route
