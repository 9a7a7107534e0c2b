// What is measured of a programme, against what was put into it.
#include "dashboards/metrics/programme_gauges.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>

namespace ketavigil {
namespace {

using dashboards::FindingsCensus;
using detectors::Level;

class FixedClock : public engine::Clock {
 public:
  [[nodiscard]] events::Microseconds now() const override { return time; }
  events::Microseconds time = events::parse_time("2026-03-04T16:00:00Z")->us;
};

// However slow the machine is.
constexpr std::chrono::seconds patience{60};

std::string session(const std::string& patient) {
  return R"({"source":"c","id":"s","patient":")" + patient +
         R"(","kind":"session","effective":"2026-03-04T14:40:00Z","compound":"esketamine","route":"IN","dose_mg":84})";
}

std::string pressure(const std::string& patient, int systolic, const std::string& version) {
  return R"({"source":"c","id":"bp","patient":")" + patient +
         R"(","kind":"blood_pressure","effective":"2026-03-04T15:20:00Z","systolic":)" +
         std::to_string(systolic) + R"(,"diastolic":90,"version":)" + version + "}";
}

class ProgrammeGauges : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::temp_directory_path() / ("ketavigil-gauges-" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
    engine::ProgrammeOptions options;
    options.directory = folder_;
    options.create = true;
    options.shards = 2;
    options.free_space_guard_bytes = 0;
    auto opened = engine::Programme::open(options, clock_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    programme_ = std::move(opened).value();
    decoder_ = std::make_unique<events::Decoder>(programme_->configured().settings.decode);
  }
  void TearDown() override {
    programme_.reset();
    std::filesystem::remove_all(folder_);
  }

  void append(const std::string& event) {
    engine::Parsed parsed{event, "", decoder_->decode(event), {}};
    const auto* fact = std::get_if<events::Fact>(&parsed.decoded);
    ASSERT_NE(fact, nullptr);
    parsed.digest = events::digest_of(*fact);
    std::vector<engine::Parsed> events;
    events.push_back(std::move(parsed));
    const auto answers = programme_->append_live(std::move(events));
    ASSERT_TRUE(answers.ok()) << answers.error().message;
  }
  FindingsCensus census() {
    FindingsCensus census;
    for (int number = 0; number < programme_->shards(); ++number) {
      const Status status = add_to_census(programme_->shard(number).store(), &census);
      EXPECT_TRUE(status.ok()) << status.error().message;
    }
    return census;
  }
  static std::int64_t of(const std::map<dashboards::FindingClass, std::int64_t>& counts,
                         const dashboards::FindingClass& which) {
    const auto found = counts.find(which);
    return found == counts.end() ? 0 : found->second;
  }

  FixedClock clock_;
  std::filesystem::path folder_;
  std::unique_ptr<engine::Programme> programme_;
  std::unique_ptr<events::Decoder> decoder_;
};

TEST_F(ProgrammeGauges, census_counts_what_is_open_and_what_was_raised) {
  EXPECT_TRUE(census().open.empty());
  for (const std::string patient : {"p-1", "p-2", "p-3"}) {
    append(session(patient));
    append(pressure(patient, 225, "1"));
  }
  const dashboards::FindingClass crisis{"BP-3", Level::critical, "esketamine"};
  EXPECT_EQ(of(census().open, crisis), 3);
  EXPECT_EQ(of(census().raised, crisis), 3);
  // A correction takes one away; that it was raised stays true.
  append(pressure("p-2", 125, "2"));
  EXPECT_EQ(of(census().open, crisis), 2);
  EXPECT_EQ(of(census().raised, crisis), 3);
}

TEST_F(ProgrammeGauges, gauges_show_log_store_and_findings_and_no_pseudonym) {
  append(session("p-secret"));
  append(pressure("p-secret", 225, "1"));
  double now = 0;
  dashboards::Metrics metrics({}, 0);
  dashboards::ProgrammeGauges gauges(
      *programme_, metrics, [&] { return now; }, patience);
  ASSERT_TRUE(gauges.refresh().ok());
  const std::string text = metrics.text();
  const int shard = programme_->shard(0).position() > 0 ? 0 : 1;
  EXPECT_NE(text.find("ketavigil_log_position{shard=\"" + std::to_string(shard) + "\"} 2\n"),
            std::string::npos);
  EXPECT_NE(
      text.find("ketavigil_log_acknowledged_position{shard=\"" + std::to_string(shard) + "\"} 2\n"),
      std::string::npos);
  EXPECT_NE(text.find("ketavigil_log_entries_total 2\n"), std::string::npos);
  EXPECT_NE(text.find("ketavigil_patients_folded_total 2\n"), std::string::npos);
  EXPECT_NE(text.find("ketavigil_log_received_timestamp_seconds 1772640000\n"), std::string::npos);
  EXPECT_NE(text.find("ketavigil_findings_open{compound=\"esketamine\",detector=\"BP-3\""),
            std::string::npos);
  EXPECT_EQ(text.find("p-secret"), std::string::npos);
}

TEST_F(ProgrammeGauges, findings_are_counted_at_most_every_15_seconds) {
  append(session("p-1"));
  double now = 100;
  dashboards::Metrics metrics({}, 0);
  dashboards::ProgrammeGauges gauges(
      *programme_, metrics, [&] { return now; }, patience);
  ASSERT_TRUE(gauges.refresh().ok());
  append(pressure("p-1", 225, "1"));
  now = 114.9;
  ASSERT_TRUE(gauges.refresh().ok());
  EXPECT_EQ(metrics.text().find("detector=\"BP-3\""), std::string::npos);
  now = 115;
  ASSERT_TRUE(gauges.refresh().ok());
  EXPECT_NE(metrics.text().find("detector=\"BP-3\""), std::string::npos);
}

TEST_F(ProgrammeGauges, scrape_does_not_wait_for_a_long_count_which_the_next_one_shows) {
  append(session("p-1"));
  append(pressure("p-1", 225, "1"));
  std::promise<void> counted;
  std::shared_future<void> may_count(counted.get_future());
  std::atomic<int> asked{0};
  dashboards::Metrics metrics({}, 0);
  dashboards::ProgrammeGauges gauges(
      *programme_, metrics,
      [&] {
        if (asked++ == 0) may_count.wait();  // the count's first look at the clock
        return 0.0;
      },
      std::chrono::milliseconds(1));
  ASSERT_TRUE(gauges.refresh().ok());
  EXPECT_EQ(metrics.text().find("detector=\"BP-3\""), std::string::npos);
  counted.set_value();
  for (int i = 0; i < 10'000 && metrics.text().find("detector=\"BP-3\"") == std::string::npos; ++i)
    ASSERT_TRUE(gauges.refresh().ok());
  EXPECT_NE(metrics.text().find("detector=\"BP-3\""), std::string::npos);
}

}  // namespace
}  // namespace ketavigil
