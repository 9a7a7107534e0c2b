// One revision with two contents is told; everything else is quiet.
#include "routing/kafka/history_watch.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "engine/shard/ways_out.h"
#include "events/json_text.h"

namespace ketavigil::routing::kafka {
namespace {

namespace fs = std::filesystem;

class StillClock : public engine::Clock {
 public:
  [[nodiscard]] events::Microseconds now() const override {
    return events::parse_time("2026-03-05T00:00:00Z")->us;
  }
};

class HistoryWatchTest : public testing::Test {
 protected:
  HistoryWatchTest() {
    std::string pattern = (fs::temp_directory_path() / "ketavigil-watch-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    programme_ = open(folder_ / "here");
  }
  ~HistoryWatchTest() override {
    programme_.reset();
    fs::remove_all(folder_);
  }
  std::unique_ptr<engine::Programme> open(const fs::path& directory) const {
    engine::ProgrammeOptions options;
    options.directory = directory;
    options.create = true;
    options.ways_out = true;
    options.free_space_guard_bytes = 0;
    auto opened = engine::Programme::open(options, clock_);
    EXPECT_TRUE(opened.ok());
    return std::move(opened).value();
  }
  // A crisis of patient p, and what there is to tell of it.
  std::string crisis(engine::Programme* programme) const {
    const std::string json =
        R"({"source":"c","id":"a","patient":"p","kind":"blood_pressure","effective":)"
        R"("2026-03-04T10:00:00Z","systolic":230,"diastolic":80})";
    events::Decoder decoder(settings_);
    engine::Parsed event{json, "", decoder.decode(json), {}};
    event.digest = events::digest_of(std::get<events::Fact>(event.decoded));
    std::vector<engine::Parsed> one;
    one.push_back(std::move(event));
    EXPECT_TRUE(programme->append_live(std::move(one)).ok());
    std::vector<engine::WayOut> out;
    std::vector<std::string> rows;
    EXPECT_TRUE(
        engine::read_ways_out(programme->shard(0).store(), "", 1000, 1000, &out, &rows).ok());
    for (const engine::WayOut& told : out)
      if (told.kind == engine::WayOut::Kind::revision) return told.text;
    ADD_FAILURE() << "no revision is to be told";
    return "";
  }
  static std::string digest(const std::string& text) {
    return events::hexadecimal(events::sha256(text));
  }

  fs::path folder_;
  StillClock clock_;
  events::DecodeSettings settings_;
  std::unique_ptr<engine::Programme> programme_;
  std::vector<TwoContents> found_;
};

TEST_F(HistoryWatchTest, law_b_the_same_content_is_quiet_and_another_one_is_told_once) {
  const std::string text = crisis(programme_.get());
  HistoryWatch watch(*programme_, [this](const TwoContents& two) { found_.push_back(two); });
  ASSERT_TRUE(watch.take(text, digest(text)).ok());
  EXPECT_TRUE(found_.empty());
  ASSERT_TRUE(watch.take(text, digest(text + " ")).ok());
  ASSERT_TRUE(watch.take(text, digest(text + " ")).ok());
  ASSERT_EQ(found_.size(), 1U);
  EXPECT_EQ(found_[0].revision, 1U);
  EXPECT_EQ(watch.two_contents(), 1U);
}

TEST_F(HistoryWatchTest, law_b_what_was_told_before_this_worker_came_to_it_is_compared_then) {
  const auto other = open(folder_ / "other");
  const std::string text = crisis(other.get());
  HistoryWatch watch(*programme_, [this](const TwoContents& two) { found_.push_back(two); });
  ASSERT_TRUE(watch.take(text, digest(text)).ok());
  ASSERT_TRUE(watch.take(text, digest(text + " ")).ok());
  ASSERT_TRUE(watch.look_again().ok());
  EXPECT_TRUE(found_.empty());
  EXPECT_EQ(watch.compared(), 0U);
  EXPECT_EQ(crisis(programme_.get()), text);
  ASSERT_TRUE(watch.look_again().ok());
  EXPECT_EQ(found_.size(), 1U);
  EXPECT_EQ(watch.compared(), 2U);
}

TEST_F(HistoryWatchTest, what_is_no_revision_says_nothing) {
  crisis(programme_.get());
  HistoryWatch watch(*programme_, [this](const TwoContents& two) { found_.push_back(two); });
  for (const char* value : {"", "[]", "{", "{\"case\":1}", R"({"subject":{},"detector":"BP-1"})"})
    ASSERT_TRUE(watch.take(value, "00").ok());
  EXPECT_TRUE(found_.empty());
}

}  // namespace
}  // namespace ketavigil::routing::kafka
