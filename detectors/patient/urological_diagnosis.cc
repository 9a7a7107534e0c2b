// URO-8: a coded or reported interstitial cystitis, the disease that the programme watches for.
#include <algorithm>
#include <array>

#include "detectors/patient/urological_rules.h"

namespace ketavigil::detectors::urological {
namespace {

using events::Field;
using events::Kind;

constexpr std::string_view snomed_code = "197834003";  // chronic interstitial cystitis
constexpr std::string_view icd_10_cm_start = "n30.1";  // interstitial cystitis (chronic), and below
constexpr std::array<std::string_view, 3> names = {"cystitis interstitial", "interstitial cystitis",
                                                   "cystitis ulcerative"};

bool names_the_disease(const RecordFact& fact, const std::string& word) {
  if (fact.kind() == Kind::condition) {
    return word == snomed_code || word.compare(0, icd_10_cm_start.size(), icd_10_cm_start) == 0;
  }
  return std::find(names.begin(), names.end(), word) != names.end();
}

}  // namespace

void take_diagnosis(const Background& background, const RecordFact& fact, Sink* sink) {
  const bool is_coded = fact.kind() == Kind::condition;
  const std::string_view word =
      is_coded ? code_of(fact.fact->word(Field::code)) : fact.fact->word(Field::name);
  if (!background.exposed(fact.at) || !names_the_disease(fact, lower_case(word))) return;
  Hit hit = hit_of("URO-8", "diagnosis", Level::alert, {1, 1}, fact);
  hit.inputs[is_coded ? "code" : "name"] = std::string(word);
  sink->holds(std::move(hit));
}

}  // namespace ketavigil::detectors::urological
