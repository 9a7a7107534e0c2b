// R as EVENTS.md says it, written down plainly: slow, by maps and sets, for a reader to check by
// eye against the text. Tests hold the engine against it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "events/decode.h"
#include "events/stored.h"

namespace ketavigil::plain {

using Key = std::pair<std::string, std::string>;  // (source, id)

/// What the model says of one patient's variants.
struct Model {
  /// (source, id, version, digest) -> state.
  std::map<std::tuple<std::string, std::string, std::int64_t, std::string>, std::string> states;
  /// The active facts in the order of R, as (source, id).
  std::vector<Key> order;
};

/// `facts`: variants of one patient, each once, with the smallest `recorded`. All sources lie in
/// UTC and have one rank.
[[nodiscard]] Model model_of(const std::vector<events::Variant>& facts);

}  // namespace ketavigil::plain
