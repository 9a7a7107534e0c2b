#include "simulation/planting.h"

#include <algorithm>
#include <charconv>

#include "simulation/regimen.h"

namespace ketavigil::simulation {
namespace {

Error usage(std::string message) { return Error{ErrorKind::usage, std::move(message)}; }

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string shortest(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return std::string(text, end);
}

/// Sets one `key=value` of a planting.
Status set(Planting& planting, std::string_view key, std::string_view value) {
  if (key == "size" || key == "rate_ratio") {
    const auto given = number(value);
    // 0 stands for "not given" in the structure, so that it may not be given.
    if (!given || *given == 0) {
      return usage("planting: " + std::string(key) + " must be a number above 0, not \"" +
                   std::string(value) + "\"");
    }
    (key == "size" ? planting.size : planting.rate_ratio) = *given;
  } else if (key == "compound") {
    planting.stratum.compound = value;
  } else if (key == "route") {
    planting.stratum.route = value;
  } else if (key == "sex") {
    planting.stratum.sex = value;
  } else if (key == "site") {
    planting.stratum.site = value;
  } else {
    return usage("planting: \"" + std::string(key) +
                 "\" is none of size, rate_ratio, compound, route, sex, site");
  }
  return {};
}

std::pair<std::string_view, std::string_view> halves(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return {text, {}};
  return {text.substr(0, equals), text.substr(equals + 1)};
}

Status validate_stratum(const Stratum& stratum) {
  const auto all = regimens();
  const auto known = [&](std::string_view word, std::string_view Regimen::*member) {
    return word.empty() ||
           std::any_of(all.begin(), all.end(), [&](const Regimen& r) { return r.*member == word; });
  };
  if (!known(stratum.compound, &Regimen::compound)) {
    return usage("planting: compound must be ketamine, esketamine or arketamine, not \"" +
                 stratum.compound + "\"");
  }
  if (!known(stratum.route, &Regimen::route)) {
    return usage("planting: route must be IV, IN, IM, SL or PO, not \"" + stratum.route + "\"");
  }
  const bool exists = std::any_of(all.begin(), all.end(), [&](const Regimen& r) {
    return (stratum.compound.empty() || r.compound == stratum.compound) &&
           (stratum.route.empty() || r.route == stratum.route);
  });
  if (!exists) {
    return usage("planting: no course is of compound " + stratum.compound + " by route " +
                 stratum.route);
  }
  const std::string& sex = stratum.sex;
  if (!sex.empty() && sex != "female" && sex != "male" && sex != "other" && sex != "unknown") {
    return usage("planting: sex must be female, male, other or unknown, not \"" + sex + "\"");
  }
  return {};
}

}  // namespace

Result<Planting> parse_planting(std::string_view text) {
  Planting planting;
  for (bool first = true; first || !text.empty(); first = false) {
    const auto comma = text.find(',');
    const auto [key, value] = halves(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    if (!first) {
      KETAVIGIL_TRY(set(planting, key, value));
      continue;
    }
    const HarmTraits* traits = harm_named(key);
    if (traits == nullptr) {
      return usage("planting: \"" + std::string(key) + "\" is no harm; there are: " + harm_names());
    }
    const auto share = number(value);
    if (!share) {
      return usage("planting: expected HARM=SHARE with a share such as 0.01, not \"" +
                   std::string(key) + "=" + std::string(value) + "\"");
    }
    planting.harm = traits->harm;
    planting.share = *share;
  }
  KETAVIGIL_TRY(validate(planting));
  return planting;
}

Status validate(const Planting& planting) {
  if (planting.harm == Harm::none) {
    return usage("planting: a harm is needed; there are: " + harm_names());
  }
  const HarmTraits& traits = traits_of(planting.harm);
  const std::string name(traits.name);
  // Written so that a NaN fails.
  if (!(planting.share > 0 && planting.share <= 1)) {
    return usage("planting " + name + ": the share must be above 0 and at most 1");
  }
  const double size = planting.effective_size();
  if (!(size >= traits.least_size && size <= traits.greatest_size)) {
    return usage("planting " + name + ": size (" + std::string(traits.size_meaning) +
                 ") must be from " + shortest(traits.least_size) + " to " +
                 shortest(traits.greatest_size));
  }
  if (planting.is_rate() && !(planting.rate_ratio > 1 && planting.rate_ratio <= 100)) {
    return usage("planting " + name + ": rate_ratio must be above 1 and at most 100");
  }
  if (planting.is_rate() && planting.stratum.empty()) {
    return usage("planting " + name + ": rate_ratio needs a stratum: compound, route, sex or site");
  }
  return validate_stratum(planting.stratum);
}

std::vector<Planting> default_plantings(int period_days, bool few_facts) {
  std::vector<Planting> plantings;
  for (const HarmTraits& traits : harms()) {
    if (traits.share == 0 || needed_days(traits, traits.size) > period_days ||
        (few_facts && !traits.brief))
      continue;
    plantings.push_back({.harm = traits.harm, .share = traits.share});
  }
  if (period_days >= 360 && !few_facts) {
    plantings.push_back({.harm = Harm::bladder_syndrome,
                         .share = 0.01,
                         .rate_ratio = 3,
                         .stratum = {.compound = "ketamine"}});
  }
  return plantings;
}

}  // namespace ketavigil::simulation
