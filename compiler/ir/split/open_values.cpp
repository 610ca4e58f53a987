// Fields of opens by path: what was asked for, and what the kernel calls what it opened.
#include <fcntl.h>

#include "compiler/catalog/flag_encoding.h"
#include "compiler/catalog/parameter_source.h"
#include "compiler/catalog/path_params.h"
#include "compiler/ir/split/alternatives.h"

namespace falcoc::ir::split {
namespace {

constexpr uint64_t kAnyExecute = 0111;

using AlternativeKind = Alternative::Kind;

/// Parameters with flags and mode of an open, as evt.is_open_* takes them.
struct OpenParams {
  int flags = -1, mode = -1;
};
OpenParams open_params(EventCode code) {
  switch (code) {
    case EventCode::OPEN:
      return {2, 3};
    case EventCode::OPENAT:
      return {3, 4};
    default:
      return {};
  }
}

}  // namespace

bool KernelValues::opens_by_path() const {
  switch (info_->code) {
    case EventCode::OPEN:
    case EventCode::OPENAT:
    case EventCode::OPENAT2:
    case EventCode::CREAT:
      return true;
    default:
      return false;
  }
}

FieldValue KernelValues::opened_with(FieldId field) {
  const EventCode code = info_->code;
  const bool exec = field == FieldId::evt_is_open_exec;
  if (code == EventCode::CREAT && !exec) return {{constant_number(KernelPlan::kTrue, 0)}};
  const OpenParams params = open_params(code);
  if (params.flags < 0) return unknown(Reason::PARAMETER);
  if (exec) return creates_executable(params.flags, params.mode);
  const ParamSource source = param_sources(code)[static_cast<size_t>(params.flags)];
  const KernelNumber flags = argument_number(source.a, 8, false);
  if (field == FieldId::evt_is_open_create) {
    // only the kernel knows whether the file was made, but it makes none unasked
    const KernelNumber asked = masked(flags, O_CREAT | (O_TMPFILE & ~O_DIRECTORY));
    return {{constant_number(guards_.number_in(asked, {single(0)}), 0),
             not_known(guards_.negate(guards_.number_in(asked, {single(0)})), Reason::DESCRIPTOR)}};
  }
  const uint64_t bit = field == FieldId::evt_is_open_read ? 1 : 2;
  std::vector<Range> with, without;
  for (uint64_t access = 0; access <= O_ACCMODE; ++access) {
    ((encode_open_flags(access) & bit) != 0 ? with : without).push_back(single(access));
  }
  const KernelNumber access = masked(flags, O_ACCMODE);
  return {.alternatives = {constant_number(guards_.number_in(access, with), 1),
                           constant_number(guards_.number_in(access, without), 0)},
          .is_exact = true};
}

FieldValue KernelValues::creates_executable(int flags_param, int mode_param) {
  const auto sources = param_sources(info_->code);
  const KernelNumber flags = argument_number(sources[static_cast<size_t>(flags_param)].a, 8, false);
  const KernelNumber mode = argument_number(sources[static_cast<size_t>(mode_param)].a, 8, false);
  const GuardId creates = guards_.negate(guards_.number_in(masked(flags, O_CREAT), {single(0)}));
  const GuardId may_create = guards_.negate(
      guards_.number_in(masked(flags, O_CREAT | (O_TMPFILE & ~O_DIRECTORY)), {single(0)}));
  const GuardId executable =
      guards_.negate(guards_.number_in(masked(mode, kAnyExecute), {single(0)}));
  const GuardId surely = guards_.all_of({creates, executable});
  const GuardId maybe = guards_.all_of({may_create, executable});
  return {{constant_number(surely, 1), constant_number(guards_.negate(maybe), 0),
           not_known(guards_.all_of({maybe, guards_.negate(surely)}), Reason::PARAMETER)}};
}

/// fd.* of open, openat, openat2 and creat: what was asked for, whatever was found.
FieldValue KernelValues::opened_file(const FieldRef& field) {
  const EventCode code = info_->code;
  const int path_param = path_params(code).name;
  const auto sources = param_sources(code);
  const ParamSource& source = sources[static_cast<size_t>(path_param)];
  if (source.kind != SourceKind::ARG) return unknown(Reason::PARAMETER);
  const OpenParams params = open_params(code);
  GuardId is_directory = KernelPlan::kFalse;
  if (params.flags >= 0) {
    const KernelNumber flags =
        argument_number(sources[static_cast<size_t>(params.flags)].a, 8, false);
    is_directory = guards_.all_of(
        {negative(returned(), false),
         guards_.negate(guards_.number_in(masked(flags, O_DIRECTORY), {single(0)}))});
  } else if (code == EventCode::OPENAT2) {
    is_directory = negative(returned(), false);  // its flags are in memory: it may be one
  }
  const bool flags_known = code != EventCode::OPENAT2;
  const GuardId is_file = flags_known ? guards_.negate(is_directory) : GuardId(KernelPlan::kTrue);
  switch (field.id) {
    case FieldId::fd_typechar:
      return {.alternatives = {constant_text(is_directory, "d"), constant_text(is_file, "f")},
              .is_exact = flags_known};
    case FieldId::fd_type:
      return {.alternatives = {constant_text(is_directory, "directory"),
                               constant_text(is_file, "file")},
              .is_exact = flags_known};
    case FieldId::fd_name:
    case FieldId::fd_nameraw:
    case FieldId::fd_directory:
    case FieldId::fd_filename:
      break;
    default:
      return unknown(Reason::DESCRIPTOR);
  }
  const bool raw = field.id == FieldId::fd_nameraw;
  const auto text = raw ? text_in(source.a) : joined_text(static_cast<size_t>(path_param));
  if (!text) return unknown(Reason::PARAMETER);
  TextValue path{.text = *text,
                 .exact_states = raw ? kTextReadable : static_cast<uint8_t>(kTextNormal),
                 .empty_is_absent = raw};
  if (field.id == FieldId::fd_name || raw) {
    return {{{.kind = AlternativeKind::TEXT, .text = path}}};
  }
  FieldValue value;
  if (field.id == FieldId::fd_directory) {
    value.alternatives.push_back(
        {.kind = AlternativeKind::TEXT, .when = is_directory, .text = path});
    path.part = TextPart::DIRECTORY;
  } else {
    value.alternatives.push_back({.kind = AlternativeKind::ABSENT, .when = is_directory});
    path.part = TextPart::FILENAME;
  }
  value.alternatives.push_back({.kind = AlternativeKind::TEXT, .when = is_file, .text = path});
  return value;
}

/// The kernel's own name of what was opened; where there may be several, only the first is known.
FieldValue KernelValues::true_name(const FieldRef& field) {
  const bool is_first = field.index == 0;
  if (!opens_by_path() || (field.index != FieldRef::kNoIndex && !is_first)) {
    return unknown(Reason::DESCRIPTOR);
  }
  const auto text = add({.kind = KernelText::Kind::OPENED});
  if (!text) return unknown(Reason::PARAMETER);
  const uint8_t exact = is_first ? kTextNormal | kTextOdd : kTextNormal;
  return {{{.kind = AlternativeKind::ABSENT, .when = negative(returned(), true)},
           {.kind = AlternativeKind::TEXT,
            .when = negative(returned(), false),
            .text = {.text = *text, .exact_states = exact}}}};
}

}  // namespace falcoc::ir::split
