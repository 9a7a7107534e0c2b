#include "simulation/truth.h"

#include <charconv>

#include "simulation/patient.h"

namespace ketavigil::simulation {
namespace {

template <typename Number>
void append_number(std::string& out, Number value) {
  char text[40];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  out.append(text, end);
}

void append_harm(std::string& out, Harm harm, std::string_view scope) {
  out += "{\"harm\":\"";
  out += traits_of(harm).name;
  out += "\",\"scope\":\"";
  out += scope;
  out += '"';
}

void append_onset(std::string& out, Seconds onset) {
  out += ",\"onset\":\"";
  append_instant(out, onset, 0);
  out += '"';
}

void append_stratum(std::string& out, const Stratum& stratum) {
  out += ",\"stratum\":{";
  bool first = true;
  const auto word = [&](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    if (!first) out += ',';
    first = false;
    out += '"';
    out += name;
    out += "\":\"";
    out += value;
    out += '"';
  };
  word("compound", stratum.compound);
  word("route", stratum.route);
  word("sex", stratum.sex);
  word("site", stratum.site);
  out += '}';
}

void append_rate(std::string& out, const Blueprint& blueprint, const Planting& planting) {
  append_harm(out, planting.harm, "stratum");
  append_stratum(out, planting.stratum);
  append_onset(out, blueprint.rates_from_day() * day_s);
  out += ",\"rate_ratio\":";
  append_number(out, planting.rate_ratio);
  out += ",\"background_rate_per_year\":";
  append_number(out, planting.share);
  out += '}';
}

void append_patient(std::string& out, const Patient& patient, const Affliction& affliction) {
  append_harm(out, affliction.harm, "patient");
  out += ",\"patient\":\"p-";
  append_pseudonym(out, patient.pseudonym);
  out += '"';
  append_onset(out, affliction.onset);
  out += ",\"size\":";
  append_number(out, affliction.size);
  out += ",\"origin\":\"";
  out += affliction.by_rate ? "rate" : "planted";
  out += "\"}";
}

}  // namespace

std::string print_truth(const Blueprint& blueprint) {
  const ProgrammeOptions& options = blueprint.options;
  std::string out = "{\"patients\":";
  append_number(out, options.patients);
  out += ",\"months\":";
  append_number(out, options.months);
  out += ",\"seed\":";
  append_number(out, options.seed);
  out += ",\"harms\":[";
  const char* before = "\n";
  bool any_rate = false;
  for (const Planting& planting : blueprint.plantings) {
    if (!planting.is_rate()) continue;
    any_rate = true;
    out += before;
    before = ",\n";
    append_rate(out, blueprint, planting);
  }
  for (std::uint32_t index = 0; index < blueprint.planting_of.size(); ++index) {
    if (!any_rate && blueprint.planting_of[index] < 0) continue;
    const Patient patient = make_patient(blueprint, index);
    for (const Affliction& affliction : patient.harmed()) {
      out += before;
      before = ",\n";
      append_patient(out, patient, affliction);
    }
  }
  out += "]}\n";
  return out;
}

}  // namespace ketavigil::simulation
