// 32-bit x86 code: the sockets of socketcall and the files of the 32-bit system calls: deeds32
// DIRECTORY. Built with -m32 and linked with libc alone.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/net.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

long socket_call(int call, long a, long b, long c, long d = 0, long e = 0, long f = 0) {
  const long arguments[] = {a, b, c, d, e, f};
  return syscall(SYS_socketcall, call, arguments);
}

long address_of(const void* pointer) { return reinterpret_cast<long>(pointer); }

bool do_files(const char* directory) {
  char path[256];
  strcpy(path, directory);
  strcat(path, "/opened");
  const int fd = static_cast<int>(syscall(SYS_open, path, O_CREAT | O_RDWR, 0600));
  const int again = static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, O_RDONLY));
  const int made = static_cast<int>(syscall(SYS_creat, path, 0600));
  return fd >= 0 && again >= 0 && made >= 0 && syscall(SYS_unlink, path) == 0;
}

bool do_sockets() {
  const long listener = socket_call(SYS_SOCKET, AF_INET, SOCK_STREAM, 0);
  const long client = socket_call(SYS_SOCKET, AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address;
  socklen_t size = sizeof address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  char text[8];
  if (socket_call(SYS_BIND, listener, address_of(&address), sizeof address) != 0 ||
      socket_call(SYS_LISTEN, listener, 1, 0) != 0 ||
      socket_call(SYS_GETSOCKNAME, listener, address_of(&address), address_of(&size)) != 0 ||
      socket_call(SYS_CONNECT, client, address_of(&address), sizeof address) != 0) {
    return false;
  }
  const long server = socket_call(SYS_ACCEPT, listener, 0, 0);
  struct iovec part = {text, 4};
  struct msghdr message;
  memset(&message, 0, sizeof message);
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  return socket_call(SYS_SENDTO, client, address_of("sent"), 4, 0, 0, 0) == 4 &&
         socket_call(SYS_RECVFROM, server, address_of(text), 4, 0, 0, 0) == 4 &&
         socket_call(SYS_SENDMSG, server, address_of(&message), 0) == 4 &&
         socket_call(SYS_RECVMSG, client, address_of(&message), 0) == 4 &&
         socket_call(SYS_SEND, client, address_of("more"), 4, 0) == 4 &&
         socket_call(SYS_RECV, server, address_of(text), 4, 0) == 4;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && strcmp(argv[1], "landed") == 0) return 0;
  if (argc != 2 || !do_files(argv[1]) || !do_sockets()) return 1;
  char* const arguments[] = {argv[0], const_cast<char*>("landed"), nullptr};
  execv(argv[0], arguments);
  return 1;
}
