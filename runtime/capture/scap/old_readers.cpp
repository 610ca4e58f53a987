// See old_readers.h.
#include "runtime/capture/scap/old_readers.h"

#include <algorithm>
#include <cstring>
#include <initializer_list>

#include "runtime/capture/scap/stored_event.h"

namespace falcod::scap {
namespace {

/// Positions of parameters; kNone ends them.
constexpr uint8_t kNone = 0xff;
using Positions = std::array<uint8_t, Companion::kMaxParams>;

constexpr Positions positions(std::initializer_list<uint8_t> list) {
  Positions all;
  all.fill(kNone);
  std::copy(list.begin(), list.end(), all.begin());
  return all;
}

/// By exit code; one without an entry begins with kNone.
constexpr std::array<Positions, kStoredCodes> kEnters = [] {
  std::array<Positions, kStoredCodes> enters;
  enters.fill(positions({}));
#define ENTER(code, ...) enters[code] = positions({__VA_ARGS__});
#include "runtime/capture/scap/enter_events.def"
#undef ENTER
  return enters;
}();

/// Both sides of the former event.
struct FormerRow {
  uint16_t code;
  uint16_t former_code;
  Positions enter, exit;
};
constexpr auto kFormers = std::to_array<FormerRow>({
    {363, 125, positions({1}), positions({0})},  // dup2
    {365, 125, positions({1}), positions({0})},  // dup3
    {367, 125, positions({1}), positions({0})},  // dup
    {389, 249, positions({5}), positions({0, 1, 2, 3, 4})},
    {393, 61, positions({}), positions({0, 1, 2, 3})},
});

Companion take(uint16_t code, const Positions& wanted, std::span<const Param> params) {
  Companion companion;
  companion.code = code;
  for (const uint8_t position : wanted) {
    if (position == kNone) break;
    companion.storage[companion.count++] = position < params.size() ? params[position] : Param{};
  }
  return companion;
}

}  // namespace

std::optional<Companion> enter_event(uint16_t code, std::span<const Param> params) {
  if (code >= kStoredCodes || kEnters[code].front() == kNone) return std::nullopt;
  return take(static_cast<uint16_t>(code - 1), kEnters[code], params);
}

std::optional<Former> former_event(uint16_t code, std::span<const Param> params) {
  const auto row = std::ranges::find(kFormers, code, &FormerRow::code);
  if (row == kFormers.end()) return std::nullopt;
  Former former;
  former.exit = take(row->former_code, row->exit, params);
  if (row->enter.front() != kNone) {
    former.enter = take(static_cast<uint16_t>(row->former_code - 1), row->enter, params);
  }
  return former;
}

std::optional<Companion> unnamed_generic_event(uint16_t code, std::span<const Param> params) {
  constexpr uint16_t kLastNamed = 328;  // clone3, the last one that sysdig 0.29 knows
  static constexpr uint16_t kUnnamed = 0;
  const auto number_of = [&](size_t index) {
    uint16_t number = 0;
    if (params[index].size == sizeof number)
      std::memcpy(&number, params[index].data, sizeof number);
    return number;
  };
  if (code != static_cast<uint16_t>(falcoc::EventCode::GENERIC) || params.size() != 2 ||
      number_of(0) <= kLastNamed) {
    return std::nullopt;
  }
  // Readers take the native number for one of x86_64.
  const auto native = static_cast<int16_t>(number_of(1));
  const auto calls = falcoc::syscalls();
  const auto found = std::ranges::find(calls, native, &falcoc::SyscallInfo::x86_64);
  if (found == calls.end() || found->code != number_of(0)) return std::nullopt;
  Companion event;
  event.code = code;
  event.count = params.size();
  event.storage[0] = {reinterpret_cast<const char*>(&kUnnamed), sizeof kUnnamed};
  event.storage[1] = params[1];
  return event;
}

}  // namespace falcod::scap
