// How this folder calls Boost.Math: plain doubles, and no exception: what has no value is a NaN or
// an infinity, which the caller's own ranges exclude.
#pragma once

#include <boost/math/policies/policy.hpp>
#include <boost/math/special_functions/gamma.hpp>

namespace ketavigil::detectors::statistics {

namespace policies = boost::math::policies;
using Policy = policies::policy<policies::promote_double<false>, policies::promote_float<false>,
                                policies::domain_error<policies::ignore_error>,
                                policies::pole_error<policies::ignore_error>,
                                policies::overflow_error<policies::ignore_error>,
                                policies::evaluation_error<policies::ignore_error>>;

/// ln Γ(x), x > 0. (The C library's keeps a sign in a variable that threads share.)
[[nodiscard]] inline double log_gamma(double x) { return boost::math::lgamma(x, Policy()); }

}  // namespace ketavigil::detectors::statistics
