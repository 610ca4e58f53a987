// Fields of class evt about what calls do to files: input, output, opens.
#include "runtime/engine/event_access.h"
#include "runtime/state/params.h"

namespace falcod::access {
namespace {

using falcoc::EventCode;
using falcoc::EventFlag;
using falcoc::FieldRef;
using falcoc::Value;

/// Falco's encodings of open flags (flags.def, file_flags); O_RDWR is both of the first.
constexpr uint64_t kOpenRead = 1;
constexpr uint64_t kOpenWrite = 2;
constexpr uint64_t kOpenCreate = 4;
constexpr uint64_t kOpenTmpfile = 8192;
constexpr uint64_t kOpenCreated = 16384;
constexpr uint64_t kAnyExecute = 0111;

/// Parameters of the events that open files by path; -1 if this is none.
struct OpenParams {
  int flags = -1, mode = -1;
};
OpenParams open_params(const Event& event) {
  if (is_event(event, EventCode::OPEN)) return {2, 3};
  if (is_event(event, EventCode::OPENAT) || is_event(event, EventCode::OPENAT2)) return {3, 4};
  if (is_event(event, EventCode::OPEN_BY_HANDLE_AT)) return {2, -1};
  return {};
}

uint64_t number_at(const Event& event, int index) {
  return index < 0 ? 0 : unsigned_of(param_at(event, static_cast<size_t>(index)));
}

bool opens_with(void* context, uint64_t flag, Value& out) {
  return put_bool(out,
                  (number_at(event_of(context), open_params(event_of(context)).flags) & flag) != 0);
}

bool put_transferred(void* context, bool counts, Value& out) {
  const Event& event = event_of(context);
  const bool io =
      has_flag(event, EventFlag::READS_FROM_FD) || has_flag(event, EventFlag::WRITES_TO_FD);
  if (!io || !counts || event.ret < 0) return false;
  return put_unsigned(out, static_cast<uint64_t>(event.ret));
}

bool reads(void* context) { return has_flag(event_of(context), EventFlag::READS_FROM_FD); }
bool writes(void* context) { return has_flag(event_of(context), EventFlag::WRITES_TO_FD); }

}  // namespace

// ---- input and output

bool evt_is_io(void* context, const FieldRef&, Value& out) {
  return put_bool(out, reads(context) || writes(context));
}
bool evt_is_io_read(void* context, const FieldRef&, Value& out) {
  return put_bool(out, reads(context));
}
bool evt_is_io_write(void* context, const FieldRef&, Value& out) {
  return put_bool(out, writes(context));
}
bool evt_io_dir(void* context, const FieldRef&, Value& out) {
  if (reads(context)) return put_text(out, "read");
  return writes(context) && put_text(out, "write");
}
bool evt_is_wait(void* context, const FieldRef&, Value& out) {
  return put_bool(out, has_flag(event_of(context), EventFlag::WAITS));
}
bool evt_is_syslog(void* context, const FieldRef&, Value& out) {
  return put_bool(out, writes(context) && of(context).fd.name.contains("/dev/log"));
}
bool evt_buflen(void* context, const FieldRef&, Value& out) {
  return put_transferred(context, true, out);
}
bool evt_buflen_in(void* context, const FieldRef&, Value& out) {
  return put_transferred(context, reads(context), out);
}
bool evt_buflen_out(void* context, const FieldRef&, Value& out) {
  return put_transferred(context, writes(context), out);
}
bool evt_buflen_file(void* context, const FieldRef&, Value& out) {
  return put_transferred(context, of(context).fd.type_char == 'f', out);
}
bool evt_buflen_file_in(void* context, const FieldRef&, Value& out) {
  return put_transferred(context, of(context).fd.type_char == 'f' && reads(context), out);
}
bool evt_buflen_file_out(void* context, const FieldRef&, Value& out) {
  return put_transferred(context, of(context).fd.type_char == 'f' && writes(context), out);
}
bool evt_buflen_net(void* context, const FieldRef&, Value& out) {
  return put_transferred(context, of(context).fd.is_ip(), out);
}
bool evt_buflen_net_in(void* context, const FieldRef&, Value& out) {
  return put_transferred(context, of(context).fd.is_ip() && reads(context), out);
}
bool evt_buflen_net_out(void* context, const FieldRef&, Value& out) {
  return put_transferred(context, of(context).fd.is_ip() && writes(context), out);
}

// ---- opens

bool evt_is_open_read(void* context, const FieldRef&, Value& out) {
  return opens_with(context, kOpenRead, out);
}
bool evt_is_open_write(void* context, const FieldRef&, Value& out) {
  return opens_with(context, kOpenWrite, out);
}
bool evt_is_open_create(void* context, const FieldRef&, Value& out) {
  return opens_with(context, kOpenCreated, out);
}
bool evt_is_open_exec(void* context, const FieldRef&, Value& out) {
  const Event& event = event_of(context);
  if (is_event(event, EventCode::CREAT)) {
    return put_bool(out, (number_at(event, 2) & kAnyExecute) != 0);
  }
  const OpenParams params = open_params(event);
  const bool makes = (number_at(event, params.flags) & (kOpenCreate | kOpenTmpfile)) != 0;
  return put_bool(out, makes && (number_at(event, params.mode) & kAnyExecute) != 0);
}

}  // namespace falcod::access
