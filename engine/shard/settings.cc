#include "engine/shard/settings.h"

#include <nlohmann/json.hpp>

#include "detectors/patient/catalogue.h"
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

}  // namespace

std::string settings_text(const Settings& settings) {
  json instruments = json::array();
  for (const auto& instrument : settings.decode.instruments) {
    instruments.push_back({{"name", instrument.name},
                           {"least", instrument.least},
                           {"greatest", instrument.greatest}});
  }
  json parameters = json::object();
  for (const auto& parameter : detectors::effective_parameters(settings.parameters)) {
    if (parameter.value == parameter.default_value) continue;
    parameters[std::string(parameter.info.detector)][std::string(parameter.info.name)] =
        parameter.value;
  }
  // Objects of this library keep their keys sorted, so the text is the same for the same settings.
  json text = {{"sources", sources_json(settings.decode)},
               {"compounds", settings.decode.compounds},
               {"covariates", settings.decode.covariates},
               {"medication_classes", settings.decode.medication_classes},
               {"instruments", instruments},
               {"parameters", parameters}};
  if (settings.lock_every_days != Settings().lock_every_days)
    text["lock_every_days"] = settings.lock_every_days;
  for (const auto& [name, table] : settings.tables) text["tables"][name] = json::parse(table);
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
    for (const auto& [detector, values] : document.at("parameters").items()) {
      for (const auto& [name, value] : values.items()) {
        KETAVIGIL_TRY(
            detectors::set_parameter(&settings.parameters, detector, name, value.get<double>()));
      }
    }
  } catch (const json::exception& error) {
    return not_ours(error.what());
  }
  return settings;
}

DetectorIdentity detector_identity(const Settings& settings, std::string_view detector) {
  DetectorIdentity identity;
  const auto* entry = detectors::catalogue_entry(detector);
  identity.version = entry == nullptr ? 0 : entry->version;
  identity.parameters_json = detectors::parameters_json(settings.parameters, detector);
  identity.parameters = events::hexadecimal(events::sha256(identity.parameters_json).substr(0, 8));
  identity.tables_json = tables_json(settings.tables, detector);
  return identity;
}

std::string fold_identity(const Settings& settings) {
  std::string text = settings_text(settings);
  for (const auto& entry : detectors::catalogue()) {
    const DetectorIdentity identity = detector_identity(settings, entry.id);
    text += '\n' + std::string(entry.id) + ' ' + std::to_string(identity.version) + ' ' +
            identity.parameters;
  }
  return events::hexadecimal(events::sha256(text));
}

}  // namespace ketavigil::engine
