// Reference tables: what was learnt from many patients and adopted by a person. They are part of
// the settings, so that an epoch carries them and a replay needs no file.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "detectors/patient/patient.h"
#include "events/result.h"

namespace ketavigil::engine {

/// The one table there is so far: what drift expects of instruments (BP-7, COG-8, URO-2).
inline constexpr std::string_view drift_priors_table = "drift-priors";

/// By name, each as the RFC 8785 text of its JSON.
using ReferenceTables = std::map<std::string, std::string, std::less<>>;

/// Takes a table over: its rows stand in place of ours, which stay where it has none. A
/// configuration error that says what is wrong with it:
///
///     {"table":"drift-priors","version":"2026-11","citation":"…","as_of":"2026-11-01T00:00:00Z",
///      "rows":[{"stream":"moca","mean":26.1,"sd":1.8,"practice":0.5,"patients":412,"values":903}]}
///
/// `as_of`, `patients` and `values` are for people.
[[nodiscard]] Status adopt_table(std::string_view json, ReferenceTables* tables,
                                 detectors::PatientParameters* parameters);

/// The first 16 hex digits of the SHA-256 of a table's text: what `identity.tables` says.
[[nodiscard]] std::string table_digest(std::string_view text);

/// `version`, and `citation`, of an adopted table.
[[nodiscard]] std::string table_word(std::string_view text, std::string_view key);

/// The object `identity.tables` of a detector's findings.
[[nodiscard]] std::string tables_json(const ReferenceTables& tables, std::string_view detector);

}  // namespace ketavigil::engine
