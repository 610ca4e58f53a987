#include "runtime/capture/scap/converter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace falcod::scap {
namespace {

using falcoc::ParamType;

/// As many as the thread table has.
constexpr size_t kMaxThreads = 262144;
/// A chain of replacements ends; the longest, from execve_8 on, has some twenty links.
constexpr int kMaxRounds = 50;
constexpr size_t kMaxEnterBytes = 65536;

enum Action : uint8_t { STORE, STORE_AND_PASS, PASS, ADD_PARAMS, CHANGE_TYPE };
enum SourceKind : uint8_t {
  SOURCE_OWN,
  SOURCE_ENTER,
  SOURCE_MAYBE_ENTER,
  SOURCE_EMPTY,
  SOURCE_DEFAULT,
  SOURCE_CONTAINER_TEXT,
};

struct Source {
  uint8_t kind = SOURCE_EMPTY;
  uint8_t index = 0;
};

std::string_view text_of(const Param& param) {
  const std::string_view bytes(param.data, param.size);
  return bytes.substr(0, bytes.find('\0'));
}

constexpr bool is_enter(uint16_t code) { return code % 2 == 0; }

/// Bytes of a value of this type, 0 if it varies.
size_t fixed_size(ParamType type) {
  switch (type) {
    case ParamType::INT8:
    case ParamType::UINT8:
    case ParamType::FLAGS8:
    case ParamType::ENUMFLAGS8:
    case ParamType::SIGTYPE:
    case ParamType::L4PROTO:
    case ParamType::SOCKFAMILY:
      return 1;
    case ParamType::INT16:
    case ParamType::UINT16:
    case ParamType::FLAGS16:
    case ParamType::ENUMFLAGS16:
    case ParamType::SYSCALLID:
    case ParamType::PORT:
      return 2;
    case ParamType::INT32:
    case ParamType::UINT32:
    case ParamType::FLAGS32:
    case ParamType::ENUMFLAGS32:
    case ParamType::UID:
    case ParamType::GID:
    case ParamType::MODE:
    case ParamType::SIGSET:
    case ParamType::FD32:
    case ParamType::PID32:
    case ParamType::BOOL:
    case ParamType::IPV4ADDR:
      return 4;
    case ParamType::INT64:
    case ParamType::UINT64:
    case ParamType::ERRNO:
    case ParamType::FD:
    case ParamType::PID:
    case ParamType::RELTIME:
    case ParamType::ABSTIME:
    case ParamType::DOUBLE:
      return 8;
    case ParamType::IPV6ADDR:
      return 16;
    default:
      return 0;
  }
}

constexpr std::array<char, 16> kZeros{};
constexpr std::array<char, 4> kNoId{'\xff', '\xff', '\xff', '\xff'};

Param default_value(ParamType type) {
  if (type == ParamType::UID || type == ParamType::GID) return {kNoId.data(), kNoId.size()};
  return {kZeros.data(), static_cast<uint32_t>(fixed_size(type))};
}

/// A value stored in a wider type than it has now.
Param narrowed(Param value, ParamType type) {
  const size_t size = fixed_size(type);
  if (size != 0 && value.size > size) value.size = static_cast<uint32_t>(size);
  return value;
}

}  // namespace

struct Converter::Row {
  static constexpr size_t kMaxSources = 24;

  uint16_t code;
  uint8_t stored;
  Action action;
  uint16_t new_code;
  uint8_t source_count;
  std::array<Source, kMaxSources> sources;
};

const Converter::Row* Converter::find_row(uint16_t code, size_t stored) {
#define OWN(n) Source{SOURCE_OWN, n},
#define ENTER(n) Source{SOURCE_ENTER, n},
#define MAYBE_ENTER(n) Source{SOURCE_MAYBE_ENTER, n},
#define EMPTY Source{SOURCE_EMPTY, 0},
#define DEFAULT Source{SOURCE_DEFAULT, 0},
#define CONTAINER_TEXT Source{SOURCE_CONTAINER_TEXT, 0},
  static constexpr auto make = [](uint16_t row_code, uint8_t row_stored, Action action,
                                  uint16_t new_code, std::initializer_list<Source> sources) {
    Row row{row_code, row_stored, action, new_code, static_cast<uint8_t>(sources.size()), {}};
    std::copy(sources.begin(), sources.end(), row.sources.begin());
    return row;
  };
  static constexpr auto kRows = std::to_array<Row>({
#define CONVERT(code, stored, action, new_code, sources) \
  make(code, stored, action, new_code, {sources}),
#include "runtime/capture/scap/converter.def"
#undef CONVERT
  });
#undef OWN
#undef ENTER
#undef MAYBE_ENTER
#undef EMPTY
#undef DEFAULT
#undef CONTAINER_TEXT
  static_assert(std::ranges::is_sorted(kRows, {}, &Row::code));
  static constexpr auto kFirst = [] {
    std::array<uint16_t, kStoredCodes + 1> first{};
    for (size_t of = 0, row = 0; of <= kStoredCodes; ++of) {
      while (row < kRows.size() && kRows[row].code < of) ++row;
      first[of] = static_cast<uint16_t>(row);
    }
    return first;
  }();
  for (size_t row = kFirst[code]; row < kFirst[code + 1]; ++row) {
    if (kRows[row].stored == stored) return &kRows[row];
  }
  return nullptr;
}

Converter::Enter& Converter::slot_of(int64_t tid) {
  if (recent_ == nullptr || recent_tid_ != tid) {
    recent_ = &enters_[tid];
    recent_tid_ = tid;
  }
  return *recent_;
}

void Converter::store(const StoredEvent& event) {
  size_t total = 0;
  for (const Param& param : event.params) total += param.size;
  if (total > kMaxEnterBytes) return;
  if (enters_.size() >= kMaxThreads && !enters_.contains(event.tid)) return;
  Enter& enter = slot_of(event.tid);
  enter.code = event.code;
  enter.used = false;
  enter.bytes.clear();
  enter.sizes.clear();
  for (const Param& param : event.params) {
    enter.bytes.insert(enter.bytes.end(), param.data, param.data + param.size);
    enter.sizes.push_back(param.size);
  }
}

Param Converter::enter_param(const StoredEvent& event, uint16_t exit_code, size_t index) {
  if (!enter_taken_) {
    enter_taken_ = true;
    enter_ = nullptr;
    if (const auto found = enters_.find(event.tid); found != enters_.end() && !found->second.used) {
      enter_ = &found->second;
      enter_->used = true;
    }
  }
  if (enter_ == nullptr || enter_->code + 1 != exit_code || index >= enter_->sizes.size()) {
    return {};
  }
  size_t at = 0;
  for (size_t i = 0; i < index; ++i) at += enter_->sizes[i];
  return {enter_->bytes.data() + at, enter_->sizes[index]};
}

Param Converter::source_value(uint8_t kind, uint8_t index, ParamType type, const StoredEvent& event,
                              const std::vector<Param>& own) {
  switch (kind) {
    case SOURCE_OWN:
      return index < own.size() ? narrowed(own[index], type) : Param{};
    case SOURCE_ENTER:
    case SOURCE_MAYBE_ENTER: {
      const Param value = enter_param(event, event.code, index);
      if (value.data == nullptr) return kind == SOURCE_ENTER ? default_value(type) : Param{};
      return narrowed(value, type);
    }
    case SOURCE_DEFAULT:
      return default_value(type);
    case SOURCE_CONTAINER_TEXT: {
      const auto text = [&](size_t i) { return i < own.size() ? text_of(own[i]) : ""; };
      // the type is a number of one byte in every file that has this event
      const int container_type =
          own.size() > 1 && own[1].size > 0 ? static_cast<unsigned char>(own[1].data[0]) : 0;
      container_text_ = fmt::format(R"({{"id":"{}","type":{},"name":"{}","image":"{}"}})", text(0),
                                    container_type, text(2), text(3));
      return {container_text_.c_str(), static_cast<uint32_t>(container_text_.size() + 1)};
    }
    default:
      return {};
  }
}

/// True if the event goes through the rules again.
bool Converter::apply(const Row& row, StoredEvent& event) {
  own_.assign(event.params.begin(), event.params.end());
  const uint16_t old_code = event.code;
  const uint16_t new_code = row.action == CHANGE_TYPE ? row.new_code : old_code;
  const std::span<const ParamType> types = stored_info(new_code).types;
  if (row.action == CHANGE_TYPE) event.params.clear();
  for (size_t i = 0; i < row.source_count && event.params.size() < types.size(); ++i) {
    const Source source = row.sources[i];
    event.params.push_back(
        source_value(source.kind, source.index, types[event.params.size()], event, own_));
  }
  event.code = new_code;
  return row.source_count > 0 || new_code != old_code;
}

Converter::Result Converter::convert(StoredEvent& event) {
  enter_taken_ = false;
  for (int round = 0; round < kMaxRounds; ++round) {
    const StoredInfo& info = stored_info(event.code);
    if ((info.flags & UNUSED) != 0) return Result::DROP;
    const bool old = (info.flags & OLD) != 0;
    if ((info.flags & MANAGED) == 0) {
      return old && is_enter(event.code) ? Result::DROP : Result::DELIVER;
    }
    if (!is_enter(event.code)) {
      if (event.params.size() > info.types.size()) {
        ++incomplete_;
        event.params.resize(info.types.size());
      }
      if (!old && event.params.size() == info.types.size()) return Result::DELIVER;
    }
    const Row* row = find_row(event.code, event.params.size());
    if (row == nullptr) {
      ++incomplete_;
      return old ? Result::DROP : Result::DELIVER;
    }
    switch (row->action) {
      case STORE:
        store(event);
        return Result::DROP;
      case STORE_AND_PASS:
        store(event);
        return Result::DELIVER;
      case PASS:
        return Result::DELIVER;
      default:
        if (!apply(*row, event)) return Result::DELIVER;
    }
  }
  return Result::DROP;
}

}  // namespace falcod::scap
