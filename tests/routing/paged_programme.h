// A programme that is paged of, by a clock and a network of the test's own.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "events/json_text.h"
#include "routing/pages/pager.h"
#include "tests/routing/keeping_poster.h"

namespace ketavigil::test {

namespace fs = std::filesystem;
using events::Microseconds;
using events::second_us;
using nlohmann::json;
using routing::pages::Pager;
using routing::pages::PagerSettings;

inline constexpr Microseconds minute = 60 * second_us;
inline constexpr Microseconds hour = 60 * minute;
inline constexpr Microseconds noon =
    Microseconds{1'772'625'600} * second_us;  // 2026-03-04T12:00:00Z

class MovedClock : public engine::Clock {
 public:
  [[nodiscard]] Microseconds now() const override { return time; }
  Microseconds time = noon;
};

class PagedProgramme : public testing::Test {
 protected:
  PagedProgramme() {
    std::string pattern = (fs::temp_directory_path() / "ketavigil-pager-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    settings_.alertmanagers = {"http://am"};
    open();
  }
  ~PagedProgramme() override {
    pager_.reset();
    programme_.reset();
    fs::remove_all(folder_);
  }
  // As after a restart.
  void open() {
    pager_.reset();
    programme_.reset();
    engine::ProgrammeOptions options;
    options.directory = folder_ / "data";
    options.create = true;
    options.shards = 2;
    options.free_space_guard_bytes = 0;
    auto opened = engine::Programme::open(options, clock_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    programme_ = std::move(opened).value();
    pager_ = std::make_unique<Pager>(*programme_, poster_, settings_);
  }
  void push(const json& event) {
    const std::string text = event.dump();
    events::Decoder decoder({});
    engine::Parsed one{text, "", decoder.decode(text), {}};
    if (const auto* fact = std::get_if<events::Fact>(&one.decoded))
      one.digest = events::digest_of(*fact);
    std::vector<engine::Parsed> events;
    events.push_back(std::move(one));
    ASSERT_TRUE(programme_->append_live(std::move(events)).ok());
  }
  static json pressure(const std::string& patient, int systolic, Microseconds effective,
                       int version = 1) {
    return {{"source", "c"},      {"id", "bp"},
            {"patient", patient}, {"kind", "blood_pressure"},
            {"version", version}, {"effective", events::print_utc(effective)},
            {"site", "north"},    {"systolic", systolic},
            {"diastolic", 90}};
  }
  // Systolic and diastolic exchanged: in quarantine, and critical if it were true.
  static json exchanged(const std::string& patient, const std::string& source = "c") {
    json event = pressure(patient, 80, noon - hour);
    event["diastolic"] = 135;
    event["source"] = source;
    return event;
  }
  void step() {
    const auto looked = pager_->step();
    ASSERT_TRUE(looked.ok()) << looked.error().message;
  }
  void pass(Microseconds time) {
    clock_.time += time;
    step();
  }
  [[nodiscard]] std::int64_t decided(engine::PageDecision decision) const {
    const auto counts = pager_->counts();
    const auto found = counts.decided.find({"cardiovascular", decision});
    return found == counts.decided.end() ? 0 : found->second;
  }

  fs::path folder_;
  MovedClock clock_;
  KeepingPoster poster_;
  PagerSettings settings_;
  std::unique_ptr<engine::Programme> programme_;
  std::unique_ptr<Pager> pager_;
};

}  // namespace ketavigil::test
