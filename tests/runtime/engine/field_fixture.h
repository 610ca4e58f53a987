// What the tests of accessors share: three processes, and the text of any field on an event of the
// youngest.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>

#include <set>
#include <string>

#include "runtime/engine/context.h"
#include "runtime/engine/render.h"
#include "tests/support/record_builder.h"

namespace falcod::testing {

using falcoc::EventCode;
using falcoc::FieldRef;

/// Runs the cases of accessors_state_test.cpp, for the test that every field has one.
void look_at_fields_of_state();
/// The same of accessors_container_test.cpp.
void look_at_fields_of_containers();
/// The same of accessors_kubernetes_test.cpp.
void look_at_fields_of_pods();

inline constexpr uint64_t kStart = 1'700'000'000'000'000'000;
inline constexpr uint64_t kNow = kStart + 5'000'000'123;
inline constexpr std::string_view kAbsent = "<absent>";

/// sshd, bash in a container, its child cat; and events of cat.
struct FieldFixture {
  ProcessTable table{0};
  Users users{"/nonexistent"};
  falcoc::ir::ValueArena arena;
  FdTable descriptors;
  History history;
  HostNames names{std::vector<std::string>{}};
  EventContext context;

  FieldFixture() {
    Process sshd = process(100, 1, "sshd", "/usr/sbin/sshd", {"-D"});
    table.add(sshd);
    Process bash = process(200, 100, "bash", "-bash", {});
    bash.sid = bash.pgid = bash.vpgid = 200;
    table.add(bash);
    Process cat = process(300, 200, "cat", "/bin/cat", {"-n", "/etc/shadow"});
    cat.cgroups = std::make_shared<Cgroups>(
        Cgroups{{{"memory", "/docker/" + std::string(64, 'b')}, {"", "/"}}, {}, {}, {}});
    cat.sid = 200;
    cat.pgid = cat.vpgid = 300;
    cat.vpid = 3;
    cat.login_uid = ~0u;
    cat.cwd = "/root/";
    cat.tty = 34816;
    cat.cap_effective = 1 | 1 << 21;
    cat.cap_permitted = 1;
    cat.fd_limit = 1024;
    cat.threads = 3;
    cat.vm_size_kb = 10;
    cat.vm_rss_kb = 5;
    cat.vm_swap_kb = 1;
    cat.maj_faults = 2;
    cat.min_faults = 9;
    cat.pidns_start_ns = kStart;
    context.process = table.add(cat);
    context.descriptors = &descriptors;
    context.processes = &table;
    context.users = &users;
    context.arena = &arena;
    context.history = &history;
    context.names = &names;
    context.hostname = "host1";
    context.first_event_time_ns = kStart;
  }

  static Process process(int64_t pid, int64_t ppid, std::string comm, std::string exe,
                         std::vector<std::string> args) {
    Process process;
    process.pid = process.vpid = pid;
    process.ppid = ppid;
    process.comm = comm;
    process.start_time_ns = static_cast<uint64_t>(pid);
    process.clone_time_ns = kStart + static_cast<uint64_t>(pid);
    auto image = std::make_shared<Image>();
    image->exe = std::move(exe);
    image->exe_path = "/usr/bin/" + comm;
    image->args = std::move(args);
    image->env = {"HOME=/root", "LANG=C"};
    image->exe_ino = 42;
    image->exe_ctime_ns = kStart + 1;
    image->exe_mtime_ns = kStart + 2;
    image->exe_flags = FC_EXE_WRITABLE | FC_EXE_UPPER_LAYER;
    image->join_args();
    process.image = std::move(image);
    return process;
  }

  void on(EventBuilder& builder) {
    const Event& event = builder.tid(300, 300).time_ns(kNow).event();
    context.event = &event;
    descriptors.describe(event, *context.process, context.fd);
  }

  /// Text of a field as an output would print it, with the argument in the way rules write it.
  std::string text(std::string_view field) {
    FieldRef reference;
    std::string name(field);
    const size_t bracket = name.find('[');
    if (bracket != std::string::npos) {
      reference.key = name.substr(bracket + 1, name.size() - bracket - 2);
      name.resize(bracket);
    } else if (falcoc::find_field(name) == nullptr) {
      const size_t prefix = name.starts_with("evt.type.is.") ? std::string("evt.type.is").size()
                                                             : name.find('.', name.find('.') + 1);
      reference.key = name.substr(prefix + 1);
      name.resize(prefix);
    }
    const falcoc::FieldInfo* info = falcoc::find_field(name);
    REQUIRE_MESSAGE(info != nullptr, name);
    tested.insert(std::string(info->name));
    reference.id = info->id;
    reference.type = info->type;
    reference.shape = info->shape;
    const bool ancestor = info->shape == falcoc::Shape::ANCESTORS && !reference.key.empty();
    if (ancestor) reference.shape = falcoc::Shape::SCALAR;
    if (!reference.key.empty() &&
        reference.key.find_first_not_of("0123456789") == std::string::npos && name != "proc.env") {
      reference.index = std::stoll(reference.key);
      reference.key.clear();
    }
    if (name == "evt.rawarg") {
      for (const falcoc::ParamInfo& param : context.event->info->params) {
        if (param.name == reference.key) reference.type = param.type;
      }
    }
    const falcoc::Accessor get = accessor(reference.id);
    REQUIRE_MESSAGE(bool(get != nullptr), name);
    falcoc::Value value;
    if (!get(&context, reference, value)) return std::string(kAbsent);
    std::string out;
    if (reference.shape == falcoc::Shape::EITHER_SIDE) {
      for (uint64_t i = 0; i < value.size; ++i) {
        if (i > 0) out += ' ';
        append_text(out, {reference.type, falcoc::Shape::SCALAR}, info->format, value.items[i]);
      }
      return out;
    }
    append_text(out, {reference.type, reference.shape}, info->format, value);
    return out;
  }

  struct Expected {
    const char* field;
    std::string text;
  };
  void check(std::initializer_list<Expected> table_of_fields) {
    for (const Expected& each : table_of_fields) {
      CAPTURE(each.field);
      CHECK_EQ(text(each.field), each.text);
    }
  }

  static inline std::set<std::string, std::less<>> tested;
};

inline EventBuilder open_event() {
  EventBuilder event(EventCode::OPENAT);
  event.ret(3).number("dirfd", AT_FDCWD).text("name", "secret").number("flags", 3 | 4 | 16384);
  event.number("mode", 0755).number("dev", 0x100003).number("ino", 99);
  return event;
}

}  // namespace falcod::testing
