// Values to text and JSON as Falco prints them (RULE-LANGUAGE sections 6.2 and 6.3).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "runtime/engine/context.h"

namespace falcod {

/// Appends the text of a field value.
void append_text(std::string& out, falcoc::ir::Type type, falcoc::PrintFormat format,
                 const falcoc::Value& value);
nlohmann::json to_json(falcoc::ir::Type type, falcoc::PrintFormat format,
                       const falcoc::Value& value);

/// One event parameter: `raw` as evt.args prints it, `resolved` its symbolic form, empty if none.
struct RenderedParam {
  std::string raw;
  std::string resolved;
};
RenderedParam render_param(const EventContext& context, size_t index);

/// All parameters as evt.args prints them: `name=raw` or `name=raw(resolved)`, blank separated;
/// empty for generic system calls.
std::string render_params(const EventContext& context);

/// Which member of a Value holds a scalar of this type (compiler/catalog/value.h).
enum class ValueShape : uint8_t { TEXT, BYTES, SIGNED, UNSIGNED };
ValueShape value_shape(falcoc::ParamType type);

}  // namespace falcod
