// See http_pool.h.
#include "runtime/metadata/http_pool.h"

#include <curl/curl.h>
#include <strings.h>

#include <array>
#include <mutex>
#include <stdexcept>

#include "runtime/delayed/delayed_library.h"

namespace falcod::metadata {

namespace {

constexpr long kConnectMs = 1000;

/// libcurl wants its set-up done once, before any thread uses it; again does no harm.
void set_up_once() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

struct Transfer {
  HttpAnswer reply;
  const std::function<bool(std::string_view)>* on_data = nullptr;
  const std::function<void()>* on_begin = nullptr;
  CURL* easy = nullptr;
};

size_t take_body(char* data, size_t size, size_t count, void* out) {
  auto& transfer = *static_cast<Transfer*>(out);
  const std::string_view piece(data, size * count);
  if (*transfer.on_data) return (*transfer.on_data)(piece) ? piece.size() : 0;
  if (transfer.reply.body.size() + piece.size() > HttpPool::kMaxReply) return 0;
  transfer.reply.body += piece;
  return piece.size();
}

/// The value of a header line of this name, without blanks around it.
bool header_value(std::string_view line, std::string_view name, std::string& out) {
  if (line.size() <= name.size() || line[name.size()] != ':' ||
      ::strncasecmp(line.data(), name.data(), name.size()) != 0) {
    return false;
  }
  line.remove_prefix(name.size() + 1);
  const size_t begin = line.find_first_not_of(" \t");
  const size_t end = line.find_last_not_of(" \t\r\n");
  out = begin == std::string_view::npos || end < begin ? std::string_view{}
                                                       : line.substr(begin, end - begin + 1);
  return true;
}

size_t take_header(char* data, size_t size, size_t count, void* out) {
  auto& transfer = *static_cast<Transfer*>(out);
  const std::string_view line(data, size * count);
  if (line == "\r\n" && *transfer.on_begin) {
    long status = 0;
    curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    if (status == 200) (*transfer.on_begin)();
  }
  if (!header_value(line, "grpc-status", transfer.reply.grpc_status)) {
    header_value(line, "grpc-message", transfer.reply.grpc_message);
  }
  return line.size();
}

struct HeaderList {
  curl_slist* list = nullptr;
  explicit HeaderList(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) list = curl_slist_append(list, line.c_str());
    list = curl_slist_append(list, "Expect:");  // nobody answers "100 Continue" here
  }
  ~HeaderList() { curl_slist_free_all(list); }
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;
};

}  // namespace

struct HttpPool::Handles {
  CURL* easy = nullptr;
  CURLM* multi = nullptr;
  explicit Handles(const SetUp& set_up) {
    set_up_once();
    easy = curl_easy_init();
    multi = curl_multi_init();
    if (easy == nullptr || multi == nullptr) throw std::runtime_error("libcurl: out of memory");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    set_up(easy);
  }
  ~Handles() {
    curl_multi_cleanup(multi);
    curl_easy_cleanup(easy);
  }
  Handles(const Handles&) = delete;
  Handles& operator=(const Handles&) = delete;
};

/// One connection, taken for one transfer.
class HttpPool::Loan {
 public:
  explicit Loan(HttpPool& owner) : owner_(owner) {
    const std::lock_guard lock(owner.mutex_);
    if (owner.idle_.empty()) {
      handles_ = std::make_unique<Handles>(owner.set_up_);
    } else {
      handles_ = std::move(owner.idle_.back());
      owner.idle_.pop_back();
    }
    owner.busy_.push_back(handles_.get());
  }
  ~Loan() {
    const std::lock_guard lock(owner_.mutex_);
    std::erase(owner_.busy_, handles_.get());
    owner_.idle_.push_back(std::move(handles_));
  }
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;
  Handles& operator*() const { return *handles_; }

 private:
  HttpPool& owner_;
  std::unique_ptr<Handles> handles_;
};

HttpPool::HttpPool(std::string base, SetUp set_up)
    : base_(std::move(base)), set_up_(std::move(set_up)) {}

HttpPool::~HttpPool() = default;

std::expected<HttpAnswer, std::string> HttpPool::perform(const Request& request) {
  if (std::string problem = load_delayed(CURL_LIBRARY); !problem.empty()) {
    return std::unexpected(std::move(problem));
  }
  const Loan loan(*this);
  CURL* easy = (*loan).easy;
  CURLM* multi = (*loan).multi;
  Transfer transfer{
      .reply = {}, .on_data = &request.on_data, .on_begin = &request.on_begin, .easy = easy};
  const HeaderList headers(request.headers);
  std::array<char, CURL_ERROR_SIZE> error{};
  const std::string url = base_ + request.path;
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  if (request.post) {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
  } else {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  }
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.list);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error.data());
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  CURLcode code = CURLE_ABORTED_BY_CALLBACK;
  curl_multi_add_handle(multi, easy);
  for (int running = 1; running != 0 && !stopped();) {
    if (curl_multi_perform(multi, &running) != CURLM_OK) break;
    if (running != 0 && curl_multi_poll(multi, nullptr, 0, 1000, nullptr) != CURLM_OK) break;
  }
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg == CURLMSG_DONE) code = message->data.result;
  }
  if (code == CURLE_OK) {
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &transfer.reply.status);
    curl_off_t seconds = 0;
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
    transfer.reply.retry_after = std::chrono::seconds{seconds};
  }
  curl_multi_remove_handle(multi, easy);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, nullptr);
  if (code != CURLE_OK) {
    return std::unexpected(stopped()          ? std::string("stopped")
                           : error[0] != '\0' ? std::string(error.data())
                                              : std::string(curl_easy_strerror(code)));
  }
  return std::move(transfer.reply);
}

void HttpPool::stop() {
  stopped_.store(true, std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  for (const Handles* handles : busy_) curl_multi_wakeup(handles->multi);
}

}  // namespace falcod::metadata
