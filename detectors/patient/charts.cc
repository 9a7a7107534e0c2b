#include "detectors/patient/charts.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "detectors/patient/drift_rules.h"
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

// Whenever a stream has one exposed value more, where it stands.
std::vector<ChartPoint> drift_charts(const std::vector<RecordFact>& facts,
                                     const DriftParameters& parameters) {
  std::vector<ChartPoint> points;
  std::vector<std::int64_t> charted;
  drift::fold_alone(facts, parameters,
                    [&](const Background&, const DriftState& state, const RecordFact*) {
                      charted.resize(state.streams.size(), 0);
                      for (std::size_t i = 0; i < charted.size(); ++i) {
                        const DriftStream& stream = state.streams[i];
                        if (stream.exposed > charted[i]) points.push_back(drift_point(stream));
                        charted[i] = stream.exposed;
                      }
                    });
  return points;
}

}  // namespace

std::vector<ChartPoint> charts(const std::vector<RecordFact>& facts,
                               const PatientParameters& parameters) {
  std::vector<ChartPoint> all =
      cognition_charts(facts, parameters.cognition_charts, parameters.drift.expected);
  for (ChartPoint& point : drift_charts(facts, parameters.drift)) all.push_back(std::move(point));
  std::stable_sort(all.begin(), all.end(), [](const ChartPoint& a, const ChartPoint& b) {
    return std::tie(a.detector, a.stream, a.at) < std::tie(b.detector, b.stream, b.at);
  });
  return all;
}

}  // namespace ketavigil::detectors
