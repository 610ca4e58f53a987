// Mail by libcurl: one message for each alert, as text, or as HTML with the text beside it.
#include <curl/curl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "runtime/route/channel.h"

namespace falcod::route {

namespace {

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

struct Mail {
  std::string url, from, user, password, token, mechanism;
  std::vector<std::string> to;
  bool encrypted = true;
  bool as_html = true;
  TlsOptions tls;
};

std::string html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
  }
  return out;
}

/// In a header: no line ends, which would begin another.
std::string one_line(std::string text) {
  std::ranges::replace_if(text, [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
  return text;
}

std::string base64(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr size_t kLine = 76;
  std::string out;
  size_t on_line = 0;
  for (size_t i = 0; i < text.size(); i += 3) {
    uint32_t bits = 0;
    for (size_t j = 0; j < 3; ++j) {
      bits = bits << 8 | (i + j < text.size() ? static_cast<unsigned char>(text[i + j]) : 0u);
    }
    for (size_t j = 0; j < 4; ++j) {
      out += i + j > text.size() ? '=' : kDigits[bits >> (18 - 6 * j) & 63];
    }
    if ((on_line += 4) >= kLine) {
      out += "\r\n";
      on_line = 0;
    }
  }
  return out + "\r\n";
}

std::string plain_body(const SinkAlert& alert) {
  std::string text =
      fmt::format("Priority: {}\nRule: {}\nSource: {}\nHostname: {}\nTime: {}\n", alert.priority,
                  alert.rule, alert.source, alert.hostname, alert.time);
  text += fmt::format("Tags: {}\nOutput: {}\n", fmt::join(alert.tags, ", "), alert.output);
  for (const auto& [key, value] : alert.fields.items()) {
    text += fmt::format("{}: {}\n", key, plain(value));
  }
  return text;
}

std::string html_body(const SinkAlert& alert) {
  std::string rows;
  const auto row = [&](std::string_view key, std::string_view value) {
    rows += fmt::format("<tr><th align=\"left\">{}</th><td>{}</td></tr>\n", html(key), html(value));
  };
  row("Priority", alert.priority);
  row("Rule", alert.rule);
  row("Source", alert.source);
  row("Hostname", alert.hostname);
  row("Time", alert.time);
  row("Tags", fmt::format("{}", fmt::join(alert.tags, ", ")));
  for (const auto& [key, value] : alert.fields.items()) row(key, plain(value));
  return fmt::format("<html><body><p>{}</p>\n<table>\n{}</table></body></html>\n",
                     html(alert.output), rows);
}

std::string part(std::string_view type, std::string_view body) {
  return fmt::format(
      "Content-Type: {}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}", type,
      base64(body));
}

std::string message(const Mail& mail, const SinkAlert& alert) {
  // Encoded, so that whatever a rule's name holds stays one word (RFC 2047).
  std::string subject = base64(one_line(fmt::format("[Falco] {}: {}", alert.priority, alert.rule)));
  std::erase(subject, '\r');
  std::erase(subject, '\n');
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  std::string text = fmt::format(
      "Date: {:%a, %d %b %Y %H:%M:%S +0000}\r\nFrom: {}\r\nTo: {}\r\nMessage-ID: <{}@falcod>\r\n"
      "Subject: =?utf-8?B?{}?=\r\nMIME-Version: 1.0\r\n",
      fmt::gmtime(now), one_line(mail.from), one_line(fmt::format("{}", fmt::join(mail.to, ", "))),
      alert.id, subject);
  if (!mail.as_html) return text + part("text/plain", plain_body(alert));
  const std::string border = "falcod-" + alert.id;
  return text + fmt::format(
                    "Content-Type: multipart/alternative; boundary=\"{}\"\r\n\r\n"
                    "--{}\r\n{}--{}\r\n{}--{}--\r\n",
                    border, border, part("text/plain", plain_body(alert)), border,
                    part("text/html", html_body(alert)), border);
}

struct Upload {
  std::string_view rest;
};

size_t read_part(char* out, size_t size, size_t count, void* from) {
  std::string_view& rest = static_cast<Upload*>(from)->rest;
  const size_t bytes = std::min(size * count, rest.size());
  std::memcpy(out, rest.data(), bytes);
  rest.remove_prefix(bytes);
  return bytes;
}

/// Ends the transfer when falcod stops.
int is_stopped(void* stop_fd, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  pollfd stop{*static_cast<const int*>(stop_fd), POLLIN, 0};
  return stop.fd >= 0 && ::poll(&stop, 1, 0) > 0 ? 1 : 0;
}

class Smtp final : public Channel {
 public:
  explicit Smtp(Mail mail) : mail_(std::move(mail)), easy_(curl_easy_init()) {
    curl_slist* list = nullptr;
    for (const std::string& to : mail_.to) list = curl_slist_append(list, to.c_str());
    receivers_.reset(list);
  }

  WriteResult deliver(std::span<const SinkAlert> alerts, int stop_fd) override {
    size_t written = 0;
    for (const SinkAlert& alert : alerts) {
      WriteResult result = send(alert, written, stop_fd);
      if (result.status != WriteResult::Status::OK) return result;
      ++written;
    }
    return {.written = written};
  }

 private:
  WriteResult send(const SinkAlert& alert, size_t written, int stop_fd) {
    CURL* const easy = easy_.get();
    if (easy == nullptr) return retry(written, "out of memory");
    const std::string text = message(mail_, alert);
    Upload upload{text};
    curl_easy_reset(easy);  // the connection stays
    curl_easy_setopt(easy, CURLOPT_URL, mail_.url.c_str());
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, mail_.from.c_str());
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, receivers_.get());
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(kChannelTimeout.count()));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(4 * kChannelTimeout.count()));
    curl_easy_setopt(easy, CURLOPT_USE_SSL,
                     static_cast<long>(mail_.encrypted ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, mail_.tls.verify ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, mail_.tls.verify ? 2L : 0L);
    if (!mail_.tls.ca_file.empty()) {
      curl_easy_setopt(easy, CURLOPT_CAINFO, mail_.tls.ca_file.c_str());
    }
    authenticate(easy);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, &read_part);
    curl_easy_setopt(easy, CURLOPT_READDATA, &upload);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, &is_stopped);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &stop_fd);
    const CURLcode code = curl_easy_perform(easy);
    if (code == CURLE_OK) return {};
    long answer = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer);
    WriteResult result = retry(written, fmt::format("{} ({})", curl_easy_strerror(code), answer));
    // 552 and 554: this message; other answers are about the connection, the account or the time.
    if (answer == 552 || answer == 554) result.status = WriteResult::Status::REFUSED;
    return result;
  }

  void authenticate(CURL* easy) const {
    if (mail_.mechanism == "anonymous" || (mail_.user.empty() && mail_.token.empty())) return;
    curl_easy_setopt(easy, CURLOPT_USERNAME, mail_.user.c_str());
    if (mail_.mechanism == "oauthbearer") {
      curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, mail_.token.c_str());
      curl_easy_setopt(easy, CURLOPT_LOGIN_OPTIONS, "AUTH=OAUTHBEARER");
    } else if (mail_.mechanism == "external") {
      curl_easy_setopt(easy, CURLOPT_LOGIN_OPTIONS, "AUTH=EXTERNAL");
    } else {
      curl_easy_setopt(easy, CURLOPT_PASSWORD, mail_.password.c_str());
      curl_easy_setopt(easy, CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN");
    }
  }

  Mail mail_;
  std::unique_ptr<CURL, EasyDeleter> easy_;
  std::unique_ptr<curl_slist, ListDeleter> receivers_;
};

}  // namespace

ChannelOrError open_smtp(const Settings& settings, const TlsOptions& tls) {
  std::string host;
  uint16_t port = 25;
  if (!split_address(settings.text("hostport"), host, port)) {
    return std::unexpected(
        fmt::format("hostport: `{}` is no host:port", settings.text("hostport")));
  }
  const std::string mechanism = settings.text("authmechanism", "plain");
  if (mechanism != "plain" && mechanism != "oauthbearer" && mechanism != "external" &&
      mechanism != "anonymous" && mechanism != "none") {
    return std::unexpected(fmt::format(
        "authmechanism: `{}` is none of plain, oauthbearer, external, anonymous", mechanism));
  }
  const std::string format = settings.text("outputformat", "html");
  if (format != "html" && format != "text") {
    return std::unexpected(fmt::format("outputformat: `{}` is none of html and text", format));
  }
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return std::make_unique<Smtp>(Mail{.url = is_ipv6 ? fmt::format("smtp://[{}]:{}", host, port)
                                                    : fmt::format("smtp://{}:{}", host, port),
                                     .from = settings.text("from"),
                                     .user = settings.text("user"),
                                     .password = settings.text("password"),
                                     .token = settings.text("token"),
                                     .mechanism = mechanism,
                                     .to = settings.list("to"),
                                     .encrypted = settings.flag("tls", true),
                                     .as_html = format == "html",
                                     .tls = tls});
}

}  // namespace falcod::route
