// The match loop's core: record in, alerts out. Decodes, keeps state, matches, formats.
#pragma once

#include <array>
#include <expected>
#include <functional>
#include <memory>

#include "compiler/codegen/native/native.h"
#include "runtime/capture/decode.h"
#include "runtime/capture/event_source.h"
#include "runtime/engine/context.h"

namespace falcod {

struct AlertOptions {
  bool json = false;                  ///< json_output
  bool include_output = true;         ///< json_include_output_property
  bool include_output_fields = true;  ///< json_include_output_fields_property
  bool include_tags = true;           ///< json_include_tags_property
  bool include_message = false;       ///< json_include_message_property
  bool iso8601_time = false;          ///< time_format_iso_8601
  bool all_rules = false;             ///< rule_matching: all; else the first match per event
  falcoc::Priority minimum_priority = falcoc::Priority::DEBUG;
};

/// A finished alert. Borrowed during the call only.
struct Alert {
  const falcoc::ir::Rule* rule = nullptr;
  uint64_t time_ns = 0;
  std::string_view line;  ///< as it goes to a text or JSON sink, no line end
};
using AlertSink = std::function<void(const Alert&)>;

struct EngineStats {
  uint64_t events = 0;
  uint64_t alerts = 0;
  uint64_t malformed = 0;
  std::array<uint64_t, 8> alerts_by_priority{};
  std::vector<uint64_t> alerts_by_rule;  ///< parallel to Program::rules
};

class Engine : public RecordHandler {
 public:
  /// Compiles `program` to native code, or falls back to the reference evaluator (with a warning in
  /// `diagnostics`) where executable memory is forbidden.
  static std::expected<std::unique_ptr<Engine>, falcoc::Diagnostic> create(
      falcoc::ir::Program program, AlertOptions options, AlertSink sink,
      falcoc::Diagnostics& diagnostics);

  /// Kinds the event source must deliver: what rules need, plus what state needs.
  virtual falcoc::EventSet wanted() const = 0;
  virtual ProcessTable& processes() = 0;
  /// Report only on tracked processes (`falcod -- COMMAND`).
  virtual void only_tracked(bool on) = 0;
  virtual EngineStats stats() const = 0;
  virtual const falcoc::ir::Program& program() const = 0;
};

}  // namespace falcod
