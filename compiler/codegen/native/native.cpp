// The matcher: a loaded object, a frame, and per event one call.
#include "compiler/codegen/native/native.h"

#include <algorithm>
#include <array>
#include <bit>

#include "compiler/codegen/native/object.h"

namespace falcoc::native {
namespace {

std::unexpected<Diagnostic> foreign() {
  return std::unexpected(
      Diagnostic::global(Code::NATIVE_CODEGEN, "generated code is for other rules"));
}

/// Whether the numbers of a manifest fit the program.
bool fits(const Manifest& manifest, const ir::Program& program) {
  const std::span checks(manifest.checks, manifest.check_count);
  return manifest.fields == program.fields.size() &&
         std::ranges::all_of(checks, [&](const CheckEntry& check) {
           return check.left < program.operands.size() &&
                  (check.literals == kNoLiterals || check.literals < program.literal_sets.size());
         });
}

/// Few words in nearly all cases: a call of memset() would cost more than they do.
void clear(std::span<uint64_t> words) {
  if (words.size() == 1) {
    words[0] = 0;
  } else {
    std::ranges::fill(words, 0);
  }
}

}  // namespace

struct Matcher::Impl {
  explicit Impl(LoadedObject loaded) : object(std::move(loaded)) {}

  LoadedObject object;
  std::array<const MatcherEntry*, kEventKinds> matchers{};  ///< by event kind, null if not live
  EventSet live;
  Runtime runtime;
  std::unique_ptr<Frame> frame;
  size_t result_words = 0;

  std::expected<void, Diagnostic> prepare(const ir::Program& program,
                                          std::span<const Accessor> accessors) {
    const Manifest& manifest = object.manifest();
    if (!fits(manifest, program)) return foreign();
    runtime.program = &program;
    runtime.layout = {manifest.fields, manifest.computed, manifest.memos};
    runtime.accessors.assign(accessors.begin(), accessors.end());
    runtime.cached_accessors.assign(program.fields.size(), read_cached_field);
    for (const CheckEntry& entry : std::span(manifest.checks, manifest.check_count)) {
      const bool has_literals = entry.literals != kNoLiterals;
      const ir::Node atom{
          .kind = ir::Node::Kind::ATOM,
          .left = ir::OperandId{entry.left},
          .op = static_cast<ir::Operator>(entry.op),
          .modifier = static_cast<ir::Modifier>(entry.modifier),
          .right_side = has_literals ? ir::Node::RightSide::LITERALS : ir::Node::RightSide::NONE,
          .literals = ir::LiteralSetId{has_literals ? entry.literals : 0}};
      auto check = prepare_check(program, atom);
      if (!check) return std::unexpected(std::move(check.error()));
      runtime.checks.push_back(std::move(*check));
    }
    for (size_t kind = 0; kind < kEventKinds; ++kind) {
      const uint16_t matcher = manifest.matcher_of_kind[kind];
      if (matcher == kNoMatcher) continue;
      if (matcher >= manifest.matcher_count) return foreign();
      matchers[kind] = &manifest.matchers[matcher];
      live.set(kind);
    }
    result_words = (program.rules.size() + 63) / 64;
    frame = std::make_unique<Frame>(runtime);
    return {};
  }
};

std::expected<Matcher, Diagnostic> Matcher::load(const ir::Program& program,
                                                 std::span<const Accessor> accessors,
                                                 std::string_view object) {
  auto loaded = LoadedObject::load(object);
  if (!loaded) return std::unexpected(std::move(loaded.error()));
  auto impl = std::make_unique<Impl>(std::move(*loaded));
  if (auto done = impl->prepare(program, accessors); !done) {
    return std::unexpected(std::move(done.error()));
  }
  return Matcher(std::move(impl));
}

Matcher::Matcher(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Matcher::Matcher(Matcher&&) noexcept = default;
Matcher& Matcher::operator=(Matcher&&) noexcept = default;
Matcher::~Matcher() = default;

bool Matcher::match(EventKind kind, void* context, ir::ValueArena& arena,
                    std::span<uint64_t> matched) const {
  clear(matched);
  const MatcherEntry* matcher = kind < kEventKinds ? impl_->matchers[kind] : nullptr;
  if (matcher == nullptr) return false;
  FrameHeader* frame = impl_->frame->begin_event(context, arena);
  matcher->run(frame, matched.data());
  return frame->any_matched != 0;
}

bool Matcher::match_candidates(EventKind kind, void* context, ir::ValueArena& arena,
                               std::span<const uint64_t> candidates,
                               std::span<uint64_t> matched) const {
  clear(matched);
  const MatcherEntry* matcher = kind < kEventKinds ? impl_->matchers[kind] : nullptr;
  if (matcher == nullptr) return false;
  FrameHeader* frame = impl_->frame->begin_event(context, arena);
  const std::span rules(matcher->rules, matcher->rule_count);
  bool any = false;
  auto next = rules.begin();
  for (size_t word = 0; word < std::min(candidates.size(), matched.size()); ++word) {
    for (uint64_t bits = candidates[word]; bits != 0; bits &= bits - 1) {
      const uint64_t rule = word * 64 + static_cast<uint64_t>(std::countr_zero(bits));
      next = std::ranges::lower_bound(next, rules.end(), rule, {}, &RuleEntry::rule);
      if (next == rules.end()) return any;
      if (next->rule != rule || !next->holds(frame)) continue;
      matched[word] |= bits & -bits;
      any = true;
    }
  }
  return any;
}

size_t Matcher::words_per_result() const { return impl_->result_words; }
const EventSet& Matcher::live_kinds() const { return impl_->live; }
size_t Matcher::code_bytes() const { return impl_->object.bytes(); }

}  // namespace falcoc::native
