// Parameters by site: a patient is judged by one site through the whole record, whatever the order
// in which enrolments come, move and go; an epoch brings them, a replay gives them again.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "engine/questions/reading.h"
#include "engine/questions/verify.h"
#include "engine/shard/parameters_in_force.h"
#include "tests/engine/pushed_events.h"
#include "tests/engine/random_sites.h"

namespace ketavigil::engine {
namespace {

using nlohmann::json;

// A programme takes longer than a record.
constexpr int programmes_max = 25;

const Microseconds after_all = events::parse_time("2025-06-01T00:00:00Z")->us;

// Everything that depends on a patient's parameters: findings, charts and the cohort's tables.
std::string answers(const Programme& programme) {
  const auto reading = must(Reading::over(programme));
  std::string all;
  for (const std::string& patient : reading->patients()) {
    all += must(patient_document(*reading, patient, after_all)).value_or("");
    all += must(patient_charts(*reading, patient, after_all)).value_or("");
  }
  return all + tables_json(must(cohort_tables(*reading, after_all)), after_all);
}

TEST(Sites, law_a_holds_in_recorded_reversed_and_shuffled_order_with_parameters_by_site) {
  int programmes = 0;
  EXPECT_TRUE(rc::check([&] {
    if (++programmes > programmes_max) return;
    auto events = with_moves(*random_course(2), 2);
    const TemporaryFolder folder;
    const StillClock clock(after_all);
    const auto recorded =
        open_programme(folder / "recorded", clock, 1, 5000, settings_with_sites());
    push(recorded.get(), events, course_settings());
    const std::string expected = answers(*recorded);
    std::reverse(events.begin(), events.end());
    const auto reversed =
        open_programme(folder / "reversed", clock, 2, 5000, settings_with_sites());
    push(reversed.get(), events, course_settings());
    RC_ASSERT(answers(*reversed) == expected);
    std::shuffle(events.begin(), events.end(),
                 std::mt19937_64(*rc::gen::arbitrary<std::uint64_t>()));
    const auto shuffled =
        open_programme(folder / "shuffled", clock, 3, 5000, settings_with_sites());
    push(shuffled.get(), events, course_settings());
    RC_ASSERT(answers(*shuffled) == expected);
    const auto bulk = open_programme(folder / "bulk", clock, 1, 3, settings_with_sites());
    BulkLoad load(bulk.get(), false);
    std::vector<Parsed> all;
    const events::DecodeSettings settings = course_settings();
    events::Decoder decoder(settings);
    for (const auto& text : events) all.push_back(parsed(text, &decoder));
    must(load.take(std::move(all), nullptr, [](const Answer&) {}));
    must(load.finish([](const Answer&) {}));
    RC_ASSERT(answers(*bulk) == expected);
  }));
}

TEST(Sites, law_a_a_patient_is_judged_as_in_a_programme_of_that_site_alone) {
  EXPECT_TRUE(rc::check([] {
    const auto events = with_moves(*random_course(1), 1);
    const Configured sites(settings_with_sites());
    events::Decoder decoder(sites.settings.decode);
    KnownPatient known;
    known.record.patient = "p0";
    for (const auto& text : events) {
      auto decoded = decoder.decode(text);
      if (const auto* fact = std::get_if<events::Fact>(&decoded)) {
        known.record.variants.put({*fact, events::digest_of(*fact)});
      } else if (const auto& rejection = std::get<events::Rejection>(decoded); rejection.readable) {
        known.quarantined.push_back(*rejection.readable);
      }
    }
    const PatientFold fold(known.record, known.quarantined, sites);
    const std::string& site = fold.in_force().site;
    Settings alone = settings_with_sites();
    if (!site.empty()) alone.parameters = parameters_of_site(alone, alone.sites.at(site));
    alone.sites.clear();
    const Configured programme(alone);
    const PatientFold of_programme(known.record, known.quarantined, programme);
    RC_CLASSIFY(!site.empty());
    for (const Microseconds at : {after_all, after_all - 300 * events::day_us}) {
      RC_ASSERT(encode(stored_findings(fold, "p0", at)) ==
                encode(stored_findings(of_programme, "p0", at)));
    }
  }));
}

TEST(Sites, law_b_an_epoch_of_sites_is_replayed_and_without_it_the_new_parameters_always_held) {
  int programmes = 0;
  EXPECT_TRUE(rc::check([&] {
    if (++programmes > programmes_max) return;
    const auto events = with_moves(*random_course(2), 2);
    const TemporaryFolder folder;
    StillClock clock(after_all);
    auto programme =
        open_programme(folder / "data", clock, 1, 5000, Settings{course_settings(), {}});
    const auto half = static_cast<std::ptrdiff_t>(events.size() / 2);
    push(programme.get(), {events.begin(), events.begin() + half}, course_settings());
    programme = nullptr;
    programme = open_programme(folder / "data", clock, 1, 5000, settings_with_sites());
    push(programme.get(), {events.begin() + half, events.end()}, course_settings());
    programme = nullptr;
    programme = open_programme(folder / "data", clock, 1);  // those of the log stay in force
    RC_ASSERT(settings_text(programme->configured().settings) ==
              settings_text(settings_with_sites()));
    RC_ASSERT(must(verify(folder / "data", [](std::int64_t, const std::string&) {})).entries > 0);

    const auto again_by = [&](const std::string& name, const Settings& begin, bool without_epochs) {
      auto again = open_programme(folder / name, clock, 1, 5000, begin);
      must(replay({&programme->shard(0).store()}, again.get(), without_epochs, std::nullopt,
                  [](std::uint64_t, std::uint64_t) {}));
      return again;
    };
    const auto same = again_by("same", Settings{course_settings(), {}}, false);
    RC_ASSERT(history(*same) == history(*programme));
    RC_ASSERT(answers(*same) == answers(*programme));
    const auto always = again_by("always", settings_with_sites(), true);
    RC_ASSERT(answers(*always) == answers(*programme));
  }));
}

std::string enrolment(const std::string& patient, const std::string& site,
                      const std::string& rest = "") {
  return R"({"source":"s1","id":"e","kind":"enrolment","effective":"2024-01-02T09:00:00Z")" +
         quoted("patient", patient) + quoted("site", site) + rest + "}";
}
std::string pressure(const std::string& patient, int systolic) {
  return R"({"source":"s1","id":"b","kind":"blood_pressure","effective":"2024-03-02T09:00:00Z")" +
         quoted("patient", patient) + number("systolic", systolic) + number("diastolic", 80) + "}";
}

// Of the one detector whose limit differs: who has a finding, and by which limit.
std::set<std::pair<std::string, double>> severe(const Programme& programme) {
  const auto reading = must(Reading::over(programme));
  std::set<std::pair<std::string, double>> found;
  AlertFilter filter;
  filter.detector = "BP-2";
  must(list_alerts(*reading, filter, after_all, [&](const ListedFinding& listed) {
    const auto finding = json::parse(listed.finding->text);
    found.emplace(finding.at("subject").at("patient"),
                  finding.at("statistic").at("parameters").at("systolic_mmhg"));
  }));
  return found;
}

TEST(Sites, an_epoch_of_one_site_revises_the_cases_of_its_patients_only) {
  const TemporaryFolder folder;
  StillClock clock(after_all);
  auto programme = open_programme(folder / "data", clock, 1);
  for (const std::string site : {"north", "south"})
    push(programme.get(), {enrolment(site, site), pressure(site, 185)}, course_settings());
  const auto before = history(*programme);
  Settings settings;
  must(give_parameter(&settings, "north", {"BP-2", "systolic_mmhg"}, {182, {}}));
  programme = nullptr;
  programme = open_programme(folder / "data", clock, 1, 5000, settings);
  EXPECT_EQ(severe(*programme),
            (std::set<std::pair<std::string, double>>{{"north", 182}, {"south", 180}}));
  const auto now = history(*programme);
  EXPECT_EQ(now.size(), before.size() + 1);
  for (const std::string& text : now) {
    const auto revision = json::parse(text);
    if (revision.at("reason") == "new") continue;
    EXPECT_EQ(revision.at("subject").at("patient"), "north");
    EXPECT_EQ(revision.at("reason"), "configuration");
  }
}

TEST(Sites, the_first_enrolment_decides_and_one_that_is_corrected_or_retracted_decides_no_more) {
  const TemporaryFolder folder;
  StillClock clock(after_all);
  Settings settings;
  must(give_parameter(&settings, "north", {"BP-2", "systolic_mmhg"}, {150, {}}));
  must(give_parameter(&settings, "east", {"BP-2", "systolic_mmhg"}, {160, {}}));
  const auto programme = open_programme(folder / "data", clock, 1, 5000, settings);
  const auto limit = [&]() {
    const auto found = severe(*programme);
    return found.empty() ? 0 : found.begin()->second;
  };
  push(programme.get(), {pressure("p", 185)}, course_settings());
  EXPECT_EQ(limit(), 180);  // nobody has enrolled them
  push(programme.get(), {enrolment("p", "north", R"(,"recorded":"2024-01-02T10:00:00Z")")},
       course_settings());
  EXPECT_EQ(limit(), 150);
  const std::string second = quoted("source", "s2") + quoted("id", "other") +
                             quoted("patient", "p") + quoted("kind", "enrolment");
  push(programme.get(),
       {"{" + second.substr(1) + R"(,"effective":"2024-02-02T09:00:00Z","site":"east"})"},
       course_settings());
  EXPECT_EQ(limit(), 150);  // of two the first
  push(programme.get(), {enrolment("p", "unheard", R"(,"version":3)")}, course_settings());
  EXPECT_EQ(limit(), 180);
  push(programme.get(),
       {R"({"source":"s1","id":"e","patient":"p","version":4,)"
        R"("status":"entered-in-error"})"},
       course_settings());
  EXPECT_EQ(limit(), 160);
}

TEST(Sites, the_text_of_settings_without_them_is_what_it_was_and_with_them_comes_back) {
  EXPECT_EQ(settings_text({}),
            R"({"compounds":[],"covariates":[],"instruments":[],"medication_classes":[],)"
            R"("parameters":{},"sources":{}})");
  Settings settings;
  ASSERT_TRUE(give_parameter(&settings, "", {"BP-2", "systolic_mmhg"}, {170, {}}).ok());
  EXPECT_NE(settings_text(settings).find(R"("parameters":{"BP-2":{"systolic_mmhg":170.0}})"),
            std::string::npos)
      << settings_text(settings);
  const std::string plain = fold_identity(settings);
  const ParameterStatement said{"Dr. A. Example", 2, "local protocol 12", true};
  ASSERT_TRUE(give_parameter(&settings, "", {"BP-2", "systolic_mmhg"}, {170, said}).ok());
  ASSERT_TRUE(give_parameter(&settings, "north", {"BP-1", "systolic_mmhg"}, {150, said}).ok());
  ASSERT_TRUE(give_parameter(&settings, "north", {"BP-2", "systolic_mmhg"}, {175, {}}).ok());
  EXPECT_NE(fold_identity(settings), plain);
  auto again = settings_of_text(settings_text(settings));
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again.value().sites, settings.sites);
  EXPECT_EQ(again.value().statements, settings.statements);
  EXPECT_EQ(fold_identity(again.value()), fold_identity(settings));
  for (const auto& [from, to] :
       {std::pair<std::string, std::string>("\"version\":2", "\"version\":0"),
        {"\"owner\":\"Dr. A. Example\"", "\"owner\":\"\""},
        {"\"north\"", "\"\""},
        {"\"BP-1\"", "\"BP-99\""}}) {
    std::string wrong = settings_text(settings);
    wrong.replace(wrong.find(from), from.size(), to);
    EXPECT_FALSE(settings_of_text(wrong).ok()) << wrong;
  }
}

TEST(Sites, who_answers_for_a_value_shows_in_no_digest_of_findings) {
  Settings plain;
  Settings stated;
  const ParameterStatement said{"Dr. A. Example", 2, "local protocol 12", true};
  ASSERT_TRUE(give_parameter(&plain, "", {"BP-2", "systolic_mmhg"}, {170, {}}).ok());
  ASSERT_TRUE(give_parameter(&stated, "", {"BP-2", "systolic_mmhg"}, {170, said}).ok());
  EXPECT_EQ(Identities(plain).of("BP-2").parameters, Identities(stated).of("BP-2").parameters);
  EXPECT_NE(Identities(plain).of("BP-2").parameters, Identities(Settings()).of("BP-2").parameters);
}

TEST(Sites, each_parameter_says_where_it_comes_from_and_who_answers_for_it) {
  Settings settings;
  const ParameterStatement said{"Dr. A. Example", 2, "local protocol 12", true};
  ASSERT_TRUE(give_parameter(&settings, "", {"BP-2", "systolic_mmhg"}, {170, {}}).ok());
  ASSERT_TRUE(give_parameter(&settings, "north", {"BP-2", "systolic_mmhg"}, {175, said}).ok());
  const auto find = [&](std::string_view site, std::string_view name) {
    for (const auto& one : parameters_in_force(settings, site))
      if (one.info.detector == "BP-2" && one.info.name == name) return one;
    return ParameterInForce();
  };
  const auto by_default = find("north", "diastolic_mmhg");
  EXPECT_EQ(by_default.origin, ParameterOrigin::by_default);
  EXPECT_EQ(by_default.statement.owner, "Ketavigil");
  EXPECT_EQ(by_default.statement.citation, by_default.info.citation);
  EXPECT_EQ(by_default.statement.confirmed, by_default.info.confirmed);
  const auto programme = find("south", "systolic_mmhg");
  EXPECT_EQ(programme.origin, ParameterOrigin::programme);
  EXPECT_EQ(programme.value, 170);
  EXPECT_EQ(programme.statement, ParameterStatement());
  const auto site = find("north", "systolic_mmhg");
  EXPECT_EQ(site.origin, ParameterOrigin::site);
  EXPECT_EQ(site.value, 175);
  EXPECT_EQ(site.programme_value, 170);
  EXPECT_EQ(site.default_value, 180);
  EXPECT_EQ(site.statement, said);
}

}  // namespace
}  // namespace ketavigil::engine
