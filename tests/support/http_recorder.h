// An HTTP/1.1 server on loopback for tests: remembers every request, answers as told, and can be as
// bad as servers get. One thread for each connection.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace falcod::test {

struct HttpAnswer {
  int status = 200;
  std::vector<std::string> headers{};
  std::string body{};
  bool reset = false;   ///< the connection is reset when half of the request is read
  bool silent = false;  ///< nothing is ever answered
  bool drips = false;   ///< the answer comes byte by byte, and has no end
  size_t together = 0;  ///< nothing is answered before so many requests came
};

struct RecordedRequest {
  std::string method;
  std::string path;
  std::vector<std::string> headers;
  std::string body;
  int connection = 0;  ///< counted from 1
  int answered = 0;    ///< the status; 0: none

  /// The value of a header, whatever the case of its name; empty if it is not there.
  std::string header(std::string_view name) const;
};

class HttpRecorder {
 public:
  HttpRecorder();
  ~HttpRecorder();
  HttpRecorder(const HttpRecorder&) = delete;
  HttpRecorder& operator=(const HttpRecorder&) = delete;

  /// "http://127.0.0.1:PORT"
  std::string url() const;
  /// How requests are answered from now on; 200 until told otherwise.
  void answer(HttpAnswer answer);
  /// The same, by what they say.
  void answer_by(std::function<HttpAnswer(const RecordedRequest&)> choose);
  std::vector<RecordedRequest> requests() const;
  /// Waits until so many requests came, of any outcome; false after a minute without.
  bool wait_for_requests(size_t count) const;

 private:
  void accept();
  void serve(int fd, int connection);
  bool serve_one(int fd, int connection, std::string& pending);
  bool reply(int fd, const HttpAnswer& answer);

  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;
  mutable std::condition_variable came_;
  HttpAnswer answer_;
  std::function<HttpAnswer(const RecordedRequest&)> choose_;
  std::vector<RecordedRequest> requests_;
  std::vector<int> connections_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace falcod::test
