// Every threshold is a named parameter with unit, default, citation, and whether it is confirmed. A
// domain keeps its own in a struct of doubles whose initialisers are the defaults, and visits them.
#pragma once

#include <string_view>

namespace ketavigil::detectors {

/// What is known of one parameter. `name` has its unit last (`gate_systolic_mmhg`).
struct ParameterInfo {
  std::string_view detector;  ///< `BP-1`
  std::string_view name;
  std::string_view unit;      ///< UCUM, `1` for ratios and counts
  std::string_view citation;  ///< paper, label, table; CATALOGUE for choices of the design
  bool confirmed = true;      ///< false for what the reference marks [K] or [P]
};

// A domain's struct looks so (blood_pressure.h):
//
//   struct BloodPressureParameters {
//     double bp2_systolic_mmhg = 180;
//     template <typename Self, typename Visitor>
//     static void visit(Self& self, Visitor&& visitor) {
//       visitor(ParameterInfo{"BP-2", "systolic_mmhg", "mm[Hg]", "USPI table 3 (outliers)", true},
//       self.bp2_systolic_mmhg);
//     }
//   };

}  // namespace ketavigil::detectors
