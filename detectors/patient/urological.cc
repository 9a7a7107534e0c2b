#include "detectors/patient/urological.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "detectors/patient/urological_rules.h"
#include "events/json_text.h"

namespace ketavigil::detectors {
namespace urological {

Microseconds days_us(double days) {
  return std::llround(days * static_cast<double>(events::day_us));
}
Microseconds hours_us(double hours) {
  return std::llround(hours * static_cast<double>(events::hour_us));
}
double severity_of(const RecordFact& symptom) {
  return symptom.fact->number(events::Field::severity).value_or(1);
}
bool is_present(const RecordFact& symptom) { return severity_of(symptom) >= 1; }
Measure presence(const RecordFact& symptom) { return {severity_of(symptom), 1}; }

}  // namespace urological

namespace {

using events::Field;
using events::Kind;
using namespace urological;

constexpr std::string_view loinc_red_cells = "13945-1";
constexpr std::string_view loinc_creatinine = "2160-0";
constexpr double creatinine_umol_l_per_mg_dl = 88.42;

// URO-1.

void take_bladder_score(UrologicalState* state, const Background& background,
                        const RecordFact& fact, const UrologicalParameters& parameters,
                        Sink* sink) {
  step(&state->bpic_ss, background, fact);
  const auto stated = fact.fact->number(Field::value);
  if (!stated || !fact.eligible || !background.exposed(fact.at)) return;
  const double value = events::round_to_12_digits(*stated);
  if (value >= parameters.uro1_limit_points) {
    const Baseline baseline = baseline_of(state->bpic_ss, background);
    if (!baseline.is_below_or_missing(parameters.uro1_limit_points)) return;
    Hit hit =
        hit_of("URO-1", "threshold", Level::alert, {value, parameters.uro1_limit_points}, fact);
    add_to_hit(baseline, &hit);
    state->uro1_open = true;
    sink->holds(std::move(hit));
  } else if (state->uro1_open && value <= parameters.uro1_clears_points) {
    state->uro1_open = false;
    sink->clears("URO-1", "threshold", fact.at);
  }
}

// URO-6.

std::optional<Hit> hydronephrosis(const RecordFact& fact) {
  if (fact.kind() != Kind::symptom || !is_present(fact)) return std::nullopt;
  if (lower_case(fact.fact->word(Field::code)) != "hydronephrosis") return std::nullopt;
  return hit_of("URO-6", "hydronephrosis", Level::critical, presence(fact), fact);
}

// The lowest creatinine in [from, until); of equals one in the unit asked for.
const CreatinineSeen* lowest(const std::vector<CreatinineSeen>& seen, Microseconds from,
                             Microseconds until, bool in_umol_l) {
  const CreatinineSeen* found = nullptr;
  for (const CreatinineSeen& one : seen) {
    if (one.evidence.at < from || one.evidence.at >= until) continue;
    const bool is_lower = found == nullptr || one.mg_dl() < found->mg_dl();
    const bool is_nearer = found != nullptr && one.mg_dl() == found->mg_dl() &&
                           one.in_umol_l == in_umol_l && found->in_umol_l != in_umol_l;
    if (is_lower || is_nearer) found = &one;
  }
  return found;
}

void show(std::string_view name, const CreatinineSeen& low, Hit* hit) {
  hit->inputs[std::string(name) + (low.in_umol_l ? "_umol_l" : "_mg_dl")] = low.value;
  hit->inputs[std::string(name) + "_at"] = events::print_utc(low.evidence.at);
}

// The rise above the lowest of 48 h: in umol/L where both are, else in mg/dL.
std::optional<Measure> rise_of(const CreatinineSeen& now, const CreatinineSeen& low,
                               const UrologicalParameters& parameters) {
  const bool both_umol_l = now.in_umol_l && low.in_umol_l;
  const double rise = both_umol_l ? now.value - low.value : now.mg_dl() - low.mg_dl();
  const Measure measure{events::round_to_12_digits(rise),
                        both_umol_l ? parameters.uro6_rise_umol_l : parameters.uro6_rise_mg_dl};
  return measure.value >= measure.threshold ? std::optional(measure) : std::nullopt;
}

// The multiple of the lowest of 7 d; in one unit without converting, which would not be exact.
std::optional<Measure> ratio_of(const CreatinineSeen& now, const CreatinineSeen& low,
                                const UrologicalParameters& parameters) {
  if (low.value <= 0) return std::nullopt;
  const double ratio =
      now.in_umol_l == low.in_umol_l ? now.value / low.value : now.mg_dl() / low.mg_dl();
  const Measure measure{events::round_to_12_digits(ratio), parameters.uro6_ratio};
  return measure.value >= measure.threshold ? std::optional(measure) : std::nullopt;
}

void remember_creatinine(std::vector<CreatinineSeen>* seen, CreatinineSeen now,
                         const UrologicalParameters& parameters) {
  const Microseconds oldest = now.evidence.at - std::max(hours_us(parameters.uro6_rise_hours),
                                                         days_us(parameters.uro6_ratio_days));
  std::erase_if(*seen, [&](const CreatinineSeen& one) { return one.evidence.at < oldest; });
  seen->push_back(std::move(now));
  if (seen->size() <= creatinines_kept) return;
  seen->erase(std::max_element(
      seen->begin(), seen->end(),
      [](const CreatinineSeen& a, const CreatinineSeen& b) { return a.mg_dl() < b.mg_dl(); }));
}

void take_creatinine(UrologicalState* state, const RecordFact& fact,
                     const UrologicalParameters& parameters, Sink* sink) {
  const auto value = fact.fact->number(Field::value);
  const auto unit = fact.fact->word(Field::unit);
  if (!value || (unit != "mg/dL" && unit != "umol/L")) return;
  const CreatinineSeen now{fact.evidence(), *value, unit == "umol/L"};
  const auto lowest_within = [&](Microseconds window) {
    return lowest(state->creatinines, fact.at - window, fact.at, now.in_umol_l);
  };
  const CreatinineSeen* low_of_hours = lowest_within(hours_us(parameters.uro6_rise_hours));
  const CreatinineSeen* low_of_days = lowest_within(days_us(parameters.uro6_ratio_days));
  std::optional<Measure> rise;
  std::optional<Measure> ratio;
  if (low_of_hours != nullptr) rise = rise_of(now, *low_of_hours, parameters);
  if (low_of_days != nullptr) ratio = ratio_of(now, *low_of_days, parameters);
  if (rise || ratio) {
    const bool by_ratio = !rise || (ratio && ratio->excess() > rise->excess());
    Hit hit = hit_of("URO-6", "creatinine", Level::critical, by_ratio ? *ratio : *rise, fact);
    hit.inputs[now.in_umol_l ? "creatinine_umol_l" : "creatinine_mg_dl"] = now.value;
    if (rise) show("lowest_before_rise", *low_of_hours, &hit);
    if (ratio) show("lowest_before_ratio", *low_of_days, &hit);
    if (rise) hit.inputs["rise"] = rise->value;
    if (ratio) hit.inputs["ratio"] = ratio->value;
    sink->occasion(std::move(hit));
  }
  remember_creatinine(&state->creatinines, now, parameters);
}

bool is_gross_haematuria(const RecordFact& fact) {
  return fact.kind() == Kind::symptom && is_present(fact) &&
         lower_case(fact.fact->word(Field::code)) == "haematuria-gross";
}

void take_symptom(UrologicalState* state, const Background& background, const RecordFact& fact,
                  const UrologicalParameters& parameters, Sink* sink) {
  const std::string code = lower_case(fact.fact->word(Field::code));
  if (is_urinary_symptom(code)) {
    return take_urinary_symptom(state, background, fact, parameters, sink);
  }
  if (!is_present(fact)) return;
  if (code == "haematuria-gross") {
    take_gross_haematuria(state, background, fact, parameters, sink);
  } else if (code == "urinary-retention") {
    take_retention(state, fact, parameters, sink);
  } else if (code == "haematuria-micro") {
    take_micro_haematuria(state, background, fact, presence(fact), parameters, sink);
  } else if (auto hit = hydronephrosis(fact)) {
    sink->occasion(std::move(*hit));
  }
}

// URO-3: the end of the silence, or of a day on which no symptom was present.
std::optional<Microseconds> run_deadline(const UrologicalState& state) {
  if (!state.run) return std::nullopt;  // days are judged for a run only
  Microseconds earliest = state.run->silent_until;
  for (const SymptomDay& day : state.days) {
    if (day.judged_at) earliest = std::min(earliest, *day.judged_at);
  }
  return earliest;
}

void take_laboratory(UrologicalState* state, const Background& background, const RecordFact& fact,
                     const UrologicalParameters& parameters, Sink* sink) {
  const auto code = fact.fact->word(Field::code);
  if (code == loinc_creatinine) return take_creatinine(state, fact, parameters, sink);
  if (code != loinc_red_cells) return;
  const Measure measure{events::round_to_12_digits(fact.fact->number(Field::value).value_or(0)),
                        parameters.uro4_micro_per_hpf};
  if (measure.value < measure.threshold) return;
  take_micro_haematuria(state, background, fact, measure, parameters, sink);
}

}  // namespace

double CreatinineSeen::mg_dl() const {
  return in_umol_l ? value / creatinine_umol_l_per_mg_dl : value;
}

void step(UrologicalState* state, const Background& background, const RecordFact& fact,
          const UrologicalParameters& parameters, Sink* sink) {
  switch (fact.kind()) {
    case Kind::score:
      if (fact.fact->word(Field::instrument) != "bpic-ss") return;
      return take_bladder_score(state, background, fact, parameters, sink);
    case Kind::symptom:
      return take_symptom(state, background, fact, parameters, sink);
    case Kind::culture:
      take_infection(state, background, fact, parameters, sink);
      return take_culture(state, fact, parameters, sink);
    case Kind::condition:
    case Kind::adverse_event:
      return take_diagnosis(background, fact, sink);
    case Kind::lab:
      return take_laboratory(state, background, fact, parameters, sink);
    default:
      return;
  }
}

std::optional<Microseconds> next_deadline(const UrologicalState& state) {
  const auto run = run_deadline(state);
  const auto& infections = state.infections.clears_at;
  if (!run || !infections) return run ? run : infections;
  return std::min(*run, *infections);
}

void pass_deadline(UrologicalState* state, const Background&, Microseconds when,
                   const UrologicalParameters&, Sink* sink) {
  // Whether it is a day without symptoms or the silence: the run ends, and its deadlines with it.
  if (const auto run = run_deadline(*state); run && *run <= when) end_run(state, when, when, sink);
  const auto& infections = state->infections.clears_at;
  if (infections && *infections <= when) end_infections(state, when, sink);
}

void keep_beside(UrologicalState* state, const Background& background, const Beside& beside,
                 const UrologicalParameters& parameters) {
  // In quarantine nothing lowers it: it was said at once.
  if (beside.certainty != Certainty::unlowered && is_gross_haematuria(beside.fact))
    urological::keep_gross_haematuria_beside(state, background, beside, parameters);
}

void single_fact(const UrologicalState& state, const Background& background, const RecordFact& fact,
                 Certainty certainty, const UrologicalParameters& parameters, Sink* sink) {
  std::optional<Hit> hit = hydronephrosis(fact);
  if (!hit && is_gross_haematuria(fact)) {
    hit = certainty == Certainty::unlowered
              ? hit_of("URO-4", "gross", Level::critical, presence(fact), fact)
              : gross_haematuria(state, background, fact, parameters);
  }
  if (!hit || hit->level != Level::critical) return;
  hit->doubtful = certainty != Certainty::verified;
  sink->occasion(std::move(*hit));
}

}  // namespace ketavigil::detectors
