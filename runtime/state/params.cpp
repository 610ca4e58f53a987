// Reading of event parameters, see params.h. Knows the encodings, nothing of state.
#include "runtime/state/params.h"

#include <algorithm>

namespace falcod {

using falcoc::ParamType;

uint64_t unsigned_of(const Param& param) {
  // Every width of its own: copying a number of bytes that is not known calls a function.
  switch (param.size) {
    case 0:
      return 0;
    case 1:
      return static_cast<uint8_t>(*param.data);
    case 2: {
      uint16_t value = 0;
      std::memcpy(&value, param.data, sizeof value);
      return value;
    }
    case 4: {
      uint32_t value = 0;
      std::memcpy(&value, param.data, sizeof value);
      return value;
    }
    default: {
      uint64_t value = 0;
      std::memcpy(&value, param.data, std::min<size_t>(param.size, sizeof value));
      return value;
    }
    case 8: {
      uint64_t value = 0;
      std::memcpy(&value, param.data, sizeof value);
      return value;
    }
  }
}

int64_t signed_of(const Param& param) {
  const uint64_t value = unsigned_of(param);
  switch (param.size) {
    case 1:
      return static_cast<int8_t>(value);
    case 2:
      return static_cast<int16_t>(value);
    case 4:
      return static_cast<int32_t>(value);
    default:
      return static_cast<int64_t>(value);
  }
}

std::string_view text_of(const Param& param) {
  if (param.size == 0) return {};
  return {param.data, strnlen(param.data, param.size)};
}

std::vector<std::string_view> texts_of(std::string_view bytes) {
  std::vector<std::string_view> texts;
  while (!bytes.empty()) {
    const size_t end = bytes.find('\0');
    texts.push_back(bytes.substr(0, end));
    if (end == std::string_view::npos) break;
    bytes.remove_prefix(end + 1);
  }
  return texts;
}

bool is_signed_type(ParamType type) {
  switch (type) {
    case ParamType::INT8:
    case ParamType::INT16:
    case ParamType::INT32:
    case ParamType::INT64:
    case ParamType::ERRNO:
    case ParamType::FD:
    case ParamType::FD32:
    case ParamType::PID:
    case ParamType::PID32:
      return true;
    default:
      return false;
  }
}

int find_param(const falcoc::EventInfo& info, std::string_view name) {
  const auto found = std::ranges::find(info.params, name, &falcoc::ParamInfo::name);
  return found == info.params.end() ? -1 : static_cast<int>(found - info.params.begin());
}

}  // namespace falcod
