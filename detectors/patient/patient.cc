#include "detectors/patient/patient.h"

#include <algorithm>
#include <tuple>

#include "events/json_text.h"
#include "events/nearest.h"

namespace ketavigil::detectors {
namespace {

// The domains of a state with their parameters, so that what is done to all is said once.
template <typename State, typename Action>
void each_domain(State& state, const PatientParameters& parameters, Action action) {
  action(state.adverse_events, parameters.adverse_events);
  action(state.behaviour, parameters.behaviour);
  action(state.blood_pressure, parameters.blood_pressure);
  action(state.cognition, parameters.cognition);
  action(state.data_quality, parameters.data_quality);
  action(state.dependence, parameters.dependence);
  action(state.drift, parameters.drift);
  action(state.hepatic, parameters.hepatic);
  action(state.suicidality, parameters.suicidality);
  action(state.urological, parameters.urological);
}

// Deadlines end: each passes once, and only facts ask for new ones or a passed one for its
// successor.
constexpr int deadlines_between_facts_max = 100'000;

void run_beside(const Beside& beside, const PatientParameters& parameters, PatientState* state,
                Sink* sink) {
  Sink found;
  single_fact(*state, beside.fact, beside.certainty, parameters, &found);
  keep_beside(&state->urological, state->background, beside, parameters.urological);
  for (Hit& hit : found.occasions) {
    hit.instead_of = beside.instead_of;
    sink->occasion(std::move(hit));
  }
}

bool says_the_same(const Hit& a, const Hit& b) {
  return a.detector == b.detector && a.statistic == b.statistic;
}

// What a representative says of itself, at the level of its twin's hit.
bool is_of_representative(const Hit& hit, const Hit& of_twin) {
  return !hit.instead_of && hit.level >= of_twin.level && hit.doubtful <= of_twin.doubtful &&
         says_the_same(hit, of_twin) &&
         std::any_of(hit.evidence.begin(), hit.evidence.end(), [&](const Evidence& fact) {
           return fact.source == of_twin.instead_of->first && fact.id == of_twin.instead_of->second;
         });
}

// Lets the deadlines before an instant act: those of the instant itself follow its facts.
void pass_before(Microseconds at, const PatientParameters& parameters, PartialFold* fold) {
  for (int passed = 0; passed < deadlines_between_facts_max; ++passed) {
    const auto deadline = next_deadline(fold->state);
    if (!deadline || *deadline >= at) return;
    pass_deadlines(&fold->state, *deadline, parameters, &fold->sink);
  }
}

// The facts beside the fold that come before this one (null: all that are left).
void run_beside_before(const RecordFact* fact, const std::vector<Beside>& beside,
                       const PatientParameters& parameters, PartialFold* fold) {
  for (; fold->beside < beside.size(); ++fold->beside) {
    const Beside& other = beside[fold->beside];
    if (fact != nullptr && !other.fact.before(*fact)) return;
    pass_before(other.fact.at, parameters, fold);
    run_beside(other, parameters, &fold->state, &fold->sink);
  }
}

}  // namespace

std::vector<EffectiveParameter> effective_parameters(const PatientParameters& parameters) {
  std::vector<EffectiveParameter> all;
  PatientParameters::visit(parameters, [&](const ParameterInfo& info, double value) {
    all.push_back({info, value, value});
  });
  std::size_t i = 0;
  const PatientParameters defaults;
  PatientParameters::visit(
      defaults, [&](const ParameterInfo&, double value) { all[i++].default_value = value; });
  std::sort(all.begin(), all.end(), [](const EffectiveParameter& a, const EffectiveParameter& b) {
    return std::tie(a.info.detector, a.info.name) < std::tie(b.info.detector, b.info.name);
  });
  return all;
}

std::optional<ParameterInfo> parameter_info(std::string_view detector, std::string_view name) {
  std::optional<ParameterInfo> found;
  const PatientParameters defaults;
  PatientParameters::visit(defaults, [&](const ParameterInfo& info, double) {
    if (info.detector == detector && info.name == name) found = info;
  });
  return found;
}

Status set_parameter(PatientParameters* parameters, std::string_view detector,
                     std::string_view name, double value) {
  bool found = false;
  std::vector<std::string> known;
  PatientParameters::visit(*parameters, [&](const ParameterInfo& info, double& slot) {
    if (info.detector != detector) return;
    known.emplace_back(info.name);
    if (info.name != name) return;
    slot = value;
    found = true;
  });
  if (found) return {};
  if (known.empty()) {
    return Status::failure(ErrorKind::configuration,
                           "there is no detector " + std::string(detector) + " with parameters");
  }
  return Status::failure(ErrorKind::configuration, "detector " + std::string(detector) +
                                                       " has no parameter `" + std::string(name) +
                                                       "`; the nearest is `" +
                                                       events::nearest(name, known) + "`");
}

std::string parameters_json(const PatientParameters& parameters, std::string_view detector) {
  std::string out = "{";
  for (const EffectiveParameter& parameter : effective_parameters(parameters)) {
    if (parameter.info.detector != detector) continue;
    if (out.size() > 1) out += ',';
    events::append_json_string(&out, parameter.info.name);
    out += ':';
    events::append_json_number(&out, parameter.value);
  }
  return out += '}';
}

void step(PatientState* state, const RecordFact& fact, const PatientParameters& parameters,
          Sink* sink) {
  step(&state->background, fact);
  each_domain(*state, parameters, [&](auto& domain, const auto& domain_parameters) {
    step(&domain, state->background, fact, domain_parameters, sink);
  });
}

std::optional<Microseconds> next_deadline(const PatientState& state) {
  std::optional<Microseconds> earliest;
  static const PatientParameters unused;
  each_domain(state, unused, [&](const auto& domain, const auto&) {
    const auto deadline = next_deadline(domain);
    if (deadline && (!earliest || *deadline < *earliest)) earliest = deadline;
  });
  return earliest;
}

void pass_deadlines(PatientState* state, Microseconds when, const PatientParameters& parameters,
                    Sink* sink) {
  each_domain(*state, parameters, [&](auto& domain, const auto& domain_parameters) {
    for (int passed = 0; passed < deadlines_between_facts_max; ++passed) {
      const auto deadline = next_deadline(domain);
      if (!deadline || *deadline > when) return;
      pass_deadline(&domain, state->background, *deadline, domain_parameters, sink);
    }
  });
}

void single_fact(const PatientState& state, const RecordFact& fact, Certainty certainty,
                 const PatientParameters& parameters, Sink* sink) {
  each_domain(state, parameters, [&](const auto& domain, const auto& domain_parameters) {
    single_fact(domain, state.background, fact, certainty, domain_parameters, sink);
  });
}

void keep_one_of_each_cluster(Sink* sink) {
  std::vector<Hit> of_twins;
  for (const Hit& hit : sink->occasions) {
    if (hit.instead_of) of_twins.push_back(hit);
  }
  if (of_twins.empty()) return;
  // As they were said: in the order of R.
  std::stable_partition(of_twins.begin(), of_twins.end(),
                        [](const Hit& hit) { return !hit.doubtful; });
  std::erase_if(sink->occasions, [](const Hit& hit) { return hit.instead_of.has_value(); });
  for (Hit& hit : of_twins) {
    const bool said =
        std::any_of(sink->occasions.begin(), sink->occasions.end(), [&](const Hit& other) {
          return is_of_representative(other, hit) ||
                 (other.instead_of == hit.instead_of && other.level >= hit.level &&
                  says_the_same(other, hit));
        });
    if (!said) sink->occasions.push_back(std::move(hit));
  }
}

void advance(PartialFold* fold, const std::vector<RecordFact>& facts,
             const std::vector<Beside>& beside, std::size_t until,
             const PatientParameters& parameters) {
  for (; fold->facts < until; ++fold->facts) {
    const RecordFact& fact = facts[fold->facts];
    run_beside_before(&fact, beside, parameters, fold);
    pass_before(fact.at, parameters, fold);
    step(&fold->state, fact, parameters, &fold->sink);
  }
}

Sink finish(PartialFold fold, const std::vector<RecordFact>& facts,
            const std::vector<Beside>& beside, const PatientParameters& parameters) {
  advance(&fold, facts, beside, facts.size(), parameters);
  run_beside_before(nullptr, beside, parameters, &fold);
  pass_before(never, parameters, &fold);
  return std::move(fold.sink);
}

Sink fold(const std::vector<RecordFact>& facts, const std::vector<Beside>& beside,
          const PatientParameters& parameters) {
  return finish({}, facts, beside, parameters);
}

}  // namespace ketavigil::detectors
