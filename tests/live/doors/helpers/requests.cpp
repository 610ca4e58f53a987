// Requests through io_uring whose completion is not told, or told otherwise: requests HOW DIRECTORY
//   skipped    the program asks not to hear of success
//   overflown  the completion queue is full
//   slot       the file is opened into the ring's own table, by a symbolic link
//   alike      three requests with the same user_data, one of them fails
//   multishot  one request accepts two connections
// Exit 77: the kernel does not know how.
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "ring.h"

namespace {

constexpr int kSkipped = 77;
constexpr unsigned kEnoughToOverflow = 16;  // the completion queue has 8 places

io_uring_sqe open_request(const std::string& path) {
  io_uring_sqe request{};
  request.opcode = IORING_OP_OPENAT;
  request.fd = AT_FDCWD;
  request.addr = reinterpret_cast<uint64_t>(path.c_str());
  request.open_flags = O_RDONLY;
  return request;
}

int open_skipped(Ring& ring, const std::string& path) {
  io_uring_sqe request = open_request(path);
  request.flags = IOSQE_CQE_SKIP_SUCCESS;
  ring.add(request);
  return ring.submit(0) == -EINVAL ? kSkipped : 0;
}

int open_overflown(Ring& ring, const std::string& path) {
  io_uring_sqe nothing{};
  nothing.opcode = IORING_OP_NOP;
  for (unsigned i = 0; i < kEnoughToOverflow; ++i) {
    ring.add(nothing);
    if (ring.submit_only() < 0) return 1;
  }
  ring.add(open_request(path));
  return ring.submit_only() == 1 ? 0 : 1;
}

int open_slot(Ring& ring, const std::string& path, const std::string& link) {
  if (!ring.make_file_table(2) || symlink(path.c_str(), link.c_str()) != 0) return kSkipped;
  io_uring_sqe request = open_request(link);
  request.file_index = 2;  // the second, as they are counted from 1
  return ring.run(request) == 0 ? 0 : kSkipped;
}

int open_alike(Ring& ring, const std::string& path, const std::string& absent) {
  ring.add(open_request(path));
  ring.add(open_request(absent));
  ring.add(open_request(path));
  return ring.submit(3) == -EINVAL;
}

int accept_many(Ring& ring) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  socklen_t size = sizeof address;
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener, 4) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return 1;
  }
  for (int i = 0; i < 2; ++i) {
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(client, reinterpret_cast<sockaddr*>(&address), size) != 0) return 1;
  }
  io_uring_sqe request{};
  request.opcode = IORING_OP_ACCEPT;
  request.fd = listener;
  request.ioprio = IORING_ACCEPT_MULTISHOT;
  request.user_data = 7;
  ring.add(request);
  return ring.submit(2) < 0 ? kSkipped : 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string_view how = argv[1];
  const std::string directory = argv[2];
  const std::string path = directory + "/asked";
  Ring ring(0);
  if (!ring.ok()) return kSkipped;
  if (how == "skipped") return open_skipped(ring, path);
  if (how == "overflown") return open_overflown(ring, path);
  if (how == "slot") return open_slot(ring, path, directory + "/link");
  if (how == "alike") return open_alike(ring, path, directory + "/absent");
  if (how == "multishot") return accept_many(ring);
  return 2;
}
