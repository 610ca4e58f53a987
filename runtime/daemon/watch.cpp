// See watch.h.
#include "runtime/daemon/watch.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <stop_token>

#include "runtime/capture/live.h"
#include "runtime/daemon/alert_outputs.h"
#include "runtime/daemon/call_filter.h"
#include "runtime/daemon/command.h"
#include "runtime/daemon/container_metadata.h"
#include "runtime/daemon/exit_status.h"
#include "runtime/daemon/live_rules.h"
#include "runtime/daemon/load.h"
#include "runtime/daemon/loss_watch.h"
#include "runtime/daemon/recordings.h"
#include "runtime/daemon/reload_watch.h"
#include "runtime/daemon/service.h"
#include "runtime/daemon/signals.h"
#include "runtime/daemon/statistics.h"
#include "runtime/daemon/summary.h"
#include "runtime/output/outputs.h"

namespace falcod {

namespace {

using Clock = std::chrono::steady_clock;
using falcoc::Code;
using falcoc::Diagnostic;
using std::chrono::milliseconds;

/// How long one turn waits for events: signals and the end of the command are noticed within it.
constexpr int kTurnMs = 50;
/// The same while alerts wait for metadata, which comes without an event.
constexpr int kMetadataTurnMs = 2;
/// After the command: its last events are in the ring already, unless the machine is overloaded.
constexpr milliseconds kDrainLimit{2000};
constexpr int kDrainTurnMs = 10;
/// The record of the command's fork is in the ring when fork() returns, unless it was lost.
constexpr milliseconds kForkLimit{500};
/// A reader of standard output that stands still delays the end by at most this.
constexpr milliseconds kCloseLimit{5000};

class Watch {
 public:
  Watch(const Options& options, const Reporter& reporter, Preparation& prepared)
      : options_(options),
        reporter_(reporter),
        prepared_(prepared),
        signals_(prepared.signals()),
        recordings_(options, reporter, [this](InternalAlert alert) { emit(std::move(alert)); }),
        has_terminal_(has_controlling_terminal()),
        hostname_(alert_hostname()),
        loss_watch_(options.config.drops, reporter,
                    {.losses = [this] { return losses(); },
                     .alert = [this](InternalAlert alert) { emit(std::move(alert)); },
                     .rescan = [this] { scan_processes(); }}),
        monitor_(std::chrono::milliseconds{options.config.outputs.output_timeout}),
        service_(options.config, options.pid_file, reporter,
                 {.sample =
                      [this] {
                        return sample_of(*engine_, reloads_->counts(), *source_, outputs_.stats());
                      },
                  .alert = [this](InternalAlert alert) { emit(std::move(alert)); },
                  .flow =
                      [this] {
                        return flow_.look(*source_, read_, enabled_rules(),
                                          recordings_.wanted().any());
                      }}) {}

  ~Watch() { ending_.request_stop(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  int run(falcoc::ir::Program program, std::string fingerprint) {
    if (!find_command_file() || !start(std::move(program), std::move(fingerprint))) return status_;
    if (options_.dry_run || !start_command()) return status_;
    give_up(options_, reporter_, refuse_calls);
    loop();
    finish();
    return status_;
  }

 private:
  bool fail(const Diagnostic& diagnostic, ExitStatus status) {
    reporter_.show(diagnostic);
    status_ = code(status);
    return false;
  }

  bool find_command_file() {
    if (options_.command.empty()) return true;
    auto found = find_command(options_.command.front());
    if (!found) return fail(found.error().diagnostic, found.error().status);
    command_path_ = std::move(*found);
    return true;
  }

  bool start(falcoc::ir::Program program, std::string fingerprint) {
    if (auto started = service_.start(); !started) {
      return fail(started.error(), ExitStatus::RUNTIME);
    }
    service_.rules_loaded(rule_files(options_.rule_paths));
    outputs_.use(output_specs(options_.config, options_.routes, reporter_), Clock::now());
    EngineOptions engine_options;
    engine_options.evaluator = options_.evaluator;
    engine_options.code.cache_directory = options_.code_cache;
    engine_options.code.stop = ending_.get_token();
    engine_options.filtered = filters_events(options_);
    engine_options.at_once = true;
    engine_options.time_rules = options_.statistics != StatisticsFormat::NONE;
    engine_options.drop_failed = options_.config.engine.drop_failed_exit;
    falcoc::Diagnostics diagnostics;
    auto engine = Engine::create(
        std::move(program), options_.config.alerts,
        [this](const Alert& alert) {
          outputs_.emit(message_of(alert));
          recordings_.on_alert(alert);
        },
        diagnostics, engine_options);
    if (!engine) return fail(engine.error(), ExitStatus::RUNTIME);
    reporter_.show(diagnostics);
    engine_ = std::move(*engine);
    engine_->only_tracked(!options_.command.empty());

    auto source = prepared_.source();
    if (!source) return fail(source.error(), ExitStatus::UNSUPPORTED);
    source_ = std::move(*source);
    snapshot_ = prepared_.snapshot();
    if (auto started = source_->start(wanted(), engine_->details()); !started) {
      return fail(started.error(), ExitStatus::UNSUPPORTED);
    }
    metadata_ = start_metadata(options_.config.metadata, reporter_);
    engine_->use_containers(*metadata_, options_.config.metadata.wait);
    scan_processes();
    engine_->use_facts(source_->facts());
    engine_->use_names([this](std::string_view address) { source_->name_address(address); });
    rules_.emplace(*engine_, *source_, filters_events(options_), recordings_.wanted(), reporter_);
    rules_->check_filters();
    reloads_.emplace(options_, *engine_, *rules_, std::move(fingerprint), reporter_);
    if (options_.start == Start::COMPLETE || options_.dry_run) return complete_start();
    banner();
    reloads_->complete();
    return true;
  }

  /// Events come in meanwhile.
  bool complete_start() {
    reloads_->complete();
    while (!reloads_->is_complete() && !stopping_) {
      if (!turn(kDrainTurnMs)) return false;
      handle_signals();
      if (const auto reloaded = reloads_->look(Clock::now())) use(*reloaded);
    }
    banner();
    return true;
  }

  /// The kernel's iterators, or /proc where there are none. The first process that there is they
  /// leave out: it is read from /proc, and who it is exactly was asked for before.
  void scan_processes() {
    const std::vector<fc_identity> identities = source_->identities();
    if (!read_snapshot()) engine_->processes().scan_proc();
    engine_->processes().identify(identities);
  }

  bool read_snapshot() {
    if (!snapshot_) return false;
    engine_->processes().begin_scan();
    if (!snapshot_->read(*engine_)) return false;
    engine_->processes().end_scan();
    return true;
  }

  /// What rules and state need, and where it is recorded what a reader of the capture needs
  /// besides.
  falcoc::EventSet wanted() const { return engine_->wanted() | recordings_.wanted(); }

  bool start_recording() {
    if (recordings_.start(*engine_)) return true;
    status_ = code(ExitStatus::RUNTIME);
    return false;
  }

  void banner() {
    reporter_.info(fmt::format(
        "falcod {}: {} rules, {} kinds of events, {}{}\n", FALCOD_VERSION, enabled_rules(),
        engine_->wanted().count(), options_.command.empty() ? "the whole machine" : "one command",
        source_->sees_io_uring()
            ? ""
            : "; what is done through io_uring is not seen (needs Linux 6.0)"));
    tell_hooks();
    service_.ready(fmt::format("{} rules", enabled_rules()));
  }

  /// At first, and when they are others.
  void tell_hooks() {
    std::string hooks = source_->hooks();
    if (hooks == told_hooks_) return;
    reporter_.info(fmt::format("System calls are hooked {}\n", hooks));
    told_hooks_ = std::move(hooks);
  }

  size_t enabled_rules() const {
    return static_cast<size_t>(
        std::ranges::count_if(engine_->program().rules, &falcoc::ir::Rule::enabled));
  }

  bool start_command() {
    if (options_.command.empty()) return start_recording();
    auto command = Command::fork(command_path_, options_.command, signals_);
    if (!command) return fail(command.error(), ExitStatus::RUNTIME);
    command_.emplace(std::move(*command));
    // The recording's tables hold the command as it is before its execve.
    if (!track_command() || !start_recording()) return false;
    if (auto released = command_->release(); !released) {
      return fail(released.error().diagnostic, released.error().status);
    }
    return true;
  }

  /// The fork's own record makes the process known; if that is lost, /proc does.
  bool track_command() {
    const auto known = [this] {
      const ProcessPtr process = engine_->processes().find(command_->pid());
      return process != nullptr && !process->exited;
    };
    const auto end = Clock::now() + kForkLimit;
    while (!known() && Clock::now() < end) {
      if (!turn(kDrainTurnMs)) return false;
    }
    if (!known()) scan_processes();
    engine_->processes().track(command_->pid());
    return true;
  }

  void loop() {
    if (options_.run_for) end_ = Clock::now() + *options_.run_for;
    while (goes_on()) {
      if (command_ && command_->status()) {
        after_command();
        return;
      }
      if (!command_ && outputs_.all_closed()) {
        fail(Diagnostic::global(Code::OUTPUT_FAILED, "standard output was closed",
                                "keep its reader running"),
             ExitStatus::RUNTIME);
        return;
      }
    }
    if (command_) stop_command();
    turn(0);
  }

  /// One turn; false if it was the last.
  bool goes_on() {
    if (!turn(kTurnMs)) return false;
    handle_signals();
    if (const auto reloaded = reloads_->look(Clock::now())) use(*reloaded);
    outputs_.turn(Clock::now());
    tell_hooks();
    serve();
    const auto now = Clock::now();
    loss_watch_.report(now);
    if (!loss_watch_.apply_policy(*source_, engine_->stats().events, now)) {
      status_ = code(ExitStatus::RUNTIME);
      return false;
    }
    return !stopping_ && now < end_;
  }

  /// What came with rules that were loaded again. The rules are in use already.
  void use(const ReloadOutcome& reloaded) {
    outputs_.use(output_specs(reloaded.config, reloaded.routes, reporter_), Clock::now());
    monitor_.use_timeout(std::chrono::milliseconds{reloaded.config.outputs.output_timeout});
    service_.rules_loaded(rule_files(reloaded.rule_paths));
    service_.use(reloaded.config);
    loss_watch_.use_policy(reloaded.config.drops);
  }

  /// Delivers events; false if the source failed.
  bool turn(int timeout_ms, size_t* delivered = nullptr) {
    if (events_wait_) timeout_ms = std::min(timeout_ms, kMetadataTurnMs);
    auto count = source_->poll(*engine_, facts_are_due_ ? 0 : timeout_ms);
    if (!count) return fail(count.error(), ExitStatus::RUNTIME);
    read_ += *count;
    const auto now = Clock::now();
    facts_are_due_ = engine_->update_facts(now);
    engine_->update_names();
    events_wait_ = engine_->update_containers(now);
    recordings_.flush();
    if (delivered != nullptr) *delivered = *count;
    return true;
  }

  void handle_signals() {
    while (const auto info = signals_.next()) {
      const int number = static_cast<int>(info->ssi_signo);
      const bool command_runs = command_ && !command_->status();
      if (number == SIGCHLD) continue;
      if (number == SIGUSR1 || number == SIGUSR2) {
        number == SIGUSR1 ? outputs_.reopen() : report_statistics();
        continue;
      }
      // Ctrl-C reaches the command too, and is the command's to answer, as under a shell.
      if (command_runs && info->ssi_code == SI_KERNEL) continue;
      if (number == SIGHUP && !hangup(command_runs)) continue;
      if (signalled_) ::_exit(kSignalStatusBase + number);
      signalled_ = true;
      if (command_runs) {
        command_->signal(number);
      } else {
        stopping_ = true;
      }
    }
  }

  /// Whether SIGHUP is a reason to stop. With a terminal it says that the terminal is gone; to a
  /// service it is a request to load the rules again.
  bool hangup(bool command_runs) {
    if (command_runs) {
      command_->signal(SIGHUP);
      return false;
    }
    if (has_terminal_) return true;
    reloads_->request();
    return false;
  }

  /// Its status counts; its descendants are waited for with --wait-all.
  void after_command() {
    status_ = *command_->status();
    signalled_ = false;  // what was sent before was for the command
    drain_command();
    while (options_.wait_all && !descendants().empty() && goes_on()) {
    }
    turn(0);
    const size_t running = descendants().size();
    if (running == 0) return;
    reporter_.show(Diagnostic::global(
        Code::STILL_RUNNING,
        fmt::format("{} that the command started {} on unwatched",
                    running == 1 ? "a process" : fmt::format("{} processes", running),
                    running == 1 ? "runs" : "run"),
        options_.wait_all ? "" : "--wait-all waits for all of them"));
  }

  /// Processes of the command that still run. Asks the kernel too: an event that tells of an end
  /// can be lost.
  std::vector<int64_t> descendants() const { return still_running(engine_->processes().tracked()); }

  /// The end of -M: the command is not left behind unwatched.
  void stop_command() {
    command_->signal(SIGTERM);
    const auto end = Clock::now() + kDrainLimit;
    while (!command_->status() && Clock::now() < end && turn(kDrainTurnMs)) {
    }
    if (!command_->status()) command_->signal(SIGKILL);
    while (!command_->status() && turn(kDrainTurnMs)) {
    }
    if (command_->status() && status_ == code(ExitStatus::OK)) status_ = *command_->status();
    drain_command();
  }

  /// Until the end of the command was seen among the events, which come in order; then what its
  /// descendants did up to now. Does not wait for a busy machine to become quiet.
  void drain_command() {
    const auto end = Clock::now() + kDrainLimit;
    const auto ended = [this] {
      const ProcessPtr process = engine_->processes().find(command_->pid());
      return process == nullptr || process->exited;
    };
    while (!ended() && Clock::now() < end && turn(kDrainTurnMs)) {
    }
    for (size_t delivered = LiveSource::kMaxBatch;
         delivered >= LiveSource::kMaxBatch && Clock::now() < end && turn(0, &delivered);) {
    }
  }

  Losses losses() const {
    return {source_->losses(), outputs_.stats(), engine_->stats().malformed, source_->incomplete()};
  }

  /// An alert of falcod about itself.
  void emit(InternalAlert alert) {
    alert.time_ns = epoch_now_ns();
    outputs_.emit(message_of(alert, engine_->rules().options(), hostname_), alert.except);
  }

  /// What others ask of a service, and what its outputs have to say.
  void serve() {
    const auto now = Clock::now();
    service_.turn(now);
    for (const std::string& note : metadata_->take_notes()) {
      reporter_.loss(fmt::format("falcod: {}\n", note));
    }
    for (InternalAlert& alert : monitor_.look(outputs_.stats(), now, reporter_)) {
      emit(std::move(alert));
    }
  }

  /// Asked for by an option, so that no other option silences it.
  void report_statistics() {
    if (options_.statistics == StatisticsFormat::NONE) return;
    const bool json = options_.statistics == StatisticsFormat::JSON;
    const EngineStats stats = engine_->stats();
    const std::vector<uint64_t> rejected = source_->rejected();
    reporter_.loss(json ? statistics_json(engine_->program(), stats, rejected)
                        : statistics_text(engine_->program(), stats, rejected));
  }

  /// Alerts that wait for metadata are not lost: their wait has a bound.
  void finish_waiting() {
    while (events_wait_ && source_ != nullptr) {
      if (!turn(kMetadataTurnMs)) return;
      handle_signals();
    }
  }

  void finish() {
    service_.stopping();
    finish_waiting();
    recordings_.finish();
    outputs_.close(kCloseLimit);
    const Losses all = losses();
    report_statistics();
    reporter_.info(summary_text(engine_->program(), engine_->stats(), reloads_->counts(), all));
    reporter_.info(loss_watch_.statistics());
    if (options_.quiet) reporter_.loss(losses_text(all));
    if (options_.check_facts) reporter_.loss(facts_text(engine_->fact_stats()));
  }

  const Options& options_;
  const Reporter& reporter_;
  Preparation& prepared_;
  Signals& signals_;
  std::string command_path_;
  Outputs outputs_;
  std::unique_ptr<metadata::Service> metadata_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<LiveSource> source_;
  std::optional<LiveRules> rules_;
  Recordings recordings_;
  std::stop_source ending_;  ///< of what reloads_ waits for
  std::optional<ReloadWatch> reloads_;
  std::unique_ptr<ProcessSnapshot> snapshot_;  ///< null: this kernel has none
  std::optional<Command> command_;
  uint64_t read_ = 0;  ///< records
  FlowMeter flow_;
  bool facts_are_due_ = false;
  bool events_wait_ = false;  ///< for metadata of their containers
  bool stopping_ = false;
  bool signalled_ = false;
  bool has_terminal_;
  Clock::time_point end_ = Clock::time_point::max();
  std::string hostname_;
  std::string told_hooks_;
  LossWatch loss_watch_;
  OutputMonitor monitor_;
  Service service_;
  int status_ = code(ExitStatus::OK);
};

}  // namespace

int watch(const Options& options, Preparation& prepared, falcoc::ir::Program program,
          std::string fingerprint, const Reporter& reporter) {
  return Watch(options, reporter, prepared).run(std::move(program), std::move(fingerprint));
}

}  // namespace falcod
