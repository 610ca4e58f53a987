// MQTT by libmosquitto, without a thread of its own: an alert is out when the broker has answered
// for it, or at quality 0 when it is sent.
#include <fmt/format.h>
#include <mosquitto.h>
#include <poll.h>

#include <memory>
#include <mutex>
#include <optional>
#include <set>

#include "runtime/route/channel.h"

namespace falcod::route {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kKeepAliveS = 60;
constexpr int kPollMs = 100;

struct ClientDeleter {
  void operator()(mosquitto* client) const { mosquitto_destroy(client); }
};

struct Broker {
  std::string host;
  uint16_t port = 1883;
  bool encrypted = false;
};

struct MqttSettings {
  std::string topic, user, password;
  int quality = 0;
  bool retained = false;
  TlsOptions tls;
};

class Mqtt final : public Channel {
 public:
  Mqtt(Broker broker, MqttSettings settings)
      : broker_(std::move(broker)), settings_(std::move(settings)) {
    static std::once_flag once;
    std::call_once(once, [] { mosquitto_lib_init(); });
  }

  WriteResult deliver(std::span<const SinkAlert> alerts, int stop_fd) override {
    size_t written = 0;
    for (const SinkAlert& alert : alerts) {
      std::string problem = connected_ ? "" : connect(stop_fd);
      if (problem.empty()) problem = publish(alert, stop_fd);
      if (!problem.empty()) {
        client_.reset();
        connected_ = false;
        return retry(written, fmt::format("{}:{}: {}", broker_.host, broker_.port, problem));
      }
      ++written;
    }
    return {.written = written};
  }

 private:
  static void on_connect(mosquitto*, void* self, int code) {
    static_cast<Mqtt*>(self)->answer_ = code;
  }
  static void on_publish(mosquitto*, void* self, int id) {
    static_cast<Mqtt*>(self)->published_.insert(id);
  }
  static void on_disconnect(mosquitto*, void* self, int) {
    static_cast<Mqtt*>(self)->connected_ = false;
  }

  /// Until `done`, the time is over, or falcod stops.
  template <typename Done>
  std::string wait(Done done, int stop_fd) {
    const auto end = Clock::now() + kChannelTimeout;
    while (!done()) {
      pollfd stop{stop_fd, POLLIN, 0};
      if (stop_fd >= 0 && ::poll(&stop, 1, 0) > 0) return "stopped";
      if (Clock::now() > end) return "timed out";
      if (const int code = mosquitto_loop(client_.get(), kPollMs, 1); code != MOSQ_ERR_SUCCESS) {
        return mosquitto_strerror(code);
      }
    }
    return {};
  }

  std::string connect(int stop_fd) {
    client_.reset(mosquitto_new(nullptr, true, this));
    if (!client_) return "out of memory";
    answer_.reset();
    published_.clear();
    mosquitto_connect_callback_set(client_.get(), &on_connect);
    mosquitto_publish_callback_set(client_.get(), &on_publish);
    mosquitto_disconnect_callback_set(client_.get(), &on_disconnect);
    if (!settings_.user.empty()) {
      mosquitto_username_pw_set(client_.get(), settings_.user.c_str(), settings_.password.c_str());
    }
    if (broker_.encrypted) {
      const TlsOptions& tls = settings_.tls;
      const auto file = [](const std::string& name) {
        return name.empty() ? nullptr : name.c_str();
      };
      mosquitto_tls_set(client_.get(), file(tls.ca_file),
                        tls.ca_file.empty() ? "/etc/ssl/certs" : nullptr, file(tls.client_cert),
                        file(tls.client_key), nullptr);
      mosquitto_tls_insecure_set(client_.get(), !tls.verify);
    }
    const int code =
        mosquitto_connect(client_.get(), broker_.host.c_str(), broker_.port, kKeepAliveS);
    if (code != MOSQ_ERR_SUCCESS) return mosquitto_strerror(code);
    std::string problem = wait([&] { return answer_.has_value(); }, stop_fd);
    if (problem.empty() && *answer_ != 0) problem = mosquitto_connack_string(*answer_);
    connected_ = problem.empty();
    return problem;
  }

  std::string publish(const SinkAlert& alert, int stop_fd) {
    const std::string body =
        alert.json().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    int id = 0;
    const int code = mosquitto_publish(client_.get(), &id, settings_.topic.c_str(),
                                       static_cast<int>(body.size()), body.data(),
                                       settings_.quality, settings_.retained);
    if (code != MOSQ_ERR_SUCCESS) return mosquitto_strerror(code);
    return wait([&] { return published_.erase(id) != 0; }, stop_fd);
  }

  Broker broker_;
  MqttSettings settings_;
  std::unique_ptr<mosquitto, ClientDeleter> client_;
  std::optional<int> answer_;  ///< of the broker, to connecting
  std::set<int> published_;
  bool connected_ = false;
};

}  // namespace

ChannelOrError open_mqtt(const Settings& settings, const TlsOptions& tls) {
  Broker broker;
  std::string_view address;
  const std::string url = settings.text("broker");
  address = url;
  if (const size_t colon = address.find("://"); colon != std::string_view::npos) {
    const std::string_view scheme = address.substr(0, colon);
    broker.encrypted = scheme == "ssl" || scheme == "tls" || scheme == "mqtts";
    if (!broker.encrypted && scheme != "tcp" && scheme != "mqtt") {
      return std::unexpected(fmt::format("broker: `{}` is none of tcp, mqtt, ssl and tls", scheme));
    }
    address.remove_prefix(colon + 3);
  }
  if (broker.encrypted) broker.port = 8883;
  if (!split_address(address, broker.host, broker.port)) {
    return std::unexpected(fmt::format("broker: `{}` is no address", url));
  }
  const uint64_t quality = settings.number("qos", 0);
  if (quality > 2) return std::unexpected(fmt::format("qos: {} is none of 0, 1 and 2", quality));
  return std::make_unique<Mqtt>(std::move(broker),
                                MqttSettings{.topic = settings.text("topic", "falco/events"),
                                             .user = settings.text("user"),
                                             .password = settings.text("password"),
                                             .quality = static_cast<int>(quality),
                                             .retained = settings.flag("retained", false),
                                             .tls = tls});
}

}  // namespace falcod::route
