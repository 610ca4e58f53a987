// Input of the generated lexers: bytes, one code point each. Offsets of tokens are thereby byte
// offsets, and text that is not UTF-8 passes through unchanged.
#pragma once

#include <string_view>

#include "antlr4-runtime.h"

namespace falcoc::grammar {

class ByteStream : public antlr4::ANTLRInputStream {
 public:
  explicit ByteStream(std::string_view bytes) {
    _data.reserve(bytes.size());
    for (const char byte : bytes) _data.push_back(static_cast<unsigned char>(byte));
  }
};

}  // namespace falcoc::grammar
