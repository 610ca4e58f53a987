// Values as accessors hand them to evaluators: the ABI between runtime, reference evaluator and
// generated code. Plain data; the layout is part of the code generator (native/).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "compiler/catalog/types.h"

namespace falcoc {

enum class FieldId : uint16_t;

/// One value. What it holds follows from the static type of the field it came from:
///   text, paths, buffers      data/size bytes, no terminator
///   IPADDR, IPNET             data points at size = 4 or 16 bytes in network order
///   DOUBLE                    f64
///   signed integers, ERRNO, FD, PID   i64, sign-extended
///   everything else           u64, zero-extended (BOOL 0 or 1)
///   LIST, ANCESTORS, EITHER_SIDE   items/size elements
/// Pointers stay valid until the event they were fetched for is done.
struct Value {
  union {
    uint64_t u64 = 0;
    int64_t i64;
    double f64;
    const char* data;
    const Value* items;
  };
  uint32_t size = 0;
  /// Text only: 1 if who supplies it knows that it holds no NUL, so that nobody has to look. A
  /// mistaken 0 costs time, a mistaken 1 makes generated code disagree with the evaluator.
  uint32_t is_plain = 0;

  static Value of_text(std::string_view text, bool is_plain = false) {
    Value value;
    value.set_text(text, is_plain);
    return value;
  }
  void set_text(std::string_view text, bool plain = false) {
    data = text.data();
    size = static_cast<uint32_t>(text.size());
    is_plain = plain ? 1 : 0;
  }
  void set_items(const Value* elements, size_t count) {
    items = elements;
    size = static_cast<uint32_t>(count);
  }
  std::string_view text() const { return {data, size}; }
};
static_assert(sizeof(Value) == 16 && std::is_trivially_copyable_v<Value>);

/// A field as a rule names it: catalog row plus argument. Programs keep each distinct one once.
struct FieldRef {
  static constexpr int64_t kNoIndex = -1;

  FieldId id{};
  ParamType type = ParamType::NONE;  ///< the row's type; for evt.rawarg that of the parameter
  Shape shape = Shape::SCALAR;       ///< the row's shape; SCALAR once an ancestor is indexed
  int64_t index = kNoIndex;          ///< numeric argument
  std::string key;                   ///< textual argument: map key or dotted suffix

  bool operator==(const FieldRef&) const = default;
};

/// Supplies one field of one event. Returns false if the value is absent, which makes every
/// comparison false. `context` is what the caller of the evaluator passed.
using Accessor = bool (*)(void* context, const FieldRef& field, Value& out);

}  // namespace falcoc
