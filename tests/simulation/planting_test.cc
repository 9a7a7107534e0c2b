#include "simulation/planting.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ketavigil::simulation {
namespace {

// The others are planted where they are asked for.
std::size_t harms_with_a_share() {
  return static_cast<std::size_t>(std::count_if(
      harms().begin(), harms().end(), [](const HarmTraits& traits) { return traits.share > 0; }));
}

TEST(ParsePlanting, reads_harm_share_size_and_stratum) {
  const auto planting = parse_planting("dose-escalation=0.25,size=2,compound=ketamine,route=IV");
  ASSERT_TRUE(planting.ok()) << planting.error().message;
  EXPECT_EQ(planting.value().harm, Harm::dose_escalation);
  EXPECT_EQ(planting.value().share, 0.25);
  EXPECT_EQ(planting.value().effective_size(), 2);
  EXPECT_EQ(planting.value().stratum.compound, "ketamine");
  EXPECT_EQ(planting.value().stratum.route, "IV");
  EXPECT_FALSE(planting.value().is_rate());
}

TEST(ParsePlanting, a_size_left_out_is_the_default_of_the_harm) {
  const auto planting = parse_planting("suicidality=0.01");
  ASSERT_TRUE(planting.ok());
  EXPECT_EQ(planting.value().effective_size(), 4);
}

TEST(ParsePlanting, a_rate_ratio_makes_it_a_stratums) {
  const auto planting = parse_planting("bladder-syndrome=0.01,rate_ratio=3,compound=ketamine");
  ASSERT_TRUE(planting.ok()) << planting.error().message;
  EXPECT_TRUE(planting.value().is_rate());
  EXPECT_EQ(planting.value().rate_ratio, 3);
}

TEST(ParsePlanting, every_harm_can_be_named_and_has_a_default_within_its_range) {
  for (const HarmTraits& traits : harms()) {
    const auto planting = parse_planting(std::string(traits.name) + "=0.02");
    ASSERT_TRUE(planting.ok()) << planting.error().message;
    EXPECT_EQ(planting.value().harm, traits.harm);
    EXPECT_EQ(&traits_of(traits.harm), &traits);
  }
}

TEST(ParsePlanting, an_unknown_harm_is_answered_with_all_names) {
  const auto planting = parse_planting("baldness=0.1");
  ASSERT_FALSE(planting.ok());
  EXPECT_EQ(planting.error().kind, ErrorKind::usage);
  for (const HarmTraits& traits : harms()) {
    EXPECT_NE(planting.error().message.find(traits.name), std::string::npos) << traits.name;
  }
}

TEST(ParsePlanting, what_is_out_of_range_or_unknown_is_refused_by_name) {
  const std::pair<const char*, const char*> wrong[] = {
      {"", "no harm"},
      {"suicidality", "SHARE"},
      {"suicidality=many", "SHARE"},
      {"suicidality=0", "share"},
      {"suicidality=1.5", "share"},
      {"suicidality=nan", "share"},
      {"suicidality=0.1,size=6", "size"},
      {"suicidality=0.1,size=0", "size"},
      {"suicidality=0.1,size=", "size"},
      {"suicidality=0.1,colour=red", "colour"},
      {"suicidality=0.1,compound=lsd", "compound"},
      {"suicidality=0.1,route=XX", "route"},
      {"suicidality=0.1,compound=esketamine,route=IV", "no course"},
      {"suicidality=0.1,sex=f", "sex"},
      {"suicidality=0.1,rate_ratio=3", "stratum"},
      {"suicidality=0.1,rate_ratio=0.5,route=IV", "rate_ratio"},
  };
  for (const auto& [text, named] : wrong) {
    const auto planting = parse_planting(text);
    ASSERT_FALSE(planting.ok()) << text;
    EXPECT_NE(planting.error().message.find(named), std::string::npos)
        << text << ": " << planting.error().message;
  }
}

TEST(DefaultPlantings, hold_every_harm_with_a_share_in_a_year_and_only_what_fits_in_less) {
  std::map<Harm, int> year;
  for (const Planting& planting : default_plantings(365, false)) ++year[planting.harm];
  EXPECT_EQ(year.size(), harms_with_a_share());
  EXPECT_EQ(year[Harm::bladder_syndrome], 2);  // in patients, and as a rate
  for (const Planting& planting : default_plantings(60, false)) {
    EXPECT_LE(needed_days(traits_of(planting.harm), planting.effective_size()), 60);
  }
  for (const Planting& planting : default_plantings(365, true)) {
    EXPECT_TRUE(traits_of(planting.harm).brief);
  }
}

}  // namespace
}  // namespace ketavigil::simulation
