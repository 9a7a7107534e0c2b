#include "simulation/visit.h"

#include <cmath>

namespace ketavigil::simulation {

double Visit::lasting_error(Lasting of, double fresh) {
  const double rho = kinds_of_noise().autocorrelation;
  if (rho == 0) return fresh;
  double& last = patient.last_error[static_cast<std::size_t>(of)];
  // The first stands for itself; afterwards the deviation stays 1. Of sqrt IEEE 754 fixes the last
  // bit.
  last = last == 0 ? fresh : rho * last + std::sqrt(1 - rho * rho) * fresh;
  return last;
}

double Visit::rater_shift() const {
  const Noise& kinds = kinds_of_noise();
  const auto seed = blueprint.options.seed;
  const auto number = static_cast<std::uint32_t>(patient.profile.site);
  double shift = 0;
  if (kinds.site_shift > 0)
    shift += kinds.site_shift * Draws(seed, number, 0, Purpose::shift).normal();
  if (kinds.rater_shift > 0) {
    const auto year = static_cast<std::uint32_t>(year_of(day_of(arrival)));
    shift += kinds.rater_shift * Draws(seed, number, year, Purpose::shift).normal();
  }
  return shift;
}

}  // namespace ketavigil::simulation
