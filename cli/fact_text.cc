#include "cli/fact_text.h"

#include <nlohmann/json.hpp>
#include <set>

#include "events/json_text.h"

namespace ketavigil::cli {

using nlohmann::ordered_json;

std::string plain(const ordered_json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_number()) return value.dump();
  std::string out;
  events::append_json_number(&out, value.get<double>());
  return out;
}

std::string values_of(const ordered_json& fact) {
  static const std::set<std::string> elsewhere = {
      "source",   "id",   "patient", "kind",    "version",  "status", "effective",
      "recorded", "text", "digest",  "derived", "text_cut", "state"};
  std::string words;
  for (const auto& [name, value] : fact.items()) {
    if (elsewhere.count(name) != 0) continue;
    if (!words.empty()) words += "  ";
    words += name + " " + plain(value);
  }
  return words;
}

std::string name_of_fact(const ordered_json& fact) {
  return plain(fact.at("source")) + " " + plain(fact.at("id")) + " v" + plain(fact.at("version"));
}

}  // namespace ketavigil::cli
