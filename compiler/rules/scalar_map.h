// From a scalar's decoded value back to the bytes it was written with. yaml-cpp tells where a
// scalar begins and what its value is; the source is read again, in step with the value, to find
// which bytes gave which, and where the scalar ends.
#pragma once

#include <cstdint>
#include <string_view>

#include "compiler/source/source.h"

namespace falcoc::rules {

struct MappedScalar {
  MappedText text;    ///< its text() is always the value
  Span span;          ///< quotes and block indicator included, tag and anchor not
  bool exact = true;  ///< false: the source could not be followed; the whole text maps to the span
};

/// `begin` is the offset yaml-cpp reports: of the scalar, or of the tag or anchor before it.
MappedScalar map_scalar(FileId file, std::string_view source, uint32_t begin,
                        std::string_view value);

}  // namespace falcoc::rules
