// See http_client.h.
#include "runtime/output/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <mutex>
#include <stdexcept>

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

}  // namespace

struct HttpClient::Handles {
  CURL* easy = nullptr;
  CURLM* multi = nullptr;
  Handles() {
    set_up_once();
    easy = curl_easy_init();
    multi = curl_multi_init();
    if (easy == nullptr || multi == nullptr) throw std::runtime_error("libcurl: out of memory");
  }
  ~Handles() {
    curl_multi_cleanup(multi);
    curl_easy_cleanup(easy);
  }
  Handles(const Handles&) = delete;
  Handles& operator=(const Handles&) = delete;
};

HttpClient::HttpClient(HttpOptions options)
    : options_(std::move(options)), handles_(std::make_unique<Handles>()) {
  CURL* easy = handles_->easy;
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options_.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.count()));
  curl_easy_setopt(easy, CURLOPT_USERAGENT, options_.user_agent.c_str());
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, options_.tcp_keepalive ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_TRANSFER_ENCODING, options_.compressed_transfer ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  const TlsOptions& tls = options_.tls;
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

HttpClient::~HttpClient() = default;

HttpReply HttpClient::perform(const HttpRequest& request, int stop_fd) {
  CURL* easy = handles_->easy;
  CURLM* multi = handles_->multi;
  HttpReply reply;
  const Headers headers(request.headers);
  std::array<char, CURL_ERROR_SIZE> error{};
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.list);
  curl_easy_setopt(easy, CURLOPT_USERNAME, request.user.empty() ? nullptr : request.user.c_str());
  curl_easy_setopt(easy, CURLOPT_PASSWORD,
                   request.user.empty() ? nullptr : request.password.c_str());
  curl_easy_setopt(easy, CURLOPT_AWS_SIGV4,
                   request.signature.empty() ? nullptr : request.signature.c_str());
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error.data());
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &reply.body);

  CURLcode code = CURLE_OK;
  bool stopped = false;
  curl_multi_add_handle(multi, easy);
  for (int running = 1; running != 0;) {
    if (curl_multi_perform(multi, &running) != CURLM_OK) break;
    if (running == 0) break;
    curl_waitfd stop{stop_fd, CURL_WAIT_POLLIN, 0};
    if (curl_multi_poll(multi, &stop, 1, 1000, nullptr) != CURLM_OK) break;
    if (stop.revents != 0) {
      stopped = true;
      break;
    }
  }
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg == CURLMSG_DONE) code = message->data.result;
  }
  if (!stopped && code == CURLE_OK) {
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &reply.status);
    curl_off_t seconds = 0;
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
    if (seconds > 0) reply.retry_after = std::chrono::seconds{seconds};
    reply.outcome = reply.status != 0 ? HttpReply::Outcome::ANSWERED : HttpReply::Outcome::FAILED;
  } else if (stopped) {
    reply.outcome = HttpReply::Outcome::STOPPED;
  } else {
    reply.outcome = is_timeout(code) ? HttpReply::Outcome::TIMEOUT : HttpReply::Outcome::FAILED;
    reply.error = error[0] != '\0' ? error.data() : curl_easy_strerror(code);
  }
  curl_multi_remove_handle(multi, easy);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, nullptr);
  return reply;
}

}  // namespace falcod
