#include "tools/bench/match/ordinary_events.h"

#include <initializer_list>
#include <utility>

namespace falcoc::bench {

namespace {

/// What the runtime knows of an ordinary process, whatever it does.
testing::Facts ordinary_process() {
  testing::Facts facts;
  for (const auto& [field, value] : std::initializer_list<std::pair<const char*, const char*>>{
           {"evt.num", "7"},
           {"evt.res", "SUCCESS"},
           {"proc.name", "nginx"},
           {"proc.exe", "/usr/sbin/nginx"},
           {"proc.exepath", "/usr/sbin/nginx"},
           {"proc.cmdline", "nginx -g daemon off;"},
           {"proc.args", "-g daemon off;"},
           {"proc.cwd", "/var/www/"},
           {"proc.pname", "systemd"},
           {"proc.pexe", "/lib/systemd/systemd"},
           {"proc.pexepath", "/lib/systemd/systemd"},
           {"proc.pcmdline", "systemd --system"},
           {"proc.duration", "60000000000"},
           {"proc.tty", "0"},
           {"proc.is_exe_upper_layer", "false"},
           {"proc.is_exe_from_memfd", "false"},
           {"proc.vpid", "812"},
           {"user.name", "www-data"},
           {"user.uid", "33"},
           {"user.loginuid", "-1"},
           {"container.id", "host"},
           {"thread.cap_permitted", "CAP_NET_BIND_SERVICE"}}) {
    facts.set(field, value);
  }
  facts.set_list("proc.aname", {"systemd"});
  return facts;
}

testing::Facts opened_file() {
  testing::Facts facts = ordinary_process();
  facts.set("evt.type", "openat");
  facts.set("evt.is_open_read", "true");
  facts.set("evt.is_open_write", "false");
  facts.set("fd.name", "/var/www/html/index.html");
  facts.set("fd.nameraw", "/var/www/html/index.html");
  facts.set("fd.directory", "/var/www/html");
  facts.set("fd.filename", "index.html");
  facts.set("fd.num", "9");
  facts.set("fd.typechar", "f");
  return facts;
}

testing::Facts connection() {
  testing::Facts facts = ordinary_process();
  facts.set("evt.type", "connect");
  facts.set("fd.name", "10.0.0.2:41000->10.0.0.9:5432");
  facts.set("fd.num", "11");
  facts.set("fd.typechar", "4");
  facts.set("fd.l4proto", "tcp");
  facts.set("fd.cip", "10.0.0.2");
  facts.set("fd.sip", "10.0.0.9");
  facts.set("fd.cport", "41000");
  facts.set("fd.sport", "5432");
  return facts;
}

}  // namespace

std::vector<testing::Facts> ordinary_events() {
  std::vector<testing::Facts> events{opened_file(), connection()};
  const auto add = [&](const char* type) -> testing::Facts& {
    events.push_back(ordinary_process());
    events.back().set("evt.type", type);
    return events.back();
  };
  add("execve");
  testing::Facts& dup = add("dup3");
  dup.set("fd.num", "3");
  dup.set("fd.typechar", "f");
  dup.set("fd.name", "/var/log/nginx/access.log");
  testing::Facts& unlink = add("unlinkat");
  unlink.set("evt.arg.name", "/var/cache/nginx/17");
  testing::Facts& link = add("symlinkat");
  link.set("evt.arg.target", "sites-available/default");
  link.set("evt.arg.linkpath", "/etc/nginx/sites-enabled/default");
  return events;
}

}  // namespace falcoc::bench
