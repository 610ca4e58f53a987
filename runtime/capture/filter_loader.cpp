// See filter_loader.h.
#include "runtime/capture/filter_loader.h"

#include <bpf/bpf.h>
#include <fmt/format.h>
#include <linux/types.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "compiler/catalog/catalog.h"
#include "probe/scratch_layout.h"
#include "runtime/capture/handle.h"

namespace falcod {

namespace {

using falcoc::Code;
using falcoc::Diagnostic;
using falcoc::bpf::Filter;
using falcoc::bpf::Filters;
using falcoc::bpf::Fixup;
using falcoc::bpf::Part;
using falcoc::bpf::Unknown;

/// Parts of the filters in use and of those that follow them lie apart, so that a program of the
/// former never goes on with one of the latter. Slot 0 is nobody's.
constexpr uint32_t kBanks = 2;
constexpr uint32_t kSlotsPerBank = FC_FILTER_PARTS / kBanks;

/// Of what the verifier said, the end, which names the reason.
constexpr size_t kLogBytes = 1 << 16;
constexpr uint32_t kWholeLogBytes = (1 << 24) - 1;  // the most that kernels before 5.13 take
constexpr size_t kReasonBytes = 400;
constexpr uint32_t kLogStatistics = 4;  // include/linux/bpf_verifier.h

struct LoadedFilter {
  falcoc::EventKind kind = 0;
  std::vector<Handle> parts;  ///< keep the maps of sets alive
  uint32_t first_slot = 0;    ///< of the second part; the first is in the array of filters
};

std::string reason(std::string_view log, int error) {
  while (log.ends_with('\n') || log.ends_with('\0')) log.remove_suffix(1);
  if (log.size() > kReasonBytes) log.remove_prefix(log.size() - kReasonBytes);
  return log.empty() ? std::strerror(error) : fmt::format("{}\n{}", std::strerror(error), log);
}

bool put(int map, uint32_t slot, int program) {
  return bpf_map_update_elem(map, &slot, &program, BPF_ANY) == 0;
}

void clear(int map, uint32_t slot) { bpf_map_delete_elem(map, &slot); }

/// Programs of one filter, as the kernel takes them.
class FilterMaker {
 public:
  FilterMaker(const FilterMaps& maps, const FilterPurpose& purpose,
              std::vector<FilterReport>* reports)
      : maps_(maps), purpose_(purpose), reports_(reports) {}

  std::expected<LoadedFilter, std::string> load(const Filter& filter, uint32_t first_slot) const {
    LoadedFilter loaded{.kind = filter.kind, .parts = {}, .first_slot = first_slot};
    std::vector<Handle> sets;
    for (const falcoc::bpf::Set& set : filter.sets) {
      auto map = make_set(set);
      if (!map) return std::unexpected(map.error());
      sets.push_back(std::move(*map));
    }
    for (const Part& part : filter.parts) {
      auto program = load(filter, part, first_slot, sets);
      if (!program) return std::unexpected(program.error());
      if (reports_ != nullptr) reports_->back().part = loaded.parts.size();
      loaded.parts.push_back(std::move(*program));
    }
    return loaded;
  }

 private:
  static std::expected<Handle, std::string> make_set(const falcoc::bpf::Set& set) {
    const auto failed = [] {
      return std::unexpected(fmt::format("a set of literals: {}", std::strerror(errno)));
    };
    Handle map(bpf_map_create(BPF_MAP_TYPE_HASH, "falcoc_set", set.key_bytes, sizeof(uint8_t),
                              static_cast<uint32_t>(set.keys.size()), nullptr));
    if (map.get() < 0) return failed();
    const uint8_t member = 1;
    for (const std::string& key : set.keys) {
      if (bpf_map_update_elem(map.get(), key.data(), &member, BPF_ANY) != 0) return failed();
    }
    return map;
  }

  std::expected<Handle, std::string> load(const Filter& filter, const Part& part,
                                          uint32_t first_slot,
                                          const std::vector<Handle>& sets) const {
    std::vector<bpf_insn> code(part.code.size());
    static_assert(sizeof(bpf_insn) == sizeof(part.code[0]));
    std::memcpy(code.data(), part.code.data(), code.size() * sizeof(bpf_insn));
    for (const Fixup& fixup : part.fixups) {
      bpf_insn& low = code[fixup.instruction];
      bpf_insn& high = code[fixup.instruction + 1];
      if (low.code != (BPF_LD | BPF_IMM | BPF_DW)) return std::unexpected("a fixup of no constant");
      low.src_reg = is_map(fixup.unknown) ? BPF_PSEUDO_MAP_FD : 0;
      low.imm =
          fixup.unknown == Unknown::SET ? sets[fixup.part].get() : value(filter, fixup, first_slot);
      high.imm = 0;
    }
    bpf_prog_load_opts options{};
    options.sz = sizeof options;
    const auto load = [&] {
      return bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "falcoc_filter", "GPL", code.data(),
                           code.size(), &options);
    };
    std::vector<char> log(kLogBytes);
    if (reports_ != nullptr) {
      options.log_buf = log.data();
      options.log_size = kLogBytes;
      options.log_level = kLogStatistics;
    }
    const auto begin = std::chrono::steady_clock::now();
    Handle program(load());
    if (program.get() >= 0) {
      if (reports_ != nullptr) report(filter.kind, code.size(), log.data(), begin);
      return program;
    }
    const int error = errno;
    // Before Linux 6.4 the end of a log that is too long is lost, where the reason is.
    log.assign(kWholeLogBytes, '\0');
    options.log_buf = log.data();
    options.log_size = kWholeLogBytes;
    options.log_level = 1;
    const Handle again(load());
    return std::unexpected(reason({log.data(), strnlen(log.data(), log.size())}, error));
  }

  /// "processed 1234 insns (limit …) max_states_per_insn 1 total_states 12 …"
  void report(falcoc::EventKind kind, size_t instructions, std::string_view log,
              std::chrono::steady_clock::time_point begin) const {
    const auto number_behind = [&](std::string_view word) {
      const size_t at = log.find(word);
      return at == std::string_view::npos
                 ? 0
                 : std::strtoull(std::string(log.substr(at + word.size())).c_str(), nullptr, 10);
    };
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - begin;
    reports_->push_back({.kind = kind,
                         .part = 0,
                         .instructions = instructions,
                         .walked = number_behind("processed "),
                         .states = number_behind("total_states "),
                         .milliseconds = taken.count()});
  }

  static bool is_map(Unknown unknown) {
    return unknown == Unknown::SCRATCHES || unknown == Unknown::EXTRACTORS ||
           unknown == Unknown::PARTS || unknown == Unknown::SET;
  }

  int32_t value(const Filter& filter, const Fixup& fixup, uint32_t first_slot) const {
    switch (fixup.unknown) {
      case Unknown::SCRATCHES:
        return maps_.scratches;
      case Unknown::EXTRACTORS:
        return maps_.extractors;
      case Unknown::PARTS:
        return maps_.parts;
      case Unknown::RULESET:
        return static_cast<int32_t>(purpose_.ruleset);
      case Unknown::DELIVER:
        return purpose_.deliver.test(filter.kind) ? 1 : 0;
      case Unknown::SET:
        break;  // see load()
      case Unknown::PART:
        return fixup.part == 0 ? 0 : static_cast<int32_t>(first_slot + fixup.part - 1);
    }
    return 0;
  }

  const FilterMaps& maps_;
  const FilterPurpose& purpose_;
  std::vector<FilterReport>* reports_;
};

Diagnostic refused(falcoc::EventKind kind, std::string_view why) {
  return Diagnostic::global(
      Code::FILTER_REFUSED,
      fmt::format("events of type {} are not filtered in the kernel: {}",
                  falcoc::event_kind_name(kind), why),
      "nothing is missed, but such events cost more; please report it with the kernel's version");
}

}  // namespace

class LoadedFilters {
 public:
  std::vector<LoadedFilter> filters;
  uint32_t bank = 0;
};

void LoadedFiltersDeleter::operator()(LoadedFilters* filters) const { delete filters; }

struct FilterLoader::State {
  FilterMaps maps;
  std::function<bool()> prepare;
  LoadedFiltersPtr used;
  std::atomic<uint32_t> bank = 0;  ///< of those
};

FilterLoader::FilterLoader(const FilterMaps& maps, std::function<bool()> prepare)
    : state_(new State{.maps = maps, .prepare = std::move(prepare), .used = {}}) {}
FilterLoader::~FilterLoader() = default;

LoadedFiltersPtr FilterLoader::load(const Filters& filters, const FilterPurpose& purpose,
                                    falcoc::Diagnostics& warnings,
                                    std::vector<FilterReport>* reports) const {
  if (state_->prepare && !state_->prepare()) {
    warnings.add(Diagnostic::global(
        Code::FILTERS_UNUSABLE,
        fmt::format("the kernel refuses what filters go on with: {}", std::strerror(errno)),
        "every event that a rule names is decided by falcod, at a higher cost"));
    return nullptr;
  }
  LoadedFiltersPtr loaded(new LoadedFilters);
  loaded->bank = 1 - state_->bank.load();
  const FilterMaker maker(state_->maps, purpose, reports);
  uint32_t slot = loaded->bank * kSlotsPerBank + 1;
  for (const Filter& filter : filters) {
    const auto more = static_cast<uint32_t>(filter.parts.size() - 1);
    if (slot + more > (loaded->bank + 1) * kSlotsPerBank) {
      warnings.add(refused(filter.kind, "the filters of all types have too many parts"));
      continue;
    }
    auto made = maker.load(filter, slot);
    if (!made) {
      warnings.add(refused(filter.kind, made.error()));
      continue;
    }
    slot += more;
    loaded->filters.push_back(std::move(*made));
  }
  return loaded;
}

size_t FilterLoader::use(LoadedFiltersPtr filters, falcoc::Diagnostics& warnings) {
  const FilterMaps& maps = state_->maps;
  falcoc::EventSet filtered;
  if (filters != nullptr) {
    for (const LoadedFilter& filter : filters->filters) {
      // a program may run as soon as it is in its slot: what it goes on with comes first
      bool done = true;
      for (size_t i = 1; i < filter.parts.size() && done; ++i) {
        done = put(maps.parts, filter.first_slot + static_cast<uint32_t>(i) - 1,
                   filter.parts[i].get());
      }
      done = done && put(maps.filters, filter.kind, filter.parts.front().get());
      if (done) {
        filtered.set(filter.kind);
      } else {
        warnings.add(refused(filter.kind, std::strerror(errno)));
      }
    }
    state_->bank = filters->bank;
  }
  const LoadedFiltersPtr before = std::exchange(state_->used, std::move(filters));
  if (before != nullptr) {
    for (const LoadedFilter& filter : before->filters) {
      if (!filtered.test(filter.kind)) clear(maps.filters, filter.kind);
    }
    const bool shares_bank = state_->used != nullptr && state_->used->bank == before->bank;
    for (const LoadedFilter& filter : before->filters) {
      for (size_t i = 1; i < filter.parts.size() && !shares_bank; ++i) {
        clear(maps.parts, filter.first_slot + static_cast<uint32_t>(i) - 1);
      }
    }
  }
  return filtered.count();
}

}  // namespace falcod
