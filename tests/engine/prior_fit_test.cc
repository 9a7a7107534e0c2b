// What a programme's own patients say about the expectations of drift, and what adopting it does.
#include "engine/questions/prior_fit.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/shard/settings.h"
#include "tests/engine/programmes.h"

namespace ketavigil::engine {
namespace {

using nlohmann::json;

Microseconds time_of(const char* text) { return events::parse_time(text)->us; }

void push(Programme* programme, const json& event) {
  static const events::DecodeSettings settings;
  events::Decoder decoder(settings);
  const std::string text = event.dump();
  std::vector<Parsed> one;
  one.push_back({text, "", decoder.decode(text), {}});
  ASSERT_TRUE(std::holds_alternative<events::Fact>(one.back().decoded)) << text;
  one.back().digest = events::digest_of(std::get<events::Fact>(one.back().decoded));
  must(programme->append_live(std::move(one)));
}

json fact(const std::string& patient, const std::string& id, const std::string& day, json rest) {
  rest.update({{"source", "s"},
               {"id", patient + id},
               {"patient", patient},
               {"effective", day + "T09:00:00Z"}});
  return rest;
}

json moca(const std::string& patient, const std::string& id, const std::string& day, double value) {
  return fact(patient, id, day, {{"kind", "score"}, {"instrument", "moca"}, {"value", value}});
}

json session(const std::string& patient, const std::string& day) {
  return fact(patient, "session", day,
              {{"kind", "session"}, {"compound", "esketamine"}, {"route", "IN"}, {"dose_mg", 56}});
}

FittedPrior fitted_moca(const Programme& programme, std::int64_t least_patients) {
  const auto reading = must(Reading::over(programme));
  for (auto& one : must(fit_priors(*reading, least_patients, [](std::size_t) {}))) {
    if (one.stream == "moca") return one;
  }
  return {};
}

class PriorFit : public testing::Test {
 protected:
  // Three patients with two values each before the first session; what comes after does not count.
  // The second value of each is 1 point better, and half a point of that is practice.
  void SetUp() override {
    programme_ = open_programme(folder_ / "data", clock_, 2);
    for (const auto& [patient, first] : {std::pair("a", 24.0), {"b", 26.0}, {"c", 28.0}}) {
      push(programme_.get(), moca(patient, "1", "2024-01-01", first));
      push(programme_.get(), moca(patient, "2", "2024-02-01", first + 1));
      push(programme_.get(), session(patient, "2024-02-10"));
      push(programme_.get(), moca(patient, "3", "2024-03-01", 10));
    }
    push(programme_.get(), session("d", "2024-02-10"));
  }

  const TemporaryFolder folder_;
  const StillClock clock_{time_of("2024-06-01T00:00:00Z")};
  std::unique_ptr<Programme> programme_;
};

TEST_F(PriorFit, is_of_values_before_the_first_session_with_practice_taken_off) {
  const FittedPrior one = fitted_moca(*programme_, 3);
  EXPECT_EQ(one.patients, 3);
  EXPECT_EQ(one.patients_repeated, 3);
  EXPECT_EQ(one.values, 6);
  EXPECT_DOUBLE_EQ(one.proposed.mean, 26.25);  // (24 + 24.5)/2, and so on
  EXPECT_DOUBLE_EQ(one.proposed.sd, 0.3536);   // pairs half a point apart: .5/√2
  EXPECT_DOUBLE_EQ(one.proposed.practice, 1.0);
  EXPECT_TRUE(one.is_proposed());
}

TEST_F(PriorFit, proposes_nothing_of_too_few_patients) {
  const FittedPrior one = fitted_moca(*programme_, 4);
  EXPECT_EQ(one.patients, 3);
  EXPECT_FALSE(one.is_proposed());
  const auto table = proposed_table({one}, 0);
  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.error().kind, ErrorKind::usage);
}

TEST_F(PriorFit, as_of_a_moment_before_anything_came_knows_nobody) {
  const auto reading = must(Reading::open_as_of(folder_ / "data", time_of("2020-01-01")));
  EXPECT_EQ(must(fit_priors(*reading, 2, [](std::size_t) {})).front().patients, 0);
}

Settings adopting(const std::string& table) {
  Settings settings;
  must(adopt_table(table, &settings.tables, &settings.parameters));
  return settings;
}

TEST_F(PriorFit, what_is_proposed_can_be_adopted_and_is_an_epoch_that_the_log_carries) {
  const auto reading = must(Reading::over(*programme_));
  const std::string table = must(proposed_table(must(fit_priors(*reading, 3, [](std::size_t) {})),
                                                reading->newest_received()));
  const Settings settings = adopting(table);
  EXPECT_NE(fold_identity(settings), fold_identity(Settings()));
  const std::size_t moca_row = detectors::drift_prior_named("moca");
  EXPECT_DOUBLE_EQ(settings.parameters.drift.expected[moca_row].sd, 0.3536);

  const Settings read_again = must(settings_of_text(settings_text(settings)));
  EXPECT_EQ(settings_text(read_again), settings_text(settings));
  EXPECT_EQ(fold_identity(read_again), fold_identity(settings));
  EXPECT_EQ(read_again.parameters.drift.expected, settings.parameters.drift.expected);

  programme_.reset();
  programme_ = open_programme(folder_ / "data", clock_, 2, 5000, settings);
  EXPECT_EQ(programme_->configured().settings.tables, settings.tables);
  // A fall of 16 points is found either way; what it was measured by is said.
  const auto now = must(Reading::over(*programme_));
  std::size_t found = 0;
  must(list_alerts(*now, {}, now->newest_received(), [&](const ListedFinding& listed) {
    const auto finding = json::parse(listed.finding->text);
    const auto& tables = finding.at("identity").at("tables");
    if (finding.at("detector") != "COG-8") {
      EXPECT_TRUE(tables.empty()) << finding.dump();
      return;
    }
    EXPECT_EQ(tables.at("drift-priors"), table_digest(settings.tables.at("drift-priors")));
    EXPECT_DOUBLE_EQ(finding.at("statistic").at("inputs").at("prior_sd"), 0.3536);
    ++found;
  }));
  EXPECT_GT(found, 0U);
}

TEST(ReferenceTable, says_what_is_wrong_with_it_and_changes_nothing) {
  const json row = {{"stream", "moca"}, {"mean", 26}, {"sd", 2}, {"practice", .5}};
  const json good = {
      {"table", "drift-priors"}, {"version", "1"}, {"citation", "x"}, {"rows", {row}}};
  const auto with = [&](const char* pointer, const json& value) {
    json table = good;
    table[json::json_pointer(pointer)] = value;
    return table.dump();
  };
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"[]", "JSON object"},
      {"{", "JSON object"},
      {with("/table", "priors"), "drift-priors"},
      {with("/version", ""), "version"},
      {with("/citation", 5), "citation"},
      {with("/rows", json::array()), "rows"},
      {with("/rows/0/stream", "mocha"), "there are bpic-ss"},
      {with("/rows/0/sd", 0), "from 0.001"},
      {with("/rows/0/practice", -1), "from 0 to 1000"},
      {with("/rows/0/mean", "26"), "a number"},
      {with("/rows/0/median", 26), "median"},
      {with("/rows/1", row), "two rows"},
      {with("/rows/0/sd", 1e-300), "from 0.001"},
      {with("/rows/0/mean", 1e300), "from 0 to 1000"},
      {with("/rows/0/patients", -1), "a count"},
      {with("/note", "x"), "`note` is not known"},
      {R"({"table":"drift-priors","deep":)" + std::string(100'000, '[') +
           std::string(100'000, ']') + "}",
       "`deep` is not known"},
  };
  for (const auto& [table, says] : wrong) {
    Settings settings;
    const Status status = adopt_table(table, &settings.tables, &settings.parameters);
    ASSERT_FALSE(status.ok()) << table;
    EXPECT_NE(status.error().message.find(says), std::string::npos) << status.error().message;
    EXPECT_EQ(fold_identity(settings), fold_identity(Settings()));
  }
  EXPECT_TRUE(adopting(good.dump()).tables.count("drift-priors"));
}

TEST(ReferenceTable, equal_content_has_one_digest_however_it_is_written) {
  const std::string one =
      R"({"table":"drift-priors","version":"1","citation":"x","rows":[{"stream":"moca","mean":26.0,"sd":2,"practice":0.5}]})";
  const std::string other =
      R"({ "rows": [{"sd":2,"practice":0.5,"mean":26.0,"stream":"moca"}], "citation":"x", "version":"1", "table":"drift-priors"})";
  EXPECT_EQ(adopting(one).tables, adopting(other).tables);
}

}  // namespace
}  // namespace ketavigil::engine
