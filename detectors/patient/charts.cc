#include "detectors/patient/charts.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "detectors/patient/patient.h"

namespace ketavigil::detectors {
namespace {

std::string_view drift_detector(const DriftStream& stream) {
  switch (stream.expects().domain) {
    case DriftDomain::cognition:
      return "COG-8";
    case DriftDomain::bladder:
      return "URO-2";
    case DriftDomain::resting:
      return "BP-7";
  }
  return "";
}

ChartPoint drift_point(const DriftStream& stream) {
  ChartPoint point;
  point.detector = drift_detector(stream);
  point.stream = stream.name();
  point.at = stream.last_used;
  const statistics::DriftModel& model = stream.model;
  Inputs& say = point.numbers;
  say["corrected"] = stream.expects().worse_is_less ? -model.previous : model.previous;
  say["alpha"] = stream.alpha;
  say["exposed_values"] = static_cast<double>(stream.exposed);
  say["S"] = model.s;
  say["V"] = model.v;
  say["V_infinity"] = model.v_infinity;
  say["S_limit"] = stream.alert.a + model.v / 2;
  say["S_limit_watch"] = stream.watch.a + model.v / 2;
  say["M"] = statistics::late_ratio(model);
  say["M_limit"] = stream.alert.late;
  say["M_limit_watch"] = stream.watch.late;
  return point;
}

// The drift domain alone, folded; whenever a stream has one exposed value more, where it stands.
class DriftCharts {
 public:
  explicit DriftCharts(const DriftParameters& parameters) : parameters_(parameters) {}

  std::vector<ChartPoint> of(const std::vector<RecordFact>& facts) {
    for (const RecordFact& fact : facts) {
      pass_before(fact.at);
      step(&background_, fact);
      step(&state_, background_, fact, parameters_, &sink_);
      collect();
    }
    pass_before(std::nullopt);
    return std::move(points_);
  }

 private:
  void pass_before(std::optional<Microseconds> at) {
    while (const auto deadline = next_deadline(state_)) {
      if (at && *deadline >= *at) return;
      pass_deadline(&state_, background_, *deadline, parameters_, &sink_);
      collect();
    }
  }
  void collect() {
    charted_.resize(state_.streams.size(), 0);
    for (std::size_t i = 0; i < charted_.size(); ++i) {
      const DriftStream& stream = state_.streams[i];
      if (stream.exposed > charted_[i]) points_.push_back(drift_point(stream));
      charted_[i] = stream.exposed;
    }
  }

  const DriftParameters& parameters_;
  Background background_;
  DriftState state_;
  Sink sink_;
  std::vector<std::int64_t> charted_;
  std::vector<ChartPoint> points_;
};

}  // namespace

std::vector<ChartPoint> charts(const std::vector<RecordFact>& facts,
                               const PatientParameters& parameters) {
  std::vector<ChartPoint> all =
      cognition_charts(facts, parameters.cognition_charts, parameters.drift.expected);
  for (ChartPoint& point : DriftCharts(parameters.drift).of(facts)) all.push_back(std::move(point));
  std::stable_sort(all.begin(), all.end(), [](const ChartPoint& a, const ChartPoint& b) {
    return std::tie(a.detector, a.stream, a.at) < std::tie(b.detector, b.stream, b.at);
  });
  return all;
}

}  // namespace ketavigil::detectors
