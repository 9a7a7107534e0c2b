#include "detectors/patient/hepatic.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "events/json_text.h"

namespace ketavigil::detectors {
namespace {

using events::Field;
using events::Kind;
using events::round_to_12_digits;

constexpr std::string_view detector = "DEP-10";
constexpr double umol_per_l_of_mg_per_dl_bilirubin = 17.104;

enum class Analyte { alt, ast, alp, ggt, bilirubin };

struct AnalyteCode {
  std::string_view loinc;
  std::string_view statistic;
  Analyte analyte;
};
constexpr AnalyteCode analyte_codes[] = {
    {"1742-6", "alt", Analyte::alt},
    {"1920-8", "ast", Analyte::ast},
    {"6768-6", "alp", Analyte::alp},
    {"2324-2", "ggt", Analyte::ggt},
    {"1975-2", "bilirubin", Analyte::bilirubin},
};

const AnalyteCode* analyte_of(const RecordFact& fact) {
  if (fact.kind() != Kind::lab) return nullptr;
  const std::string_view loinc = code_of(fact.fact->word(Field::code));
  for (const AnalyteCode& code : analyte_codes) {
    if (code.loinc == loinc) return &code;
  }
  return nullptr;
}

double default_limit(Analyte analyte, const HepaticParameters& parameters) {
  switch (analyte) {
    case Analyte::alt:
      return parameters.dep10_upper_limit_alt_u_per_l;
    case Analyte::ast:
      return parameters.dep10_upper_limit_ast_u_per_l;
    case Analyte::alp:
      return parameters.dep10_upper_limit_alp_u_per_l;
    case Analyte::ggt:
      return parameters.dep10_upper_limit_ggt_u_per_l;
    case Analyte::bilirubin:
      return parameters.dep10_upper_limit_bilirubin_mg_per_dl;
  }
  return 1;
}

Microseconds days(double number) {
  return static_cast<Microseconds>(std::llround(number * static_cast<double>(events::day_us)));
}
Microseconds hours(double number) {
  return static_cast<Microseconds>(std::llround(number * static_cast<double>(events::hour_us)));
}

// A stated limit is in the value's own unit; the default one of bilirubin is in mg/dL.
LiverValue liver_value(const RecordFact& fact, Analyte analyte,
                       const HepaticParameters& parameters) {
  LiverValue out{fact.evidence(), fact.at, fact.session, 0, false, {}};
  double value = fact.fact->number(Field::value).value_or(0);
  const auto stated = fact.fact->number(Field::upper_limit);
  out.default_limit = !stated;
  if (!stated && analyte == Analyte::bilirubin && fact.fact->word(Field::unit) == "umol/L") {
    value /= umol_per_l_of_mg_per_dl_bilirubin;
  }
  out.multiple = round_to_12_digits(value / stated.value_or(default_limit(analyte, parameters)));
  return out;
}

void annotate_limit(Hit* hit, bool default_used) {
  if (default_used) hit->annotations.emplace_back("default-upper-limit");
}

// The numbers of the value itself, so that the multiple can be checked.
void show_value(Hit* hit, const RecordFact& fact, Analyte analyte,
                const HepaticParameters& parameters) {
  hit->inputs["value"] = fact.fact->number(Field::value).value_or(0);
  hit->inputs["unit"] = std::string(fact.fact->word(Field::unit));
  hit->inputs["upper_limit"] =
      fact.fact->number(Field::upper_limit).value_or(default_limit(analyte, parameters));
}

// ---- each code by itself
// ---------------------------------------------------------------------------

void judge_transaminase(const RecordFact& fact, const AnalyteCode& code, const LiverValue& value,
                        const HepaticParameters& parameters, Sink* sink) {
  if (value.multiple < parameters.dep10_transaminase_clear_multiple) {
    return sink->clears(std::string(detector), std::string(code.statistic), fact.at);
  }
  if (value.multiple < parameters.dep10_transaminase_multiple) return;
  Hit hit = hit_of(detector, code.statistic, Level::alert,
                   {value.multiple, parameters.dep10_transaminase_multiple}, fact);
  annotate_limit(&hit, value.default_limit);
  show_value(&hit, fact, code.analyte, parameters);
  const bool grade_3 = value.multiple >= parameters.dep10_transaminase_grade_3_multiple;
  hit.inputs["ctcae_grade"] = grade_3 ? 3.0 : 2.0;
  sink->holds(std::move(hit));
}

// High twice, 14 d apart or more, with none below between. Evidence: every value that is one of
// two.
void judge_cholestatic(CholestaticRun* run, const RecordFact& fact, const AnalyteCode& code,
                       const LiverValue& value, const HepaticParameters& parameters, Sink* sink) {
  if (value.multiple < parameters.dep10_cholestatic_multiple) {
    *run = {};
    if (value.multiple < parameters.dep10_cholestatic_clear_multiple) {
      sink->clears(std::string(detector), std::string(code.statistic), fact.at);
    }
    return;
  }
  const Microseconds long_ago = value.at - days(parameters.dep10_cholestatic_apart_days);
  if (!run->first) {
    run->first = value;
    return;
  }
  if (run->first->at > long_ago) {
    run->waiting.push_back(value);
    if (run->waiting.size() > liver_values_kept) run->waiting.pop_front();
    return;
  }
  std::vector<LiverValue> earlier{*run->first};
  while (!run->waiting.empty() && run->waiting.front().at <= long_ago) {
    earlier.push_back(run->waiting.front());
    run->waiting.pop_front();
  }
  Hit hit = hit_of(detector, code.statistic, Level::alert,
                   {value.multiple, parameters.dep10_cholestatic_multiple}, fact);
  bool default_used = value.default_limit;
  for (const LiverValue& other : earlier) {
    hit.evidence.push_back(other.evidence);
    hit.measure.value = std::max(hit.measure.value, other.multiple);
    default_used = default_used || other.default_limit;
  }
  annotate_limit(&hit, default_used);
  show_value(&hit, fact, code.analyte, parameters);
  hit.inputs["first_multiple"] = run->first->multiple;
  hit.inputs["first_at"] = events::print_utc(run->first->at);
  hit.inputs["multiple"] = value.multiple;
  sink->holds(std::move(hit));
}

// ---- Hy's law
// --------------------------------------------------------------------------------------

bool alp_speaks_against(const LiverValue& value, const HepaticParameters& parameters) {
  return value.high_alp_at &&
         *value.high_alp_at >= value.at - days(parameters.dep10_hys_law_alp_before_days);
}

// Both values, of which `second` completes the rule.
Hit hys_law(const LiverValue& first, bool first_is_bilirubin, const LiverValue& second,
            const HepaticParameters& parameters) {
  const double transaminase = parameters.dep10_hys_law_transaminase_multiple;
  const double bilirubin = parameters.dep10_hys_law_bilirubin_multiple;
  const Measure earlier{first.multiple, first_is_bilirubin ? bilirubin : transaminase};
  const Measure later{second.multiple, first_is_bilirubin ? transaminase : bilirubin};
  Hit hit;
  hit.detector = detector;
  hit.statistic = "hys-law";
  hit.level = Level::critical;
  hit.measure = later.excess() > earlier.excess() ? later : earlier;
  hit.evidence = {first.evidence, second.evidence};
  hit.session = first.session;
  hit.completed_at = second.at;
  hit.inputs["bilirubin_multiple"] = first_is_bilirubin ? first.multiple : second.multiple;
  hit.inputs["bilirubin_at"] = events::print_utc(first_is_bilirubin ? first.at : second.at);
  hit.inputs["transaminase_multiple"] = first_is_bilirubin ? second.multiple : first.multiple;
  hit.inputs["transaminase_at"] = events::print_utc(first_is_bilirubin ? second.at : first.at);
  annotate_limit(&hit, first.default_limit || second.default_limit);
  return hit;
}

void drop_before(Window<LiverValue>* values, Microseconds before) {
  while (!values->empty() && values->front().at < before) values->pop_front();
}

// A high ALP: withdraws what was complete at most 24 h ago, and stands against what comes. A value
// at its own instant has it in the days before.
void take_high_alp(HepaticState* state, Microseconds at, const HepaticParameters& parameters,
                   Sink* sink) {
  state->high_alp_at = at;
  const Microseconds since = at - hours(parameters.dep10_hys_law_alp_after_hours);
  for (auto* values : {&state->transaminases, &state->bilirubin}) {
    for (LiverValue& value : *values) {
      if (value.at >= since)
        sink->withdraw(detector, "hys-law", value.evidence.source, value.evidence.id);
      if (value.at == at) value.high_alp_at = at;
    }
  }
}

void take_injury(HepaticState* state, bool is_bilirubin, LiverValue value,
                 const HepaticParameters& parameters, Sink* sink) {
  value.high_alp_at = state->high_alp_at;
  const Microseconds from = value.at - days(parameters.dep10_hys_law_within_days);
  for (const LiverValue& other : is_bilirubin ? state->transaminases : state->bilirubin) {
    const bool other_cause =
        alp_speaks_against(other, parameters) || alp_speaks_against(value, parameters);
    if (other.at < from || other_cause) continue;
    sink->occasion(hys_law(other, !is_bilirubin, value, parameters));
  }
  auto& kept = is_bilirubin ? state->bilirubin : state->transaminases;
  kept.push_back(std::move(value));
  if (kept.size() > liver_values_kept) kept.pop_front();
}

void judge_hys_law(HepaticState* state, const RecordFact& fact, Analyte analyte,
                   const LiverValue& value, const HepaticParameters& parameters, Sink* sink) {
  const Microseconds needed = std::max(days(parameters.dep10_hys_law_within_days),
                                       hours(parameters.dep10_hys_law_alp_after_hours));
  drop_before(&state->transaminases, fact.at - needed);
  drop_before(&state->bilirubin, fact.at - needed);
  switch (analyte) {
    case Analyte::alt:
    case Analyte::ast:
      if (value.multiple < parameters.dep10_hys_law_transaminase_multiple) return;
      return take_injury(state, false, value, parameters, sink);
    case Analyte::bilirubin:
      if (value.multiple < parameters.dep10_hys_law_bilirubin_multiple) return;
      return take_injury(state, true, value, parameters, sink);
    case Analyte::alp:
      // What takes a critical finding back counts only when it is verified.
      if (value.multiple < parameters.dep10_hys_law_alp_multiple || fact.fact->is_preliminary())
        return;
      return take_high_alp(state, fact.at, parameters, sink);
    case Analyte::ggt:
      return;
  }
}

}  // namespace

void step(HepaticState* state, const Background&, const RecordFact& fact,
          const HepaticParameters& parameters, Sink* sink) {
  const AnalyteCode* code = analyte_of(fact);
  if (code == nullptr) return;
  const LiverValue value = liver_value(fact, code->analyte, parameters);
  switch (code->analyte) {
    case Analyte::alt:
    case Analyte::ast:
      judge_transaminase(fact, *code, value, parameters, sink);
      break;
    case Analyte::alp:
      judge_cholestatic(&state->alp, fact, *code, value, parameters, sink);
      break;
    case Analyte::ggt:
      judge_cholestatic(&state->ggt, fact, *code, value, parameters, sink);
      break;
    case Analyte::bilirubin:
      break;
  }
  judge_hys_law(state, fact, code->analyte, value, parameters, sink);
}

std::optional<Microseconds> next_deadline(const HepaticState&) { return std::nullopt; }

void pass_deadline(HepaticState*, const Background&, Microseconds, const HepaticParameters&,
                   Sink*) {}

void single_fact(const HepaticState&, const Background&, const RecordFact&, Certainty,
                 const HepaticParameters&, Sink*) {}

}  // namespace ketavigil::detectors
