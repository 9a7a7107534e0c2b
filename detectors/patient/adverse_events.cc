#include "detectors/patient/adverse_events.h"

#include <algorithm>

namespace ketavigil::detectors {
namespace {

using events::Field;
using events::Kind;

constexpr Measure presence{1, 1};

bool is_one_of_the_gravest(const std::string& seriousness) {
  return seriousness == "death" || seriousness == "life-threatening";
}

std::optional<Hit> adverse_event(const RecordFact& fact,
                                 const AdverseEventsParameters& parameters) {
  const std::string name = lower_case(fact.fact->word(Field::name));
  const auto* seriousness = fact.fact->list(Field::seriousness);
  const auto ctcae = fact.fact->number(Field::ctcae);
  const bool is_grave =
      seriousness != nullptr &&
      std::any_of(seriousness->begin(), seriousness->end(), is_one_of_the_gravest);
  const bool has_high_grade = ctcae && *ctcae >= parameters.ae1_ctcae_grade;

  std::optional<Hit> hit;
  if (is_grave || has_high_grade) {
    // Of seriousness (1 of 1) and grade the one farther beyond its limit, ties seriousness.
    const Measure grade{ctcae.value_or(0), parameters.ae1_ctcae_grade};
    const bool grade_is_farther = has_high_grade && (!is_grave || grade.excess() > 0);
    hit = hit_of("AE-1", name, Level::critical, grade_is_farther ? grade : presence, fact);
  } else if (seriousness != nullptr && !seriousness->empty()) {
    hit = hit_of("AE-1", name, Level::alert, presence, fact);
  } else {
    return std::nullopt;
  }
  if (ctcae) hit->inputs["ctcae"] = *ctcae;
  if (seriousness != nullptr && !seriousness->empty()) {
    std::string words;
    for (const std::string& word : *seriousness) words += (words.empty() ? "" : ", ") + word;
    hit->inputs["seriousness"] = words;
  }
  return hit;
}

std::optional<Hit> exit_of(const RecordFact& fact) {
  const std::string reason = lower_case(fact.fact->word(Field::reason));
  if (reason != "death" && reason != "pregnancy") return std::nullopt;
  Hit hit =
      hit_of("AE-1", "exit", reason == "death" ? Level::critical : Level::alert, presence, fact);
  hit.inputs["reason"] = reason;
  return hit;
}

std::optional<Hit> anaphylaxis(const RecordFact& fact) {
  if (lower_case(fact.fact->word(Field::code)) != "anaphylaxis") return std::nullopt;
  const double severity = fact.fact->number(Field::severity).value_or(1);
  if (severity < 1) return std::nullopt;  // asked and absent
  return hit_of("AE-1", "anaphylaxis", Level::critical, {severity, 1}, fact);
}

std::optional<Hit> serious_event(const RecordFact& fact,
                                 const AdverseEventsParameters& parameters) {
  switch (fact.kind()) {
    case Kind::adverse_event:
      return adverse_event(fact, parameters);
    case Kind::exit:
      return exit_of(fact);
    case Kind::symptom:
      return anaphylaxis(fact);
    default:
      return std::nullopt;
  }
}

}  // namespace

void step(AdverseEventsState*, const Background&, const RecordFact& fact,
          const AdverseEventsParameters& parameters, Sink* sink) {
  if (auto hit = serious_event(fact, parameters)) sink->occasion(std::move(*hit));
}

std::optional<Microseconds> next_deadline(const AdverseEventsState&) { return std::nullopt; }

void pass_deadline(AdverseEventsState*, const Background&, Microseconds,
                   const AdverseEventsParameters&, Sink*) {}

void single_fact(const AdverseEventsState&, const Background&, const RecordFact& fact,
                 Certainty certainty, const AdverseEventsParameters& parameters, Sink* sink) {
  auto hit = serious_event(fact, parameters);
  if (!hit || hit->level != Level::critical) return;
  hit->doubtful = certainty != Certainty::verified;
  sink->occasion(std::move(*hit));
}

}  // namespace ketavigil::detectors
