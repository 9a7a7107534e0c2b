#include "engine/shard/parameters_in_force.h"

#include <algorithm>
#include <cassert>

#include "detectors/patient/catalogue.h"

namespace ketavigil::engine {
namespace {

ParameterStatement statement_of_default(const detectors::ParameterInfo& info) {
  const auto* entry = detectors::catalogue_entry(info.detector);
  return {std::string(default_owner), entry == nullptr ? 1 : entry->version,
          std::string(info.citation), info.confirmed};
}

ParameterStatement statement_of_number(const detectors::EffectiveParameter& parameter,
                                       double value) {
  ParameterStatement statement;
  statement.confirmed = parameter.info.confirmed && value == parameter.default_value;
  return statement;
}

ParameterInForce of_programme(const Settings& settings,
                              const detectors::EffectiveParameter& parameter) {
  ParameterInForce out{parameter.info,
                       parameter.value,
                       parameter.default_value,
                       parameter.value,
                       ParameterOrigin::programme,
                       {}};
  const auto stated = settings.statements.find(
      {std::string(parameter.info.detector), std::string(parameter.info.name)});
  if (stated != settings.statements.end()) {
    out.statement = stated->second;
  } else if (parameter.value != parameter.default_value) {
    out.statement = statement_of_number(parameter, parameter.value);
  } else {
    out.origin = ParameterOrigin::by_default;
    out.statement = statement_of_default(parameter.info);
  }
  return out;
}

}  // namespace

std::string_view name_of(ParameterOrigin origin) {
  switch (origin) {
    case ParameterOrigin::by_default:
      return "default";
    case ParameterOrigin::programme:
      return "programme";
    case ParameterOrigin::site:
      break;
  }
  return "site";
}

std::vector<ParameterInForce> parameters_in_force(const Settings& settings, std::string_view site) {
  std::vector<ParameterInForce> all;
  const auto of_site = settings.sites.find(site);
  for (const auto& parameter : detectors::effective_parameters(settings.parameters)) {
    ParameterInForce& one = all.emplace_back(of_programme(settings, parameter));
    if (of_site == settings.sites.end()) continue;
    const auto given = of_site->second.find(
        {std::string(parameter.info.detector), std::string(parameter.info.name)});
    if (given == of_site->second.end()) continue;
    one.value = given->second.value;
    one.origin = ParameterOrigin::site;
    one.statement = given->second.statement.value_or(statement_of_number(parameter, one.value));
  }
  return all;
}

ParameterStatement statement_of_number(const ParameterName& name, double value) {
  const auto defaults = detectors::effective_parameters({});
  const auto found = std::find_if(defaults.begin(), defaults.end(), [&](const auto& one) {
    return one.info.detector == name.first && one.info.name == name.second;
  });
  assert(found != defaults.end());
  return statement_of_number(*found, value);
}

}  // namespace ketavigil::engine
