// What is shown of a patient beside the findings: the textbook charts of cognition, COG-1 to COG-5,
// which raise nothing, and the drift charts value by value. A pure function of the facts, asked for
// when somebody looks; the fold knows nothing of it.
#pragma once

#include <string>
#include <vector>

#include "detectors/patient/drift_priors.h"
#include "detectors/patient/hit.h"
#include "detectors/patient/parameters.h"
#include "detectors/patient/record_fact.h"

namespace ketavigil::detectors {

struct PatientParameters;

/// COG-1 to COG-5. Scores are in the instrument's units, z negative where worse.
struct CognitionChartParameters {
  double cog1_low_z = 1.645;
  double cog3_tests = 4;
  double cog3_correlation = .4;
  double cog4_slope_sd_per_year = .15;
  double cog4_decline_sd_per_year = .30;
  double cog4_values = 4;
  double cog4_span_days = 168;
  double cog5_reference_sd = .5;
  double cog5_limit_sd = 4;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    constexpr std::string_view actuarial = "actuarial criteria of mild cognitive impairment";
    constexpr std::string_view design = "CATALOGUE, COG-1 to COG-5";
    visitor(ParameterInfo{"COG-1", "low_z", "1", "Jacobson and Truax 1991; one-sided 5 %", false},
            self.cog1_low_z);
    visitor(ParameterInfo{"COG-3", "tests", "1", actuarial, false}, self.cog3_tests);
    visitor(ParameterInfo{"COG-3", "correlation", "1", design, false}, self.cog3_correlation);
    visitor(ParameterInfo{"COG-4", "slope_sd_per_year", "1", design, false},
            self.cog4_slope_sd_per_year);
    visitor(ParameterInfo{"COG-4", "decline_sd_per_year", "1", design, false},
            self.cog4_decline_sd_per_year);
    visitor(ParameterInfo{"COG-4", "values", "1", design, false}, self.cog4_values);
    visitor(ParameterInfo{"COG-4", "span_days", "d", design, false}, self.cog4_span_days);
    visitor(ParameterInfo{"COG-5", "reference_sd", "1", "Page 1954; a shift of one SD", false},
            self.cog5_reference_sd);
    visitor(ParameterInfo{"COG-5", "limit_sd", "1", "one-sided run length 335 (spc)", true},
            self.cog5_limit_sd);
  }
};

/// What one chart shows at one value.
struct ChartPoint {
  std::string detector;  ///< `COG-5`
  std::string stream;    ///< `moca:home`; of COG-3 `visit`
  Microseconds at = 0;
  std::vector<Evidence> facts;
  Inputs numbers;
};

/// All charts, in the order of (detector, stream, time).
[[nodiscard]] std::vector<ChartPoint> charts(const std::vector<RecordFact>& facts,
                                             const PatientParameters& parameters);

/// COG-1 to COG-5 of facts in the order of R.
[[nodiscard]] std::vector<ChartPoint> cognition_charts(const std::vector<RecordFact>& facts,
                                                       const CognitionChartParameters& parameters,
                                                       const DriftExpectations& expected);

}  // namespace ketavigil::detectors
