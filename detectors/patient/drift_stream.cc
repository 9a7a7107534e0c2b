// A stream takes a value: eligibility and spacing, the model, the α that is its share, and what the
// charts say.
#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

#include "detectors/patient/drift_rules.h"
#include "events/json_text.h"

namespace ketavigil::detectors::drift {
namespace {

using events::round_to_12_digits;
using statistics::DriftLimits;
using statistics::DriftStep;

constexpr std::int64_t values_of_a_later_baseline = 2;
constexpr double least_alpha = 1e-300;  // a share that configuration sets to nothing

std::string_view detector_of(DriftDomain domain) {
  return domain == DriftDomain::cognition ? "COG-8"
         : domain == DriftDomain::bladder ? "URO-2"
                                          : "BP-7";
}

// What the patient has, with practice taken off and treatment put on; and so that more is worse.
double corrected(const DriftPrior& prior, const DriftValue& value) {
  return prior.domain == DriftDomain::resting ? value.value + value.correction
                                              : value.value - value.correction;
}
double oriented(const DriftPrior& prior, double value) {
  return prior.worse_is_less ? -value : value;
}

void begin(DriftStream* stream, const DriftParameters& parameters) {
  const DriftPrior& prior = stream->expects();
  const DriftExpectation& expected = parameters.expected[stream->prior];
  DriftStream begun;
  begun.prior = stream->prior;
  begun.home = stream->home;
  begun.later = stream->later;
  begun.began = stream->began;
  begun.eligible_before = stream->eligible_before;
  begun.model = statistics::drift_prior(parameters.of(prior.domain).design(),
                                        oriented(prior, expected.mean), expected.sd);
  *stream = std::move(begun);
}

DriftStream* stream_of(DriftState* state, const DriftValue& value, bool exposed,
                       const DriftParameters& parameters) {
  auto& all = state->streams;
  const auto found = std::find_if(all.begin(), all.end(), [&](const DriftStream& stream) {
    return stream.prior == value.prior && stream.home == value.home;
  });
  if (found != all.end()) return &*found;
  DriftStream stream;
  stream.prior = value.prior;
  stream.home = value.home;
  stream.later = exposed;
  stream.began = value.at;
  begin(&stream, parameters);
  all.push_back(std::move(stream));
  return &all.back();
}

// The j-th stream that began after the first session, of those of one instant by name.
int place_among_later(const DriftState& state, const DriftStream& stream) {
  const auto place = [](const DriftStream& other) {
    return std::make_tuple(other.began, other.name());
  };
  int j = 1;
  for (const DriftStream& other : state.streams) {
    if (other.later && place(other) < place(stream)) ++j;
  }
  return j;
}

// The stream's own chance of ever alerting falsely. Asked for at its first exposed value, by when
// every stream that began up to the first session, or before this one, is known.
double alpha_of(const DriftState& state, const DriftStream& stream,
                const DriftParameters& parameters) {
  const DriftDomain domain = stream.expects().domain;
  const DriftMethod& method = parameters.of(domain);
  double alpha = method.alpha;
  if (stream.later) {
    alpha *= method.later_share * std::exp2(-place_among_later(state, stream));
  } else {
    double weights = 0;
    double streams = 0;
    for (std::size_t i = 0; i < drift_domains; ++i) {
      const auto other = static_cast<DriftDomain>(i);
      const auto begun = std::count_if(
          state.streams.begin(), state.streams.end(),
          [&](const DriftStream& one) { return !one.later && one.expects().domain == other; });
      if (begun > 0) weights += parameters.of(other).weight;
      if (other == domain) streams = static_cast<double>(begun);
    }
    alpha *= method.begun_share * method.weight / weights / streams;
  }
  return std::max(alpha, least_alpha);
}

DriftLimits limits_of(const DriftStream& stream, const DriftMethod& method, double alpha) {
  return statistics::drift_limits(std::max(method.anchored_share * alpha, least_alpha),
                                  std::max(method.late_share * alpha, least_alpha),
                                  stream.model.v_infinity);
}

// How much further the mean may have moved since the last used value; also notes the changes.
double changes_before(DriftStream* stream, const DriftValue& value, const DriftMethod& method,
                      const DriftParameters& parameters) {
  if (stream->values == 0) return 0;
  const auto differ = [](const std::string& a, const std::string& b) {
    return !a.empty() && !b.empty() && a != b;
  };
  double q = 0;
  if (differ(stream->site, value.site)) {
    stream->site_changed = true;
    q += method.site_changed_q;
  }
  if (differ(stream->form, value.form)) stream->form_changed = true;
  if (stream->treatment_changes != value.treatment_changes) q += parameters.treatment_changed_q;
  return q;
}

// Remembers what a crossing would show.
void show(DriftStream* stream, const FactsOfValue& facts) {
  if (stream->shown >= shown_values_kept) {
    std::vector<FactsOfValue> kept;
    for (const ShownValue* one = stream->newest.get();
         one != nullptr && std::ssize(kept) < shown_values_kept / 2; one = one->earlier.get()) {
      kept.push_back(one->facts);
    }
    stream->newest.reset();
    stream->shown = std::ssize(kept);
    for (auto it = kept.rbegin(); it != kept.rend(); ++it)
      stream->newest = std::make_shared<const ShownValue>(ShownValue{*it, stream->newest});
  }
  stream->newest = std::make_shared<const ShownValue>(ShownValue{facts, stream->newest});
  ++stream->shown;
}

// The facts of the newest values, in the order of R.
std::vector<Evidence> evidence_of(const DriftStream& stream, std::int64_t values) {
  std::vector<Evidence> evidence;
  const ShownValue* one = stream.newest.get();
  for (std::int64_t i = 0; i < values && one != nullptr; ++i, one = one->earlier.get())
    evidence.insert(evidence.end(), one->facts->begin(), one->facts->end());
  std::sort(evidence.begin(), evidence.end());
  return evidence;
}

// The charts against the limits of one level.
struct Crossing {
  Measure anchored;
  Measure late;
  bool by_anchored = false;
  bool by_late = false;
  [[nodiscard]] bool holds() const { return by_anchored || by_late; }
  [[nodiscard]] const Measure& measure() const { return by_anchored ? anchored : late; }
};

Crossing compare(const DriftStream& stream, const DriftLimits& limits) {
  Crossing crossing;
  crossing.anchored = {round_to_12_digits(stream.model.s),
                       round_to_12_digits(limits.a + stream.model.v / 2)};
  crossing.late = {round_to_12_digits(statistics::late_ratio(stream.model)),
                   round_to_12_digits(limits.late)};
  crossing.by_anchored = crossing.anchored.value >= crossing.anchored.threshold;
  crossing.by_late = crossing.late.value >= crossing.late.threshold;
  return crossing;
}

bool is_clear(const DriftStream& stream, const DriftMethod& method) {
  const double beyond = round_to_12_digits(stream.model.s - stream.model.v / 2);
  const double late = round_to_12_digits(std::log(statistics::late_ratio(stream.model)));
  return beyond < round_to_12_digits(method.clear_fraction * stream.watch.a) &&
         late < round_to_12_digits(method.clear_fraction * std::log(stream.watch.late));
}

// The value as it was and as it is judged, and what the model knew before it.
void say_value(const DriftStream& stream, const DriftValue& value, const DriftStep& step, double q,
               const DriftExpectation& expected, Inputs* inputs) {
  const DriftPrior& prior = stream.expects();
  Inputs& say = *inputs;
  say["value"] = value.value;
  say["corrected"] = corrected(prior, value);
  if (prior.domain == DriftDomain::cognition) {
    say["administration"] = value.administration;
    say["practice"] = value.correction;
  }
  if (prior.domain == DriftDomain::resting) say["treatment_mmhg"] = value.correction;
  say["prior_mean"] = expected.mean;
  say["prior_sd"] = expected.sd;
  say["baseline_values"] = static_cast<double>(stream.values - stream.exposed);
  say["exposed_values"] = static_cast<double>(stream.exposed);
  say["q"] = q;
  say["y"] = step.y;
  say["y_before"] = step.before.previous;
  say["mu_before"] = step.before.mu;
  say["kappa_before"] = step.before.kappa;
  say["nu_before"] = step.before.nu;
  say["SS_before"] = step.before.ss;
}

// How the charts came to stand where they are.
void say_charts(const DriftStream& stream, const DriftStep& step, const DriftMethod& method,
                Inputs* inputs) {
  Inputs& say = *inputs;
  say["f"] = step.f;
  say["a"] = step.a;
  say["b"] = step.b;
  say["w"] = step.w;
  say["r"] = step.r;
  say["u"] = step.u;
  say["T"] = step.t;
  say["U"] = step.residual;
  say["d"] = step.d;
  say["C_before"] = step.before.absorbed;
  say["S_before"] = step.before.s;
  say["V_before"] = step.before.v;
  say["L_before"] = step.before.waiting;
  for (std::size_t j = 0; j < statistics::late_shifts; ++j)
    say["R" + std::to_string(j + 1) + "_before"] = step.before.late[j];
  say["S"] = stream.model.s;
  say["V"] = stream.model.v;
  say["V_infinity"] = stream.model.v_infinity;
  say["M"] = statistics::late_ratio(stream.model);
  const double alpha_anchored = std::max(method.anchored_share * stream.alpha, least_alpha);
  say["alpha"] = stream.alpha;
  say["A"] = stream.alert.a;
  say["A_watch"] = stream.watch.a;
  say["S_limit"] = stream.alert.a + stream.model.v / 2;
  say["S_limit_watch"] = stream.watch.a + stream.model.v / 2;
  say["M_limit"] = stream.alert.late;
  say["M_limit_watch"] = stream.watch.late;
  say["E"] = statistics::anchored_e_value(stream.model, stream.alert, alpha_anchored);
  say["E_limit"] = 1 / alpha_anchored;
}

void annotate(const DriftStream& stream, Hit* hit) {
  if (stream.site_changed) hit->annotations.emplace_back("site-changed");
  if (stream.form_changed) hit->annotations.emplace_back("form-changed");
  if (stream.later) {
    hit->annotations.emplace_back("baseline-after-exposure");
  } else if (stream.values - stream.exposed == 1) {
    hit->annotations.emplace_back("single-reading-baseline");
  }
}

Hit hit_at(const DriftStream& stream, const DriftValue& value, Level level,
           const Crossing& crossing) {
  Hit hit;
  hit.detector = detector_of(stream.expects().domain);
  hit.statistic = stream.name();
  hit.level = level;
  hit.measure = crossing.measure();
  hit.completed_at = value.at;
  annotate(stream, &hit);
  return hit;
}

// Of a watch, what earlier hits have shown since it opened need not be shown again.
std::int64_t unsaid(DriftStream* stream, std::int64_t run) {
  const std::int64_t first = stream->exposed - run + 1;
  std::int64_t from = first;
  if (stream->watching && first <= stream->said_until + 1) {
    if (first >= stream->said_from) from = stream->said_until + 1;
    stream->said_from = std::min(stream->said_from, first);
  } else {
    stream->said_from = first;
  }
  stream->said_until = stream->exposed;
  return stream->exposed - from + 1;
}

void judge(DriftStream* stream, const DriftValue& value, const DriftStep& step, double q,
           const DriftParameters& parameters, Sink* sink) {
  const DriftMethod& method = parameters.of(stream->expects().domain);
  const auto say_numbers = [&](Hit* hit) {
    say_value(*stream, value, step, q, parameters.expected[stream->prior], &hit->inputs);
    say_charts(*stream, step, method, &hit->inputs);
  };
  const auto run_of = [&](const Crossing& crossing) {
    return std::max<std::int64_t>(1, crossing.by_anchored ? stream->rising : stream->likely);
  };
  const Crossing alert = compare(*stream, stream->alert);
  if (alert.holds()) {
    Hit hit = hit_at(*stream, value, Level::alert, alert);
    hit.latched = true;
    hit.evidence = evidence_of(*stream, run_of(alert));
    say_numbers(&hit);
    stream->alerted = true;
    return sink->holds(std::move(hit));
  }
  const Crossing watch = compare(*stream, stream->watch);
  if (watch.holds()) {
    Hit hit = hit_at(*stream, value, Level::watch, watch);
    hit.evidence = evidence_of(*stream, unsaid(stream, run_of(watch)));
    // Only the farthest value's numbers are ever shown.
    if (!stream->watching || hit.measure.excess() > stream->farthest) {
      stream->farthest = hit.measure.excess();
      say_numbers(&hit);
    }
    stream->watching = true;
    return sink->holds(std::move(hit));
  }
  if (stream->watching && is_clear(*stream, method)) {
    stream->watching = false;
    sink->clears(std::string(detector_of(stream->expects().domain)), stream->name(), value.at);
  }
}

void chart(DriftState* state, DriftStream* stream, const DriftValue& value, const DriftStep& step,
           double q, const DriftParameters& parameters, Sink* sink) {
  const DriftMethod& method = parameters.of(stream->expects().domain);
  if (++stream->exposed == 1) {
    stream->alpha = alpha_of(*state, *stream, parameters);
    stream->alert = limits_of(*stream, method, stream->alpha);
    stream->watch = limits_of(*stream, method, method.watch_times * stream->alpha);
  }
  // What a sum of exact opposites leaves is nothing: values have not so many digits.
  constexpr double nothing_sd = 1e-9;
  stream->rising = stream->model.s <= nothing_sd ? 0 : stream->rising + 1;
  stream->likely = statistics::late_ratio(stream->model) <= 1 ? 0 : stream->likely + 1;
  show(stream, value.facts);
  judge(stream, value, step, q, parameters, sink);
  if (stream->alerted || (stream->rising == 0 && stream->likely == 0)) {
    stream->newest.reset();
    stream->shown = 0;
  }
}

}  // namespace

void take_value(DriftState* state, const Background& background, const DriftValue& value,
                const DriftParameters& parameters, Sink* sink) {
  const DriftPrior& prior = drift_priors()[value.prior];
  const DriftMethod& method = parameters.of(prior.domain);
  const bool exposed = background.exposed(value.at);
  DriftStream* stream = stream_of(state, value, exposed, parameters);
  if (stream->alerted) return;
  if (!exposed && ++stream->eligible_before == 2 && prior.drops_first) begin(stream, parameters);
  const auto spacing = static_cast<Microseconds>(
      std::llround(method.spacing_hours * static_cast<double>(events::hour_us)));
  if (stream->values > 0 && value.at - stream->last_used < spacing) return;

  const double q = changes_before(stream, value, method, parameters);
  statistics::widen(&stream->model, q);
  const bool charted = exposed && !(stream->later && stream->values < values_of_a_later_baseline);
  const DriftStep step = statistics::take(&stream->model, method.design(),
                                          oriented(prior, corrected(prior, value)), charted);
  ++stream->values;
  stream->last_used = value.at;
  stream->site = value.site;
  stream->form = value.form;
  stream->treatment_changes = value.treatment_changes;
  if (charted) chart(state, stream, value, step, q, parameters, sink);
}

}  // namespace ketavigil::detectors::drift
