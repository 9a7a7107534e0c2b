// One `step`, whatever it continues from: a fold that goes on from a saved state gives the same
// bytes as one from the start, after every entry of random records and of a simulated programme.
#include <rapidcheck.h>
#include <stdlib.h>

#include <filesystem>
#include <sstream>

#include "engine/shard/programme.h"
#include "simulation/programme.h"
#include "tests/engine/pushed_events.h"
#include "tests/engine/random_course.h"
#include "tests/engine/random_record.h"
#include "tests/engine/random_sites.h"

namespace ketavigil::engine {
namespace {

// Each event is stored three times and all rows are compared: not every random case has a
// programme.
constexpr int simulated_programmes_max = KETAVIGIL_SANITIZED ? 2 : 20;

namespace fs = std::filesystem;
using storage::Family;

// Stands where the test puts it.
class PutClock : public Clock {
 public:
  explicit PutClock(Microseconds now) : now_(now) {}
  [[nodiscard]] Microseconds now() const override { return now_; }
  void put(Microseconds now) { now_ = std::max(now_, now); }

 private:
  Microseconds now_;
};

// A programme of one shard in a folder that is removed with it.
class TemporaryProgramme {
 public:
  TemporaryProgramme(const Clock& clock, std::int64_t cache_bytes,
                     const Settings& settings = {course_settings(), {}})
      : clock_(clock) {
    std::string pattern = (fs::temp_directory_path() / "ketavigil-saved-XXXXXX").string();
    options_.directory = ::mkdtemp(pattern.data());
    options_.directory /= "p";
    options_.create = true;
    options_.workers = 1;
    options_.free_space_guard_bytes = 0;
    options_.cache_bytes = cache_bytes;
    options_.settings = settings;
    open();
    options_.settings.reset();  // those in force stay
  }
  ~TemporaryProgramme() {
    programme_.reset();
    fs::remove_all(options_.directory.parent_path());
  }
  TemporaryProgramme(const TemporaryProgramme&) = delete;
  TemporaryProgramme& operator=(const TemporaryProgramme&) = delete;

  void open() {
    programme_.reset();
    programme_ = must(Programme::open(options_, clock_));
  }
  void adopt(const Settings& settings) {
    must(programme_->shard(0).append_epoch(clock_.now(),
                                           std::make_shared<const Configured>(settings)));
  }
  Programme& operator*() { return *programme_; }
  Programme* operator->() { return programme_.get(); }

  // Every row that follows from the facts, and the facts too.
  std::string rows() {
    std::string all;
    for (const Family family : {Family::facts, Family::quarantine, Family::findings, Family::cells,
                                Family::deadlines, Family::history}) {
      auto cursor = programme_->shard(0).store().scan(family, "", "");
      for (; cursor.valid(); cursor.next()) {
        all.append(cursor.key()).append(1, '\n').append(cursor.value()).append(1, '\n');
      }
      must(cursor.status());
    }
    return all;
  }

 private:
  const Clock& clock_;
  ProgrammeOptions options_;
  std::unique_ptr<Programme> programme_;
};

std::string said(const PatientFold& fold, Microseconds at) {
  return encode(stored_findings(fold, "p0", at)) + encode(fold.at(at).cells);
}

const Microseconds after_all = events::parse_time("2025-06-01T00:00:00Z")->us;

// Folds after every fact, from the start and from the state that the fold before has left.
void check_folds(const std::vector<std::string>& texts,
                 const Settings& settings = {course_settings(), {}}) {
  const Configured configured(settings);
  static const Microseconds moments[] = {after_all, events::parse_time("2024-04-01T00:00:00Z")->us,
                                         detectors::never - 1};
  events::Decoder decoder(configured.settings.decode);
  KnownPatient known;
  known.record.patient = "p0";
  SavedState saved;
  for (const auto& json : texts) {
    auto decoded = decoder.decode(json);
    if (auto* fact = std::get_if<events::Fact>(&decoded)) {
      events::Variant variant{*fact, events::digest_of(*fact)};
      if (!known.record.variants.put(std::move(variant))) saved = {};
    } else if (auto& rejection = std::get<events::Rejection>(decoded); rejection.readable) {
      known.quarantined.push_back(*rejection.readable);
      saved = {};
    }
    const std::size_t quarantined = known.quarantined.size();
    drop_answered(known.record, &known.quarantined);
    if (known.quarantined.size() != quarantined) saved = {};
    const PatientFold plain(known.record, known.quarantined, configured);
    PatientFold continued(known.record, known.quarantined, configured, std::move(saved));
    for (const Microseconds at : moments) {
      RC_ASSERT(said(continued, at) == said(plain, at));
    }
    saved = std::move(continued).save();
  }
}

// The fold by itself: quick, so that many records can be tried.
TEST(SavedStates, a_fold_continued_says_the_same_after_every_fact) {
  EXPECT_TRUE(rc::check([] { check_folds(*random_course(1)); }));
}

// An enrolment that comes, is corrected or goes judges a patient by another site, from the start.
TEST(SavedStates, a_fold_continued_says_the_same_when_enrolments_move_a_patient_between_sites) {
  EXPECT_TRUE(
      rc::check([] { check_folds(with_moves(*random_course(1), 1), settings_with_sites()); }));
}

std::string event(const std::string& id, const std::string& effective, const std::string& rest) {
  return R"({"source":"s1","patient":"p0","id":")" + id + R"(","effective":")" + effective + "\"," +
         rest + "}";
}
const std::string session = R"("kind":"session","compound":"ketamine","route":"IV","dose_mg":40)";
const std::string pressure = R"("kind":"blood_pressure","systolic":190,"diastolic":100)";

// What random records meet too seldom. The rung of five hours stands between the two readings, of
// which the second is the session's discharge until it goes.
TEST(SavedStates, a_reading_becomes_the_discharge_again) {
  EXPECT_TRUE(rc::check([] {
    check_folds({event("s", "2024-01-10T09:00:00Z", session),
                 event("a", "2024-01-10T10:30:00Z", pressure),
                 event("b", "2024-01-10T12:00:00Z", pressure),
                 event("later", "2024-01-10T16:00:00Z", pressure),
                 R"({"source":"s1","patient":"p0","id":"b","status":"entered-in-error"})"});
  }));
}

// A conflict's loser comes late: what explains it came after it, and before all rungs.
TEST(SavedStates, a_fact_beside_the_fold_comes_late) {
  const std::string blood = R"("kind":"symptom","code":"haematuria-gross","version":3,)";
  EXPECT_TRUE(rc::check([&] {
    check_folds({event("s", "2024-01-10T09:00:00Z", session),
                 event("h", "2024-01-12T09:00:00Z",
                       blood + R"("severity":0,"recorded":"2024-01-13T09:00:00Z")"),
                 event("m", "2024-01-14T09:00:00Z",
                       R"("kind":"medication","class":"anticoagulant","action":"start")"),
                 event("later", "2024-12-10T16:00:00Z", pressure),
                 event("h", "2024-01-12T09:00:00Z",
                       blood + R"("severity":3,"recorded":"2024-01-12T10:00:00Z")")});
  }));
}

// The live lane: bytes that are stored, with a cache that holds all, one that lets go all the time,
// and none; over ticks, a bulk entry, a new configuration, and after the programme was opened anew.
void check_lanes(const std::vector<std::string>& texts,
                 Settings settings = {course_settings(), {}}) {
  PutClock clock(after_all);
  TemporaryProgramme kept(clock, 64 << 20, settings);
  TemporaryProgramme scarce(clock, 120'000 + pick(100) * 1000, settings);
  TemporaryProgramme none(clock, 0, settings);
  events::Decoder decoder(settings.decode);
  const auto everywhere = [&](auto action) {
    for (TemporaryProgramme* programme : {&kept, &scarce, &none}) action(*programme);
  };
  for (const auto& json : texts) {
    switch (pick(40)) {
      case 0:
        clock.put(clock.now() + pick(40) * events::day_us);
        everywhere([](TemporaryProgramme& programme) { must(programme->append_ticks()); });
        break;
      case 1:
        scarce.open();
        break;
      case 2:
        settings.parameters.blood_pressure.bp2_systolic_mmhg = 170 + pick(3) * 10;
        everywhere([&](TemporaryProgramme& programme) { programme.adopt(settings); });
        break;
      case 3:
        everywhere([&](TemporaryProgramme& programme) {
          BulkLoad load(&*programme, false);
          std::vector<Parsed> one;
          one.push_back(parsed(json, &decoder));
          must(load.take(std::move(one), nullptr, [](const Answer&) {}));
          must(load.finish([](const Answer&) {}));
        });
        break;
      default:
        everywhere([&](TemporaryProgramme& programme) { push(&*programme, json, &decoder); });
    }
    const std::string expected = none.rows();
    RC_ASSERT(kept.rows() == expected);
    RC_ASSERT(scarce.rows() == expected);
  }
}

TEST(SavedStates, the_live_lane_stores_the_same_bytes_with_any_cache) {
  EXPECT_TRUE(rc::check([] { check_lanes(*random_course(2)); }));
}

TEST(SavedStates, the_live_lane_stores_the_same_bytes_when_patients_move_between_sites) {
  EXPECT_TRUE(
      rc::check([] { check_lanes(with_moves(*random_course(2), 2), settings_with_sites()); }));
}

TEST(SavedStates, the_live_lane_stores_the_same_bytes_of_facts_that_meet_on_one_day) {
  EXPECT_TRUE(rc::check([] { check_lanes(*random_events()); }));
}

// Entries share writes, and what waits for a write is asked for: by the next entry of a patient who
// was let go, a duplicate, a conflict, what is quarantined twice.
void check_passes(const std::vector<std::string>& texts) {
  PutClock clock(after_all);
  TemporaryProgramme single(clock, 0);
  TemporaryProgramme kept(clock, 64 << 20);
  TemporaryProgramme scarce(clock, 120'000 + pick(100) * 1000);
  TemporaryProgramme none(clock, 0);
  const events::DecodeSettings settings = course_settings();
  events::Decoder decoder(settings);
  for (std::size_t from = 0; from < texts.size();) {
    const std::size_t to = std::min(texts.size(), from + 1 + static_cast<std::size_t>(pick(12)));
    for (std::size_t i = from; i < to; ++i) push(&*single, texts[i], &decoder);
    const std::string expected = single.rows();
    for (TemporaryProgramme* programme : {&kept, &scarce, &none}) {
      std::vector<Parsed> pass;
      for (std::size_t i = from; i < to; ++i) pass.push_back(parsed(texts[i], &decoder));
      must((*programme)->append_live(std::move(pass)));
      RC_ASSERT(programme->rows() == expected);
    }
    if (pick(4) == 0) clock.put(clock.now() + pick(40) * events::day_us);
    from = to;
  }
}

TEST(SavedStates, entries_that_share_a_write_are_stored_as_if_each_had_its_own) {
  EXPECT_TRUE(rc::check([] { check_passes(*random_course(2)); }));
  EXPECT_TRUE(rc::check([] {
    auto texts = *random_events();
    for (std::size_t i = 0; i < texts.size() / 3; ++i)  // resent
      texts.insert(texts.begin() + pick(static_cast<int>(texts.size())),
                   texts[static_cast<std::size_t>(pick(static_cast<int>(texts.size())))]);
    check_passes(texts);
  }));
}

// A quarantined event that is retried or discarded.
TEST(SavedStates, what_leaves_quarantine_leaves_the_cache) {
  EXPECT_TRUE(rc::check([] {
    const auto texts = *random_events();
    PutClock clock(after_all);
    TemporaryProgramme kept(clock, 64 << 20);
    TemporaryProgramme none(clock, 0);
    Settings settings{course_settings(), {}};
    events::Decoder decoder(settings.decode);
    for (const auto& json : texts) {
      for (TemporaryProgramme* programme : {&kept, &none}) push(&**programme, json, &decoder);
      std::vector<std::string> keys;
      auto cursor = none->shard(0).store().scan(Family::quarantine, "", "");
      for (; cursor.valid(); cursor.next()) keys.emplace_back(cursor.key());
      if (!keys.empty() && pick(3) == 0) {
        const auto& key = keys[static_cast<std::size_t>(pick(static_cast<int>(keys.size())))];
        const bool discard = pick(2) == 0;
        for (TemporaryProgramme* programme : {&kept, &none}) {
          Shard& shard = (*programme)->shard(0);
          if (discard)
            must(shard.append_discard(clock.now(), key));
          else
            must(shard.append_retry(clock.now(), key));
        }
      }
      RC_ASSERT(kept.rows() == none.rows());
    }
  }));
}

TEST(SavedStates, a_simulated_programme_is_stored_the_same_with_any_cache) {
  int programmes = 0;
  EXPECT_TRUE(rc::check([&] {
    if (++programmes > simulated_programmes_max) return;
    simulation::ProgrammeOptions options;
    options.patients = 2;
    options.months = 14;
    options.facts_per_patient_limit = 70;
    options.seed = *rc::gen::arbitrary<std::uint64_t>();
    options.sites = 10;
    options.late_share = 0.2;
    options.corrected_share = 0.1;
    options.retracted_share = 0.05;
    std::stringstream text;
    must(simulation::Programme(options).write_events(text));
    PutClock clock(0);
    TemporaryProgramme kept(clock, 64 << 20);
    TemporaryProgramme scarce(clock, 300'000);
    TemporaryProgramme none(clock, 0);
    const events::DecodeSettings settings = course_settings();
    events::Decoder decoder(settings);
    for (std::string json; std::getline(text, json);) {
      const Parsed event = parsed(json, &decoder);
      if (const auto* fact = std::get_if<events::Fact>(&event.decoded))
        clock.put(fact->recorded ? fact->recorded->us : fact->effective.us);
      for (TemporaryProgramme* programme : {&kept, &scarce, &none})
        push(&**programme, json, &decoder);
      const std::string expected = none.rows();
      RC_ASSERT(kept.rows() == expected);
      RC_ASSERT(scarce.rows() == expected);
    }
  }));
}

}  // namespace
}  // namespace ketavigil::engine
