// See unix_http.h.
#include "runtime/metadata/unix_http.h"

#include <curl/curl.h>

namespace falcod::metadata {

UnixHttp::UnixHttp(std::string socket, bool http2)
    : HttpPool("http://localhost",
               [socket, http2](void* easy) {
                 curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, socket.c_str());
                 // No proxy of the environment is meant for this.
                 curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
                 if (!http2) return;
                 curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                                  static_cast<long>(CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE));
                 // libcurl 7.88 (Debian 12) fails with an error of framing when it uses such a
                 // connection a second time. A new one costs next to nothing on a Unix socket.
                 curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
               }),
      socket_(std::move(socket)) {}

}  // namespace falcod::metadata
