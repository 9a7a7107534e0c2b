// Which codes are followed, and what they mean. Data: a further code is one line in codes.cc with
// its source, or one line of configuration.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ketavigil::ingest::fhir {

/// Code systems of the tables. Addresses by which feeds name them are in codes.cc.
enum class System : std::uint8_t { loinc, snomed, mdc, rxnorm, atc, ndc, v3_route, edqm };

/// What a code says that a value is.
enum class Role : std::uint8_t {
  pressure,   ///< a blood-pressure panel; the values are in its components
  systolic,   ///< of blood_pressure
  diastolic,  ///< of blood_pressure
  vital,      ///< `name` is EVENTS.md's name of the vital sign
  lab,        ///< `name` is the LOINC code of the analyte
  score,      ///< `name` is the instrument
  phq9_item,  ///< items 1 to 8 of the PHQ-9; `name` is the number. The ninth is a score.
  compound,   ///< of a session; `name` is the compound
  route,      ///< of a session; `name` is EVENTS.md's route
};

/// A line of the table. `prefix`: every code that begins so.
struct KnownCode {
  System system;
  std::string_view code;
  Role role;
  std::string_view name;  ///< empty where the role says all
  bool prefix = false;
};

/// A code that configuration adds, compared byte by byte.
struct ConfiguredCode {
  std::string system;  ///< as feeds write it: an address, `urn:oid:…`, a local name; may be empty
  std::string code;
  Role role = Role::score;
  std::string name;
};

/// The role with this name in configuration: `blood-pressure`, `systolic`, `diastolic`, `vital`,
/// `lab`, `score`, `compound`, `route`; nothing for another word.
[[nodiscard]] std::optional<Role> role_named(std::string_view name);

/// Every code followed by default.
[[nodiscard]] std::span<const KnownCode> known_codes();

/// The system that a feed's `coding.system` names; nothing if it is not one of ours. One slash at
/// the end is not counted.
[[nodiscard]] std::optional<System> system_of(std::string_view uri);

/// What a code means.
struct Concept {
  Role role = Role::score;
  std::string_view name;

  friend bool operator==(const Concept& a, const Concept& b) {
    return a.role == b.role && a.name == b.name;
  }
};

/// What a CodeableConcept means to us, and whether it can be trusted.
struct Recognised {
  Concept concept_of;
  /// Two codings name different things, or a recognised coding's display (or the concept's text)
  /// plainly names another: neither is trusted.
  bool contradicted = false;
};

/// The meaning of `{coding: […], text}` among these roles. Any recognised coding among several
/// counts; a panel beside one of its components is no contradiction. Nothing if none is recognised.
[[nodiscard]] std::optional<Recognised> recognise(const simdjson::dom::element& codeable,
                                                  std::span<const Role> roles,
                                                  std::span<const ConfiguredCode> configured);

/// The code that stands for a concept in identifiers (`Observation/1#8867-4`): the first of its
/// lines in the table, whichever code the feed used, else its name.
[[nodiscard]] std::string_view canonical_code(const Concept& concept_of);

/// The score, 0 to 3, of a PHQ-9 answer's LOINC code; nothing for another code.
[[nodiscard]] std::optional<int> phq9_answer(std::string_view loinc_answer);

}  // namespace ketavigil::ingest::fhir
