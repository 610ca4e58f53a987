// See http_recorder.h.
#include "tests/support/http_recorder.h"

#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "tests/support/loopback_listener.h"

namespace falcod::test {

namespace {

/// Reads more into `pending`; false at the end.
bool read_more(int fd, std::string& pending) {
  std::array<char, 16384> buffer{};
  const ssize_t size = ::recv(fd, buffer.data(), buffer.size(), 0);
  if (size <= 0) return false;
  pending.append(buffer.data(), static_cast<size_t>(size));
  return true;
}

void send_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    text.remove_prefix(static_cast<size_t>(sent));
  }
}

/// Closing sends a reset instead of an end.
void reset(int fd) {
  const linger hard{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

}  // namespace

std::string RecordedRequest::header(std::string_view name) const {
  for (const std::string& line : headers) {
    const size_t colon = line.find(':');
    if (colon != name.size() || ::strncasecmp(line.data(), name.data(), colon) != 0) continue;
    const size_t begin = line.find_first_not_of(' ', colon + 1);
    return begin == line.npos ? std::string{} : line.substr(begin);
  }
  return {};
}

HttpRecorder::HttpRecorder() {
  const LoopbackListener listener = listen_on_loopback();
  listener_ = listener.fd;
  port_ = listener.port;
  acceptor_ = std::thread([this] { accept(); });
}

HttpRecorder::~HttpRecorder() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  came_.notify_all();
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  {
    const std::lock_guard lock(mutex_);
    for (const int fd : connections_) ::shutdown(fd, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
}

std::string HttpRecorder::url() const { return "http://127.0.0.1:" + std::to_string(port_); }

void HttpRecorder::answer(HttpAnswer answer) {
  const std::lock_guard lock(mutex_);
  answer_ = std::move(answer);
  choose_ = nullptr;
}

void HttpRecorder::answer_by(std::function<HttpAnswer(const RecordedRequest&)> choose) {
  const std::lock_guard lock(mutex_);
  answer_ = {};
  choose_ = std::move(choose);
}

std::vector<RecordedRequest> HttpRecorder::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

bool HttpRecorder::wait_for_requests(size_t count) const {
  std::unique_lock lock(mutex_);
  return came_.wait_for(lock, std::chrono::minutes{1}, [&] { return requests_.size() >= count; });
}

void HttpRecorder::accept() {
  for (int connection = 1; !stopping_; ++connection) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    const std::lock_guard lock(mutex_);
    connections_.push_back(fd);
    threads_.emplace_back([this, fd, connection] { serve(fd, connection); });
  }
}

void HttpRecorder::serve(int fd, int connection) {
  std::string pending;
  while (!stopping_ && serve_one(fd, connection, pending)) {
  }
  const std::lock_guard lock(mutex_);
  std::erase(connections_, fd);
  ::close(fd);
}

/// False if nothing more is to come.
bool HttpRecorder::serve_one(int fd, int connection, std::string& pending) {
  size_t head_end = 0;
  while ((head_end = pending.find("\r\n\r\n")) == pending.npos) {
    if (!read_more(fd, pending)) return false;
  }
  RecordedRequest request{
      .method = {}, .path = {}, .headers = {}, .body = {}, .connection = connection};
  const std::string head = pending.substr(0, head_end + 2);
  const size_t line_end = head.find("\r\n");
  const size_t blank = head.find(' ');
  request.method = head.substr(0, blank);
  request.path = head.substr(blank + 1, head.find(' ', blank + 1) - blank - 1);
  for (size_t at = line_end + 2; at < head.size();) {
    const size_t end = head.find("\r\n", at);
    request.headers.push_back(head.substr(at, end - at));
    at = end + 2;
  }
  HttpAnswer answer;
  {
    const std::lock_guard lock(mutex_);
    answer = answer_;
  }
  const size_t length = std::strtoul(request.header("Content-Length").c_str(), nullptr, 10);
  if (!answer.reset) {
    while (pending.size() < head_end + 4 + length) {
      if (!read_more(fd, pending)) return false;
    }
  }
  request.body = pending.substr(head_end + 4, length);
  pending.erase(0, head_end + 4 + length);
  {
    std::unique_lock lock(mutex_);
    if (choose_) answer = choose_(request);
    const bool whole = !answer.reset && !answer.silent && !answer.drips;
    request.answered = whole ? answer.status : 0;
    requests_.push_back(std::move(request));
    came_.notify_all();
    came_.wait(lock, [&] { return stopping_ || requests_.size() >= answer.together; });
  }
  return reply(fd, answer);
}

bool HttpRecorder::reply(int fd, const HttpAnswer& answer) {
  if (answer.reset) {
    reset(fd);
    return false;
  }
  if (answer.silent) return true;
  if (answer.drips) {
    constexpr std::string_view kHead = "HTTP/1.1 200 OK\r\nX: ";
    for (size_t i = 0; !stopping_; ++i) {
      const char byte = i < kHead.size() ? kHead[i] : 'x';
      if (::send(fd, &byte, 1, MSG_NOSIGNAL) != 1) break;
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    return false;
  }
  std::string reply = "HTTP/1.1 " + std::to_string(answer.status) + " Status\r\n";
  for (const std::string& header : answer.headers) reply += header + "\r\n";
  const bool has_body = answer.status != 204;
  if (has_body) reply += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
  reply += "\r\n" + (has_body ? answer.body : std::string{});
  send_all(fd, reply);
  return true;
}

}  // namespace falcod::test
