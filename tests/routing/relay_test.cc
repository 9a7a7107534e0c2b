// Ways out by topics: at least once, in order, only what is durable, the same bytes each time.
#include "routing/kafka/relay.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "events/json_text.h"

namespace ketavigil::routing::kafka {
namespace {

namespace fs = std::filesystem;

class StillClock : public engine::Clock {
 public:
  [[nodiscard]] events::Microseconds now() const override { return now_; }
  void pass(events::Microseconds time) { now_ += time; }

 private:
  events::Microseconds now_ = events::parse_time("2026-03-05T00:00:00Z")->us;
};

// A broker's client that keeps what it was given, and fails when told.
class KeepingWriter : public TopicWriter {
 public:
  struct Kept {
    std::string topic, key, value;
    std::vector<std::pair<std::string, std::string>> headers;
    [[nodiscard]] std::string header(const std::string& name) const {
      for (const auto& [known, said] : headers)
        if (known == name) return said;
      return "";
    }
  };
  Status send(const OutRecord& record) override {
    waiting_.push_back(
        {record.topic, std::string(record.key), std::string(record.value), record.headers});
    return {};
  }
  Status flush() override {
    if (fails) {
      waiting_.clear();  // given up
      return Status::failure(ErrorKind::broker, "no broker answers");
    }
    for (auto& record : waiting_) kept.push_back(std::move(record));
    waiting_.clear();
    return {};
  }
  [[nodiscard]] std::vector<Kept> of(const std::string& topic) const {
    std::vector<Kept> out;
    for (const auto& record : kept)
      if (record.topic == topic) out.push_back(record);
    return out;
  }
  bool fails = false;
  std::vector<Kept> kept;

 private:
  std::vector<Kept> waiting_;
};

class RelayTest : public testing::Test {
 protected:
  RelayTest() {
    std::string pattern = (fs::temp_directory_path() / "ketavigil-relay-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    open();
  }
  ~RelayTest() override {
    programme_.reset();
    fs::remove_all(folder_);
  }
  void open() {
    programme_.reset();
    engine::ProgrammeOptions options;
    options.directory = folder_ / "data";
    options.create = true;
    options.ways_out = true;
    options.free_space_guard_bytes = 0;
    auto opened = engine::Programme::open(options, clock_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    programme_ = std::move(opened).value();
    relay_ = std::make_unique<Relay>(*programme_, writer_, RelaySettings{"t", 3});
  }
  void push(const std::string& json) {
    events::Decoder decoder(settings_);
    engine::Parsed event{json, "", decoder.decode(json), {}};
    if (const auto* fact = std::get_if<events::Fact>(&event.decoded))
      event.digest = events::digest_of(*fact);
    std::vector<engine::Parsed> one;
    one.push_back(std::move(event));
    ASSERT_TRUE(programme_->append_live(std::move(one)).ok());
  }
  void pressure(const std::string& id, int systolic, int version = 1) {
    push(R"({"source":"c","id":")" + id + R"(","patient":"p","kind":"blood_pressure","version":)" +
         std::to_string(version) + R"(,"effective":"2026-03-04T10:00:00Z","systolic":)" +
         std::to_string(systolic) + R"(,"diastolic":80})");
  }
  void retract(const std::string& id) {
    push(R"({"source":"c","id":")" + id +
         R"(","patient":"p","status":"entered-in-error","version":9})");
  }
  // Until nothing waits.
  void tell_all() {
    for (int i = 0; i < 100; ++i) {
      const auto told = relay_->step();
      ASSERT_TRUE(told.ok()) << told.error().message;
      if (told.value() == 0) return;
    }
    FAIL() << "something waits for ever";
  }

  fs::path folder_;
  StillClock clock_;
  events::DecodeSettings settings_;
  KeepingWriter writer_;
  std::unique_ptr<engine::Programme> programme_;
  std::unique_ptr<Relay> relay_;
};

TEST_F(RelayTest, tells_every_revision_in_order_with_its_number_and_digest) {
  pressure("a", 230);
  pressure("a", 190, 2);
  retract("a");
  tell_all();
  const auto history = writer_.of("t.alerts.history");
  const auto last = writer_.of("t.alerts");
  ASSERT_GE(history.size(), 4U);  // a crisis and a severe pressure, each raised and taken back
  ASSERT_EQ(last.size(), history.size());
  std::map<std::string, int> revisions;
  for (const auto& record : history) {
    const auto revision = nlohmann::json::parse(record.value);
    EXPECT_EQ(record.key, revision.at("case"));
    EXPECT_EQ(revision.at("revision"), ++revisions[record.key]);
    EXPECT_EQ(record.header("ketavigil-revision"), std::to_string(revisions[record.key]));
    EXPECT_EQ(record.header("ketavigil-digest"), events::hexadecimal(events::sha256(record.value)));
  }
  for (const auto& [name, count] : revisions) EXPECT_GE(count, 2) << name;
  EXPECT_EQ(nlohmann::json::parse(last.back().value).at("state"), "retracted");
}

TEST_F(RelayTest, what_was_told_is_not_told_again_and_what_was_not_is) {
  pressure("a", 230);
  writer_.fails = true;
  EXPECT_FALSE(relay_->step().ok());
  EXPECT_TRUE(writer_.kept.empty());
  open();  // as after a crash: what nobody acknowledged waits still
  writer_.fails = false;
  tell_all();
  const std::size_t told = writer_.of("t.alerts.history").size();
  EXPECT_EQ(told, 2U);
  open();
  tell_all();
  EXPECT_EQ(writer_.of("t.alerts.history").size(), told);
  pressure("b", 230);
  tell_all();
  EXPECT_GT(writer_.of("t.alerts.history").size(), told);
}

TEST_F(RelayTest, tells_the_account_of_each_lock_point_once_it_has_passed) {
  pressure("a", 230);
  tell_all();
  ASSERT_EQ(writer_.of("t.cohort").size(), 1U);  // where the log begins
  clock_.pass(2 * events::day_us);
  writer_.fails = true;
  pressure("b", 120);
  EXPECT_FALSE(relay_->step().ok());
  open();
  writer_.fails = false;
  tell_all();
  const auto told = writer_.of("t.cohort");
  ASSERT_EQ(told.size(), 3U);
  std::vector<std::string> moments;
  for (const auto& record : told) {
    EXPECT_EQ(record.key, "0");
    EXPECT_EQ(record.header("ketavigil-digest"), events::hexadecimal(events::sha256(record.value)));
    moments.push_back(record.header("ketavigil-lock-point"));
    EXPECT_EQ(nlohmann::json::parse(record.value).at("lock_point"), moments.back());
  }
  EXPECT_EQ(moments, (std::vector<std::string>{"2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z",
                                               "2026-03-06T00:00:00Z"}));
  EXPECT_EQ(told[2].header("ketavigil-position"), "1");
  const auto tables = nlohmann::json::parse(told[2].value).at("tables");
  EXPECT_FALSE(tables[1].at("rows").empty());  // the crisis
}

TEST_F(RelayTest, tells_what_could_not_be_read_with_its_reason) {
  push(
      R"({"source":"c","id":"x","patient":"p","kind":"blood_pressure","effective":"2026-03-04T10:00:00Z","systolic":"high"})");
  tell_all();
  const auto told = writer_.of("t.quarantine");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].key, "p");
  EXPECT_NE(told[0].value.find("\"high\""), std::string::npos);
  EXPECT_EQ(told[0].header("ketavigil-reason"), "type");
  EXPECT_EQ(told[0].header("ketavigil-field"), "systolic");
  EXPECT_NE(told[0].header("__connect.errors.exception.message").find("systolic"),
            std::string::npos);
}

}  // namespace
}  // namespace ketavigil::routing::kafka
