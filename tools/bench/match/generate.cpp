#include "tools/bench/match/generate.h"

#include <fmt/format.h>

#include <array>

namespace falcoc::bench {

namespace {

/// Macros and lists that all rules share, as the stable ones do.
constexpr const char* kShared = R"(
- macro: open_write
  condition: (evt.type in (open,openat,openat2) and evt.is_open_write=true and fd.typechar='f' and fd.num>=0)
- macro: open_read
  condition: (evt.type in (open,openat,openat2) and evt.is_open_read=true and fd.typechar='f' and fd.num>=0)
- macro: spawned_process
  condition: (evt.type in (execve, execveat))
- macro: container
  condition: (container.id != host)
- list: shell_binaries
  items: [ash, bash, csh, ksh, sh, tcsh, zsh, dash]
- list: package_binaries
  items: [dpkg, apt, apt-get, rpm, dnf, yum, apk, pip, npm, gem, snapd]
- macro: run_by_package_managers
  condition: (proc.aname in (package_binaries))
)";

/// Conditions by what they watch; {0} is the number of the rule.
constexpr std::array kConditions{
    "spawned_process and proc.name in (tool_{0}, helper_{0}, agent_{0}) and container "
    "and not proc.pname in (systemd, supervisor_{0})",
    "open_read and (fd.name in (/etc/service_{0}/key, /etc/service_{0}/password) or "
    "fd.directory = /etc/service_{0}/private) and not proc.name in (service_{0}, backup) "
    "and not run_by_package_managers",
    "spawned_process and proc.name in (shell_binaries) and proc.pname in (server_{0}, worker_{0}) "
    "and not proc.cmdline startswith \"sh -c /opt/server_{0}/\"",
    "evt.type = connect and fd.typechar = 4 and fd.sip = 198.51.{1}.{2} and "
    "not proc.name in (client_{0}, proxy)",
    "open_write and fd.name startswith /usr/lib/service_{0}/ and not proc.name in "
    "(package_binaries) and not proc.pname = updater_{0}",
    "spawned_process and (proc.cmdline contains \"--token-{0}\" or proc.args contains "
    "\"/key-{0}.pem\") "
    "and not user.name = operator_{0}",
    "evt.type in (symlink, symlinkat) and evt.arg.target in (/etc/service_{0}, /root/service_{0})",
    "spawned_process and proc.exe startswith /dev/shm/stage_{0} and not user.uid = {0}",
    "evt.type in (unlink, unlinkat) and evt.arg.name startswith /var/log/service_{0}/ "
    "and not proc.name = rotate_{0}",
    "spawned_process and container and proc.name = launcher_{0} and proc.tty != 0",
};

}  // namespace

std::string generate_stable_like_rules(size_t rules) {
  std::string text = kShared;
  for (size_t i = 0; i < rules; ++i) {
    text += fmt::format(
        "- rule: Generated rule {0}\n  desc: one of many\n  condition: >\n    {1}\n"
        "  output: seen (process=%proc.name command=%proc.cmdline file=%fd.name)\n"
        "  priority: WARNING\n",
        i,
        fmt::format(fmt::runtime(kConditions[i % kConditions.size()]), i, i / 250 % 250, i % 250));
  }
  return text;
}

}  // namespace falcoc::bench
