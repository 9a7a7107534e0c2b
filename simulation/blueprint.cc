#include "simulation/blueprint.h"

#include <algorithm>

#include "simulation/normal.h"
#include "simulation/philox.h"
#include "simulation/regimen.h"

namespace ketavigil::simulation {
namespace {

/// Gives one planting to those of its patients that come first in an order of its own.
Status plant(Blueprint& blueprint, std::int16_t number) {
  const Planting& planting = blueprint.plantings[static_cast<std::size_t>(number)];
  bool needs_clinic = traits_of(planting.harm).needs_clinic;
  bool escalates = planting.harm == Harm::dose_escalation;
  for (const Companion& one : planting.together) {
    needs_clinic = needs_clinic || traits_of(one.harm).needs_clinic;
    escalates = escalates || one.harm == Harm::dose_escalation;
  }
  std::vector<std::pair<std::uint32_t, std::uint32_t>> ranked;  // (rank, patient)
  for (std::uint32_t patient = 0; patient < blueprint.planting_of.size(); ++patient) {
    if (blueprint.planting_of[patient] >= 0) continue;
    const Profile profile = profile_of(blueprint, patient);
    const Regimen& regimen = regimens()[profile.regimen];
    if (needs_clinic && regimen.home) continue;
    // Within the label a dose cannot grow by half: devices only if their stratum is asked for.
    if (escalates && regimen.dosing == Dosing::devices && planting.stratum.compound.empty()) {
      continue;
    }
    if (!belongs(blueprint, profile, planting.stratum)) continue;
    Draws draws(blueprint.options.seed, patient, static_cast<std::uint32_t>(number),
                Purpose::harm_rank);
    ranked.emplace_back(draws.word(), patient);
  }
  if (ranked.empty()) {
    return Status::failure(ErrorKind::usage, "planting " +
                                                 std::string(traits_of(planting.harm).name) +
                                                 ": no patient is left that fits its stratum");
  }
  const auto wanted = to_whole(planting.share * static_cast<double>(ranked.size()));
  const auto taken =
      std::min(ranked.size(), static_cast<std::size_t>(std::max<std::int64_t>(1, wanted)));
  std::sort(ranked.begin(), ranked.end());
  for (std::size_t i = 0; i < taken; ++i) blueprint.planting_of[ranked[i].second] = number;
  return {};
}

}  // namespace

Blueprint draw_up(ProgrammeOptions options) {
  Blueprint blueprint;
  blueprint.options = std::move(options);
  const ProgrammeOptions& given = blueprint.options;
  blueprint.status = given.validate();
  if (!blueprint.status.ok()) return blueprint;
  blueprint.start_day = *parse_date(given.start_date);
  blueprint.end_day = add_months(blueprint.start_day, given.months);
  blueprint.sites = make_sites(given.sites);
  const bool by_default = given.plantings.empty();
  if (!given.plant_nothing) {
    blueprint.plantings =
        by_default ? default_plantings(blueprint.period_days(), given.facts_per_patient_limit != 0)
                   : given.plantings;
  }
  blueprint.planting_of.assign(static_cast<std::size_t>(given.patients), -1);
  for (std::size_t i = 0; i < blueprint.plantings.size(); ++i) {
    if (blueprint.plantings[i].is_rate()) continue;
    const Status planted = plant(blueprint, static_cast<std::int16_t>(i));
    // A small programme may lack the patients of the default set: nobody asked for it.
    if (!planted.ok() && !by_default) {
      blueprint.status = planted;
      break;
    }
  }
  return blueprint;
}

Profile profile_of(const Blueprint& blueprint, std::uint32_t patient) {
  Draws draws(blueprint.options.seed, patient, 0, Purpose::profile);
  Profile profile;
  profile.site = static_cast<int>(draws.integer(0, blueprint.options.sites - 1));
  profile.regimen = regimen_of(draws.uniform());
  const double sex = draws.uniform();
  profile.sex = sex < 0.58 ? 0 : (sex < 0.985 ? 1 : (sex < 0.995 ? 2 : 3));
  // Adults with resistant depression: mean 45, SD 13, about a tenth of them 65 or older.
  const auto age = to_whole(clamped(45 + 13 * draws.normal(), 18, 82));
  profile.birth_year = year_of(blueprint.start_day) - static_cast<int>(age);
  return profile;
}

bool belongs(const Blueprint& blueprint, const Profile& profile, const Stratum& stratum) {
  const Regimen& regimen = regimens()[profile.regimen];
  const auto fits = [](const std::string& asked, std::string_view has) {
    return asked.empty() || asked == has;
  };
  return fits(stratum.compound, regimen.compound) && fits(stratum.route, regimen.route) &&
         fits(stratum.sex, sex_names[profile.sex]) &&
         fits(stratum.site, blueprint.sites[static_cast<std::size_t>(profile.site)].name);
}

std::uint32_t pseudonym_of(std::uint64_t seed, std::uint32_t patient) {
  // The finaliser of MurmurHash3 is a bijection of 32-bit words; so is an exclusive or.
  std::uint32_t x = patient ^ static_cast<std::uint32_t>(seed);
  x = (x ^ (x >> 16)) * 0x85EBCA6BU;
  x = (x ^ (x >> 13)) * 0xC2B2AE35U;
  x ^= x >> 16;
  return x ^ static_cast<std::uint32_t>(seed >> 32);
}

void append_pseudonym(std::string& out, std::uint32_t pseudonym) {
  for (int shift = 28; shift >= 0; shift -= 4) out += "0123456789abcdef"[(pseudonym >> shift) & 15];
}

}  // namespace ketavigil::simulation
