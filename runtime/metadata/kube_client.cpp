// See kube_client.h.
#include "runtime/metadata/kube_client.h"

#include <curl/curl.h>

#include <fstream>

namespace falcod::metadata {

namespace {

constexpr std::chrono::milliseconds kTimeout{10'000};
/// Objects of one page.
constexpr std::string_view kPage = "limit=500";
/// Servers end a watch after so many seconds; a connection that broke without a word is noticed
/// at the latest soon after.
constexpr int kWatchSeconds = 240;
constexpr std::chrono::milliseconds kWatchTimeout{(kWatchSeconds + 30) * 1000};
/// A server refuses larger objects itself.
constexpr size_t kMaxLine = size_t{16} << 20;

void set_blob(void* easy, CURLoption option, const std::string& text) {
  if (text.empty()) return;
  curl_blob blob{};
  blob.data = const_cast<char*>(text.data());
  blob.len = text.size();
  blob.flags = CURL_BLOB_COPY;
  curl_easy_setopt(easy, option, &blob);
}

void set_up(void* easy, const KubeAccess& access) {
  set_blob(easy, CURLOPT_CAINFO_BLOB, access.ca);
  set_blob(easy, CURLOPT_SSLCERT_BLOB, access.client_cert);
  set_blob(easy, CURLOPT_SSLKEY_BLOB, access.client_key);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, access.insecure ? 0L : 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, access.insecure ? 0L : 2L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  // One stream per connection: a watch and a request do not wait for each other.
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  if (!access.user.empty()) {
    curl_easy_setopt(easy, CURLOPT_USERNAME, access.user.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, access.password.c_str());
  }
}

std::string with_query(const std::string& path, const std::string& query) {
  return path + (path.find('?') == std::string::npos ? "?" : "&") + query;
}

KubeError error_of(long status, const Json& body) {
  std::string message = text_of(body, "message");
  if (message.empty()) message = "HTTP status " + std::to_string(status);
  return {.status = status, .message = std::move(message)};
}

}  // namespace

KubeClient::KubeClient(KubeAccess access)
    : access_(std::move(access)),
      http_(access_.server, [this](void* easy) { set_up(easy, access_); }) {}

std::vector<std::string> KubeClient::headers() const {
  std::vector<std::string> headers{"Accept: application/json", "User-Agent: falcod"};
  std::string token = access_.token;
  if (!access_.token_file.empty()) {
    std::ifstream file(access_.token_file);
    if (std::string line; std::getline(file, line)) token = line;
  }
  if (!token.empty()) headers.push_back("Authorization: Bearer " + token);
  return headers;
}

std::expected<Json, KubeError> KubeClient::get(const std::string& path) {
  auto reply = http_.perform({.path = path, .headers = headers(), .timeout = kTimeout});
  if (!reply) return std::unexpected(KubeError{.message = std::move(reply.error())});
  Json body = parse_json(reply->body);
  if (reply->status != 200) return std::unexpected(error_of(reply->status, body));
  return body;
}

std::expected<KubeClient::List, KubeError> KubeClient::list(const std::string& path) {
  List all;
  std::string next;
  do {
    std::string page = with_query(path, std::string(kPage));
    if (!next.empty()) page = with_query(page, "continue=" + next);
    auto body = get(page);
    if (!body) return std::unexpected(std::move(body.error()));
    Json& items = (*body)["items"];
    if (items.is_array()) {
      for (Json& item : items) all.items.push_back(std::move(item));
    }
    const Json& metadata = member(*body, "metadata");
    next = text_of(metadata, "continue");
    all.version = text_of(metadata, "resourceVersion");
  } while (!next.empty());
  return all;
}

KubeError KubeClient::watch(
    const std::string& path, const std::string& version,
    const std::function<void(const std::string& type, const Json& object)>& on_event) {
  KubeError error{.status = 200};
  std::string line;
  const auto on_line = [&] {
    const Json event = parse_json(line);
    const std::string type = text_of(event, "type");
    const Json& object = member(event, "object");
    if (type == "ERROR" || type.empty()) {
      const Json& code = type.empty() ? member(event, "code") : member(object, "code");
      error =
          error_of(code.is_number_integer() ? code.get<long>() : 0, type.empty() ? event : object);
      return false;
    }
    on_event(type, object);
    return true;
  };
  HttpPool::Request request{
      .path = with_query(path, "watch=1&allowWatchBookmarks=true&resourceVersion=" + version +
                                   "&timeoutSeconds=" + std::to_string(kWatchSeconds)),
      .headers = headers(),
      .timeout = kWatchTimeout};
  request.on_data = [&](std::string_view piece) {
    while (!piece.empty()) {
      const size_t end = piece.find('\n');
      line += piece.substr(0, end);
      if (line.size() > kMaxLine) return false;
      if (end == std::string_view::npos) break;
      piece.remove_prefix(end + 1);
      const bool goes_on = on_line();
      line.clear();
      if (!goes_on) return false;
    }
    return true;
  };
  const auto reply = http_.perform(request);
  if (error.status != 200) return error;
  if (!reply) return {.message = reply.error()};
  // An error's status is one object without an end of line.
  if (reply->status != 200) return error_of(reply->status, parse_json(line));
  return error;
}

}  // namespace falcod::metadata
