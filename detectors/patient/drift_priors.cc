#include "detectors/patient/drift_priors.h"

#include <algorithm>
#include <array>

namespace ketavigil::detectors {
namespace {

constexpr DriftDomain cognition = DriftDomain::cognition;
constexpr DriftDomain bladder = DriftDomain::bladder;
constexpr DriftDomain resting = DriftDomain::resting;
constexpr std::string_view design = "CATALOGUE, section 3";
constexpr std::string_view moca =
    "CATALOGUE, section 3; MoCA: SD 2.4 and r .50 reproduce the reliable change of 4 (Kopecek)";

constexpr std::array<DriftPrior, drift_priors_count> table = {{
    {"bpic-ss", bladder, false, 6, 4, 0, false, design, false},
    {"cogstate-det", cognition, false, 2.5, .06, 0, true, design, false},
    {"cogstate-gmlt", cognition, false, 50, 12, 0, true, design, false},
    {"cogstate-idn", cognition, false, 2.7, .05, 0, true, design, false},
    {"cogstate-ocl", cognition, true, 1.0, .10, 0, true, design, false},
    {"cogstate-onb", cognition, true, 1.2, .12, 0, true, design, false},
    {"dsst", cognition, true, 55, 3.5, 2, false, design, false},
    {"hvlt-r-delayed", cognition, true, 9, 1.05, 0, false, design, false},
    {"hvlt-r-total", cognition, true, 26, 2.3, 0, false, design, false},
    {"icpi", bladder, false, 2, 1.9, 0, false, design, false},
    {"icsi", bladder, false, 3, 2.1, 0, false, design, false},
    {"ipss", bladder, false, 6, 3, 0, false, design, false},
    {"mmse", cognition, true, 28, 1.3, .3, false, design, false},
    {"moca", cognition, true, 26, 1.7, .5, false, moca, false},
    {"puf", bladder, false, 6, 3, 0, false, design, false},
    {"resting-diastolic", resting, false, 80, 7, 0, false, design, false},
    {"resting-systolic", resting, false, 128, 10, 0, false, design, false},
}};

}  // namespace

std::span<const DriftPrior> drift_priors() { return table; }

DriftExpectations default_drift_expectations() {
  DriftExpectations expectations;
  for (std::size_t i = 0; i < table.size(); ++i)
    expectations[i] = {table[i].mean, table[i].sd, table[i].practice};
  return expectations;
}

std::size_t drift_prior_named(std::string_view stream) {
  const auto found = std::lower_bound(
      table.begin(), table.end(), stream,
      [](const DriftPrior& row, std::string_view name) { return row.stream < name; });
  return found != table.end() && found->stream == stream
             ? static_cast<std::size_t>(found - table.begin())
             : table.size();
}

}  // namespace ketavigil::detectors
