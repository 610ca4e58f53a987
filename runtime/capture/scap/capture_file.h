// A capture file from its header to its last event: tables first, then today's events one by one.
#pragma once

#include <expected>
#include <string>

#include "compiler/source/diagnostic.h"
#include "runtime/capture/scap/converter.h"
#include "runtime/capture/scap/tables.h"

namespace falcod::scap {

/// Receives what a capture tells, in file order. Everything borrows until the call returns.
class CaptureVisitor {
 public:
  virtual ~CaptureVisitor() = default;
  /// Processes, descriptors and interfaces known so far are of a section that has ended.
  virtual void on_section() = 0;
  virtual void on_machine(const Machine& machine) = 0;
  virtual void on_interface(const Interface& interface) = 0;
  virtual void on_user(const UserEntry& user) = 0;
  virtual void on_process(const ProcessEntry& process) = 0;
  virtual void on_fd(const FdEntry& fd) = 0;
  /// The tables of a section are complete; its events follow.
  virtual void on_tables_end() = 0;
  /// An event after conversion; `number` is what evt.num prints.
  virtual void on_event(const StoredEvent& event, uint64_t number) = 0;
  /// An event that conversion keeps to itself: an enter event of which its exit is to tell.
  virtual void on_dropped() {}
};

struct CaptureCounts {
  uint64_t events = 0;          ///< numbered, whether rules can see them or not
  uint64_t incomplete = 0;      ///< events of an age that nobody knows how to complete
  uint64_t unknown_events = 0;  ///< of kinds newer than this program, skipped
  uint64_t unknown_blocks = 0;  ///< likewise
};

class CaptureFile {
 public:
  /// Reads the section header. `-` is standard input. `first_number` goes on from an earlier file.
  static std::expected<CaptureFile, falcoc::Diagnostic> open(const std::string& path,
                                                             uint64_t first_number = 1);
  static std::expected<CaptureFile, falcoc::Diagnostic> of_bytes(std::span<const std::byte> bytes,
                                                                 std::string name,
                                                                 uint64_t first_number = 1);

  /// Takes one block; false at the end of the file. After an error the file is at its end.
  std::expected<bool, falcoc::Diagnostic> next(CaptureVisitor& visitor);

  CaptureCounts counts() const;
  uint64_t next_number() const { return next_number_; }
  /// Part of the file that was read, 0 to 1; 0 if its size is unknown.
  double progress() const;

 private:
  explicit CaptureFile(BlockReader blocks, uint64_t first_number)
      : blocks_(std::move(blocks)), next_number_(first_number) {}
  static std::expected<CaptureFile, falcoc::Diagnostic> start(BlockReader blocks,
                                                              uint64_t first_number);

  std::expected<void, falcoc::Diagnostic> section_header(const Block& block);
  std::expected<void, falcoc::Diagnostic> table(const Block& block, CaptureVisitor& visitor);
  /// False if it is damaged; what_ then says how.
  bool event(const Block& block, CaptureVisitor& visitor);

  BlockReader blocks_;
  Converter converter_;
  StoredEvent event_;
  std::string what_;
  uint64_t next_number_;
  CaptureCounts counts_;
  bool in_events_ = false;
  bool any_event_block_ = false;
  bool ended_ = false;
};

}  // namespace falcod::scap
