// The parts of the drift domain, shared by its own files only.
#pragma once

#include <functional>

#include "detectors/patient/drift.h"

namespace ketavigil::detectors::drift {

/// c_k: what practice adds to the k-th administration of an instrument with this gain p.
[[nodiscard]] double practice(double gain, double administration);
/// Counts an administration, and says the how manyth it is; the fact's own number, where given,
/// stands.
[[nodiscard]] double count_administration(std::vector<Administrations>* counted, std::uint8_t prior,
                                          const RecordFact& score);

/// Takes a value into its stream: whether it is used, what it does to the model, and what is said.
/// Values of all streams come in the order of time.
void take_value(DriftState* state, const Background& background, const DriftValue& value,
                const DriftParameters& parameters, Sink* sink);

/// A reading of no session before the first one: it belongs to its day's resting value.
void take_day_reading(DriftState* state, const Background& background, const RecordFact& reading,
                      const DriftParameters& parameters, Sink* sink);
/// The first session has come: no day gets another reading.
void close_days(DriftState* state, const Background& background, const DriftParameters& parameters,
                Sink* sink);
/// The readings before a session that has just come.
[[nodiscard]] RestingReadings readings_before(const DriftState& state, const Background& background,
                                              const SessionReference& session);
/// A session's resting value, each component by itself.
void take_resting(DriftState* state, const Background& background, const RestingReadings& resting,
                  const DriftParameters& parameters, Sink* sink);

/// Folds the drift domain alone over facts in the order of R. `look` is told after each fact, and
/// with none after each deadline.
void fold_alone(
    const std::vector<RecordFact>& facts, const DriftParameters& parameters,
    const std::function<void(const Background&, const DriftState&, const RecordFact*)>& look);

}  // namespace ketavigil::detectors::drift
