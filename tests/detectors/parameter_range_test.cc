#include "detectors/patient/parameter_range.h"

#include <gtest/gtest.h>

#include <limits>

#include "detectors/patient/patient.h"

namespace ketavigil::detectors {
namespace {

ParameterRange range(std::string_view detector, std::string_view name) {
  const auto info = parameter_info(detector, name);
  EXPECT_TRUE(info) << detector << ' ' << name;
  return info ? range_of(*info) : ParameterRange();
}

TEST(ParameterRange, holds_every_default_and_is_no_single_value) {
  for (const auto& parameter : effective_parameters({})) {
    const ParameterRange of = range_of(parameter.info);
    EXPECT_TRUE(of.contains(parameter.default_value))
        << parameter.info.detector << ' ' << parameter.info.name;
    EXPECT_LT(of.least, of.greatest);
  }
}

TEST(ParameterRange, says_what_kind_of_number_a_parameter_is) {
  EXPECT_EQ(range("COG-8", "alpha"), (ParameterRange{1e-9, 0.5}));
  EXPECT_EQ(range("COG-8", "weight"), (ParameterRange{0, 1}));
  EXPECT_EQ(range("COG-8", "autocorrelation"), (ParameterRange{0, 0.99}));
  EXPECT_EQ(range("DEP-1", "alert_ratio"), (ParameterRange{0.001, 1000}));
  EXPECT_EQ(range("BP-1", "of_sessions"), (ParameterRange{1, 10'000, true}));
  EXPECT_EQ(range("DEP-9", "ideation_alert"), (ParameterRange{0, 10'000, true}));
  EXPECT_EQ(range("BP-2", "systolic_mmhg"), (ParameterRange{0, 1'000'000}));
  EXPECT_EQ(range("URO-3", "span_days"), (ParameterRange{0, 36'525}));
  EXPECT_LT(range("BP-6", "pre_from_min").least, 0);
  EXPECT_EQ(range("BP-3", "symptom_within_min").least, 0);
}

TEST(ParameterRange, has_no_place_for_what_is_no_number) {
  EXPECT_FALSE(range("BP-2", "systolic_mmhg").contains(std::numeric_limits<double>::quiet_NaN()));
  EXPECT_FALSE(range("BP-2", "systolic_mmhg").contains(std::numeric_limits<double>::infinity()));
}

}  // namespace
}  // namespace ketavigil::detectors
