#include "runtime/capture/scap/stored_event.h"

#include <fmt/format.h>

#include <array>
#include <numeric>

namespace falcod::scap {
namespace {

using falcoc::ParamType;

/// Types by code; the first element of each is a placeholder, since arrays cannot be empty.
template <uint16_t Code>
struct StoredTypes;
#define T(type) , ParamType::type
#define STORED(code, flags, types)                                 \
  template <>                                                      \
  struct StoredTypes<code> {                                       \
    static constexpr ParamType kTypes[] = {ParamType::NONE types}; \
  };
#include "runtime/capture/scap/stored_events.def"
#undef STORED
#undef T

constexpr std::array<StoredInfo, kStoredCodes> kInfos = [] {
  std::array<StoredInfo, kStoredCodes> infos{};
#define T(type)
#define STORED(code, flags, types) \
  infos[code] = {flags, std::span(StoredTypes<code>::kTypes).subspan(1)};
#include "runtime/capture/scap/stored_events.def"
#undef STORED
#undef T
  return infos;
}();

bool has_dump_flags(uint32_t type) {
  return type == EVENT_FLAGS_V1 || type == EVENT_FLAGS_V2 || type == EVENT_FLAGS_V2_LARGE;
}

bool is_first_version(uint32_t type) {
  return type == EVENT_V1 || type == EVENT_OLD || type == EVENT_FLAGS_V1;
}

/// Old files say three bytes too much for these two.
constexpr bool has_wrong_length(uint16_t code) { return code == 280 || code == 286; }

/// How many parameters an event of the first version has: it does not say. The first number at or
/// below today's whose lengths add up to the event. Nothing if there is none.
std::optional<size_t> guess_param_count(std::string_view payload, size_t most) {
  for (size_t count = most + 1; count-- > 0;) {
    if (payload.size() < count * sizeof(uint16_t)) continue;
    Reader lengths(payload);
    size_t total = count * sizeof(uint16_t);
    for (size_t i = 0; i < count; ++i) total += lengths.number<uint16_t>();
    if (total == payload.size()) return count;
  }
  return std::nullopt;
}

template <typename Length>
bool read_params(std::string_view payload, size_t count, std::vector<Param>& out) {
  if (count > payload.size() / sizeof(Length)) return false;
  out.resize(count);
  const char* lengths = payload.data();
  const char* value = lengths + count * sizeof(Length);
  size_t left = payload.size() - count * sizeof(Length);
  for (Param& param : out) {
    Length size = 0;
    std::memcpy(&size, lengths, sizeof size);
    lengths += sizeof size;
    if (size > left) return false;
    param = {value, size};
    value += size;
    left -= size;
  }
  return true;
}

bool read_params(std::string_view payload, size_t count, bool large, std::vector<Param>& out) {
  return large ? read_params<uint32_t>(payload, count, out)
               : read_params<uint16_t>(payload, count, out);
}

}  // namespace

const StoredInfo& stored_info(uint16_t code) { return kInfos[code]; }

bool is_event_block(uint32_t type) {
  return is_first_version(type) || has_dump_flags(type) || type == EVENT_V2 ||
         type == EVENT_V2_LARGE;
}

bool parse_event(const Block& block, StoredEvent& out, std::string& what) {
  Reader in(block.body);
  const bool first_version = is_first_version(block.type);
  out.cpu = in.number<uint16_t>();
  out.dump_flags = has_dump_flags(block.type) ? in.number<uint32_t>() : 0;
  const size_t available = in.left();
  out.time_ns = in.number<uint64_t>();
  out.tid = in.number<int64_t>();
  auto length = in.number<uint32_t>();
  out.code = in.number<uint16_t>();
  const size_t header = first_version ? kEventHeaderV1Bytes : kEventHeaderV2Bytes;
  const uint32_t stored_count = first_version ? 0 : in.number<uint32_t>();
  if (in.failed()) {
    what = fmt::format("an event block of {} bytes", block.body.size());
    return false;
  }
  if (first_version && has_wrong_length(out.code) && length >= 3) length -= 3;
  if (length < header || length > available) {
    what = fmt::format("an event of {} bytes in a block with room for {}", length, available);
    return false;
  }
  if (out.code >= kStoredCodes) {
    out.params.clear();
    return true;
  }

  const std::string_view payload = in.bytes(length - header);
  const StoredInfo& info = stored_info(out.code);
  std::optional<size_t> count = stored_count;
  if (first_version) count = guess_param_count(payload, info.types.size());
  if (!count || !read_params(payload, *count, (info.flags & LARGE) != 0, out.params)) {
    what = fmt::format("the parameters of an event of kind {} do not fit into its {} bytes",
                       out.code, length);
    return false;
  }
  return true;
}

}  // namespace falcod::scap
