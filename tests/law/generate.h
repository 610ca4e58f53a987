// Rulesets: conditions over what the kernel looks at, with literals near the texts and numbers of
// the events (calls.h). All from one seed.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "compiler/catalog/catalog.h"
#include "tests/law/texts.h"

namespace falcoc::law {

/// A rule file of so many rules. `ports` are those of the stage.
std::string generate_rules(Random& random, std::span<const uint16_t> ports, size_t count);

/// Rules with sets of so many texts, ports and addresses that filters look them up in maps.
std::string generate_large_sets(Random& random, std::span<const uint16_t> ports, size_t count);

/// Rules about openat alone, with so many names in each that no single program holds them all.
std::string generate_long_rules(Random& random, size_t count);

/// Kinds of events that rules are about and calls are made of.
const std::vector<EventKind>& kinds();

}  // namespace falcoc::law
