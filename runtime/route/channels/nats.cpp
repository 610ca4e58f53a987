// NATS: one message for each alert, on a subject made of priority and rule.
#include <fmt/format.h>
#include <nats/nats.h>

#include <cctype>
#include <memory>

#include "runtime/route/channel.h"

namespace falcod::route {

namespace {

constexpr int64_t kTimeoutMs = kChannelTimeout.count();

struct ConnectionDeleter {
  void operator()(natsConnection* connection) const { natsConnection_Destroy(connection); }
};
struct OptionsDeleter {
  void operator()(natsOptions* options) const { natsOptions_Destroy(options); }
};

/// As part of a subject, where dots and blanks divide.
std::string word(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto letter = static_cast<unsigned char>(c);
    out += std::isalnum(letter) != 0 ? static_cast<char>(std::tolower(letter)) : '_';
  }
  return out;
}

void replace(std::string& text, std::string_view from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

class Nats final : public Channel {
 public:
  Nats(std::string url, std::string subject, TlsOptions tls)
      : url_(std::move(url)), subject_(std::move(subject)), tls_(std::move(tls)) {}

  WriteResult deliver(std::span<const SinkAlert> alerts, int) override {
    if (!connection_) {
      if (const natsStatus status = connect(); status != NATS_OK) return failed(status);
    }
    for (const SinkAlert& alert : alerts) {
      std::string subject = subject_;
      replace(subject, "<priority>", word(alert.priority));
      replace(subject, "<rule>", word(alert.rule));
      const std::string body =
          alert.json().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
      const natsStatus status = natsConnection_Publish(connection_.get(), subject.c_str(),
                                                       body.data(), static_cast<int>(body.size()));
      if (status != NATS_OK) return failed(status);
    }
    // The server has them when it answers what was sent behind them.
    const natsStatus status = natsConnection_FlushTimeout(connection_.get(), kTimeoutMs);
    if (status != NATS_OK) return failed(status);
    return {.written = alerts.size()};
  }

 private:
  WriteResult failed(natsStatus status) {
    connection_.reset();
    return retry(0, fmt::format("{}: {}", shown_url(), natsStatus_GetText(status)));
  }

  /// Without user and password: reasons stand in logs.
  std::string shown_url() const {
    const size_t host = url_.find("://") + 3;
    const size_t at = url_.rfind('@');
    return at == std::string::npos || at < host ? url_ : url_.substr(0, host) + url_.substr(at + 1);
  }

  natsStatus connect() {
    natsOptions* made = nullptr;
    natsStatus status = natsOptions_Create(&made);
    const std::unique_ptr<natsOptions, OptionsDeleter> options(made);
    if (status == NATS_OK) status = natsOptions_SetURL(made, url_.c_str());
    if (status == NATS_OK) status = natsOptions_SetName(made, "falcod");
    if (status == NATS_OK) status = natsOptions_SetTimeout(made, kTimeoutMs);
    // Whoever retries knows what was delivered; the library would send what it kept once more.
    if (status == NATS_OK) status = natsOptions_SetAllowReconnect(made, false);
    if (status == NATS_OK && url_.starts_with("tls://")) status = encrypt(made);
    natsConnection* connection = nullptr;
    if (status == NATS_OK) status = natsConnection_Connect(&connection, made);
    connection_.reset(connection);
    return status;
  }

  natsStatus encrypt(natsOptions* options) const {
    natsStatus status = natsOptions_SetSecure(options, true);
    if (status == NATS_OK) status = natsOptions_SkipServerVerification(options, !tls_.verify);
    if (status == NATS_OK && !tls_.ca_file.empty()) {
      status = natsOptions_LoadCATrustedCertificates(options, tls_.ca_file.c_str());
    }
    if (status == NATS_OK && !tls_.client_cert.empty()) {
      status = natsOptions_LoadCertificatesChain(options, tls_.client_cert.c_str(),
                                                 tls_.client_key.c_str());
    }
    return status;
  }

  std::string url_, subject_;
  TlsOptions tls_;
  std::unique_ptr<natsConnection, ConnectionDeleter> connection_;
};

}  // namespace

ChannelOrError open_nats(const Settings& settings, const TlsOptions& tls) {
  std::string url = settings.text("hostport");
  if (url.find("://") == std::string::npos) url = "nats://" + url;
  return std::make_unique<Nats>(std::move(url),
                                settings.text("subjecttemplate", "falco.<priority>.<rule>"), tls);
}

}  // namespace falcod::route
