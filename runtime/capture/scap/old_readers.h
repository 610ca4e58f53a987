// What is written beside today's events for readers from before libs 0.21 (sysdig 0.29 among them),
// which know of a call's descriptors and paths from its enter event alone, and do not know the
// newest events. Readers of today take it in and show nothing of it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "runtime/capture/event.h"

namespace falcod::scap {

/// An event by its code and parameters, which borrow from the event that it was made of.
struct Companion {
  static constexpr size_t kMaxParams = 6;

  uint16_t code = 0;
  size_t count = 0;
  std::array<Param, kMaxParams> storage{};

  std::span<const Param> params() const { return {storage.data(), count}; }
};

/// The enter event that belongs to this exit event; nothing if it would tell nothing.
std::optional<Companion> enter_event(uint16_t code, std::span<const Param> params);

/// The events by which a reader from before this kind existed follows descriptors: dup for dup2 and
/// dup3, the former accept4, pipe for pipe2. To be written as changing state only. Nothing for all
/// others.
struct Former {
  std::optional<Companion> enter;
  Companion exit;
};
std::optional<Former> former_event(uint16_t code, std::span<const Param> params);

/// A generic event of a system call that those readers have no name for: they end where they look
/// it up. By its native number alone, which readers of today find too. Nothing for all others.
std::optional<Companion> unnamed_generic_event(uint16_t code, std::span<const Param> params);

}  // namespace falcod::scap
