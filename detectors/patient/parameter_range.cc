#include "detectors/patient/parameter_range.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string_view>

namespace ketavigil::detectors {
namespace {

constexpr double least_factor = 0.001;
constexpr double greatest_factor = 1000;
constexpr double greatest_count = 10'000;
constexpr double greatest_amount = 1'000'000;
constexpr double greatest_days = 36'525;

bool ends_with_one_of(std::string_view name, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(),
                     [&](std::string_view end) { return name.ends_with(end); });
}

bool is_share(std::string_view name) {
  return ends_with_one_of(name, {"_share", "_q", "late_onset", "weight", "clear_fraction"});
}

bool is_count(std::string_view name) {
  return ends_with_one_of(name, {"_sessions", "_episodes", "reference_from", "reference_to"}) ||
         name == "values";
}

// A place on a scale of whole numbers, that may be 0.
bool is_grade(std::string_view name) {
  return ends_with_one_of(name, {"_grade", "_score", "_madrs", "_cgi_s", "_watch"}) ||
         name.starts_with("ideation_");
}

ParameterRange of_number(std::string_view name) {
  if (name == "alpha") return {1e-9, 0.5};
  if (name == "autocorrelation") return {0, 0.99};
  if (is_share(name)) return {0, 1};
  if (is_count(name)) return {1, greatest_count, true};
  if (is_grade(name)) return {0, greatest_count, true};
  return {least_factor, greatest_factor};
}

ParameterRange of_time(std::string_view name, double greatest) {
  return {name.ends_with("_from_min") || name.ends_with("_to_min") ? -greatest : 0, greatest};
}

}  // namespace

bool ParameterRange::contains(double value) const {
  return value >= least && value <= greatest && (!is_whole || value == std::floor(value));
}

ParameterRange range_of(const ParameterInfo& parameter) {
  if (parameter.unit == "1") return of_number(parameter.name);
  if (parameter.unit == "%") return {0, 100};
  if (parameter.unit == "d") return of_time(parameter.name, greatest_days);
  if (parameter.unit == "h") return of_time(parameter.name, greatest_days * 24);
  if (parameter.unit == "min") return of_time(parameter.name, greatest_days * 24 * 60);
  return {0, greatest_amount};
}

}  // namespace ketavigil::detectors
