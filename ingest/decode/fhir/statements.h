// What an Observation states, sorted by what it is about: its own value and its components' values
// gathered into the facts they make.
#pragma once

#include <simdjson.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/decode/fhir/codes.h"
#include "ingest/decode/fhir/quantity.h"

namespace ketavigil::ingest::fhir {

/// Everything stated about one vital sign, laboratory value or score.
struct Statement {
  Concept concept_of;
  bool main = false;  ///< the Observation's own code says so, not only a component's
  bool contradicted = false;
  std::vector<WrittenValue> values;
};

/// Everything stated about the blood pressure.
struct PressureStatement {
  bool mentioned = false;
  bool contradicted = false;
  std::vector<WrittenValue> systolic;
  std::vector<WrittenValue> diastolic;
  std::vector<WrittenValue> panel;  ///< a value of the panel itself, where its components should be

  [[nodiscard]] bool has_value() const {
    return !systolic.empty() || !diastolic.empty() || !panel.empty();
  }
};

/// All of an Observation, in its order.
struct Statements {
  PressureStatement pressure;
  std::vector<Statement> others;
  std::array<std::vector<WrittenValue>, 8> phq9_items;  ///< items 1 to 8
};

/// Gathers them. Components are read whatever the Observation's own code is: their codes say what
/// was measured.
[[nodiscard]] Statements statements_of(const simdjson::dom::element& resource,
                                       std::span<const ConfiguredCode> configured);

}  // namespace ketavigil::ingest::fhir
