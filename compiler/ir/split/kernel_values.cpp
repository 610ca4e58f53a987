// Fields from registers and texts, one function per family.
#include "compiler/ir/split/kernel_values.h"

#include <algorithm>
#include <bit>

#include "compiler/catalog/flag_encoding.h"
#include "compiler/catalog/parameter_source.h"
#include "compiler/catalog/path_params.h"
#include "compiler/ir/split/alternatives.h"
#include "compiler/ir/split/descriptor_values.h"

namespace falcoc::ir::split {
namespace {

constexpr std::string_view kNotAvailable = "<NA>";

using AlternativeKind = Alternative::Kind;

/// Bytes of a number of this type as the decoder keeps it; 0: not a plain number.
uint8_t width_of(ParamType type) {
  switch (type) {
    case ParamType::INT8:
    case ParamType::UINT8:
    case ParamType::FLAGS8:
    case ParamType::ENUMFLAGS8:
      return 1;
    case ParamType::INT16:
    case ParamType::UINT16:
    case ParamType::FLAGS16:
    case ParamType::ENUMFLAGS16:
      return 2;
    case ParamType::INT32:
    case ParamType::UINT32:
    case ParamType::FLAGS32:
    case ParamType::ENUMFLAGS32:
      return 4;
    case ParamType::INT64:
    case ParamType::UINT64:
      return 8;
    default:
      return 0;
  }
}

bool is_signed(ParamType type) {
  return type == ParamType::INT8 || type == ParamType::INT16 || type == ParamType::INT32 ||
         type == ParamType::INT64 || type == ParamType::ERRNO || type == ParamType::FD ||
         type == ParamType::PID;
}

bool is_text(ParamType type) {
  return type == ParamType::CHARBUF || type == ParamType::FSPATH || type == ParamType::FSRELPATH;
}

bool is_flags(ParamType type) {
  return type == ParamType::FLAGS8 || type == ParamType::FLAGS16 || type == ParamType::FLAGS32 ||
         type == ParamType::ENUMFLAGS8 || type == ParamType::ENUMFLAGS16 ||
         type == ParamType::ENUMFLAGS32;
}

int find_param(const EventInfo& info, std::string_view name) {
  const auto found = std::ranges::find(info.params, name, &ParamInfo::name);
  return found == info.params.end() ? -1 : static_cast<int>(found - info.params.begin());
}

int64_t parse_index(const FieldRef& field) {
  if (field.key.empty()) return field.index;
  int64_t number = 0;
  for (const char c : field.key) {
    if (c < '0' || c > '9' || number > 1000) return -1;
    number = number * 10 + (c - '0');
  }
  return number;
}

}  // namespace

KernelValues::KernelValues(EventKind kind, GuardBuilder& guards)
    : kind_(kind), info_(event_of_kind(kind)), guards_(guards) {
  if (info_ != nullptr && info_->event_class == EventClass::SYSCALL) {
    descriptors_ = std::make_unique<DescriptorValues>(*info_, guards_);
  }
}

KernelValues::~KernelValues() = default;

KernelDescriptor KernelValues::descriptor() const {
  return descriptors_ != nullptr ? descriptors_->descriptor() : KernelDescriptor{};
}

FieldValue KernelValues::unknown(Reason reason) const {
  return {{not_known(KernelPlan::kTrue, reason)}};
}

FieldValue KernelValues::of(const FieldRef& field) {
  const FieldInfo& info = field_info(field.id);
  if (info.binding != BindingTime::EVENT) return unknown(Reason::PROCESS);
  if (info_ == nullptr || info_->event_class != EventClass::SYSCALL) {
    return unknown(Reason::OTHER);
  }
  // of execve, clone and their kin the probe reports more than registers, and not at one place
  const auto sources = param_sources(info_->code);
  const bool of_process = std::ranges::any_of(
      sources, [](const ParamSource& source) { return source.kind == SourceKind::PROC_EXE; });
  if (of_process) return unknown(Reason::PROCESS);
  switch (field.id) {
    case FieldId::evt_res:
      return result_text();
    case FieldId::evt_rawres:
      return raw_result();
    case FieldId::evt_failed:
      return failed();
    case FieldId::evt_is_open_read:
    case FieldId::evt_is_open_write:
    case FieldId::evt_is_open_exec:
    case FieldId::evt_is_open_create:
      return opened_with(field.id);
    case FieldId::evt_arg:
      return argument(field, false);
    case FieldId::evt_rawarg:
      return argument(field, true);
    case FieldId::fs_path_name:
      return path(path_params(info_->code).name, true);
    case FieldId::fs_path_nameraw:
      return path(path_params(info_->code).name, false);
    case FieldId::fs_path_source:
      return path(path_params(info_->code).source, true);
    case FieldId::fs_path_sourceraw:
      return path(path_params(info_->code).source, false);
    case FieldId::fs_path_target:
      return path(path_params(info_->code).target, true);
    case FieldId::fs_path_targetraw:
      return path(path_params(info_->code).target, false);
    case FieldId::fd_num:
      return descriptors_->of(field);
    case FieldId::fd_truename:
      return true_name(field);
    default:
      break;
  }
  if (info.field_class != "fd") return unknown(Reason::OTHER);
  return opens_by_path() ? opened_file(field) : descriptors_->of(field);
}

GuardId KernelValues::negative(const KernelNumber& number, bool is) {
  return is ? guards_.number_in(number, {{kFirstNegative, ~uint64_t{0}}})
            : guards_.number_in(number, {{0, kFirstNegative - 1}});
}

// ---- result

/// Negative results as evt.res and evt.arg.res print them: the name, or the number if it has none.
FieldValue KernelValues::errno_text() {
  FieldValue value;
  std::vector<Range> named;
  for (const FlagName& error : flag_table(FlagTableId::errors).flags) {
    const uint64_t number = -error.value;
    // the first name of a number counts
    if (error.value == 0 || !intersected(named, {single(number)}).empty()) continue;
    named.push_back(single(number));
    named = united(std::move(named));
    value.alternatives.push_back(
        constant_text(guards_.number_in(returned(), {single(number)}), std::string(error.name)));
  }
  const std::vector<Range> negatives = {{kFirstNegative, ~uint64_t{0}}};
  value.alternatives.push_back(
      {.kind = AlternativeKind::DECIMAL,
       .when = guards_.number_in(returned(), intersected(complement(named), negatives)),
       .number = returned()});
  return value;
}

FieldValue KernelValues::result_text() {
  if (!has_return_value(*info_)) return {{{.kind = AlternativeKind::ABSENT}}};
  FieldValue value = errno_text();
  value.alternatives.push_back(constant_text(negative(returned(), false), "SUCCESS"));
  return value;
}

FieldValue KernelValues::raw_result() const {
  if (!has_return_value(*info_)) return {{{.kind = AlternativeKind::ABSENT}}};
  return {{number_itself(KernelPlan::kTrue, returned())}};
}

FieldValue KernelValues::failed() {
  if (!has_return_value(*info_)) return {{{.kind = AlternativeKind::ABSENT}}};
  return {{constant_number(negative(returned(), true), 1),
           constant_number(negative(returned(), false), 0)}};
}

// ---- parameters

FieldValue KernelValues::argument(const FieldRef& field, bool raw) {
  if (kind_ >= kGenericBase) return unknown(Reason::PARAMETER);
  const int64_t index = field.key.empty() || parse_index(field) >= 0
                            ? parse_index(field)
                            : find_param(*info_, field.key);
  if (index < 0 || static_cast<size_t>(index) >= info_->params.size()) {
    return {{{.kind = AlternativeKind::ABSENT}}};
  }
  const auto position = static_cast<size_t>(index);
  const ParamInfo& info = info_->params[position];
  const ParamSource source = param_sources(info_->code)[position];
  if (raw && field.type != info.type) return unknown(Reason::PARAMETER);
  if (is_text(info.type)) return text_argument(position, raw);
  if (is_flags(info.type)) {
    const KernelNumber native = argument_number(source.a, 4, false);
    if (source.kind == SourceKind::OPEN_FLAGS && !raw) {
      return {{{.kind = AlternativeKind::FLAGS,
                .flags = {argument_number(source.a, 8, false), info.table, true}}}};
    }
    if (source.kind != SourceKind::ARG) return unknown(Reason::PARAMETER);
    if (flag_table(info.table).exact) return enumeration(native, info, raw);
    if (raw) return unknown(Reason::RENDERED);
    return {{{.kind = AlternativeKind::FLAGS, .flags = {native, info.table, false}}}};
  }
  if (info.type == ParamType::ERRNO && source.kind == SourceKind::RET && !raw) {
    FieldValue value = errno_text();
    value.alternatives.push_back({.kind = AlternativeKind::DECIMAL,
                                  .when = negative(returned(), false),
                                  .number = returned()});
    return value;
  }
  const auto number = number_of(position);
  if (!number) return unknown(Reason::PARAMETER);
  if (raw) return {{number_itself(KernelPlan::kTrue, *number)}};
  const bool plain = width_of(info.type) != 0 && info.format == PrintFormat::DEC;
  if (!plain) return unknown(Reason::RENDERED);
  // decimals of 32 and 64 bits print as signed, whatever the type says
  KernelNumber printed = *number;
  printed.is_signed = printed.is_signed || width_of(info.type) >= 4;
  return {{{.kind = AlternativeKind::DECIMAL, .number = printed}}};
}

std::optional<KernelNumber> KernelValues::number_of(size_t param) const {
  const ParamInfo& info = info_->params[param];
  const ParamSource source = param_sources(info_->code)[param];
  const bool of_register =
      info.type == ParamType::FD || info.type == ParamType::PID || info.type == ParamType::ERRNO;
  const uint8_t width = width_of(info.type);
  if (source.kind == SourceKind::RET) {
    if (of_register || width == 8) return returned();
    return std::nullopt;
  }
  if (source.kind == SourceKind::ARG && of_register) return argument_number(source.a, 4, true);
  if (source.kind == SourceKind::ARG && width != 0) {
    return argument_number(source.a, width, is_signed(info.type));
  }
  if (source.kind == SourceKind::INT_ARG && (width == 8 || of_register)) {
    return argument_number(source.a, 4, true);
  }
  return std::nullopt;
}

/// A number that stands for a name. Numbers without one are not known here.
FieldValue KernelValues::enumeration(const KernelNumber& native, const ParamInfo& info, bool raw) {
  const FlagTable& table = flag_table(info.table);
  const uint8_t width = width_of(info.type);
  const uint64_t kept = width >= 8 ? ~uint64_t{0} : (uint64_t{1} << (8 * width)) - 1;
  FieldValue value;
  std::vector<Range> named;
  for (const FlagName& flag : table.flags) {
    if (flag.native > UINT32_MAX || !intersected(named, {single(flag.native)}).empty()) continue;
    named.push_back(single(flag.native));
    named = united(std::move(named));
    const GuardId when = guards_.number_in(native, {single(flag.native)});
    const uint64_t encoded = encode_flags(info.table, flag.native) & kept;
    std::string names = flag_names(table, encoded);
    if (raw) {
      value.alternatives.push_back(constant_number(when, encoded));
    } else if (names.empty()) {
      value.alternatives.push_back(constant_text(when, std::to_string(encoded)));
    } else {
      value.alternatives.push_back(constant_text(when, std::move(names)));
    }
  }
  value.alternatives.push_back(
      not_known(guards_.number_in(native, complement(named)), Reason::RENDERED));
  return value;
}

// ---- texts

std::optional<uint8_t> KernelValues::add(const KernelText& text) {
  const auto known = std::ranges::find(texts_, text);
  if (known != texts_.end()) return static_cast<uint8_t>(known - texts_.begin());
  if (texts_.size() == kMaxTexts) return std::nullopt;
  texts_.push_back(text);
  return static_cast<uint8_t>(texts_.size() - 1);
}

std::optional<uint8_t> KernelValues::text_in(uint8_t argument) {
  return add({.argument = argument});
}

/// As absolute_param_path() of the runtime joins it. The directory of a chdir is the one it led to.
std::optional<uint8_t> KernelValues::joined_text(size_t param) {
  const auto sources = param_sources(info_->code);
  const uint8_t argument = sources[param].a;
  if (info_->code == EventCode::CHDIR) return text_in(argument);
  const int directory = info_->params[param].dirfd;
  if (directory < 0) return add({.kind = KernelText::Kind::JOINED, .argument = argument});
  const ParamSource& source = sources[static_cast<size_t>(directory)];
  if (source.kind != SourceKind::ARG && source.kind != SourceKind::INT_ARG) {
    return text_in(argument);
  }
  return add({.kind = KernelText::Kind::JOINED, .argument = argument, .directory = source.a});
}

FieldValue KernelValues::text_argument(size_t param, bool raw) {
  const ParamInfo& info = info_->params[param];
  const ParamSource source = param_sources(info_->code)[param];
  if (source.kind != SourceKind::ARG) return unknown(Reason::PARAMETER);
  const bool is_path = info.type != ParamType::CHARBUF;
  const auto text = text_in(source.a);
  if (!text) return unknown(Reason::PARAMETER);
  TextValue value{.text = *text};
  if (!raw) {
    value.unreadable = std::string(kNotAvailable);
    // evt.arg shows absolute paths as passed, others joined to their directory
    if (is_path) value.exact_states = kTextOdd | kTextNormal;
  }
  return {{{.kind = AlternativeKind::TEXT, .text = std::move(value)}}};
}

FieldValue KernelValues::path(int param, bool absolute) {
  if (param < 0) return {{{.kind = AlternativeKind::ABSENT}}};
  const auto position = static_cast<size_t>(param);
  const ParamSource source = param_sources(info_->code)[position];
  if (source.kind != SourceKind::ARG || !is_text(info_->params[position].type)) {
    return unknown(Reason::PARAMETER);
  }
  const auto text = absolute ? joined_text(position) : text_in(source.a);
  if (!text) return unknown(Reason::PARAMETER);
  return {{{.kind = AlternativeKind::TEXT,
            .text = {.text = *text,
                     .exact_states = absolute ? static_cast<uint8_t>(kTextNormal) : kTextReadable,
                     .empty_is_absent = !absolute}}}};
}

}  // namespace falcoc::ir::split
