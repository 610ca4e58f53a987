// Any bytes as a probe record.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "runtime/capture/decode.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  falcod::Decoder decoder(0);
  // Records are 8-aligned in the ring buffer; a copy of the exact size lets ASan see every overrun.
  std::vector<uint64_t> aligned((size + 7) / 8);
  if (size > 0) std::memcpy(aligned.data(), data, size);
  const falcod::Event* event =
      decoder.decode({reinterpret_cast<const std::byte*>(aligned.data()), size});
  if (!event) return 0;
  uint64_t sum = 0;
  for (const falcod::Param& param : event->params) {
    for (uint32_t i = 0; i < param.size; ++i) sum += static_cast<unsigned char>(param.data[i]);
  }
  return sum == ~uint64_t{0} ? 1 : 0;
}
