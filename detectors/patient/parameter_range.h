// Which values of a parameter make sense at all, whatever a programme wants of it.
#pragma once

#include "detectors/patient/parameters.h"

namespace ketavigil::detectors {

/// Both ends belong to it.
struct ParameterRange {
  double least = 0;
  double greatest = 0;
  bool is_whole = false;  ///< a count: whole numbers only
  bool operator==(const ParameterRange&) const = default;

  [[nodiscard]] bool contains(double value) const;
};

/// By unit and name, which say what kind of number it is: a probability, a share, a factor, a
/// count, a percentage, a time (100 years at most; before a start only where the name ends so), or
/// an amount. Every range holds the default. Thread-safe.
[[nodiscard]] ParameterRange range_of(const ParameterInfo& parameter);

}  // namespace ketavigil::detectors
