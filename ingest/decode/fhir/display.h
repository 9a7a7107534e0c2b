// Whether a code and the words beside it speak of the same thing. In public feeds codes are often
// wrong (a MoCA panel code labelled DASS-21, a subcutaneous route displayed "Intravenous"), so a
// plain contradiction is quarantined instead of trusting either side.
#pragma once

#include <string_view>

#include "ingest/decode/fhir/codes.h"

namespace ketavigil::ingest::fhir {

/// Whether `words` (a display or a concept's text) plainly name something else than the concept and
/// do not name the concept itself. Words that name nothing we know, in any language, contradict
/// nothing. Upper and lower case of ASCII are equal.
[[nodiscard]] bool contradicts(std::string_view words, const Concept& concept_of);

/// The compound that these words name (`Esketamine 28 mg nasal spray`), or "".
[[nodiscard]] std::string_view compound_named_in(std::string_view words);

/// The route that is all these words say: one of EVENTS.md's, or its plain English name. Else "".
[[nodiscard]] std::string_view route_spelled(std::string_view words);

}  // namespace ketavigil::ingest::fhir
