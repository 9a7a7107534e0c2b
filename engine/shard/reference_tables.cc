#include "engine/shard/reference_tables.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "events/json_text.h"

namespace ketavigil::engine {
namespace {

using nlohmann::json;

constexpr std::size_t words_max = 500;
constexpr double number_max = 1000;  // no instrument has a greater value
constexpr double sd_min = 0.001;

Status wrong(const std::string& what) {
  return Status::failure(ErrorKind::configuration, "reference table: " + what);
}

Status check_words(const json& table) {
  for (const char* key : {"version", "citation"}) {
    const auto found = table.find(key);
    if (found == table.end() || !found->is_string() || found->get<std::string>().empty() ||
        found->get<std::string>().size() > words_max)
      return wrong(std::string("`") + key + "`: expected 1 to 500 bytes of text");
  }
  return {};
}

Status read_number(const json& row, const std::string& stream, const char* key, bool can_be_zero,
                   double* out) {
  const auto found = row.find(key);
  const double number = found != row.end() && found->is_number() ? found->get<double>() : NAN;
  if (number <= number_max && (can_be_zero ? number >= 0 : number >= sd_min)) {
    *out = number;
    return {};
  }
  return wrong("row `" + stream + "`, `" + key + "`: expected a number " +
               (can_be_zero ? "from 0 to 1000" : "from 0.001 to 1000"));
}

Status read_row(const json& row, std::set<std::string>* seen,
                detectors::DriftExpectations* expected) {
  if (!row.is_object()) return wrong("`rows`: expected objects");
  const auto named = row.find("stream");
  if (named == row.end() || !named->is_string())
    return wrong("a row has no `stream`: expected the name of one, such as moca");
  const std::string stream = named->get<std::string>();
  for (const auto& [key, value] : row.items()) {
    static const std::set<std::string> known = {"stream",   "mean",     "sd",
                                                "practice", "patients", "values"};
    if (known.count(key) == 0) return wrong("row `" + stream + "`: `" + key + "` is not known");
  }
  for (const char* key : {"patients", "values"}) {
    if (row.contains(key) && !row.at(key).is_number_unsigned())
      return wrong("row `" + stream + "`, `" + key + "`: expected a count");
  }
  const std::size_t place = detectors::drift_prior_named(stream);
  if (place == detectors::drift_priors_count) {
    std::string names;
    for (const auto& prior : detectors::drift_priors()) names += ' ' + std::string(prior.stream);
    return wrong("no stream is named `" + stream + "`; there are" + names);
  }
  if (!seen->insert(stream).second) return wrong("`" + stream + "` has two rows");
  detectors::DriftExpectation& one = (*expected)[place];
  KETAVIGIL_TRY(read_number(row, stream, "mean", true, &one.mean));
  KETAVIGIL_TRY(read_number(row, stream, "sd", false, &one.sd));
  return read_number(row, stream, "practice", true, &one.practice);
}

}  // namespace

Status adopt_table(std::string_view text, ReferenceTables* tables,
                   detectors::PatientParameters* parameters) {
  const json table = json::parse(text, nullptr, false);
  if (!table.is_object()) return wrong("expected a JSON object");
  for (const auto& [key, value] : table.items()) {
    static const std::set<std::string> known = {"table", "version", "citation", "as_of", "rows"};
    if (known.count(key) == 0) return wrong("`" + key + "` is not known");
  }
  if (table.contains("as_of") && !table.at("as_of").is_string())
    return wrong("`as_of`: expected a time");
  if (table.value("table", json()) != drift_priors_table)
    return wrong("`table`: expected \"drift-priors\"");
  KETAVIGIL_TRY(check_words(table));
  const auto rows = table.find("rows");
  if (rows == table.end() || !rows->is_array() || rows->empty())
    return wrong("`rows`: expected a list with at least one row");
  auto expected = detectors::default_drift_expectations();
  std::set<std::string> seen;
  for (const json& row : *rows) KETAVIGIL_TRY(read_row(row, &seen, &expected));
  parameters->drift.expected = expected;
  (*tables)[std::string(drift_priors_table)] = table.dump();  // keys sorted, shortest numbers
  return {};
}

std::string table_digest(std::string_view text) {
  return events::hexadecimal(events::sha256(text).substr(0, 8));
}

std::string table_word(std::string_view text, std::string_view key) {
  return json::parse(text).at(std::string(key)).get<std::string>();
}

std::string tables_json(const ReferenceTables& tables, std::string_view detector) {
  const auto found = tables.find(drift_priors_table);
  const bool rests_on_it = detector == "BP-7" || detector == "COG-8" || detector == "URO-2";
  if (found == tables.end() || !rests_on_it) return "{}";
  return "{\"drift-priors\":\"" + table_digest(found->second) + "\"}";
}

}  // namespace ketavigil::engine
