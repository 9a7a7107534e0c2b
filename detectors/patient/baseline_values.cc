#include "detectors/patient/baseline_values.h"

#include <map>
#include <optional>

#include "detectors/patient/drift_rules.h"

namespace ketavigil::detectors {
namespace {

using events::Field;
using events::Kind;

// Notes each value that a stream takes before the first session.
class BaselineReader {
 public:
  BeforeExposure of(const std::vector<RecordFact>& facts, const DriftParameters& parameters) {
    drift::fold_alone(
        facts, parameters,
        [&](const Background& background, const DriftState& state, const RecordFact* fact) {
          collect(background, state);
          if (fact != nullptr) take_gain(background, *fact);
        });
    return std::move(found_);
  }

 private:
  void collect(const Background& background, const DriftState& state) {
    seen_.resize(state.streams.size(), 0);
    for (std::size_t i = 0; i < seen_.size(); ++i) {
      const DriftStream& stream = state.streams[i];
      // A first value that is not used takes the model, and the count, back to its beginning.
      if (stream.values != seen_[i] && stream.values > 0 && stream.exposed == 0 && !stream.later &&
          !background.exposed(stream.last_used)) {
        const double previous = stream.model.previous;
        found_.values.push_back(
            {stream.prior, stream.home, stream.expects().worse_is_less ? -previous : previous});
      }
      seen_[i] = stream.values;
    }
  }

  void take_gain(const Background& background, const RecordFact& fact) {
    if (fact.kind() != Kind::score || !fact.eligible || background.exposed(fact.at)) return;
    const std::size_t row = drift_prior_named(fact.fact->word(Field::instrument));
    const auto value = fact.fact->number(Field::value);
    if (row == drift_priors_count || !value) return;
    if (drift_priors()[row].domain != DriftDomain::cognition) return;
    const double better = drift_priors()[row].worse_is_less ? *value : -*value;
    const auto number =
        drift::count_administration(&administrations_, static_cast<std::uint8_t>(row), fact);
    if (number == 1) first_[row] = better;
    const auto first = first_.find(row);
    if (number != 2 || first == first_.end()) return;
    found_.gains.push_back({static_cast<std::uint8_t>(row), better - first->second});
    first_.erase(first);
  }

  std::vector<std::int64_t> seen_;
  std::vector<Administrations> administrations_;
  std::map<std::size_t, double> first_;
  BeforeExposure found_;
};

}  // namespace

BeforeExposure before_exposure(const std::vector<RecordFact>& facts,
                               const DriftParameters& parameters) {
  return BaselineReader().of(facts, parameters);
}

}  // namespace ketavigil::detectors
