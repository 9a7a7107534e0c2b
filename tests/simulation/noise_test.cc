// Noise: each kind does what it says, and nothing else changes a byte.
#include "simulation/noise.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "tests/simulation/written.h"

namespace ketavigil::simulation {
namespace {

using nlohmann::json;

ProgrammeOptions plain() {
  ProgrammeOptions options;
  options.patients = 60;
  options.months = 12;
  options.seed = 5;
  options.plant_nothing = true;
  options.refused_share = 0;  // each line has what its kind has
  return options;
}

Written with(const Noise& noise) {
  ProgrammeOptions options = plain();
  options.noise = noise;
  return write(options);
}

const Written& without() {
  static const Written written = with({});
  return written;
}

// The scores of one instrument by patient, in the order of time, each fact once.
std::map<std::string, std::vector<json>> scores_of(const Written& written,
                                                   const std::string& instrument) {
  std::map<std::string, std::map<std::string, json>> by_id;
  for (const json& event : written.parsed) {
    if (event.value("kind", "") == "score" && event.value("instrument", "") == instrument)
      by_id[event["patient"]][event["id"]] = event;
  }
  std::map<std::string, std::vector<json>> scores;
  for (const auto& [patient, events] : by_id) {
    for (const auto& [id, event] : events) scores[patient].push_back(event);
    std::sort(scores[patient].begin(), scores[patient].end(), [](const json& a, const json& b) {
      return seconds_of(a["effective"]) < seconds_of(b["effective"]);
    });
  }
  return scores;
}

std::int64_t count(const Written& written, const std::string& kind) {
  return std::count_if(written.parsed.begin(), written.parsed.end(),
                       [&](const json& event) { return event.value("kind", "") == kind; });
}

// Of successive deviations from each patient's own mean.
double lag_correlation(const std::map<std::string, std::vector<json>>& scores) {
  double products = 0;
  double squares = 0;
  for (const auto& [patient, events] : scores) {
    double mean = 0;
    for (const json& event : events)
      mean += event["value"].get<double>() / static_cast<double>(events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
      const double deviation = events[i]["value"].get<double>() - mean;
      squares += deviation * deviation;
      if (i > 0) products += deviation * (events[i - 1]["value"].get<double>() - mean);
    }
  }
  return products / squares;
}

TEST(Noise, none_leaves_every_byte_as_it_was) {
  ProgrammeOptions options = plain();
  const Written& before = without();
  options.noise = Noise();
  EXPECT_EQ(write(options).events, before.events);
  options.noise = Noise::all();
  EXPECT_NE(write(options).events, before.events);
}

TEST(Noise, autocorrelation_lets_an_error_go_on) {
  Noise noise;
  noise.autocorrelation = 0.8;
  const double plain_one = lag_correlation(scores_of(without(), "bpic-ss"));
  const double having = lag_correlation(scores_of(with(noise), "bpic-ss"));
  EXPECT_GT(having, plain_one + 0.2);
}

TEST(Noise, what_is_missing_was_due) {
  Noise noise;
  noise.missing_share = 0.5;
  const auto before = count(without(), "score");
  const auto after = count(with(noise), "score");
  EXPECT_LT(after, before * 8 / 10);
  EXPECT_GT(after, before * 3 / 10);
}

TEST(Noise, those_who_are_not_well_leave) {
  Noise noise;
  noise.dropout_share = 0.05;
  EXPECT_GT(count(with(noise), "exit"), count(without(), "exit") + 5);
}

TEST(Noise, tests_at_home_say_so) {
  Noise noise;
  noise.home_share = 0.5;
  std::int64_t home = 0;
  std::int64_t all = 0;
  for (const auto& [patient, events] : scores_of(with(noise), "moca")) {
    all += static_cast<std::int64_t>(events.size());
    home += std::count_if(events.begin(), events.end(),
                          [](const json& event) { return event.value("location", "") == "home"; });
  }
  EXPECT_NEAR(static_cast<double>(home) / static_cast<double>(all), 0.5, 0.08);
}

TEST(Noise, digits_are_preferred_everywhere) {
  const auto tens = [](const Written& written) {
    std::int64_t round = 0;
    std::int64_t all = 0;
    for (const json& event : written.parsed) {
      const bool counts = event.value("kind", "") == "blood_pressure" && !event.contains("unit") &&
                          event.contains("systolic") && event["systolic"].is_number();
      if (!counts) continue;
      ++all;
      if (event["systolic"].get<int>() % 10 == 0) ++round;
    }
    return static_cast<double>(round) / static_cast<double>(all);
  };
  Noise noise;
  noise.digit_preference_share = 0.9;
  EXPECT_LT(tens(without()), 0.3);
  EXPECT_GT(tens(with(noise)), 0.75);  // monitors round nothing
}

TEST(Noise, a_mistaken_unit_is_a_number_that_nobody_has) {
  Noise noise;
  noise.unit_mistake_share = 0.2;
  const auto written = with(noise);
  const auto mistakes =
      std::count_if(written.parsed.begin(), written.parsed.end(), [](const json& event) {
        return event.value("kind", "") == "blood_pressure" && !event.contains("unit") &&
               event.contains("systolic") && event["systolic"].is_number() &&
               event["systolic"].get<double>() < 40;
      });
  EXPECT_GT(mistakes, 50);
}

TEST(Noise, sites_and_raters_measure_otherwise_than_each_other) {
  const auto spread_of_sites = [](const Written& written) {
    std::map<std::string, std::pair<double, int>> sums;
    for (const auto& [patient, events] : scores_of(written, "bpic-ss")) {
      for (const json& event : events) {
        auto& [sum, n] = sums[event["source"]];
        sum += event["value"].get<double>();
        ++n;
      }
    }
    double least = 1e9;
    double greatest = -1e9;
    for (const auto& [site, of] : sums) {
      least = std::min(least, of.first / of.second);
      greatest = std::max(greatest, of.first / of.second);
    }
    return greatest - least;
  };
  Noise noise;
  noise.site_shift = 2;
  noise.rater_shift = 1;
  EXPECT_GT(spread_of_sites(with(noise)), spread_of_sites(without()) + 2);
}

TEST(Noise, practice_is_learnt_more) {
  const auto gain = [](const Written& written) {
    double gained = 0;
    int patients = 0;
    for (const auto& [patient, events] : scores_of(written, "dsst")) {
      if (events.size() < 2) continue;
      gained += events[1]["value"].get<double>() - events[0]["value"].get<double>();
      ++patients;
    }
    return gained / patients;
  };
  Noise noise;
  noise.practice = 3;
  EXPECT_GT(gain(with(noise)), gain(without()) + 3);
}

TEST(ParseNoise, reads_all_and_what_changes_it) {
  const auto noise = parse_noise("all,autocorrelation=0.2");
  ASSERT_TRUE(noise.ok()) << noise.error().message;
  EXPECT_EQ(noise.value().autocorrelation, 0.2);
  EXPECT_EQ(noise.value().missing_share, Noise::all().missing_share);
  EXPECT_TRUE(validate(Noise::all()).ok());
}

TEST(ParseNoise, what_is_wrong_is_told_with_what_was_expected) {
  const auto told = [](std::string_view text) {
    const auto noise = parse_noise(text);
    return noise.ok() ? std::string() : noise.error().message;
  };
  EXPECT_NE(told("wind=1").find("site-shift"), std::string::npos);
  EXPECT_NE(told("missing").find("missing=NUMBER"), std::string::npos);
  EXPECT_NE(told("autocorrelation=1").find("from 0 to 0.9"), std::string::npos)
      << told("autocorrelation=1");
  EXPECT_NE(told("home=nan"), "");
}

}  // namespace
}  // namespace ketavigil::simulation
