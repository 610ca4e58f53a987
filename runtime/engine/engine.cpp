// The match loop's core: one record at a time through decoder, state, rules and formatter.
#include "runtime/engine/engine.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <ctime>

#include "compiler/ir/memo_evaluator.h"
#include "runtime/engine/field_use.h"
#include "runtime/engine/internal_alert.h"

namespace falcod {

namespace {

using falcoc::Diagnostic;
using falcoc::EventCode;
using falcoc::EventKind;
namespace ir = falcoc::ir;

constexpr EventKind kind_of(EventCode code) { return static_cast<EventKind>(code); }

/// What the process table needs, whatever the rules say. Forks come as state records of their own.
constexpr std::array kStateKinds{
    kind_of(EventCode::EXECVE),   kind_of(EventCode::EXECVEAT),  kind_of(EventCode::PROCEXIT),
    kind_of(EventCode::CHDIR),    kind_of(EventCode::FCHDIR),    kind_of(EventCode::CHROOT),
    kind_of(EventCode::SETSID),   kind_of(EventCode::SETPGID),   kind_of(EventCode::CAPSET),
    kind_of(EventCode::SETUID),   kind_of(EventCode::SETGID),    kind_of(EventCode::SETREUID),
    kind_of(EventCode::SETREGID), kind_of(EventCode::SETRESUID), kind_of(EventCode::SETRESGID),
    kind_of(EventCode::UNSHARE),  kind_of(EventCode::SETNS),
};

/// What tells which side opened a connection; needed only by rules that ask about descriptors.
constexpr std::array kSocketRoleKinds{
    kind_of(EventCode::CONNECT),
    kind_of(EventCode::ACCEPT),
    kind_of(EventCode::ACCEPT4),
};

/// Offset from the boot clock to the epoch: the sample taken in the shortest time counts.
uint64_t measure_boot_to_epoch() {
  constexpr int kSamples = 8;
  const auto now = [](clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
  };
  uint64_t best_span = ~uint64_t{0};
  uint64_t offset = 0;
  for (int i = 0; i < kSamples; ++i) {
    const uint64_t before = now(CLOCK_BOOTTIME);
    const uint64_t real = now(CLOCK_REALTIME);
    const uint64_t span = now(CLOCK_BOOTTIME) - before;
    if (span < best_span) {
      best_span = span;
      offset = real - (before + span / 2);
    }
  }
  return offset;
}

bool asks_about_descriptors(const ir::Program& program) {
  return std::ranges::any_of(program.fields, [](const falcoc::FieldRef& field) {
    return falcoc::field_info(field.id).field_class == "fd";
  });
}

/// Rules that this daemon never evaluates: too low a priority, or not about system calls.
void disable_irrelevant(ir::Program& program, const AlertOptions& options) {
  for (ir::Rule& rule : program.rules) {
    if (rule.priority > options.minimum_priority || rule.source != "syscall") rule.enabled = false;
  }
}

/// Matches without generated code, per kind only the rules that can match it.
class ReferenceMatcher {
 public:
  ReferenceMatcher(const ir::Program& program, std::span<const falcoc::Accessor> accessors)
      : program_(program),
        evaluator_(program),
        accessors_(accessors),
        rules_by_kind_(falcoc::kEventKinds) {
    for (uint32_t i = 0; i < program.rules.size(); ++i) {
      if (!program.rules[i].enabled) continue;
      const falcoc::EventSet& kinds = program.rule_events(program.rules[i]);
      live_ |= kinds;
      for (size_t kind = 0; kind < falcoc::kEventKinds; ++kind) {
        if (kinds.test(kind)) rules_by_kind_[kind].push_back(i);
      }
    }
  }

  const falcoc::EventSet& live_kinds() const { return live_; }

  void match(EventKind kind, void* context, ir::ValueArena& arena, std::span<uint64_t> matched) {
    std::ranges::fill(matched, 0);
    const ir::FieldSource source{context, accessors_};
    evaluator_.begin_event();
    for (const uint32_t i : rules_by_kind_[kind]) {
      if (evaluator_.evaluate(program_.rules[i].condition, source, arena)) {
        matched[i / 64] |= uint64_t{1} << (i % 64);
      }
    }
  }

 private:
  const ir::Program& program_;
  ir::MemoEvaluator evaluator_;
  std::span<const falcoc::Accessor> accessors_;
  std::vector<std::vector<uint32_t>> rules_by_kind_;
  falcoc::EventSet live_;
};

class EngineImpl final : public Engine {
 public:
  EngineImpl(ir::Program program, const AlertOptions& options, AlertSink sink,
             const EngineOptions& engine_options, uint64_t boot_to_epoch_ns)
      : program_(std::move(program)),
        options_(options),
        sink_(std::move(sink)),
        accessors_(bind_accessors(program_)),
        hostname_(engine_options.hostname.empty() ? alert_hostname() : engine_options.hostname),
        formatter_(program_, accessors_, options_, hostname_),
        decoder_(boot_to_epoch_ns),
        processes_(boot_to_epoch_ns),
        matched_((program_.rules.size() + 63) / 64) {
    stats_.alerts_by_rule.resize(program_.rules.size());
    context_.descriptors = &fds_;
    context_.processes = &processes_;
    context_.users = &users_;
    context_.arena = &arena_;
    context_.hostname = hostname_;
  }

  /// Must be called once before the first record.
  std::optional<Diagnostic> prepare(Evaluator evaluator) {
    std::optional<Diagnostic> failure;
    if (evaluator != Evaluator::REFERENCE) {
      auto native = falcoc::native::Matcher::compile(program_, accessors_);
      if (native) {
        native_ = std::make_unique<falcoc::native::Matcher>(std::move(*native));
        matched_.resize(native_->words_per_result());
      } else {
        failure = std::move(native.error());
      }
    }
    if (native_ == nullptr) reference_ = std::make_unique<ReferenceMatcher>(program_, accessors_);
    live_ = native_ != nullptr ? native_->live_kinds() : reference_->live_kinds();
    for (const EventKind kind : kStateKinds) state_.set(kind);
    if (asks_about_descriptors(program_)) {
      for (const EventKind kind : kSocketRoleKinds) roles_.set(kind);
    }
    return failure;
  }

  void on_record(std::span<const std::byte> record) override {
    const Event* event = decoder_.decode(record);
    if (event == nullptr) return;
    ProcessPtr process = processes_.apply(*event);
    if (event->kind < FC_STATE_BASE) on_event(*event, std::move(process));
    processes_.after(*event);
  }

  falcoc::EventSet wanted() const override { return live_ | state_ | roles_; }
  falcoc::EventSet with_standard_fds() const override {
    using falcoc::FieldId;
    static constexpr FieldId kFields[] = {FieldId::proc_stdin_type,  FieldId::proc_stdout_type,
                                          FieldId::proc_stderr_type, FieldId::proc_stdin_name,
                                          FieldId::proc_stdout_name, FieldId::proc_stderr_name};
    return events_using(program_, kFields);
  }
  falcoc::EventSet with_true_names() const override {
    static constexpr falcoc::FieldId kFields[] = {falcoc::FieldId::fd_truename};
    return events_using(program_, kFields);
  }
  ProcessTable& processes() override { return processes_; }
  void only_tracked(bool on) override { only_tracked_ = on; }
  const ir::Program& program() const override { return program_; }
  bool native() const override { return native_ != nullptr; }
  EngineStats stats() const override {
    EngineStats stats = stats_;
    stats.malformed = decoder_.malformed();
    return stats;
  }

 private:
  void on_event(const Event& event, ProcessPtr process) {
    ++stats_.events;
    if (context_.first_event_time_ns == 0) context_.first_event_time_ns = event.time_ns;
    const bool matching = live_.test(event.kind) && (!only_tracked_ || process->tracked);
    if (!matching && !roles_.test(event.kind)) return;
    fds_.describe(event, *process, context_.fd);
    if (!matching) return;

    context_.event = &event;
    context_.process = std::move(process);
    if (native_ != nullptr) {
      native_->match(event.kind, &context_, arena_, matched_);
    } else {
      reference_->match(event.kind, &context_, arena_, matched_);
    }
    report_matches();
    arena_.clear();
  }

  void report_matches() {
    for (size_t word = 0; word < matched_.size(); ++word) {
      for (uint64_t bits = matched_[word]; bits != 0; bits &= bits - 1) {
        report(word * 64 + static_cast<size_t>(std::countr_zero(bits)));
        if (!options_.all_rules) return;
      }
    }
  }

  void report(size_t index) {
    const ir::Rule& rule = program_.rules[index];
    ++stats_.alerts;
    ++stats_.alerts_by_rule[index];
    ++stats_.alerts_by_priority[static_cast<size_t>(rule.priority)];
    const std::string line = formatter_.format(rule, context_);
    sink_({&rule, context_.event->time_ns, line});
  }

  ir::Program program_;
  AlertOptions options_;
  AlertSink sink_;
  std::vector<falcoc::Accessor> accessors_;
  std::string hostname_;
  AlertFormatter formatter_;
  Decoder decoder_;
  ProcessTable processes_;
  FdTable fds_;
  Users users_;
  ir::ValueArena arena_;
  EventContext context_;
  std::unique_ptr<falcoc::native::Matcher> native_;
  std::unique_ptr<ReferenceMatcher> reference_;
  std::vector<uint64_t> matched_;
  falcoc::EventSet live_;   ///< some enabled rule can match
  falcoc::EventSet state_;  ///< the process table needs it
  falcoc::EventSet roles_;  ///< the descriptor table needs it
  bool only_tracked_ = false;
  EngineStats stats_;
};

}  // namespace

std::expected<std::unique_ptr<Engine>, Diagnostic> Engine::create(
    ir::Program program, AlertOptions options, AlertSink sink, falcoc::Diagnostics& diagnostics,
    const EngineOptions& engine_options) {
  disable_irrelevant(program, options);
  const uint64_t offset =
      engine_options.boot_to_epoch_ns ? *engine_options.boot_to_epoch_ns : measure_boot_to_epoch();
  auto engine = std::make_unique<EngineImpl>(std::move(program), options, std::move(sink),
                                             engine_options, offset);
  if (auto failure = engine->prepare(engine_options.evaluator)) {
    if (engine_options.evaluator == Evaluator::NATIVE) return std::unexpected(std::move(*failure));
    diagnostics.add(Diagnostic::global(
        falcoc::Code::REFERENCE_EVALUATOR,
        fmt::format(
            "native code cannot be made here, rules run in the slower reference evaluator: {}",
            failure->message),
        "allow executable memory (systemd: MemoryDenyWriteExecute=no) for full speed"));
  }
  return engine;
}

}  // namespace falcod
