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

/// What stands between plus signs; of an empty text one empty part.
std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto plus = text.find('+');
    parts.push_back(text.substr(0, plus));
    if (plus == std::string_view::npos) return parts;
    text.remove_prefix(plus + 1);
  }
}

Result<double> above_zero(std::string_view key, std::string_view value) {
  const auto given = number(value);
  // 0 stands for "not given" in the structure, so that it may not be given.
  if (given && *given != 0) return *given;
  return usage("planting: " + std::string(key) + " must be a number above 0, not \"" +
               std::string(value) + "\"");
}

Status set_sizes(Planting& planting, std::string_view value) {
  const auto parts = parts_of(value);
  if (parts.size() != planting.together.size() + 1) {
    return usage("planting: size must be a number for each harm in their order, with + between, " +
                 ("not \"" + std::string(value) + "\""));
  }
  KETAVIGIL_TRY_ASSIGN(planting.size, above_zero("size", parts[0]));
  for (std::size_t i = 1; i < parts.size(); ++i) {
    KETAVIGIL_TRY_ASSIGN(planting.together[i - 1].size, above_zero("size", parts[i]));
  }
  return {};
}

/// Sets one `key=value` of a planting.
Status set(Planting& planting, std::string_view key, std::string_view value) {
  if (key == "size") {
    return set_sizes(planting, value);
  } else if (key == "rate_ratio") {
    KETAVIGIL_TRY_ASSIGN(planting.rate_ratio, above_zero(key, value));
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

Status set_harms(Planting& planting, std::string_view names) {
  for (const std::string_view name : parts_of(names)) {
    const HarmTraits* traits = harm_named(name);
    if (traits == nullptr) {
      return usage("planting: \"" + std::string(name) +
                   "\" is no harm; there are: " + harm_names());
    }
    if (planting.harm == Harm::none) {
      planting.harm = traits->harm;
    } else {
      planting.together.push_back({.harm = traits->harm});
    }
  }
  return {};
}

/// Whether what one harm does hides the other, or they ask for two kinds of patient.
bool excludes(Harm one, Harm other) {
  const HarmTraits& traits = traits_of(other);
  switch (one) {
    case Harm::missed_visits:  // nobody is there to show it
      return traits.acute || other == Harm::interval_shortening ||
             other == Harm::off_schedule_doses || other == Harm::escalation_without_benefit;
    case Harm::bladder_dechallenge:  // sessions end
      return traits.needs_clinic || other == Harm::dose_escalation ||
             other == Harm::bladder_syndrome;
    case Harm::escalation_without_benefit:  // the others are of who is well
      return other == Harm::dose_escalation || other == Harm::interval_shortening ||
             other == Harm::off_schedule_doses;
    default:
      return one == other;
  }
}

Status validate_companions(const Planting& planting) {
  if (planting.together.size() + 1 > harms_together_max) {
    return usage("planting: at most " + std::to_string(harms_together_max) +
                 " harms can be planted in one patient");
  }
  if (planting.is_rate() && !planting.together.empty())
    return usage("planting: rate_ratio is of one harm, not of several together");
  std::vector<Harm> harms = {planting.harm};
  for (const Companion& companion : planting.together) {
    const std::string name(traits_of(companion.harm).name);
    for (const Harm other : harms) {
      if (other == companion.harm || excludes(other, companion.harm) ||
          excludes(companion.harm, other)) {
        return usage("planting: " + name + " cannot be planted together with " +
                     std::string(traits_of(other).name) + ": not both would show");
      }
    }
    harms.push_back(companion.harm);
  }
  return {};
}

Status validate_size(Harm harm, double size) {
  const HarmTraits& traits = traits_of(harm);
  if (size >= traits.least_size && size <= traits.greatest_size) return {};
  return usage("planting " + std::string(traits.name) + ": size (" +
               std::string(traits.size_meaning) + ") must be from " + shortest(traits.least_size) +
               " to " + shortest(traits.greatest_size));
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

int needed_days(const Planting& planting) {
  int days = needed_days(traits_of(planting.harm), planting.effective_size());
  for (const Companion& one : planting.together)
    days = std::max(days, needed_days(traits_of(one.harm), one.effective_size()));
  return days;
}

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
    KETAVIGIL_TRY(set_harms(planting, key));
    const auto share = number(value);
    if (!share) {
      return usage("planting: expected HARM=SHARE with a share such as 0.01, not \"" +
                   std::string(key) + "=" + std::string(value) + "\"");
    }
    planting.share = *share;
  }
  KETAVIGIL_TRY(validate(planting));
  return planting;
}

Status validate(const Planting& planting) {
  if (planting.harm == Harm::none) {
    return usage("planting: a harm is needed; there are: " + harm_names());
  }
  const std::string name(traits_of(planting.harm).name);
  // Written so that a NaN fails.
  if (!(planting.share > 0 && planting.share <= 1)) {
    return usage("planting " + name + ": the share must be above 0 and at most 1");
  }
  KETAVIGIL_TRY(validate_size(planting.harm, planting.effective_size()));
  for (const Companion& one : planting.together) {
    KETAVIGIL_TRY(validate_size(one.harm, one.effective_size()));
  }
  KETAVIGIL_TRY(validate_companions(planting));
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
