#include "cli/detector_configuration.h"

#include <algorithm>
#include <sstream>

#include "detectors/patient/catalogue.h"
#include "detectors/patient/parameter_range.h"
#include "engine/shard/parameters_in_force.h"
#include "events/characters.h"
#include "events/decode.h"
#include "events/event_keys.h"
#include "events/json_text.h"
#include "events/nearest.h"

namespace ketavigil::cli {
namespace {

using engine::GivenParameter;
using engine::ParameterInForce;
using engine::ParameterName;
using engine::ParameterOrigin;
using engine::ParameterStatement;

constexpr std::size_t words_max = 500;

// One line: it is printed as a comment.
Status read_words(const Section& section, std::string* out) {
  KETAVIGIL_TRY(section.read(out));
  if (out->empty() || out->size() > words_max || !events::is_one_line(*out))
    return section.error("must be 1 to 500 bytes of text on one line, no control characters");
  return {};
}

// A parameter that is not known has no range; that it is not known is said where it is given.
Status read_value(const Section& section, const ParameterName& name, double* value) {
  KETAVIGIL_TRY(section.read(value));
  *value += 0.0;  // -0 is 0
  const auto info = detectors::parameter_info(name.first, name.second);
  if (!info) return {};
  const detectors::ParameterRange range = detectors::range_of(*info);
  if (range.contains(*value)) return {};
  return section.error("must be " + std::string(range.is_whole ? "a whole number " : "") + "from " +
                       events::json_number(range.least) + " to " +
                       events::json_number(range.greatest));
}

Status read_statement(const Section& section, ParameterStatement* statement) {
  // That a default is confirmed is confirmed by its own source, which is another one now.
  if (section.has("owner") || section.has("citation")) statement->confirmed = false;
  if (section.has("owner")) KETAVIGIL_TRY(read_words(section.at("owner"), &statement->owner));
  if (section.has("version"))
    KETAVIGIL_TRY(
        section.at("version").read_integer(&statement->version, 1, engine::parameter_version_max));
  if (section.has("citation"))
    KETAVIGIL_TRY(read_words(section.at("citation"), &statement->citation));
  if (section.has("confirmed")) KETAVIGIL_TRY(section.at("confirmed").read(&statement->confirmed));
  return {};
}

Status read_parameter(const Section& section, const std::string& site, const ParameterName& name,
                      engine::Settings* settings) {
  GivenParameter given;
  if (section.is_map()) {
    KETAVIGIL_TRY(section.check_keys({"value", "owner", "version", "citation", "confirmed"}));
    if (!section.has("value"))
      return section.error("needs `value`: the number that the rest of the map is about");
    KETAVIGIL_TRY(read_value(section.at("value"), name, &given.value));
  } else if (section.is_list()) {
    return section.error("must be a number, or a map with `value`");
  } else {
    KETAVIGIL_TRY(read_value(section, name, &given.value));
  }
  const Status set = engine::give_parameter(settings, site, name, given);
  if (!set.ok()) return section.error("is no parameter: " + set.error().message);
  if (!section.is_map()) return {};
  const ParameterStatement plain = engine::statement_of_number(name, given.value);
  given.statement = plain;
  KETAVIGIL_TRY(read_statement(section, &*given.statement));
  // Who says no more than the number means the same as the number.
  if (given.statement == plain) return {};
  return engine::give_parameter(settings, site, name, std::move(given));
}

// Of a detector that is given no parameter nothing else would say that it is unknown.
Status check_detector(const Section& section, const std::string& detector) {
  std::vector<std::string> known;
  for (const auto& entry : detectors::catalogue()) known.emplace_back(entry.id);
  // Charts raise nothing, so the catalogue has them not.
  for (const auto& parameter : detectors::effective_parameters({}))
    known.emplace_back(parameter.info.detector);
  if (std::find(known.begin(), known.end(), detector) != known.end()) return {};
  return section.error("is no detector; the nearest is " + events::nearest(detector, known));
}

std::string in_quotes(std::string_view text) {
  std::string out;
  events::append_json_string(&out, text);
  return out;
}

// As configuration gives it: a number, or a map if that says more.
std::string given_text(const ParameterInForce& parameter) {
  const std::string number = events::json_number(parameter.value);
  const ParameterStatement& statement = parameter.statement;
  const ParameterName name(parameter.info.detector, parameter.info.name);
  const bool is_plain = parameter.origin == ParameterOrigin::by_default ||
                        statement == engine::statement_of_number(name, parameter.value);
  if (is_plain) return number;
  return "{value: " + number + ", owner: " + in_quotes(statement.owner) +
         ", version: " + std::to_string(statement.version) +
         ", citation: " + in_quotes(statement.citation) +
         ", confirmed: " + (statement.confirmed ? "true" : "false") + "}";
}

// Unit, origin, owner and version, source; of what is not a default, what stands below it.
std::string explanation(const ParameterInForce& parameter) {
  const ParameterStatement& statement = parameter.statement;
  std::string out = std::string(parameter.info.unit) + "; " +
                    std::string(engine::name_of(parameter.origin)) + ", of " + statement.owner +
                    ", version " + std::to_string(statement.version) + "; " + statement.citation;
  if (!statement.confirmed) out += "; not confirmed";
  if (parameter.origin == ParameterOrigin::site)
    out += "; the programme's " + events::json_number(parameter.programme_value);
  if (parameter.origin != ParameterOrigin::by_default)
    out += "; default " + events::json_number(parameter.default_value) + " (" +
           std::string(parameter.info.citation) +
           (parameter.info.confirmed ? ")" : ", not confirmed)");
  return out;
}

// Of a site only what is its own.
std::string section_text(const engine::Settings& settings, const std::string& site,
                         const std::string& indent) {
  std::ostringstream out;
  std::string_view detector;
  out << indent << "detectors:\n";
  for (const ParameterInForce& parameter : engine::parameters_in_force(settings, site)) {
    if (!site.empty() && parameter.origin != ParameterOrigin::site) continue;
    if (parameter.info.detector != detector)
      out << indent << "  " << (detector = parameter.info.detector) << ":\n";
    out << indent << "    " << parameter.info.name << ": " << given_text(parameter) << "  # "
        << explanation(parameter) << "\n";
  }
  return out.str();
}

}  // namespace

Status read_detectors(const Section& section, const std::string& site, engine::Settings* settings) {
  KETAVIGIL_TRY(section.check_map());
  for (const auto& [detector, values] : section.entries()) {
    KETAVIGIL_TRY(check_detector(values, detector));
    KETAVIGIL_TRY(values.check_map());
    for (const auto& [name, value] : values.entries())
      KETAVIGIL_TRY(read_parameter(value, site, {detector, name}, settings));
  }
  return {};
}

Status read_sites(const Section& section, engine::Settings* settings) {
  KETAVIGIL_TRY(section.check_map());
  const auto sites = section.entries();
  if (sites.size() > engine::sites_max)
    return section.error("has more than " + std::to_string(engine::sites_max) + " sites");
  for (const auto& [name, site] : sites) {
    if (!events::is_identifier(name))
      return site.error("must be named as facts name a site: 1 to " +
                        std::to_string(events::identifier_bytes_max) +
                        " bytes, no control characters");
    KETAVIGIL_TRY(site.check_keys({"detectors"}));
    if (site.has("detectors")) KETAVIGIL_TRY(read_detectors(site.at("detectors"), name, settings));
  }
  return {};
}

std::string detectors_text(const engine::Settings& settings) {
  std::string out = section_text(settings, "", "");
  if (settings.sites.empty()) return out;
  out += "sites:  # what a site does not name is the programme's\n";
  for (const auto& [site, parameters] : settings.sites)
    out += "  " + in_quotes(site) + ":\n" + section_text(settings, site, "    ");
  return out;
}

}  // namespace ketavigil::cli
