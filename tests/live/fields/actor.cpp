// The process whose fields the test knows: does one known thing after the other, and writes down
// what it knows of itself. Usage: fields_actor REPORT FIRST_ARGUMENT "second argument"; its working
// directory is its own.
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

std::ofstream report;

template <typename Value>
void know(const std::string& key, const Value& value) {
  report << key << '=' << value << '\n';
}

std::string content(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Fields of /proc/self/stat from the third on.
std::vector<std::string> stat_fields() {
  const std::string stat = content("/proc/self/stat");
  std::istringstream rest(stat.substr(stat.rfind(')') + 1));
  std::vector<std::string> fields;
  for (std::string word; rest >> word;) fields.push_back(word);
  return fields;
}

/// Value of a line "KEY:<tab>VALUE" of a file.
std::string value_in(const std::string& path, const std::string& key) {
  std::istringstream lines(content(path));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(key + ":")) return line.substr(key.size() + 2);
  }
  return {};
}

std::string status(const std::string& key) { return value_in("/proc/self/status", key); }

/// "major:minor" of the file system of a descriptor; fstat tells that of the layer below an
/// overlay.
std::string device_of(int fd) {
  const std::string mount = value_in("/proc/self/fdinfo/" + std::to_string(fd), "mnt_id");
  std::istringstream lines(content("/proc/self/mountinfo"));
  for (std::string line; std::getline(lines, line);) {
    std::string id, parent, device;
    std::istringstream(line) >> id >> parent >> device;
    if (id == mount) return device;
  }
  return {};
}

void know_self() {
  const auto stat = stat_fields();
  know("pid", std::to_string(std::stol(content("/proc/self/stat"))));
  know("ppid", stat[1]);
  know("pgid", stat[2]);
  know("sid", stat[3]);
  know("tty", stat[4]);
  know("start_ticks", stat[19]);
  know("vpid", getpid());
  know("vpgid", getpgid(0));
  know("uid", geteuid());
  know("gid", getegid());
  know("threads", status("Threads"));
  know("cap_eff", status("CapEff"));
  know("vm_size_kb", std::to_string(std::stol(status("VmSize"))));
  know("vm_rss_kb", std::to_string(std::stol(status("VmRSS"))));
  struct stat exe{};
  ::stat("/proc/self/exe", &exe);
  know("exe_ino", exe.st_ino);
  know("exe_ctime", exe.st_ctim.tv_sec * 1'000'000'000 + exe.st_ctim.tv_nsec);
  know("exe_mtime", exe.st_mtim.tv_sec * 1'000'000'000 + exe.st_mtim.tv_nsec);
  // Of a controller that no hierarchy of its own has: the path in the one of version 2.
  std::istringstream cgroups(content("/proc/self/cgroup"));
  std::string unified, pids;
  for (std::string line; std::getline(cgroups, line);) {
    std::string& of = line.starts_with("0::") ? unified : pids;
    const bool wanted = line.starts_with("0::") || line.find(":pids:") != std::string::npos;
    if (wanted) of = line.substr(line.rfind(':') + 1);
  }
  know("cgroup_pids", pids.empty() ? unified : pids);
}

void open_files() {
  const int directory = open(".", O_RDONLY | O_DIRECTORY);
  const int fd = openat(directory, "known.txt", O_RDWR | O_CREAT | O_TRUNC, 0751);
  struct stat file{};
  fstat(fd, &file);
  know("open_fd", fd);
  know("open_dirfd", directory);
  know("open_ino", file.st_ino);
  const std::string device = device_of(fd);
  know("open_dev_major", device.substr(0, device.find(':')));
  know("open_dev_minor", device.substr(device.find(':') + 1));
  know("written", write(fd, "written text", 12));
  lseek(fd, 0, SEEK_SET);
  char buffer[64];
  know("file_read", read(fd, buffer, sizeof buffer));
  openat(AT_FDCWD, "missing.txt", O_RDONLY);
  rename("known.txt", "renamed.txt");
  close(directory);
}

/// Both ends of a connection, this process has.
void connect_and_talk() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  bind(listener, reinterpret_cast<sockaddr*>(&address), size);
  listen(listener, 1);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  know("server_port", ntohs(address.sin_port));
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  connect(client, reinterpret_cast<sockaddr*>(&address), size);
  sockaddr_in own{};
  size = sizeof own;
  getsockname(client, reinterpret_cast<sockaddr*>(&own), &size);
  know("client_port", ntohs(own.sin_port));
  know("client_fd", client);
  const int server = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  know("server_fd", server);
  sendto(client, "ping\x01", 5, 0, nullptr, 0);
  char buffer[16];
  recvfrom(server, buffer, sizeof buffer, 0, nullptr, nullptr);
  const int file = open("/etc/passwd", O_RDONLY);
  know("polled_file", file);
  pollfd polled[] = {{client, POLLOUT, 0}, {file, POLLIN, 0}, {999, POLLIN, 0}};
  poll(polled, 3, 0);
  close(file);
  connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address);  // EISCONN
  close(client);
  close(server);
  close(listener);
}

/// A socket of its own where a log daemon would have one, below this directory.
void log_line() {
  mkdir("dev", 0755);
  const std::string path = std::filesystem::current_path() / "dev/log";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) std::exit(3);
  std::strcpy(address.sun_path, path.c_str());
  const int daemon = socket(AF_UNIX, SOCK_DGRAM, 0);
  bind(daemon, reinterpret_cast<sockaddr*>(&address), sizeof address);
  const int client = socket(AF_UNIX, SOCK_DGRAM, 0);
  connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address);
  write(client, "<13>hello", 9);
  close(client);
  close(daemon);
}

void fail_otherwise() {
  mmap(nullptr, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);  // EINVAL
  kill(0x3fffff, 0);                                                // ESRCH
}

void act_in_thread() {
  std::thread([] {
    const std::string link = content("/proc/thread-self/stat");
    know("tid", std::to_string(std::stol(link)));
    know("vtid", syscall(SYS_gettid));
    close(open("/etc/hosts", O_RDONLY | O_CLOEXEC));
  }).join();
}

}  // namespace

int main(int, char** arguments) {
  // As many descriptors as are open when the file is.
  report.open(arguments[1]);
  know_self();
  open_files();
  connect_and_talk();
  log_line();
  fail_otherwise();
  act_in_thread();
  syscall(SYS_getppid);
  report << "complete=1\n";
  report.close();
  // Stays until the test has seen it all: users of a container are read from the root of its
  // processes.
  close(open((std::string(arguments[1]) + ".seen").c_str(), O_RDONLY));
  return 0;
}
