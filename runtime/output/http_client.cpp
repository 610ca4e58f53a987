// See http_client.h.
#include "runtime/output/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <deque>
#include <mutex>
#include <stdexcept>

#include "runtime/delayed/delayed_library.h"

namespace falcod {

namespace {

/// libcurl wants its set-up done once, before any thread uses it.
void set_up_once() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

size_t take_body(char* data, size_t size, size_t count, void* out) {
  auto& body = *static_cast<std::string*>(out);
  const size_t bytes = size * count;
  body.append(data, std::min(bytes, HttpClient::kMaxReply - body.size()));
  return bytes;
}

struct Headers {
  curl_slist* list = nullptr;
  explicit Headers(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) list = curl_slist_append(list, line.c_str());
    // Without it, curl waits a second for servers that do not answer "100 Continue".
    list = curl_slist_append(list, "Expect:");
  }
  ~Headers() { curl_slist_free_all(list); }
  Headers(const Headers&) = delete;
  Headers& operator=(const Headers&) = delete;
};

bool is_timeout(CURLcode code) { return code == CURLE_OPERATION_TIMEDOUT; }

/// What requests have in common.
void set_up(CURL* easy, const HttpOptions& options) {
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
  curl_easy_setopt(easy, CURLOPT_USERAGENT, options.user_agent.c_str());
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, options.tcp_keepalive ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_TRANSFER_ENCODING, options.compressed_transfer ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  const TlsOptions& tls = options.tls;
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, tls.verify ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, tls.verify ? 2L : 0L);
  if (!tls.ca_file.empty()) {  // these and no others
    curl_easy_setopt(easy, CURLOPT_CAINFO, tls.ca_file.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  }
  if (!tls.ca_path.empty()) curl_easy_setopt(easy, CURLOPT_CAPATH, tls.ca_path.c_str());
  if (!tls.client_cert.empty()) {
    curl_easy_setopt(easy, CURLOPT_SSLCERT, tls.client_cert.c_str());
    curl_easy_setopt(easy, CURLOPT_SSLKEY, tls.client_key.c_str());
  }
}

/// A request on its way. Stays where it is: libcurl knows its members.
class Transfer {
 public:
  Transfer(CURL* easy, const HttpRequest& request) : easy_(easy), headers_(request.headers) {
    curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.list);
    curl_easy_setopt(easy, CURLOPT_USERNAME, request.user.empty() ? nullptr : request.user.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD,
                     request.user.empty() ? nullptr : request.password.c_str());
    curl_easy_setopt(easy, CURLOPT_AWS_SIGV4,
                     request.signature.empty() ? nullptr : request.signature.c_str());
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_.data());
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body_);
  }
  ~Transfer() {
    curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, nullptr);
    curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, nullptr);
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  void done(CURLcode code) { code_ = code; }
  bool is(const CURL* easy) const { return easy == easy_; }

  /// One that is not done was stopped, or libcurl itself failed.
  HttpReply reply(bool stopped) {
    HttpReply reply;
    reply.body = std::move(body_);
    if (code_ == CURLE_OK) {
      curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &reply.status);
      curl_off_t seconds = 0;
      curl_easy_getinfo(easy_, CURLINFO_RETRY_AFTER, &seconds);
      if (seconds > 0) reply.retry_after = std::chrono::seconds{seconds};
      reply.outcome = reply.status != 0 ? HttpReply::Outcome::ANSWERED : HttpReply::Outcome::FAILED;
    } else if (!code_ && stopped) {
      reply.outcome = HttpReply::Outcome::STOPPED;
    } else {
      const CURLcode code = code_.value_or(CURLE_FAILED_INIT);
      reply.outcome = is_timeout(code) ? HttpReply::Outcome::TIMEOUT : HttpReply::Outcome::FAILED;
      reply.error = error_[0] != '\0' ? error_.data() : curl_easy_strerror(code);
    }
    return reply;
  }

 private:
  CURL* easy_;
  Headers headers_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::string body_;
  std::optional<CURLcode> code_;
};

/// Until all are done, or told to stop; true if it was that.
bool run(CURLM* multi, int stop_fd) {
  for (int running = 1; running != 0;) {
    if (curl_multi_perform(multi, &running) != CURLM_OK) return false;
    if (running == 0) return false;
    curl_waitfd stop{stop_fd, CURL_WAIT_POLLIN, 0};
    if (curl_multi_poll(multi, &stop, 1, 1000, nullptr) != CURLM_OK) return false;
    if (stop.revents != 0) return true;
  }
  return false;
}

}  // namespace

struct HttpClient::Handles {
  std::vector<CURL*> easies;
  CURLM* multi = nullptr;
  Handles() {
    set_up_once();
    multi = curl_multi_init();
    if (multi == nullptr) throw std::runtime_error("libcurl: out of memory");
  }
  ~Handles() {
    curl_multi_cleanup(multi);
    for (CURL* easy : easies) curl_easy_cleanup(easy);
  }
  Handles(const Handles&) = delete;
  Handles& operator=(const Handles&) = delete;

  CURL* at(size_t index, const HttpOptions& options) {
    while (easies.size() <= index) {
      CURL* easy = curl_easy_init();
      if (easy == nullptr) throw std::runtime_error("libcurl: out of memory");
      easies.push_back(easy);
      set_up(easy, options);
    }
    return easies[index];
  }
};

HttpClient::HttpClient(HttpOptions options)
    : options_(std::move(options)), problem_(load_delayed(CURL_LIBRARY)) {
  if (problem_.empty()) handles_ = std::make_unique<Handles>();
}

HttpClient::~HttpClient() = default;

HttpReply HttpClient::perform(const HttpRequest& request, int stop_fd) {
  return std::move(perform(std::span(&request, 1), stop_fd).front());
}

std::vector<HttpReply> HttpClient::perform(std::span<const HttpRequest> requests, int stop_fd) {
  if (!handles_) return std::vector(requests.size(), HttpReply{.error = problem_});
  CURLM* multi = handles_->multi;
  std::deque<Transfer> transfers;
  for (size_t i = 0; i < requests.size(); ++i) {
    CURL* easy = handles_->at(i, options_);
    transfers.emplace_back(easy, requests[i]);
    curl_multi_add_handle(multi, easy);
  }
  const bool stopped = run(multi, stop_fd);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    for (Transfer& transfer : transfers) {
      if (transfer.is(message->easy_handle)) transfer.done(message->data.result);
    }
  }
  std::vector<HttpReply> replies;
  for (Transfer& transfer : transfers) replies.push_back(transfer.reply(stopped));
  for (size_t i = 0; i < requests.size(); ++i) {
    curl_multi_remove_handle(multi, handles_->at(i, options_));
  }
  return replies;
}

}  // namespace falcod
