// The options of a programme as JSON, for who needs its parameters later (expected_rules.h).
#include <nlohmann/json.hpp>

#include "simulation/expected_rules.h"

namespace ketavigil::simulation {
namespace {

struct Share {
  const char* name;
  double ProgrammeOptions::*value;
};
constexpr Share shares[] = {{"late_share", &ProgrammeOptions::late_share},
                            {"duplicate_share", &ProgrammeOptions::duplicate_share},
                            {"corrected_share", &ProgrammeOptions::corrected_share},
                            {"retracted_share", &ProgrammeOptions::retracted_share},
                            {"refused_share", &ProgrammeOptions::refused_share}};

Error expected(const std::string& what) {
  return {ErrorKind::usage, "the options cannot be read: expected " + what +
                                ", as `ketavigil simulate` writes them into options.json"};
}

bool has_whole(const nlohmann::json& object, const char* key) {
  return object.contains(key) && object.at(key).is_number_integer();
}
bool has_text(const nlohmann::json& object, const char* key) {
  return object.contains(key) && object.at(key).is_string();
}

}  // namespace

std::string options_json(const ProgrammeOptions& options) {
  nlohmann::ordered_json out = {{"patients", options.patients},
                                {"months", options.months},
                                {"seed", options.seed},
                                {"sites", options.sites},
                                {"start_date", options.start_date},
                                {"facts_per_patient_limit", options.facts_per_patient_limit},
                                {"plant_nothing", options.plant_nothing}};
  for (const Share& share : shares) out[share.name] = options.*share.value;
  out["noise"] = print_noise(options.noise);
  return out.dump() + "\n";
}

Result<ProgrammeOptions> read_options(std::string_view json) {
  const auto document = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) return expected("an object");
  for (const char* key : {"patients", "months", "seed", "sites", "facts_per_patient_limit"}) {
    if (!has_whole(document, key)) return expected("a whole number in `" + std::string(key) + "`");
  }
  if (!has_text(document, "start_date") || !has_text(document, "noise"))
    return expected("`start_date` and `noise`");
  ProgrammeOptions options;
  options.patients = document.at("patients").get<std::int64_t>();
  options.months = document.at("months").get<int>();
  options.seed = document.at("seed").get<std::uint64_t>();
  options.sites = document.at("sites").get<int>();
  options.facts_per_patient_limit = document.at("facts_per_patient_limit").get<std::int64_t>();
  options.start_date = document.at("start_date").get<std::string>();
  options.plant_nothing = document.value("plant_nothing", nlohmann::json(false)) == true;
  for (const Share& share : shares) {
    if (!document.contains(share.name) || !document.at(share.name).is_number())
      return expected("a number in `" + std::string(share.name) + "`");
    options.*share.value = document.at(share.name).get<double>();
  }
  const std::string noise = document.at("noise").get<std::string>();
  KETAVIGIL_TRY_ASSIGN(options.noise, parse_noise(noise));
  return options;
}

}  // namespace ketavigil::simulation
