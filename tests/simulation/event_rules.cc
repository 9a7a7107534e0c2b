#include "tests/simulation/event_rules.h"

#include <set>

#include "tests/simulation/written.h"

namespace ketavigil::simulation {
namespace {

using nlohmann::json;
using Words = std::set<std::string>;

struct Range {
  double least;
  double greatest;
};

const std::map<std::string, Range> instruments = {
    {"moca", {0, 30}},       {"hvlt-r-total", {0, 36}}, {"dsst", {0, 133}},
    {"bpic-ss", {0, 38}},    {"ipss", {0, 35}},         {"madrs", {0, 60}},
    {"phq-9", {0, 27}},      {"cgi-s", {1, 7}},         {"c-ssrs-ideation", {0, 5}},
    {"craving-vas", {0, 10}}};

struct VitalRule {
  std::string unit;
  Range range;
};
const std::map<std::string, VitalRule> vitals = {
    {"heart-rate", {"/min", {20, 250}}}, {"spo2", {"%", {50, 100}}}, {"weight", {"kg", {20, 350}}}};

const std::map<std::string, Words> lab_units = {{"1742-6", {"U/L"}},
                                                {"1920-8", {"U/L"}},
                                                {"6768-6", {"U/L"}},
                                                {"2324-2", {"U/L"}},
                                                {"1975-2", {"mg/dL", "umol/L"}},
                                                {"2160-0", {"mg/dL", "umol/L"}}};

/// The needed fields of each kind that a programme can hold, and the type of each.
const std::map<std::string, std::map<std::string, json::value_t>> needed = [] {
  constexpr auto text = json::value_t::string;
  constexpr auto number = json::value_t::number_float;
  return std::map<std::string, std::map<std::string, json::value_t>>{
      {"enrolment", {{"site", text}}},
      {"covariate", {{"name", text}, {"value", json::value_t::null}}},
      {"condition", {{"code", text}}},
      {"medication", {{"class", text}, {"action", text}}},
      {"plan",
       {{"compound", text}, {"route", text}, {"dose_mg", number}, {"interval_days", number}}},
      {"dispense", {{"compound", text}, {"days_supply", number}}},
      {"vital", {{"name", text}, {"value", number}, {"unit", text}}},
      {"blood_pressure", {}},
      {"session", {{"compound", text}, {"route", text}, {"dose_mg", number}}},
      {"score", {{"instrument", text}, {"value", number}}},
      {"symptom", {{"code", text}}},
      {"culture", {{"result", text}}},
      {"lab", {{"code", text}, {"value", number}, {"unit", text}}},
      {"adverse_event", {{"name", text}}},
      {"exit", {{"reason", text}}},
      {"heartbeat", {}}};
}();

const std::map<std::string, Words> words = {
    {"compound", {"ketamine", "esketamine", "arketamine"}},
    {"route", {"IV", "IN", "IM", "SL", "PO", "SC"}},
    {"phase", {"pre", "peak", "discharge", "home", "other"}},
    {"setting", {"clinic", "home"}},
    {"location", {"clinic", "home"}},
    {"sex", {"female", "male", "other", "unknown"}},
    {"psychotherapy", {"none", "kap", "cbt", "exposure", "motivational-interviewing"}},
    {"class",
     {"antihypertensive", "benzodiazepine", "stimulant", "anticoagulant", "antidepressant"}},
    {"action", {"start", "stop", "increase", "decrease"}},
    {"result", {"positive", "negative"}},
    {"reason", {"completed", "withdrawn", "lost", "pregnancy", "death"}},
    {"status", {"final", "preliminary", "corrected", "entered-in-error"}}};

const Words numbers = {"dose_mg",         "interval_days", "days_supply",   "quantity_mg",
                       "weight_kg",       "systolic",      "diastolic",     "duration_min",
                       "birth_year",      "severity",      "monitored_min", "ready_min",
                       "education_years", "ctcae",         "upper_limit"};

bool within(double value, Range range) { return value >= range.least && value <= range.greatest; }

bool has_offset(const std::string& time) {
  if (time.size() == 10) return true;
  const std::string tail = time.substr(19);
  return tail == "Z" || (tail.size() == 6 && (tail[0] == '+' || tail[0] == '-'));
}

std::string reason_of_types(const json& event) {
  for (const auto& [name, type] : needed.at(event["kind"])) {
    const json& value = event[name];
    if (type == json::value_t::string && !value.is_string()) return "type";
    if (type == json::value_t::number_float && !value.is_number()) return "type";
  }
  for (const std::string& name : numbers) {
    if (event.contains(name) && !event[name].is_number()) return "type";
  }
  if (!has_offset(event["effective"]) || !has_offset(event["recorded"])) return "type";
  return "";
}

std::string reason_of_words(const json& event) {
  for (const auto& [name, known] : words) {
    if (event.contains(name) && !known.count(event[name].get<std::string>())) {
      return "unknown-" + name;
    }
  }
  const std::string kind = event["kind"];
  if (kind == "score" && !instruments.count(event["instrument"])) return "unknown-instrument";
  if (kind == "vital") {
    if (!vitals.count(event["name"])) return "unknown-name";
    if (vitals.at(event["name"]).unit != event["unit"]) return "unknown-unit";
  }
  if (kind == "lab" && !lab_units.at(event["code"]).count(event["unit"])) return "unknown-unit";
  if (kind == "blood_pressure" && event.value("unit", "mm[Hg]") != "mm[Hg]" &&
      event["unit"] != "kPa") {
    return "unknown-unit";
  }
  return "";
}

bool plausible_pressure(const json& event) {
  const bool kpa = event.value("unit", "") == "kPa";
  const auto mmhg = [&](const char* name) {
    const double given = event[name];
    return kpa ? std::nearbyint(given * 7.50062) : given;
  };
  const double systolic = mmhg("systolic"), diastolic = mmhg("diastolic");
  return within(systolic, {50, 300}) && within(diastolic, {20, 200}) && systolic - diastolic >= 10;
}

bool plausible(const json& event) {
  const std::string kind = event["kind"];
  for (const char* positive :
       {"dose_mg", "quantity_mg", "weight_kg", "duration_min", "monitored_min", "ready_min",
        "interval_days", "days_supply", "upper_limit", "education_years"}) {
    if (event.contains(positive) && event[positive].get<double>() <= 0) return false;
  }
  if (event.contains("severity") && !within(event["severity"], {0, 5})) return false;
  if (event.contains("ctcae") && !within(event["ctcae"], {1, 5})) return false;
  if (kind == "blood_pressure") return plausible_pressure(event);
  if (kind == "score") return within(event["value"], instruments.at(event["instrument"]));
  if (kind == "vital") return within(event["value"], vitals.at(event["name"]).range);
  return true;
}

}  // namespace

std::string reason_to_refuse(const std::string& line) {
  const json event = json::parse(line, nullptr, false);
  return event.is_discarded() ? "malformed" : reason_to_refuse(event);
}

std::string reason_to_refuse(const json& event) {
  for (const char* name : {"source", "id", "recorded"}) {
    if (!event.contains(name)) return "missing";
  }
  const bool retraction = event.value("status", "") == "entered-in-error";
  if (retraction) return event.contains("patient") ? "" : "missing";
  if (!event.contains("kind") || !event.contains("effective")) return "missing";
  const std::string kind = event["kind"];
  if (!needed.count(kind)) return "unknown-kind";
  if (kind != "heartbeat" && !event.contains("patient")) return "missing";
  for (const auto& [name, type] : needed.at(kind)) {
    if (!event.contains(name)) return "missing";
  }
  if (std::string reason = reason_of_types(event); !reason.empty()) return reason;
  if (std::string reason = reason_of_words(event); !reason.empty()) return reason;
  if (!plausible(event)) return "implausible";
  if (seconds_of(event["effective"]) > seconds_of(event["recorded"]) + 600) return "future";
  return "";
}

}  // namespace ketavigil::simulation
