// A shell whose commands come from a TCP socket on loopback:
//   shell_on_socket started      the socket is there before the shell starts
//   shell_on_socket redirected   the shell connects and redirects itself
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>

namespace {

int listen_on_loopback(sockaddr_in& address) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener, 1) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::perror("listen");
    return -1;
  }
  return listener;
}

[[noreturn]] void run_started(const sockaddr_in& address) {
  const int client = ::socket(AF_INET, SOCK_STREAM, 0);
  if (::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) _exit(2);
  for (int fd = 0; fd <= 2; ++fd) ::dup2(client, fd);
  ::execl("/bin/sh", "sh", nullptr);
  _exit(2);
}

[[noreturn]] void run_redirected(const sockaddr_in& address) {
  const std::string script = "exec 3<>/dev/tcp/127.0.0.1/" +
                             std::to_string(ntohs(address.sin_port)) +
                             "; while read -r line <&3; do eval \"$line\"; done";
  ::execl("/bin/bash", "bash", "-c", script.c_str(), nullptr);
  _exit(2);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  sockaddr_in address{};
  const int listener = listen_on_loopback(address);
  if (listener < 0) return 2;
  const pid_t shell = ::fork();
  if (shell == 0) {
    if (std::string_view(argv[1]) == "started") run_started(address);
    run_redirected(address);
  }
  const int served = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  constexpr std::string_view kCommands = "exit 0\n";
  if (served < 0 || ::write(served, kCommands.data(), kCommands.size()) < 0) return 2;
  int status = 0;
  ::waitpid(shell, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}
