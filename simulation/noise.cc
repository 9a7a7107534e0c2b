#include "simulation/noise.h"

#include <charconv>
#include <string>

namespace ketavigil::simulation {
namespace {

// A kind of noise by its name on the command line.
struct NoiseTraits {
  std::string_view name;
  double Noise::*value;
  double greatest;
  std::string_view meaning;
};

// None is a source's, but the autocorrelation, which repeated scores of one person seldom pass.
constexpr NoiseTraits table[] = {
    {"autocorrelation", &Noise::autocorrelation, 0.9,
     "AR(1) of a score's errors and of resting pressures"},
    {"practice", &Noise::practice, 3, "more gain by practice, in multiples of the plain one"},
    {"site-shift", &Noise::site_shift, 3, "deviation between sites, in deviations within a person"},
    {"rater-shift", &Noise::rater_shift, 3,
     "deviation between a site's raters, a new one each year"},
    {"digit-preference", &Noise::digit_preference_share, 1, "share of pressures rounded to tens"},
    {"missing", &Noise::missing_share, 0.9, "share of due assessments that are left out"},
    {"dropout", &Noise::dropout_share, 0.5,
     "share of visits after which those who are not well leave"},
    {"home", &Noise::home_share, 1,
     "share of cognition tests done at home, half a deviation worse"},
    {"unit-mistakes", &Noise::unit_mistake_share, 1,
     "share of pressures and weights in a wrong unit"},
};

Error usage(std::string message) { return Error{ErrorKind::usage, std::move(message)}; }

Status set(Noise* noise, std::string_view part) {
  if (part == "all") {
    *noise = Noise::all();
    return {};
  }
  const auto equals = part.find('=');
  const std::string_view name = part.substr(0, equals);
  for (const NoiseTraits& traits : table) {
    if (traits.name != name) continue;
    const std::string_view text = equals == std::string_view::npos ? "" : part.substr(equals + 1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || text.empty())
      return usage("noise: expected " + std::string(name) + "=NUMBER, not \"" + std::string(part) +
                   "\"");
    noise->*traits.value = value;
    return {};
  }
  return usage("noise: \"" + std::string(part) + "\" is none of " + noise_names());
}

}  // namespace

std::string noise_names() {
  std::string all = "all";
  for (const NoiseTraits& traits : table) {
    all += ", ";
    all += traits.name;
  }
  return all;
}

Noise Noise::all() {
  Noise noise;
  noise.autocorrelation = 0.4;
  noise.practice = 1;
  noise.site_shift = 0.5;
  noise.rater_shift = 0.3;
  noise.digit_preference_share = 0.2;
  noise.missing_share = 0.1;
  noise.dropout_share = 0.01;
  noise.home_share = 0.1;
  noise.unit_mistake_share = 0.002;
  return noise;
}

Result<Noise> parse_noise(std::string_view text) {
  Noise noise;
  while (true) {
    const auto comma = text.find(',');
    KETAVIGIL_TRY(set(&noise, text.substr(0, comma)));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  KETAVIGIL_TRY(validate(noise));
  return noise;
}

std::string print_noise(const Noise& noise) {
  std::string out;
  for (const NoiseTraits& traits : table) {
    char text[40];
    const auto end = std::to_chars(text, text + sizeof text, noise.*traits.value).ptr;
    if (!out.empty()) out += ',';
    out += traits.name;
    out += '=';
    out.append(text, end);
  }
  return out;
}

Status validate(const Noise& noise) {
  for (const NoiseTraits& traits : table) {
    const double value = noise.*traits.value;
    if (!(value >= 0 && value <= traits.greatest)) {  // so that a NaN fails
      std::string greatest = std::to_string(traits.greatest);
      greatest.erase(greatest.find_last_not_of('0') + 1);
      if (greatest.back() == '.') greatest.pop_back();
      return usage("noise " + std::string(traits.name) + " (" + std::string(traits.meaning) +
                   ") must be from 0 to " + greatest);
    }
  }
  return {};
}

}  // namespace ketavigil::simulation
