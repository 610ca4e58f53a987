// Alerts as text and JSON lines (RULE-LANGUAGE 6.1, 6.4). Knows how Falco lays them out; values are
// rendered by render.h.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ir/program.h"
#include "runtime/engine/context.h"

namespace falcod {

struct AlertOptions {
  bool json = false;                  ///< json_output
  bool include_output = true;         ///< json_include_output_property
  bool include_output_fields = true;  ///< json_include_output_fields_property
  bool include_tags = true;           ///< json_include_tags_property
  bool include_message = false;       ///< json_include_message_property
  bool iso8601_time = false;          ///< time_format_iso_8601
  bool base64_buffers = false;        ///< buffer_format_base64
  bool structured = false;            ///< Alert::json too, for sinks
  bool all_rules = false;             ///< rule_matching: all; else the first match per event
  falcoc::Priority minimum_priority = falcoc::Priority::DEBUG;
};

/// Times of alerts. `local` is HH:MM:SS.nnnnnnnnn in the zone's offset at that moment, `iso8601` is
/// UTC followed by `zone` ("+0000" in outputs, "Z" in the JSON key `time`).
std::string local_time(uint64_t time_ns);
std::string iso8601_time(uint64_t time_ns, std::string_view zone);

/// As the inside of a JSON string: quotes, backslashes, control characters; what is not UTF-8
/// becomes U+FFFD (quirk Q40: Falco does this to text alerts).
std::string json_escaped(const std::string& text);

/// Parallel to Program::routes: nothing for one that an alert is not for, else what is the same in
/// alerts of this rule that are alike there.
using AlertRoutes = std::vector<std::optional<std::string>>;

class AlertFormatter {
 public:
  /// `program` must outlive the formatter; `accessors` are parallel to its fields.
  AlertFormatter(const falcoc::ir::Program& program, std::span<const falcoc::Accessor> accessors,
                 const AlertOptions& options, std::string hostname);

  /// The line of `rule` for the event of `context`, without line end.
  std::string format(const falcoc::ir::Rule& rule, EventContext& context) const;
  /// Where the alert goes.
  AlertRoutes routes(const falcoc::ir::Rule& rule, EventContext& context) const;
  /// The alert as JSON with all properties, whatever the options leave out.
  std::string json(const falcoc::ir::Rule& rule, EventContext& context) const;

 private:
  std::string line(const falcoc::ir::Rule& rule, uint64_t time_ns,
                   const std::string& message) const;
  std::string text(const std::vector<falcoc::ir::OutputPiece>& pieces, EventContext& context) const;
  void append_value(std::string& out, falcoc::ir::OperandId id, EventContext& context) const;
  nlohmann::json output_fields(const falcoc::ir::Rule& rule, EventContext& context) const;
  nlohmann::json json_value(falcoc::ir::OperandId id, EventContext& context) const;
  falcoc::PrintFormat print_format(const falcoc::ir::Operand& operand, const Event& event) const;
  falcoc::ir::FieldSource source(EventContext& context) const;

  const falcoc::ir::Program& program_;
  std::span<const falcoc::Accessor> accessors_;
  AlertOptions options_;
  std::string hostname_;
};

}  // namespace falcod
