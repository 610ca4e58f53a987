#include "runtime/capture/scap/capture_file.h"

#include <fmt/format.h>

#include <optional>

namespace falcod::scap {
namespace {

using falcoc::Code;
using falcoc::Diagnostic;

Diagnostic not_a_capture(const std::string& name, std::string why) {
  return Diagnostic::global(Code::CAPTURE_NOT_SCAP,
                            fmt::format("'{}' is not a capture file: {}", name, why),
                            "captures are .scap files as falcod, Falco and sysdig write them");
}

}  // namespace

std::expected<CaptureFile, Diagnostic> CaptureFile::open(const std::string& path,
                                                         uint64_t first_number) {
  auto stream = ByteStream::open(path);
  if (!stream) return std::unexpected(std::move(stream.error()));
  return start(BlockReader(std::move(*stream), path), first_number);
}

std::expected<CaptureFile, Diagnostic> CaptureFile::of_bytes(std::span<const std::byte> bytes,
                                                             std::string name,
                                                             uint64_t first_number) {
  return start(BlockReader(ByteStream::of_bytes(bytes), std::move(name)), first_number);
}

std::expected<CaptureFile, Diagnostic> CaptureFile::start(BlockReader blocks,
                                                          uint64_t first_number) {
  CaptureFile file(std::move(blocks), first_number);
  const auto block = file.blocks_.next();
  const std::string& name = file.blocks_.name();
  if (!block) {
    // Whatever does not even frame its first block is something else.
    if (file.blocks_.stream().offset() < kBlockHeaderBytes) {
      return std::unexpected(not_a_capture(name, "it is too short"));
    }
    return std::unexpected(not_a_capture(name, "it does not begin with a section header"));
  }
  if (!*block) return std::unexpected(not_a_capture(name, "it is empty"));
  if ((*block)->type != SECTION_HEADER) {
    return std::unexpected(not_a_capture(name, "it does not begin with a section header"));
  }
  if (auto header = file.section_header(**block); !header) {
    return std::unexpected(std::move(header.error()));
  }
  return file;
}

std::expected<void, Diagnostic> CaptureFile::section_header(const Block& block) {
  Reader in(block.body);
  const auto magic = in.number<uint32_t>();
  const auto major = in.number<uint16_t>();
  in.number<uint16_t>();  // minor version: tells nothing that the blocks do not
  in.number<uint64_t>();  // section length, never known
  if (magic == kSwappedMagic) {
    return std::unexpected(
        not_a_capture(blocks_.name(), "it was recorded on a machine of the other byte order"));
  }
  if (magic != kMagic || in.failed()) {
    return std::unexpected(not_a_capture(blocks_.name(), "its section header is damaged"));
  }
  if (major > kMajorVersion) {
    return std::unexpected(Diagnostic::global(
        Code::CAPTURE_VERSION,
        fmt::format("capture file '{}' is of version {}, this program reads version {}",
                    blocks_.name(), major, kMajorVersion),
        "use a newer falcod, or write the file with an older recorder"));
  }
  return {};
}

std::expected<void, Diagnostic> CaptureFile::table(const Block& block, CaptureVisitor& visitor) {
  std::string what;
  bool good = true;
  switch (block.type) {
    case MACHINE_INFO:
    case MACHINE_INFO_OLD:
      if (const std::optional<Machine> machine = parse_machine(block, what)) {
        visitor.on_machine(*machine);
      } else {
        good = false;
      }
      break;
    case INTERFACES_V1:
    case INTERFACES_OLD:
    case INTERFACES_V2:
      good = parse_interfaces(block, [&](const auto& entry) { visitor.on_interface(entry); }, what);
      break;
    case USERS_V1:
    case USERS_OLD:
    case USERS_V2:
      good = parse_users(block, [&](const auto& entry) { visitor.on_user(entry); }, what);
      break;
    case FDS_V1:
    case FDS_OLD:
    case FDS_V2:
      good = parse_fds(block, [&](const auto& entry) { visitor.on_fd(entry); }, what);
      break;
    default:
      if (process_list_version(block.type) != 0) {
        good = parse_processes(block, [&](const auto& entry) { visitor.on_process(entry); }, what);
      } else {
        ++counts_.unknown_blocks;
      }
  }
  if (!good) return std::unexpected(blocks_.damaged(block.offset, std::move(what)));
  return {};
}

bool CaptureFile::event(const Block& block, CaptureVisitor& visitor) {
  if (!parse_event(block, event_, what_)) return false;
  if (event_.code >= kStoredCodes) {
    ++counts_.unknown_events;
    return true;
  }
  if (converter_.convert(event_) == Converter::Result::DROP) {
    visitor.on_dropped();
    return true;
  }
  ++counts_.events;
  visitor.on_event(event_, next_number_++);
  return true;
}

std::expected<bool, Diagnostic> CaptureFile::next(CaptureVisitor& visitor) {
  if (ended_) return false;
  const Block* block = blocks_.take();
  std::expected<void, Diagnostic> taken;
  if (block == nullptr) {
    ended_ = true;
    if (auto error = blocks_.take_error()) return std::unexpected(std::move(*error));
    if (any_event_block_) return false;
    return std::unexpected(Diagnostic::global(
        Code::CAPTURE_EMPTY, fmt::format("capture file '{}' has no events", blocks_.name()),
        "the recording was stopped before its first event"));
  } else if (is_event_block(block->type)) {
    if (!in_events_) visitor.on_tables_end();
    in_events_ = any_event_block_ = true;
    if (event(*block, visitor)) return true;
    taken = std::unexpected(blocks_.damaged(block->offset, std::move(what_)));
  } else {
    if (in_events_) {
      in_events_ = false;
      converter_.clear();
      visitor.on_section();
    }
    taken = block->type == SECTION_HEADER ? section_header(*block) : table(*block, visitor);
  }
  if (taken) return true;
  ended_ = true;
  return std::unexpected(std::move(taken.error()));
}

CaptureCounts CaptureFile::counts() const {
  CaptureCounts counts = counts_;
  counts.incomplete = converter_.incomplete();
  return counts;
}

double CaptureFile::progress() const {
  const ByteStream& stream = blocks_.stream();
  if (stream.file_size() == 0) return 0;
  return static_cast<double>(stream.file_position()) / static_cast<double>(stream.file_size());
}

}  // namespace falcod::scap
