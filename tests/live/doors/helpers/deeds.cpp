// What rules watch for, done through one door or another: deeds DOOR DIRECTORY
//   plain   system calls
//   ring    io_uring, done while it is submitted where it can be
//   worker  io_uring, each request by a worker thread (IOSQE_ASYNC)
//   polled  io_uring with a thread that picks the requests up: no system call at all
// The same deeds in the same order whatever the door. Exit 77: the kernel has no such door.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "ring.h"

namespace {

/// One system call, or the request that stands for it.
class Door {
 public:
  Door(std::unique_ptr<Ring> ring, uint8_t flags) : ring_(std::move(ring)), flags_(flags) {}

  int openat(const char* path, int flags, unsigned mode) {
    if (!ring_) return result(syscall(SYS_openat, AT_FDCWD, path, flags, mode));
    io_uring_sqe request = on(IORING_OP_OPENAT, AT_FDCWD, path, mode);
    request.open_flags = static_cast<uint32_t>(flags);
    return ring_->run(request);
  }
  int openat2(const char* path, open_how& how) {
    if (!ring_) return result(syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how));
    io_uring_sqe request = on(IORING_OP_OPENAT2, AT_FDCWD, path, sizeof how);
    request.off = reinterpret_cast<uint64_t>(&how);
    return ring_->run(request);
  }
  int mkdirat(const char* path, unsigned mode) {
    if (!ring_) return result(syscall(SYS_mkdirat, AT_FDCWD, path, mode));
    return ring_->run(on(IORING_OP_MKDIRAT, AT_FDCWD, path, mode));
  }
  int renameat2(const char* from, const char* to) {
    if (!ring_) return result(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
    return ring_->run(two_paths(IORING_OP_RENAMEAT, from, to));
  }
  int linkat(const char* from, const char* to) {
    if (!ring_) return result(syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0));
    return ring_->run(two_paths(IORING_OP_LINKAT, from, to));
  }
  int symlinkat(const char* target, const char* path) {
    if (!ring_) return result(syscall(SYS_symlinkat, target, AT_FDCWD, path));
    io_uring_sqe request = on(IORING_OP_SYMLINKAT, AT_FDCWD, target, 0);
    request.addr2 = reinterpret_cast<uint64_t>(path);
    return ring_->run(request);
  }
  int unlinkat(const char* path, int flags) {
    if (!ring_) return result(syscall(SYS_unlinkat, AT_FDCWD, path, flags));
    io_uring_sqe request = on(IORING_OP_UNLINKAT, AT_FDCWD, path, 0);
    request.unlink_flags = static_cast<uint32_t>(flags);
    return ring_->run(request);
  }
  int connect(int fd, const sockaddr_in& address) {
    if (!ring_) return result(syscall(SYS_connect, fd, &address, sizeof address));
    io_uring_sqe request = on(IORING_OP_CONNECT, fd, &address, 0);
    request.off = sizeof address;
    return ring_->run(request);
  }
  int accept4(int fd) {
    if (!ring_) return result(syscall(SYS_accept4, fd, nullptr, nullptr, 0));
    return ring_->run(on(IORING_OP_ACCEPT, fd, nullptr, 0));
  }
  int sendto(int fd, const char* text, size_t size) {
    if (!ring_) return result(syscall(SYS_sendto, fd, text, size, 0, nullptr, 0));
    return ring_->run(on(IORING_OP_SEND, fd, text, size));
  }
  int recvfrom(int fd, char* text, size_t size) {
    if (!ring_) return result(syscall(SYS_recvfrom, fd, text, size, 0, nullptr, nullptr));
    return ring_->run(on(IORING_OP_RECV, fd, text, size));
  }
  int sendmsg(int fd, msghdr& message) {
    if (!ring_) return result(syscall(SYS_sendmsg, fd, &message, 0));
    return ring_->run(on(IORING_OP_SENDMSG, fd, &message, 1));
  }
  int recvmsg(int fd, msghdr& message) {
    if (!ring_) return result(syscall(SYS_recvmsg, fd, &message, 0));
    return ring_->run(on(IORING_OP_RECVMSG, fd, &message, 1));
  }
  int read(int fd, char* text, size_t size) {
    if (!ring_) return result(syscall(SYS_read, fd, text, size));
    return ring_->run(on(IORING_OP_READ, fd, text, size));
  }
  int write(int fd, const char* text, size_t size) {
    if (!ring_) return result(syscall(SYS_write, fd, text, size));
    return ring_->run(on(IORING_OP_WRITE, fd, text, size));
  }

 private:
  static int result(long value) { return value < 0 ? -errno : static_cast<int>(value); }

  io_uring_sqe on(uint8_t opcode, int fd, const void* address, size_t length) const {
    io_uring_sqe request{};
    request.opcode = opcode;
    request.flags = flags_;
    request.fd = fd;
    request.addr = reinterpret_cast<uint64_t>(address);
    request.len = static_cast<uint32_t>(length);
    return request;
  }
  io_uring_sqe two_paths(uint8_t opcode, const char* from, const char* to) const {
    io_uring_sqe request = on(opcode, AT_FDCWD, from, static_cast<size_t>(AT_FDCWD));
    request.addr2 = reinterpret_cast<uint64_t>(to);
    return request;
  }

  std::unique_ptr<Ring> ring_;
  uint8_t flags_;
};

void expect(bool done, const char* deed) {
  if (done) return;
  std::fprintf(stderr, "deeds: %s failed: %s\n", deed, std::strerror(errno));
  std::exit(1);
}

void do_files(Door& door, const std::string& directory) {
  const std::string file = directory + "/opened", second = directory + "/opened2",
                    renamed = directory + "/renamed", linked = directory + "/linked",
                    symbolic = directory + "/symbolic", made = directory + "/made";
  const int fd = door.openat(file.c_str(), O_CREAT | O_RDWR, 0600);
  expect(fd >= 0, "openat");
  expect(door.write(fd, "written", 7) == 7, "write");
  expect(lseek(fd, 0, SEEK_SET) == 0, "lseek");
  char text[16];
  expect(door.read(fd, text, 7) == 7, "read");
  close(fd);
  open_how how{};
  how.flags = O_CREAT | O_WRONLY;
  how.mode = 0640;
  const int fd2 = door.openat2(second.c_str(), how);
  expect(fd2 >= 0, "openat2");
  close(fd2);
  expect(door.openat((directory + "/absent").c_str(), O_RDONLY, 0) == -ENOENT, "absent openat");
  expect(door.mkdirat(made.c_str(), 0700) == 0, "mkdirat");
  expect(door.linkat(file.c_str(), linked.c_str()) == 0, "linkat");
  expect(door.symlinkat("opened2", symbolic.c_str()) == 0, "symlinkat");
  expect(door.renameat2(file.c_str(), renamed.c_str()) == 0, "renameat2");
  for (const std::string& path : {second, renamed, linked, symbolic}) {
    expect(door.unlinkat(path.c_str(), 0) == 0, "unlinkat");
  }
  expect(door.unlinkat(made.c_str(), AT_REMOVEDIR) == 0, "unlinkat of a directory");
}

void do_sockets(Door& door) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  socklen_t size = sizeof address;
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  expect(bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
  expect(listen(listener, 1) == 0, "listen");
  expect(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0, "getsockname");
  expect(door.connect(client, address) == 0, "connect");
  const int server = door.accept4(listener);
  expect(server >= 0, "accept4");
  char text[16];
  expect(door.sendto(client, "sent", 4) == 4, "sendto");
  expect(door.recvfrom(server, text, 4) == 4, "recvfrom");
  iovec part{text, 4};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  expect(door.sendmsg(server, message) == 4, "sendmsg");
  expect(door.recvmsg(client, message) == 4, "recvmsg");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string_view name = argv[1];
  std::unique_ptr<Ring> ring;
  if (name != "plain") {
    ring = std::make_unique<Ring>(name == "polled" ? IORING_SETUP_SQPOLL : 0);
    if (!ring->ok()) return 77;
  }
  Door door(std::move(ring), name == "worker" ? IOSQE_ASYNC : 0);
  do_files(door, argv[2]);
  do_sockets(door);
}
