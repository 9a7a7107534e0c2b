#include "engine/shard/settings.h"

#include <nlohmann/json.hpp>

#include "detectors/patient/catalogue.h"
#include "engine/shard/detector_identity.h"
#include "events/json_text.h"

namespace ketavigil::engine {
namespace {

using nlohmann::json;

Error not_ours(const std::string& what) {
  return {ErrorKind::configuration, "the settings of an epoch cannot be read: " + what};
}

json sources_json(const events::DecodeSettings& decode) {
  json sources = json::object();
  for (const auto& [name, source] : decode.sources) {
    sources[name] = {{"zone", source.zone_name}, {"rank", source.rank}, {"site", source.site}};
  }
  return sources;
}

Status read_sources(const json& sources, events::DecodeSettings* decode) {
  for (const auto& [name, source] : sources.items()) {
    events::SourceSettings settings;
    settings.zone_name = source.at("zone").get<std::string>();
    const auto zone = events::Zone::named(settings.zone_name);
    if (!zone) return not_ours("no time zone is named " + settings.zone_name);
    settings.zone = *zone;
    settings.rank = source.at("rank").get<std::int64_t>();
    settings.site = source.at("site").get<std::string>();
    decode->sources[name] = settings;
  }
  return {};
}

// A plain number stands as one, so that the texts of logs from before are still ours.
json parameter_json(double value, const ParameterStatement* statement) {
  if (statement == nullptr) return value;
  return {{"value", value},
          {"owner", statement->owner},
          {"version", statement->version},
          {"citation", statement->citation},
          {"confirmed", statement->confirmed}};
}

Status read_parameter(const json& text, GivenParameter* given) {
  if (!text.is_object()) {
    text.get_to(given->value);
    return {};
  }
  text.at("value").get_to(given->value);
  ParameterStatement& statement = given->statement.emplace();
  text.at("owner").get_to(statement.owner);
  text.at("version").get_to(statement.version);
  text.at("citation").get_to(statement.citation);
  text.at("confirmed").get_to(statement.confirmed);
  if (statement.owner.empty() || statement.version < 1 || statement.version > parameter_version_max)
    return not_ours("the owner or the version of a parameter");
  return {};
}

// `site` empty: the programme's.
Status read_parameters(const json& detectors, std::string_view site, Settings* settings) {
  for (const auto& [detector, values] : detectors.items()) {
    for (const auto& [name, value] : values.items()) {
      GivenParameter given;
      KETAVIGIL_TRY(read_parameter(value, &given));
      KETAVIGIL_TRY(give_parameter(settings, site, {detector, name}, std::move(given)));
    }
  }
  return {};
}

// What differs from the defaults, or is answered for by somebody.
json programme_parameters(const Settings& settings) {
  json parameters = json::object();
  for (const auto& parameter : detectors::effective_parameters(settings.parameters)) {
    const ParameterName name(parameter.info.detector, parameter.info.name);
    const auto statement = settings.statements.find(name);
    const bool is_stated = statement != settings.statements.end();
    if (parameter.value == parameter.default_value && !is_stated) continue;
    parameters[name.first][name.second] =
        parameter_json(parameter.value, is_stated ? &statement->second : nullptr);
  }
  return parameters;
}

}  // namespace

Status give_parameter(Settings* settings, std::string_view site, const ParameterName& name,
                      GivenParameter given) {
  if (!site.empty()) {
    detectors::PatientParameters unused;
    KETAVIGIL_TRY(detectors::set_parameter(&unused, name.first, name.second, given.value));
    settings->sites[std::string(site)][name] = std::move(given);
    return {};
  }
  KETAVIGIL_TRY(
      detectors::set_parameter(&settings->parameters, name.first, name.second, given.value));
  settings->statements.erase(name);
  if (given.statement) settings->statements[name] = std::move(*given.statement);
  return {};
}

detectors::PatientParameters parameters_of_site(const Settings& settings,
                                                const GivenParameters& site) {
  detectors::PatientParameters parameters = settings.parameters;
  for (const auto& [name, given] : site) {
    // Each was checked when it was given.
    (void)detectors::set_parameter(&parameters, name.first, name.second, given.value);
  }
  return parameters;
}

std::string settings_text(const Settings& settings) {
  json instruments = json::array();
  for (const auto& instrument : settings.decode.instruments) {
    instruments.push_back({{"name", instrument.name},
                           {"least", instrument.least},
                           {"greatest", instrument.greatest}});
  }
  // Objects of this library keep their keys sorted, so the text is the same for the same settings.
  json text = {{"sources", sources_json(settings.decode)},
               {"compounds", settings.decode.compounds},
               {"covariates", settings.decode.covariates},
               {"medication_classes", settings.decode.medication_classes},
               {"instruments", instruments},
               {"parameters", programme_parameters(settings)}};
  if (settings.lock_every_days != Settings().lock_every_days)
    text["lock_every_days"] = settings.lock_every_days;
  for (const auto& [name, table] : settings.tables) text["tables"][name] = json::parse(table);
  for (const auto& [site, parameters] : settings.sites) {
    for (const auto& [name, given] : parameters)
      text["sites"][site][name.first][name.second] =
          parameter_json(given.value, given.statement ? &*given.statement : nullptr);
  }
  return text.dump();
}

Result<Settings> settings_of_text(std::string_view text) {
  Settings settings;
  try {
    const json document = json::parse(text);
    KETAVIGIL_TRY(read_sources(document.at("sources"), &settings.decode));
    document.at("compounds").get_to(settings.decode.compounds);
    document.at("covariates").get_to(settings.decode.covariates);
    document.at("medication_classes").get_to(settings.decode.medication_classes);
    settings.lock_every_days = document.value("lock_every_days", settings.lock_every_days);
    if (settings.lock_every_days < 1 || settings.lock_every_days > lock_every_days_max)
      return not_ours("lock_every_days");
    for (const auto& instrument : document.at("instruments")) {
      settings.decode.instruments.push_back({instrument.at("name").get<std::string>(),
                                             instrument.at("least").get<double>(),
                                             instrument.at("greatest").get<double>()});
    }
    const json tables = document.value("tables", json::object());
    for (const auto& [name, table] : tables.items())
      KETAVIGIL_TRY(adopt_table(table.dump(), &settings.tables, &settings.parameters));
    KETAVIGIL_TRY(read_parameters(document.at("parameters"), "", &settings));
    const json sites = document.value("sites", json::object());
    if (sites.size() > sites_max) return not_ours("too many sites");
    for (const auto& [site, parameters] : sites.items()) {
      if (site.empty()) return not_ours("a site without a name");
      KETAVIGIL_TRY(read_parameters(parameters, site, &settings));
    }
  } catch (const json::exception& error) {
    return not_ours(error.what());
  }
  return settings;
}

std::string fold_identity(const Settings& settings) {
  // What sites have of their own stands in the text.
  std::string text = settings_text(settings);
  for (const auto& entry : detectors::catalogue()) {
    const DetectorIdentity identity =
        detector_identity(settings.parameters, settings.tables, entry.id);
    text += '\n' + std::string(entry.id) + ' ' + std::to_string(identity.version) + ' ' +
            identity.parameters;
  }
  return events::hexadecimal(events::sha256(text));
}

}  // namespace ketavigil::engine
