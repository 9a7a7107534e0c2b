#include "engine/questions/prior_fit.h"

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "detectors/patient/baseline_values.h"
#include "engine/shard/patient_fold.h"
#include "events/json_text.h"

namespace ketavigil::engine {
namespace {

// Sums over patients in the order of their names: the same patients give the same bytes.
struct Sums {
  double means = 0;
  double squares = 0;  // about each patient's own mean
  double gains = 0;
  std::int64_t patients = 0;
  std::int64_t repeated = 0;
  std::int64_t degrees = 0;
  std::int64_t values = 0;
  std::int64_t practised = 0;
};

void add_patient(const detectors::BeforeExposure& before, std::vector<Sums>* sums) {
  std::map<std::pair<std::uint8_t, bool>, std::vector<double>> streams;
  for (const auto& value : before.values)
    streams[{value.prior, value.home}].push_back(value.corrected);
  for (const auto& [stream, values] : streams) {
    Sums& sum = (*sums)[stream.first];
    double mean = 0;
    for (const double value : values) mean += value / static_cast<double>(values.size());
    for (const double value : values) sum.squares += (value - mean) * (value - mean);
    sum.means += mean;
    sum.degrees += static_cast<std::int64_t>(values.size()) - 1;
    sum.values += static_cast<std::int64_t>(values.size());
    ++sum.patients;
    if (values.size() > 1) ++sum.repeated;
  }
  for (const auto& gain : before.gains) {
    (*sums)[gain.prior].gains += gain.gain;
    ++(*sums)[gain.prior].practised;
  }
}

double to_4_digits(double number) {
  if (number == 0) return 0;
  const double scale = std::pow(10, 3 - std::floor(std::log10(std::abs(number))));
  return events::round_to_12_digits(std::round(number * scale) / scale);
}

FittedPrior fitted_of(std::size_t row, const Sums& sum, const detectors::DriftExpectation& now,
                      std::int64_t least_patients) {
  FittedPrior fitted;
  fitted.stream = detectors::drift_priors()[row].stream;
  fitted.now = fitted.proposed = now;
  fitted.patients = sum.patients;
  fitted.patients_repeated = sum.repeated;
  fitted.values = sum.values;
  fitted.patients_practised = sum.practised;
  if (sum.patients >= least_patients)
    fitted.proposed.mean = to_4_digits(sum.means / static_cast<double>(sum.patients));
  if (sum.repeated >= least_patients && sum.squares > 0)
    fitted.proposed.sd = to_4_digits(std::sqrt(sum.squares / static_cast<double>(sum.degrees)));
  if (sum.practised >= least_patients)
    fitted.proposed.practice =
        to_4_digits(std::max(0.0, sum.gains / static_cast<double>(sum.practised)));
  return fitted;
}

}  // namespace

Result<std::vector<FittedPrior>> fit_priors(const Reading& reading, std::int64_t least_patients,
                                            const std::function<void(std::size_t)>& progress) {
  const Configured& configured = reading.configured();
  const Settings& settings = configured.settings;
  std::vector<Sums> sums(detectors::drift_priors_count);
  std::size_t done = 0;
  for (const std::string& patient : reading.patients()) {
    KETAVIGIL_TRY_ASSIGN(const auto known, reading.record(patient));
    const Resolution resolution(known.record, settings.decode);
    const Derivation verified(resolution, World::verified);
    const auto& parameters = configured.of(verified.facts()).parameters;
    add_patient(detectors::before_exposure(verified.facts(), parameters.drift), &sums);
    progress(++done);
  }
  std::vector<FittedPrior> fitted;
  for (std::size_t row = 0; row < sums.size(); ++row)
    fitted.push_back(
        fitted_of(row, sums[row], settings.parameters.drift.expected[row], least_patients));
  return fitted;
}

Result<std::string> proposed_table(const std::vector<FittedPrior>& fitted, Microseconds as_of) {
  using nlohmann::ordered_json;
  ordered_json rows = ordered_json::array();
  for (const FittedPrior& one : fitted) {
    if (!one.is_proposed()) continue;
    rows.push_back({{"stream", one.stream},
                    {"mean", one.proposed.mean},
                    {"sd", one.proposed.sd},
                    {"practice", one.proposed.practice},
                    {"patients", one.patients},
                    {"values", one.values}});
  }
  if (rows.empty())
    return Error{ErrorKind::usage,
                 "no instrument has enough patients with values before their first session: "
                 "`--least-patients` says how many are asked for"};
  const std::string moment = events::print_utc(as_of);
  const ordered_json table = {
      {"table", drift_priors_table},
      {"version", moment.substr(0, 10)},
      {"citation", "this programme's patients before their first session, as of " + moment},
      {"as_of", moment},
      {"rows", std::move(rows)}};
  return table.dump(1) + "\n";
}

}  // namespace ketavigil::engine
