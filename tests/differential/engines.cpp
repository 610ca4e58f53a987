// Running the engines, and what is printed when they disagree.
#include "tests/differential/engines.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/bundle/bundle.h"
#include "compiler/ir/print.h"
#include "tests/differential/shrink.h"

namespace falcoc::differential {
namespace {

std::vector<Accessor> accessors(const ir::Program& program) {
  return std::vector<Accessor>(program.fields.size(), GeneratedEvent::read);
}

std::vector<uint64_t> match_natively(const native::Matcher& matcher, const ir::Program& program,
                                     GeneratedEvent& event) {
  event.serve(program);
  ir::ValueArena arena;
  std::vector<uint64_t> words(matcher.words_per_result());
  matcher.match(event.kind(), &event, arena, words);
  return words;
}

bool bit(const std::vector<uint64_t>& words, size_t index) {
  return (words[index / 64] >> (index % 64) & 1) != 0;
}

}  // namespace

Engines::Engines(ir::Program program) : program_(std::move(program)), memo_(program_) {}

std::expected<std::unique_ptr<Engines>, std::string> Engines::make(ir::Program program, int level) {
  auto engines = std::unique_ptr<Engines>(new Engines(std::move(program)));
  auto loaded = bundle::read(bundle::write(engines->program_), "generated");
  if (!loaded) return std::unexpected(loaded.error().message);
  engines->loaded_ = std::move(*loaded);
  auto native = native::Matcher::compile(engines->program_, accessors(engines->program_),
                                         {.optimization_level = level});
  if (!native) return std::unexpected(native.error().message);
  auto native_loaded = native::Matcher::compile(engines->loaded_, accessors(engines->loaded_),
                                                {.optimization_level = 0});
  if (!native_loaded) return std::unexpected(native_loaded.error().message);
  engines->native_.emplace(std::move(*native));
  engines->native_loaded_.emplace(std::move(*native_loaded));
  return engines;
}

std::vector<Engines::Results> Engines::match(GeneratedEvent& event) {
  const std::vector<uint64_t> native = match_natively(*native_, program_, event);
  const std::vector<uint64_t> from_bundle = match_natively(*native_loaded_, loaded_, event);
  event.serve(program_);
  const std::vector<Accessor> all = accessors(program_);
  const ir::FieldSource source{&event, all};
  ir::ValueArena arena;
  memo_.begin_event();
  std::vector<Results> results;
  for (size_t rule = 0; rule < program_.rules.size(); ++rule) {
    const ir::NodeId condition = program_.rules[rule].condition;
    results.push_back({ir::evaluate(program_, condition, source, arena),
                       memo_.evaluate(condition, source, arena), bit(native, rule),
                       bit(from_bundle, rule)});
  }
  return results;
}

std::string find_difference(Engines& engines, int level, GeneratedEvent& event,
                            std::vector<Engines::Results>& results) {
  results = engines.match(event);
  const auto differing = std::ranges::find_if_not(results, &Engines::Results::agree);
  if (differing == results.end()) return {};
  const auto rule = static_cast<size_t>(differing - results.begin());
  Engines::Results last = *differing;
  const auto fails = [&](const ir::Program& program) {
    auto smaller = Engines::make(program, level);
    if (!smaller) return false;
    const Engines::Results found = (*smaller)->match(event).front();
    if (found.agree()) return false;
    last = found;
    return true;
  };
  ir::Program program = only_rule(engines.program(), rule);
  // Where only the whole ruleset fails (what rules share matters), the rule is shown as it is.
  if (fails(program)) program = shrink(std::move(program), fails);
  event.serve(engines.program());
  const ir::NodeId condition = program.rules.front().condition;
  return fmt::format("{}\n{}reference {}, memo {}, native {}, native after bundle {}",
                     ir::print_condition(program, condition), event.print(program, condition),
                     last.reference, last.memo, last.native, last.native_from_bundle);
}

}  // namespace falcoc::differential
