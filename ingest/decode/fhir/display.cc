#include "ingest/decode/fhir/display.h"

#include <string>

namespace ketavigil::ingest::fhir {
namespace {

// A word that names a concept plainly: it supports that one and contradicts the others.
struct Word {
  std::string_view word;  // lower case
  Role role;
  std::string_view name;
};

constexpr Word words_of_observations[] = {
    {"blood pressure", Role::pressure, ""},
    {"systolic", Role::systolic, ""},
    {"diastolic", Role::diastolic, ""},
    {"heart rate", Role::vital, "heart-rate"},
    {"heart_rate", Role::vital, "heart-rate"},
    {"heartrate", Role::vital, "heart-rate"},
    {"pulse rate", Role::vital, "heart-rate"},
    {"respiratory rate", Role::vital, "respiratory-rate"},
    {"respiratory_rate", Role::vital, "respiratory-rate"},
    {"respiration", Role::vital, "respiratory-rate"},
    {"breath", Role::vital, "respiratory-rate"},
    {"oxygen saturation", Role::vital, "spo2"},
    {"oxygen_saturation", Role::vital, "spo2"},
    {"spo2", Role::vital, "spo2"},
    {"body weight", Role::vital, "weight"},
    {"weight", Role::vital, "weight"},
    {"temperature", Role::vital, "temperature"},
    {"erythrocyte", Role::lab, "13945-1"},
    {"red blood cell", Role::lab, "13945-1"},
    {"creatinine", Role::lab, "2160-0"},
    {"bilirubin", Role::lab, "1975-2"},
    {"alanine", Role::lab, "1742-6"},
    {"aspartate", Role::lab, "1920-8"},
    {"alkaline phosphatase", Role::lab, "6768-6"},
    {"gamma glutamyl", Role::lab, "2324-2"},
    {"gamma-glutamyl", Role::lab, "2324-2"},
    {"moca", Role::score, "moca"},
    {"montreal cognitive", Role::score, "moca"},
    {"mmse", Role::score, "mmse"},
    {"mini-mental", Role::score, "mmse"},
    {"mini mental", Role::score, "mmse"},
    {"ipss", Role::score, "ipss"},
    {"prostate symptom", Role::score, "ipss"},
    {"aua symptom", Role::score, "ipss"},
    {"american urological", Role::score, "ipss"},
    {"phq-9 total", Role::score, "phq-9"},
    {"(phq-9) total", Role::score, "phq-9"},
    {"quick depression", Role::score, "phq-9"},
    {"better off dead", Role::score, "phq-9-item-9"},
    {"suicid", Role::score, "phq-9-item-9"},
};

// Seen in public code and feeds under codes of ours: whatever the code, they are something else.
constexpr std::string_view words_of_others[] = {
    "mean blood pressure",
    "mean arterial",
    "bi-rads",
    "birads",
    "dass",
    "cancer",
    "physical activity",
    "athens",
    "insomnia",
    "phq-2",
    "phq-15",
    "gad-7",
    "audit-c",
    "madrs",
    "hamilton",
};

constexpr Word words_of_compounds[] = {
    {"esketamin", Role::compound, "esketamine"},
    {"spravato", Role::compound, "esketamine"},
    {"arketamin", Role::compound, "arketamine"},
    {"ketamin", Role::compound, "ketamine"},  // last: the others contain it
};

constexpr Word words_of_routes[] = {
    {"intraven", Role::route, "IV"},  {"nasal", Role::route, "IN"},
    {"intramusc", Role::route, "IM"}, {"sublingual", Role::route, "SL"},
    {"subcutan", Role::route, "SC"},  {"oral", Role::route, "PO"},
};

// Texts that are a route by themselves.
constexpr Word spelled_routes[] = {
    {"iv", Role::route, "IV"},           {"in", Role::route, "IN"},
    {"im", Role::route, "IM"},           {"sl", Role::route, "SL"},
    {"po", Role::route, "PO"},           {"sc", Role::route, "SC"},
    {"intravenous", Role::route, "IV"},  {"intranasal", Role::route, "IN"},
    {"nasal", Role::route, "IN"},        {"intramuscular", Role::route, "IM"},
    {"sublingual", Role::route, "SL"},   {"oral", Role::route, "PO"},
    {"subcutaneous", Role::route, "SC"},
};

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool contains(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

bool is_pressure(Role role) {
  return role == Role::pressure || role == Role::systolic || role == Role::diastolic;
}

// A blood-pressure panel is named by its components, too.
bool supports(const Word& word, const Concept& concept_of) {
  if (concept_of.role == Role::pressure) return is_pressure(word.role);
  return word.role == concept_of.role && word.name == concept_of.name;
}

bool observation_contradicts(std::string_view lower, const Concept& concept_of) {
  bool names_another = false;
  for (const Word& word : words_of_observations) {
    if (!contains(lower, word.word)) continue;
    if (supports(word, concept_of)) return false;
    // "Blood pressure" over a component is no contradiction, but supports neither component.
    names_another = names_another || word.role != Role::pressure || !is_pressure(concept_of.role);
  }
  for (const std::string_view other : words_of_others) {
    names_another = names_another || contains(lower, other);
  }
  return names_another;
}

bool route_contradicts(std::string_view lower, const Concept& concept_of) {
  bool names_another = false;
  for (const Word& word : words_of_routes) {
    if (!contains(lower, word.word)) continue;
    if (word.name == concept_of.name) return false;
    names_another = true;
  }
  return names_another;
}

}  // namespace

std::string_view compound_named_in(std::string_view words) {
  const std::string lower = lower_case(words);
  for (const Word& word : words_of_compounds) {
    if (contains(lower, word.word)) return word.name;
  }
  return "";
}

std::string_view route_spelled(std::string_view words) {
  const std::string lower = lower_case(words);
  for (const Word& word : spelled_routes) {
    if (lower == word.word) return word.name;
  }
  return "";
}

bool contradicts(std::string_view words, const Concept& concept_of) {
  if (words.empty()) return false;
  if (concept_of.role == Role::compound) {
    const std::string_view named = compound_named_in(words);
    return !named.empty() && named != concept_of.name;
  }
  const std::string lower = lower_case(words);
  if (concept_of.role == Role::route) return route_contradicts(lower, concept_of);
  return concept_of.role != Role::phq9_item && observation_contradicts(lower, concept_of);
}

}  // namespace ketavigil::ingest::fhir
