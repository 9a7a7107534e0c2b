// What makes real data harder than a model: noise of patients, raters, sites and feeds, each off
// until it is asked for.
#pragma once

#include <string>
#include <string_view>

#include "events/result.h"

namespace ketavigil::simulation {

/// All zero: none, and a programme has the bytes that it had without them.
struct Noise {
  double autocorrelation =
      0;  ///< AR(1), of the errors of a score, and of resting pressures, visit by visit
  double practice = 0;  ///< more gain by practice than the plain programme's, in its own multiples
  double site_shift =
      0;  ///< deviation between sites' means of a score, in deviations within a person
  double rater_shift = 0;  ///< likewise between the raters of a site, a new one each year
  double digit_preference_share = 0;  ///< of all pressures, rounded to a multiple of 10
  double missing_share = 0;  ///< of assessments that are due, left out until they are due again
  double dropout_share = 0;  ///< a visit, of those whose depression is not in remission: they leave
  double home_share = 0;     ///< of cognition tests, done at home, half a deviation worse
  double unit_mistake_share = 0;  ///< of pressures and weights, sent in another unit than is said

  /// All of it at once, as hard as feeds are said to be: of every kind something.
  [[nodiscard]] static Noise all();
};

/// `all` and all names, separated by a comma and a blank: for messages.
[[nodiscard]] std::string noise_names();

/// `all`, or `NAME=VALUE` with a comma between several; what is named after `all` changes it.
/// Errors (usage) say what was expected; an unknown name is answered with the list of all.
[[nodiscard]] Result<Noise> parse_noise(std::string_view text);

/// As `parse_noise` reads it: each kind by its name.
[[nodiscard]] std::string print_noise(const Noise& noise);

/// Whether each value is in its range. Errors: usage.
[[nodiscard]] Status validate(const Noise& noise);

}  // namespace ketavigil::simulation
