// Large and many contents under one version stay within what one write may hold.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "engine/questions/reading.h"
#include "engine/shard/programme.h"

namespace ketavigil::engine {
namespace {

namespace fs = std::filesystem;

class StillClock : public Clock {
 public:
  [[nodiscard]] events::Microseconds now() const override {
    return events::parse_time("2024-06-01T00:00:00Z")->us;
  }
};

// 130 contents of nearly 1 MiB under one version of one fact: more than one batch may hold.
TEST(Limits, many_large_contents_of_one_version_are_all_kept) {
  constexpr int contents = 140;
  std::string pattern = (fs::temp_directory_path() / "ketavigil-limits-XXXXXX").string();
  const fs::path folder = ::mkdtemp(pattern.data());
  {
    const StillClock clock;
    ProgrammeOptions options;
    options.directory = folder / "data";
    options.create = true;
    options.free_space_guard_bytes = 0;
    auto programme = Programme::open(options, clock);
    ASSERT_TRUE(programme.ok()) << programme.error().message;
    const events::DecodeSettings settings;
    events::Decoder decoder(settings);
    int accepted = 0;
    int conflicts = 0;
    const auto count = [&](const Answer& answer) {
      accepted += answer.outcome == Outcome::accepted ? 1 : 0;
      conflicts += answer.outcome == Outcome::conflict ? 1 : 0;
    };
    BulkLoad load(programme.value().get(), false);
    for (int i = 0; i < contents; ++i) {
      const auto bytes = std::make_shared<const std::string>(
          R"({"source":"c","id":"x","patient":"p","kind":"condition","version":1,)"
          R"("effective":"2024-05-01T00:00:00Z","code":"s|1","name":")" +
          std::string(1'000'000, 'n') + std::to_string(i) + "\"}");
      std::vector<Parsed> one;
      Parsed event{*bytes, "", decoder.decode(*bytes), {}};
      ASSERT_TRUE(std::holds_alternative<events::Fact>(event.decoded));
      event.digest = events::digest_of(std::get<events::Fact>(event.decoded));
      one.push_back(std::move(event));
      const Status taken = load.take(std::move(one), bytes, count);
      ASSERT_TRUE(taken.ok()) << taken.error().message;
    }
    const Status finished = load.finish(count);
    ASSERT_TRUE(finished.ok()) << finished.error().message;
    EXPECT_EQ(accepted, 1);
    EXPECT_EQ(conflicts, contents - 1);
    const auto reading = Reading::over(*programme.value());
    ASSERT_TRUE(reading.ok());
    const auto document = patient_document(*reading.value(), "p", clock.now());
    ASSERT_TRUE(document.ok());
    std::size_t listed = 0;
    for (std::size_t at = document.value()->find("\"digest\""); at != std::string::npos;
         at = document.value()->find("\"digest\"", at + 1)) {
      ++listed;
    }
    EXPECT_EQ(listed, static_cast<std::size_t>(contents));
  }
  fs::remove_all(folder);
}

}  // namespace
}  // namespace ketavigil::engine
