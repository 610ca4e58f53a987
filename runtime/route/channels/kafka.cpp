// Kafka by librdkafka: the alert as value, no key. A batch is handed over whole and waited for.
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <array>
#include <memory>

#include "runtime/route/channel.h"

namespace falcod::route {

namespace {

constexpr int kTimeoutMs = static_cast<int>(kChannelTimeout.count());

struct ConfDeleter {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
struct ProducerDeleter {
  void operator()(rd_kafka_t* producer) const {
    // What was not acknowledged is sent again by whoever retries.
    rd_kafka_purge(producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_destroy(producer);
  }
};

/// Of one batch, filled by the library while it is polled.
struct Outcome {
  std::vector<rd_kafka_resp_err_t> errors;
  size_t open = 0;
};

/// What became of one message, told where it says.
struct Ticket {
  Outcome* outcome;
  size_t index;
};

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  const auto* ticket = static_cast<const Ticket*>(message->_private);
  ticket->outcome->errors[ticket->index] = message->err;
  --ticket->outcome->open;
}

class Kafka final : public Channel {
 public:
  Kafka(std::unique_ptr<rd_kafka_t, ProducerDeleter> producer, std::string topic)
      : producer_(std::move(producer)), topic_(std::move(topic)) {}

  WriteResult deliver(std::span<const SinkAlert> alerts, int stop_fd) override {
    (void)stop_fd;  // waiting is bounded by message.timeout.ms
    Outcome outcome;
    outcome.errors.resize(alerts.size(), RD_KAFKA_RESP_ERR__FAIL);
    std::vector<Ticket> tickets;
    for (size_t i = 0; i < alerts.size(); ++i) tickets.push_back({&outcome, i});
    for (size_t i = 0; i < alerts.size(); ++i) {
      const std::string body =
          alerts[i].json().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
      const rd_kafka_resp_err_t error =
          rd_kafka_producev(producer_.get(), RD_KAFKA_V_TOPIC(topic_.c_str()),
                            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                            RD_KAFKA_V_VALUE(const_cast<char*>(body.data()), body.size()),
                            RD_KAFKA_V_OPAQUE(&tickets[i]), RD_KAFKA_V_END);
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
        ++outcome.open;
      } else {
        outcome.errors[i] = error;
      }
    }
    // Every message is told of at the latest when its time is over: no ticket outlives this.
    while (outcome.open > 0) rd_kafka_poll(producer_.get(), kTimeoutMs);
    for (size_t i = 0; i < alerts.size(); ++i) {
      if (outcome.errors[i] == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
      WriteResult result = retry(i, rd_kafka_err2str(outcome.errors[i]));
      if (outcome.errors[i] == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
        result.status = WriteResult::Status::REFUSED;
      }
      return result;
    }
    return {.written = alerts.size()};
  }

 private:
  std::unique_ptr<rd_kafka_t, ProducerDeleter> producer_;
  std::string topic_;
};

std::string upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

/// Falcosidekick's words for what librdkafka calls otherwise.
std::vector<std::pair<std::string, std::string>> properties(const Settings& settings,
                                                            const TlsOptions& tls) {
  std::string brokers;
  for (const std::string& broker : settings.list("hostport")) {
    brokers += (brokers.empty() ? "" : ",") + broker;
  }
  const bool encrypted = settings.flag("tls", false);
  const std::string sasl = upper(settings.text("sasl"));
  // Falcosidekick asks for none unless told otherwise; then what a broker loses is lost silently.
  const std::string acks = upper(settings.text("requiredacks", "ALL"));
  std::vector<std::pair<std::string, std::string>> all{
      {"bootstrap.servers", brokers},
      {"client.id", settings.text("clientid", "falcod")},
      {"message.timeout.ms", std::to_string(kTimeoutMs)},
      {"compression.codec", lower(settings.text("compression", "NONE"))},
      {"acks", acks == "ALL"   ? "all"
               : acks == "ONE" ? "1"
                               : "0"},
      {"allow.auto.create.topics", settings.flag("topiccreation", false) ? "true" : "false"},
      {"security.protocol", sasl.empty() ? (encrypted ? "ssl" : "plaintext")
                                         : (encrypted ? "sasl_ssl" : "sasl_plaintext")},
  };
  if (settings.text("balancer", "round_robin") == "round_robin") {
    all.emplace_back("sticky.partitioning.linger.ms", "0");
  }
  if (!sasl.empty()) {
    all.emplace_back("sasl.mechanism", sasl == "SCRAM_SHA256"   ? "SCRAM-SHA-256"
                                       : sasl == "SCRAM_SHA512" ? "SCRAM-SHA-512"
                                                                : sasl);
    all.emplace_back("sasl.username", settings.text("username"));
    all.emplace_back("sasl.password", settings.text("password"));
  }
  if (encrypted && !tls.verify) all.emplace_back("enable.ssl.certificate.verification", "false");
  if (encrypted && !tls.ca_file.empty()) all.emplace_back("ssl.ca.location", tls.ca_file);
  return all;
}

}  // namespace

ChannelOrError open_kafka(const Settings& settings, const TlsOptions& tls) {
  std::unique_ptr<rd_kafka_conf_t, ConfDeleter> conf(rd_kafka_conf_new());
  std::array<char, 512> error{};
  for (const auto& [name, value] : properties(settings, tls)) {
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), error.data(), error.size()) !=
        RD_KAFKA_CONF_OK) {
      return std::unexpected(std::string(error.data()));
    }
  }
  rd_kafka_conf_set_dr_msg_cb(conf.get(), &on_delivery);
  // Its own words go nowhere: what matters comes back with each message.
  rd_kafka_conf_set_log_cb(conf.get(), [](const rd_kafka_t*, int, const char*, const char*) {});
  std::unique_ptr<rd_kafka_t, ProducerDeleter> producer(
      rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), error.data(), error.size()));
  if (!producer) return std::unexpected(std::string(error.data()));
  (void)conf.release();  // the producer's now
  return std::make_unique<Kafka>(std::move(producer), settings.text("topic"));
}

}  // namespace falcod::route
