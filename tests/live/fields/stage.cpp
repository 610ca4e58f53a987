// See stage.h.
#include "tests/live/fields/stage.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "compiler/ir/compile.h"
#include "runtime/capture/live.h"
#include "runtime/engine/engine.h"

namespace falcod::test {
namespace {

namespace fs = std::filesystem;

constexpr uid_t kNobody = 65534;
constexpr rlim_t kDescriptors = 512;
constexpr std::chrono::seconds kPatience{120};  // the machine may be busy with anything
constexpr int kPollMs = 20;

void write_file(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

std::string first_line(const std::string& path) {
  std::string line;
  std::getline(std::ifstream(path), line);
  return line;
}

/// 64 hexadecimal digits, as engines name containers: another run of this test has others.
std::string random_id() {
  std::ifstream source("/dev/urandom", std::ios::binary);
  std::string id;
  for (int i = 0; i < 32; ++i)
    id += fmt::format("{:02x}", static_cast<unsigned char>(source.get()));
  return id;
}

bool is_cgroup(const fs::path& path) {
  struct statfs system{};
  return statfs(path.c_str(), &system) == 0 &&
         (system.f_type == CGROUP_SUPER_MAGIC || system.f_type == CGROUP2_SUPER_MAGIC);
}

/// A directory, on an overlay file system where that can be mounted; a cgroup with the name that an
/// engine gives; a terminal. All removed at the end.
class Stage {
 public:
  Stage() {
    std::string name = "/tmp/falcoc-fields-XXXXXX";
    REQUIRE(mkdtemp(name.data()) != nullptr);
    base_ = name;
    chmod(base_.c_str(), 0755);
    mount_layers();
    fs::create_directories(directory());
    REQUIRE(chown(directory().c_str(), kNobody, kNobody) == 0);
    make_cgroups();
    terminal_ = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    REQUIRE(terminal_ >= 0);
    REQUIRE(grantpt(terminal_) == 0);
    REQUIRE(unlockpt(terminal_) == 0);
    terminal_name_ = ptsname(terminal_);
  }
  ~Stage() {
    close(terminal_);
    if (has_layers_) umount(root().c_str());
    umount((base_ + "/layer").c_str());
    for (const std::string& path : cgroups_) rmdir(path.c_str());
    fs::remove_all(base_);
  }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  std::string root() const { return base_ + "/root"; }
  std::string actor() const { return root() + "/fields_actor"; }
  std::string directory() const { return root() + "/here"; }
  std::string report() const { return base_ + "/report"; }
  std::string seen() const { return report() + ".seen"; }
  const std::string& terminal_name() const { return terminal_name_; }
  const std::vector<std::string>& cgroups() const { return cgroups_; }
  const std::string& container() const { return container_; }
  bool has_layers() const { return has_layers_; }

 private:
  /// The actor's program in the lower layer, what it writes in the upper.
  void mount_layers() {
    for (const char* part : {"/lower", "/layer", "/root"}) fs::create_directories(base_ + part);
    fs::copy_file(FIELDS_ACTOR, base_ + "/lower/fields_actor");
    if (mount("none", (base_ + "/layer").c_str(), "tmpfs", 0, nullptr) == 0) {
      fs::create_directories(base_ + "/layer/upper");
      fs::create_directories(base_ + "/layer/work");
      const std::string options =
          fmt::format("lowerdir={0}/lower,upperdir={0}/layer/upper,workdir={0}/layer/work", base_);
      REQUIRE(chown((base_ + "/lower/fields_actor").c_str(), kNobody, kNobody) == 0);
      has_layers_ = mount("overlay", root().c_str(), "overlay", 0, options.c_str()) == 0;
      if (has_layers_) return;
    }
    fs::copy_file(base_ + "/lower/fields_actor", actor());
    REQUIRE(chown(actor().c_str(), kNobody, kNobody) == 0);
  }

  /// In every hierarchy: the one that this test is in may have a name that looks like a
  /// container's.
  void make_cgroups() {
    container_ = random_id();
    const fs::path root = "/sys/fs/cgroup";
    std::vector<fs::path> hierarchies{root};
    std::error_code none;
    if (!is_cgroup(root)) {  // one directory for each of version 1
      for (const auto& entry : fs::directory_iterator(root, none)) {
        if (!entry.is_symlink()) hierarchies.push_back(entry.path());
      }
    }
    for (const fs::path& hierarchy : hierarchies) {
      const std::string path = fmt::format("{}/docker-{}.scope", hierarchy.string(), container_);
      if (!is_cgroup(hierarchy)) continue;
      if (mkdir(path.c_str(), 0755) == 0) cgroups_.push_back(path);
    }
  }

  std::string base_, terminal_name_, container_;
  std::vector<std::string> cgroups_;
  int terminal_ = -1;
  bool has_layers_ = false;
};

/// Two capabilities, also for what is executed.
void keep_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const uint32_t set = 1u << CAP_NET_RAW | 1u << CAP_SYS_PTRACE;
  __user_cap_data_struct data[2] = {{set, set, set}, {0, 0, 0}};
  syscall(SYS_capset, &header, data);
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0);
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_PTRACE, 0, 0);
}

/// The actor's process up to its execve; it is the first of its pid namespace.
[[noreturn]] void become_actor(const Stage& stage, int output) {
  const int terminal = open(stage.terminal_name().c_str(), O_RDWR | O_NOCTTY);
  dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(terminal, STDERR_FILENO);
  closefrom(STDERR_FILENO + 1);
  setpgid(0, 0);
  const rlimit limit{kDescriptors, kDescriptors};
  setrlimit(RLIMIT_NOFILE, &limit);
  if (chdir(stage.directory().c_str()) != 0) _exit(2);
  prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
  if (setgroups(0, nullptr) != 0 || setresgid(kNobody, kNobody, kNobody) != 0 ||
      setresuid(kNobody, kNobody, kNobody) != 0) {
    _exit(3);
  }
  keep_capabilities();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const std::string report = stage.report();
  const std::string path = stage.actor();
  const char* arguments[] = {"actor0", report.c_str(), "first", "second word", nullptr};
  const char* environment[] = {"HOME=/known/home", "MARK=of actor", nullptr};
  execve(path.c_str(), const_cast<char**>(arguments), const_cast<char**>(environment));
  _exit(4);
}

/// Session leader with the terminal, in the cgroup; its child is the actor.
[[noreturn]] void lead_session(const Stage& stage, int go) {
  char byte;
  if (read(go, &byte, 1) != 1) _exit(1);
  setsid();
  const int terminal = open(stage.terminal_name().c_str(), O_RDWR);
  ioctl(terminal, TIOCSCTTY, 0);
  write_file("/proc/self/loginuid", std::to_string(kNobody));
  for (const std::string& cgroup : stage.cgroups()) write_file(cgroup + "/cgroup.procs", "0");
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0 || unshare(CLONE_NEWPID) != 0) _exit(1);
  const pid_t actor = fork();
  if (actor == 0) become_actor(stage, pipe_ends[1]);
  int status = 0;
  waitpid(actor, &status, 0);
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 99);
}

std::string rules_of(const std::vector<Scene>& scenes) {
  std::string yaml;
  for (const Scene& scene : scenes) {
    std::string output;
    for (const std::string& field : scene.fields) {
      output += fmt::format("⟦{}⟧%{}⟦/⟧", field, field);
    }
    yaml += fmt::format(
        "- rule: \"{}\"\n  desc: d\n  condition: >\n    proc.name = fields_actor and ({})\n"
        "  output: '{}'\n  priority: DEBUG\n",
        scene.name, scene.condition, output.empty() ? "-" : output);
  }
  return yaml;
}

std::map<std::string, Shown> parse(const nlohmann::json& alert) {
  std::map<std::string, Shown> fields;
  const std::string output = alert["output"];
  const std::string open = "⟦", close = "⟧", end = "⟦/⟧";
  for (size_t at = output.find(open); at != std::string::npos; at = output.find(open, at)) {
    const size_t name_end = output.find(close, at);
    const size_t value_end = output.find(end, name_end);
    const std::string name = output.substr(at + open.size(), name_end - at - open.size());
    Shown shown;
    shown.text = output.substr(name_end + close.size(), value_end - name_end - close.size());
    const auto& values = alert["output_fields"];
    if (values.contains(name)) shown.value = values[name];
    fields[name] = std::move(shown);
    at = value_end + end.size();
  }
  return fields;
}

/// The engine with the scenes' rules; alerts of the first event of each scene are kept.
class Audience {
 public:
  explicit Audience(const std::vector<Scene>& scenes) {
    falcoc::SourceMap sources;
    falcoc::rules::RuleSet rules;
    falcoc::Diagnostics diagnostics;
    const bool loaded = falcoc::rules::load_rules(sources.add("scenes.yaml", rules_of(scenes)),
                                                  sources, rules, diagnostics);
    falcoc::ir::Program program = falcoc::ir::compile(rules, {}, diagnostics);
    for (const falcoc::Diagnostic& each : diagnostics.items()) {
      if (diagnostics.has_errors()) MESSAGE(falcoc::render_text(each, sources, false));
    }
    REQUIRE(loaded);
    REQUIRE_FALSE(diagnostics.has_errors());
    AlertOptions options;
    options.json = true;
    options.all_rules = true;
    EngineOptions engine_options;
    engine_options.hostname = "known-host";
    auto created = Engine::create(
        std::move(program), options,
        [this](const Alert& alert) {
          shown.try_emplace(alert.rule->name, parse(nlohmann::json::parse(alert.line)));
        },
        diagnostics, engine_options);
    REQUIRE(created);
    engine = std::move(*created);
  }

  std::unique_ptr<Engine> engine;
  std::map<std::string, std::map<std::string, Shown>> shown;
};

void read_report(const Stage& stage, Known& known) {
  std::ifstream report(stage.report());
  for (std::string line; std::getline(report, line);) {
    const size_t equals = line.find('=');
    known[line.substr(0, equals)] = line.substr(equals + 1);
  }
}

void know_stage(const Stage& stage, pid_t leader, Known& known) {
  known["leader_pid"] = std::to_string(leader);
  known["test_pid"] = std::to_string(getpid());
  known["test_comm"] = first_line("/proc/self/comm");
  known["test_exe"] = first_line("/proc/self/cmdline").c_str();  // up to the first NUL
  known["test_path"] = fs::read_symlink("/proc/self/exe");
  known["directory"] = stage.directory();
  known["actor_path"] = stage.actor();
  known["report_path"] = stage.report();
  known["terminal"] = stage.terminal_name();
  known["has_layers"] = stage.has_layers() ? "true" : "false";
  known["container"] = stage.cgroups().empty() ? "" : stage.container();
  known["container_id"] = known["container"].substr(0, 12);
  known["processors"] = std::to_string(sysconf(_SC_NPROCESSORS_CONF));
}

}  // namespace

Performance perform(const std::vector<Scene>& scenes) {
  if (geteuid() != 0) {
    MESSAGE("SKIPPED: needs root");
    return {};
  }
  Audience audience(scenes);
  const Stage stage;
  auto source = LiveSource::open(
      {.wanted = audience.engine->wanted(), .details = audience.engine->details()});
  if (!source) {
    MESSAGE(source.error().message);
    MESSAGE("SKIPPED: this machine does not allow the live source");
    return {};
  }
  // What it was before it was told who it is, for anyone may write there.
  write_file(stage.report(), "");
  REQUIRE(chown(stage.report().c_str(), kNobody, kNobody) == 0);
  REQUIRE(mkfifo(stage.seen().c_str(), 0644) == 0);
  ProcessTable& processes = audience.engine->processes();
  processes.scan_proc();

  int go[2];
  REQUIRE(pipe2(go, O_CLOEXEC) == 0);
  const pid_t leader = fork();
  REQUIRE(leader >= 0);
  if (leader == 0) lead_session(stage, go[0]);
  REQUIRE(write(go[1], "g", 1) == 1);
  const auto has_ended = [&] {
    const ProcessPtr process = processes.find(leader);
    return process && process->exited;
  };
  const auto end = std::chrono::steady_clock::now() + kPatience;
  bool polled = true, let_go = false;
  while (polled && !has_ended() && std::chrono::steady_clock::now() < end) {
    polled = (*source)->poll(*audience.engine, kPollMs).has_value();
    if (let_go || !audience.shown.contains(kLastScene)) continue;
    const int seen = open(stage.seen().c_str(), O_WRONLY | O_NONBLOCK);  // fails until it waits
    let_go = seen >= 0;
    if (let_go) close(seen);
  }
  if (!has_ended()) kill(leader, SIGKILL);  // and the actor with it
  int status = 0;
  REQUIRE(waitpid(leader, &status, 0) == leader);
  close(go[0]);
  close(go[1]);
  REQUIRE(polled);
  REQUIRE((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  Performance performance;
  read_report(stage, performance.known);
  REQUIRE(performance.known.contains("complete"));
  know_stage(stage, leader, performance.known);
  performance.shown = std::move(audience.shown);
  return performance;
}

}  // namespace falcod::test
