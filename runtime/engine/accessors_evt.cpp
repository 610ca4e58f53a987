// Fields of class evt: what the event itself says.
#include <algorithm>
#include <cstdlib>

#include "runtime/engine/alert.h"
#include "runtime/engine/event_access.h"
#include "runtime/engine/render.h"
#include "runtime/state/params.h"

namespace falcod::access {
namespace {

using falcoc::EventCategory;
using falcoc::EventClass;
using falcoc::EventCode;
using falcoc::EventFlag;
using falcoc::FieldRef;
using falcoc::ParamType;
using falcoc::Value;

constexpr uint64_t kSecondNs = 1'000'000'000;
constexpr size_t kFractionDigits = 10;  // of a time text: `.nnnnnnnnn`

bool has_result(const Event& event) {
  return event.info != nullptr && has_return_value(*event.info);
}

std::string_view errno_name(int64_t result) {
  const auto& flags = falcoc::flag_table(falcoc::FlagTableId::errors).flags;
  const auto found =
      std::ranges::find(flags, static_cast<uint64_t>(-result), &falcoc::FlagName::value);
  return found == flags.end() ? std::string_view{} : found->name;
}

/// I/O events count as what they are done on (rendering notes).
std::string_view category_word(const EventContext& context) {
  const Event& event = *context.event;
  if (event.info == nullptr) return "unknown";
  switch (event.info->category) {
    case EventCategory::UNKNOWN:
      return "unknown";
    case EventCategory::OTHER:
      return "other";
    case EventCategory::FILE:
      return "file";
    case EventCategory::NET:
      return "net";
    case EventCategory::IPC:
      return "IPC";
    case EventCategory::MEMORY:
      return "memory";
    case EventCategory::PROCESS:
      return "process";
    case EventCategory::SLEEP:
      return "sleep";
    case EventCategory::SYSTEM:
      return "system";
    case EventCategory::SIGNAL:
      return "signal";
    case EventCategory::USER:
      return "user";
    case EventCategory::TIME:
      return "time";
    case EventCategory::WAIT:
      return "wait";
    case EventCategory::SCHEDULER:
      return "scheduler";
    case EventCategory::INTERNAL:
      return "internal";
    case EventCategory::IO_READ:
    case EventCategory::IO_WRITE:
    case EventCategory::IO_OTHER:
      break;
  }
  const FdInfo& fd = context.fd;
  if (!fd.known || fd.type_char == 'o') return "unknown";
  if (fd.is_file()) return "file";
  if (fd.is_ip()) return "net";
  // Kinds that Falco calls "other" print as unknown too.
  return std::string_view("pesiu").contains(fd.type_char) ? "ipc" : "unknown";
}

/// What an error is an error of: the kind of descriptor, or of the call where there is none. Events
/// of another kind have no such count.
enum class ErrorClass : uint8_t { FILE, NET, MEMORY, OTHER };

ErrorClass error_class(const EventContext& context) {
  const Event& event = *context.event;
  const FdInfo& fd = context.fd;
  if (fd.known) {
    if (fd.is_file()) return ErrorClass::FILE;
    if (fd.is_ip() || fd.type == "unix") return ErrorClass::NET;
  }
  return event.info != nullptr && event.info->category == EventCategory::MEMORY ? ErrorClass::MEMORY
                                                                                : ErrorClass::OTHER;
}

bool put_error_count(void* context, Value& out) {
  const Event& event = event_of(context);
  return has_result(event) && put_unsigned(out, event.ret < 0 ? 1 : 0);
}

bool put_error_count_of(void* context, ErrorClass wanted, Value& out) {
  return error_class(of(context)) == wanted && put_error_count(context, out);
}

/// Falco's text of an infrastructure event: `Key: value; Key: value`. Value of the first key that
/// begins with `key`; empty if there is none.
std::string_view infra_value(const Event& event, std::string_view key) {
  constexpr size_t kDescription = 2;
  constexpr std::string_view kBlanks = " \t\n";
  const auto trimmed = [&](std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    return text.substr(0, text.find_last_not_of(kBlanks) + 1);
  };
  if (!is_event(event, EventCode::INFRA)) return {};
  std::string_view rest = text_of(param_at(event, kDescription));
  while (!rest.empty()) {
    const size_t end = rest.find(';');
    const std::string_view element = trimmed(rest.substr(0, end));
    const size_t colon = element.find(':');
    if (element.starts_with(key) && colon != std::string_view::npos) {
      return trimmed(element.substr(colon + 1));
    }
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return {};
}

/// The native number's name: system calls and their events are not always called alike.
std::string_view syscall_name(const Event& event) {
  if (event.record == nullptr) return falcoc::event_kind_name(event.kind);
  const auto number = static_cast<int16_t>(event.record->syscall_nr);
  const bool compat = (event.flags & FC_EVENT_COMPAT32) != 0;
  for (const falcoc::SyscallInfo& syscall : falcoc::syscalls()) {
#if defined(__aarch64__)
    const int16_t native = syscall.aarch64;
#else
    const int16_t native = syscall.x86_64;
#endif
    if ((compat ? syscall.ia32 : native) == number) return syscall.name;
  }
  return falcoc::event_kind_name(event.kind);
}

std::string date_and_time(uint64_t time_ns) {
  const auto seconds = static_cast<time_t>(time_ns / kSecondNs);
  tm parts{};
  localtime_r(&seconds, &parts);
  std::array<char, 32> date{};
  const size_t size = strftime(date.data(), date.size(), "%Y-%m-%d ", &parts);
  return std::string(date.data(), size) + local_time(time_ns);
}

std::string without_fraction(std::string time) {
  time.resize(time.size() - kFractionDigits);
  return time;
}

}  // namespace

// ---- number and times

bool evt_num(void* context, const FieldRef&, Value& out) {
  return put_unsigned(out, event_of(context).number);
}
bool evt_time(void* context, const FieldRef&, Value& out) {
  return put_built(of(context), out, local_time(event_of(context).time_ns));
}
bool evt_time_s(void* context, const FieldRef&, Value& out) {
  return put_built(of(context), out, without_fraction(local_time(event_of(context).time_ns)));
}
bool evt_time_iso8601(void* context, const FieldRef&, Value& out) {
  return put_built(of(context), out, iso8601_time(event_of(context).time_ns, "+0000"));
}
bool evt_datetime(void* context, const FieldRef&, Value& out) {
  return put_built(of(context), out, date_and_time(event_of(context).time_ns));
}
bool evt_datetime_s(void* context, const FieldRef&, Value& out) {
  return put_built(of(context), out, without_fraction(date_and_time(event_of(context).time_ns)));
}
bool evt_rawtime(void* context, const FieldRef&, Value& out) {
  return put_unsigned(out, event_of(context).time_ns);
}
bool evt_rawtime_s(void* context, const FieldRef&, Value& out) {
  return put_unsigned(out, event_of(context).time_ns / kSecondNs);
}
bool evt_rawtime_ns(void* context, const FieldRef&, Value& out) {
  return put_unsigned(out, event_of(context).time_ns % kSecondNs);
}
bool evt_reltime(void* context, const FieldRef&, Value& out) {
  const uint64_t first = of(context).first_event_time_ns;
  const uint64_t now = event_of(context).time_ns;
  return put_unsigned(out, now > first ? now - first : 0);
}
bool evt_reltime_s(void* context, const FieldRef& field, Value& out) {
  return evt_reltime(context, field, out) && put_unsigned(out, out.u64 / kSecondNs);
}
bool evt_reltime_ns(void* context, const FieldRef& field, Value& out) {
  return evt_reltime(context, field, out) && put_unsigned(out, out.u64 % kSecondNs);
}
bool evt_deltatime(void* context, const FieldRef&, Value& out) {
  return put_unsigned(out, of(context).history->since_previous_ns(event_of(context)));
}
bool evt_deltatime_s(void* context, const FieldRef& field, Value& out) {
  return evt_deltatime(context, field, out) && put_unsigned(out, out.u64 / kSecondNs);
}
bool evt_deltatime_ns(void* context, const FieldRef& field, Value& out) {
  return evt_deltatime(context, field, out) && put_unsigned(out, out.u64 % kSecondNs);
}
/// Compares only, as two comparisons of evt.rawtime (compiler/ir/lower.cpp): prints as absent.
bool evt_around(void*, const FieldRef&, Value&) { return false; }
/// Latencies are constant: enter events are not delivered (RULE-LANGUAGE 4.7).
bool evt_latency(void*, const FieldRef&, Value& out) { return put_unsigned(out, 0); }
bool evt_latency_human(void*, const FieldRef&, Value& out) { return put_text(out, "0ns"); }

// ---- events of old container engines, in captures only

bool evt_infra_docker_name(void* context, const FieldRef&, Value& out) {
  const std::string_view name = infra_value(event_of(context), "Event");
  return !name.empty() && put_text(out, name);
}
bool evt_infra_docker_container_id(void* context, const FieldRef&, Value& out) {
  constexpr size_t kShortId = 12;
  const std::string_view id = infra_value(event_of(context), "ID");
  return !id.empty() && put_text(out, id.substr(0, kShortId));
}
bool evt_infra_docker_container_name(void* context, const FieldRef&, Value& out) {
  const std::string_view name = infra_value(event_of(context), "name");
  return !name.empty() && put_text(out, name);
}
bool evt_infra_docker_container_image(void* context, const FieldRef&, Value& out) {
  const std::string_view image = infra_value(event_of(context), "Image");
  return !image.empty() && put_text(out, image.substr(0, image.find('@')));
}

// ---- kind

bool evt_source(void*, const FieldRef&, Value& out) { return put_text(out, "syscall"); }
bool evt_hostname(void* context, const FieldRef&, Value& out) {
  return put_text(out, of(context).hostname);
}
bool evt_is_async(void* context, const FieldRef&, Value& out) {
  return put_bool(out, is_event(event_of(context), EventCode::ASYNCEVENT));
}
bool evt_asynctype(void* context, const FieldRef&, Value& out) {
  const Event& event = event_of(context);
  return is_event(event, EventCode::ASYNCEVENT) && put_text(out, text_of(param_at(event, 1)));
}
/// Fields of events that a plugin made; system calls have none.
bool of_plugin_events(void*, const FieldRef&, Value&) { return false; }
bool evt_dir(void* context, const FieldRef&, Value& out) {
  const bool enter = event_of(context).info != nullptr &&
                     event_of(context).info->event_class != EventClass::SYSCALL &&
                     event_of(context).kind % 2 == 0;
  return put_text(out, enter ? ">" : "<");
}
bool evt_type(void* context, const FieldRef& field, Value& out) {
  if (evt_asynctype(context, field, out)) return true;
  return put_word(out, falcoc::event_kind_name(event_of(context).kind));
}
bool evt_type_is(void* context, const FieldRef& field, Value& out) {
  const falcoc::EventKind kind = event_of(context).kind;
  const int64_t number = numeric_argument(field);
  if (number >= 0) return put_bool(out, number == kind);
  const auto named = falcoc::event_kinds_named(field.key);
  return put_bool(out, named && named->test(kind));
}
bool syscall_type(void* context, const FieldRef&, Value& out) {
  const Event& event = event_of(context);
  const bool generic = event.kind >= falcoc::kGenericBase;
  if (!generic && (event.info == nullptr || event.info->event_class != EventClass::SYSCALL)) {
    return false;
  }
  return put_word(out, generic ? falcoc::event_kind_name(event.kind) : syscall_name(event));
}
bool evt_category(void* context, const FieldRef&, Value& out) {
  return put_word(out, category_word(of(context)));
}
bool evt_cpu(void* context, const FieldRef&, Value& out) {
  return put_signed(out, static_cast<int16_t>(event_of(context).cpu));
}

// ---- parameters

bool evt_args(void* context, const FieldRef&, Value& out) {
  return put_built(of(context), out, render_params(of(context)));
}
bool evt_arg(void* context, const FieldRef& field, Value& out) {
  const Event& event = event_of(context);
  // Generic system calls have no parameters of their own (rendering notes).
  if (event.info == nullptr || event.kind >= falcoc::kGenericBase) return false;
  const int64_t index = field.key.empty() || numeric_argument(field) >= 0
                            ? numeric_argument(field)
                            : find_param(*event.info, field.key);
  if (index < 0 || static_cast<size_t>(index) >= event.info->params.size()) return false;
  const auto position = static_cast<size_t>(index);
  const ParamType type = event.info->params[position].type;
  const std::string_view text = text_of(param_at(event, position));
  const bool as_is =
      type == ParamType::CHARBUF ||
      ((type == ParamType::FSPATH || type == ParamType::FSRELPATH) && text.starts_with('/'));
  if (as_is && param_at(event, position).size > 0) return put_known_text(out, text, true);
  RenderedParam rendered = render_param(of(context), position);
  return put_built(of(context), out,
                   std::move(rendered.resolved.empty() ? rendered.raw : rendered.resolved));
}
bool evt_rawarg(void* context, const FieldRef& field, Value& out) {
  const Event& event = event_of(context);
  if (event.info == nullptr || event.kind >= falcoc::kGenericBase) return false;
  const int index = find_param(*event.info, field.key);
  if (index < 0) return false;
  const Param param = param_at(event, static_cast<size_t>(index));
  if (param.size == 0) return false;
  // The type is that of the first event with such a parameter; a value of another shape would be
  // read as what it is not.
  const ParamType type = event.info->params[static_cast<size_t>(index)].type;
  if (value_shape(type) != value_shape(field.type)) return false;
  switch (value_shape(type)) {
    case ValueShape::TEXT:
      return put_known_text(out, text_of(param), true);  // ends at its NUL
    case ValueShape::BYTES:
      return put_text(out, {param.data, param.size});
    case ValueShape::SIGNED:
      return put_signed(out, signed_of(param));
    case ValueShape::UNSIGNED:
      return put_unsigned(out, unsigned_of(param));
  }
  return false;
}
bool evt_buffer(void* context, const FieldRef&, Value& out) {
  const Event& event = event_of(context);
  if (event.info == nullptr) return false;
  const int index = find_param(*event.info, "data");
  if (index < 0) return false;
  const auto position = static_cast<size_t>(index);
  const Param param = param_at(event, position);
  return event.info->params[position].type == ParamType::BYTEBUF && param.size > 0 &&
         put_text(out, {param.data, param.size});
}

// ---- result

bool evt_res(void* context, const FieldRef&, Value& out) {
  const Event& event = event_of(context);
  if (!has_result(event)) return false;
  if (event.ret >= 0) return put_word(out, "SUCCESS");
  const std::string_view name = errno_name(event.ret);
  if (!name.empty()) return put_word(out, name);
  return put_built(of(context), out, std::to_string(event.ret));
}
bool evt_rawres(void* context, const FieldRef&, Value& out) {
  return has_result(event_of(context)) && put_signed(out, event_of(context).ret);
}
bool evt_failed(void* context, const FieldRef&, Value& out) {
  return has_result(event_of(context)) && put_bool(out, event_of(context).ret < 0);
}
bool evt_count(void*, const FieldRef&, Value& out) { return put_unsigned(out, 1); }
bool evt_count_exit(void* context, const FieldRef&, Value& out) {
  const falcoc::EventKind kind = event_of(context).kind;
  return (kind % 2 == 1 || kind >= falcoc::kGenericBase) && put_unsigned(out, 1);
}
bool evt_count_procinfo(void* context, const FieldRef&, Value& out) {
  const Event& event = event_of(context);
  return put_unsigned(
      out, is_event(event, EventCode::PROCINFO) && event.tid == of(context).process->pid ? 1 : 0);
}
bool evt_count_threadinfo(void* context, const FieldRef&, Value& out) {
  return put_unsigned(out, is_event(event_of(context), EventCode::PROCINFO) ? 1 : 0);
}
bool evt_count_error(void* context, const FieldRef&, Value& out) {
  return put_error_count(context, out);
}
bool evt_count_error_file(void* context, const FieldRef&, Value& out) {
  return put_error_count_of(context, ErrorClass::FILE, out);
}
bool evt_count_error_net(void* context, const FieldRef&, Value& out) {
  return put_error_count_of(context, ErrorClass::NET, out);
}
bool evt_count_error_memory(void* context, const FieldRef&, Value& out) {
  return put_error_count_of(context, ErrorClass::MEMORY, out);
}
bool evt_count_error_other(void* context, const FieldRef&, Value& out) {
  return put_error_count_of(context, ErrorClass::OTHER, out);
}

}  // namespace falcod::access
