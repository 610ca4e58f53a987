// The match loop's core: record in, alerts out. Decodes, keeps state, matches, formats.
#pragma once

#include <array>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "compiler/codegen/native/native.h"
#include "runtime/capture/decode.h"
#include "runtime/capture/event_source.h"
#include "runtime/engine/alert.h"
#include "runtime/engine/context.h"

namespace falcod {

/// Which evaluator matches rules.
enum class Evaluator : uint8_t {
  AUTO,    ///< native code, or the reference where executable memory is forbidden
  NATIVE,  ///< native code or nothing
  REFERENCE,
};

/// What is not about alerts; the defaults are right outside tests.
struct EngineOptions {
  Evaluator evaluator = Evaluator::AUTO;
  std::string hostname;  ///< empty: FALCO_HOSTNAME, else the host's
  /// Added to the probe's boot-clock times; measured if not given.
  std::optional<uint64_t> boot_to_epoch_ns;
};

/// A finished alert. Borrowed during the call only.
struct Alert {
  const falcoc::ir::Rule* rule = nullptr;
  uint64_t time_ns = 0;
  std::string_view line;  ///< as it goes to a text or JSON sink, no line end
};
using AlertSink = std::function<void(const Alert&)>;

struct EngineStats {
  uint64_t events = 0;  ///< records that rules can see, whether any of them wanted it or not
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
      falcoc::Diagnostics& diagnostics, const EngineOptions& engine_options = {});

  /// Kinds the event source must deliver: what rules need, plus what state needs.
  virtual falcoc::EventSet wanted() const = 0;
  /// Those whose rules ask for standard input, output or error of the process.
  virtual falcoc::EventSet with_standard_fds() const = 0;
  /// Events whose rules ask for all names of their file (`fd.truename`).
  virtual falcoc::EventSet with_true_names() const = 0;
  virtual ProcessTable& processes() = 0;
  /// Report only on tracked processes (`falcod -- COMMAND`).
  virtual void only_tracked(bool on) = 0;
  virtual EngineStats stats() const = 0;
  virtual const falcoc::ir::Program& program() const = 0;
  /// True if native code runs, false for the reference evaluator.
  virtual bool native() const = 0;
};

}  // namespace falcod
