// The reading API of the real service, against what the command line prints of the same store.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "storage/resources.h"
#include "storage/store.h"
#include "tests/integration/service.h"

namespace ketavigil::test {
namespace {

using nlohmann::ordered_json;

// A service over a simulated programme of thirty patients.
class Api : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TemporaryFolder>();
    const std::string programme = (folder_->path() / "programme").string();
    must_run({KETAVIGIL_BINARY, "simulate", "--patients", "30", "--months", "8", "--seed", "8",
              "--out", programme});
    must_run({KETAVIGIL_BINARY, "load", programme + "/events.ndjson", "--data",
              (folder_->path() / "data").string(), "--as-recorded"});
    service_ = std::make_unique<Service>(folder_->path());
    ASSERT_TRUE(service_->start()) << service_->log();
  }
  static void TearDownTestSuite() {
    service_.reset();
    folder_.reset();
  }

  static std::string must_run(const std::vector<std::string>& command) {
    std::string output;
    const Ended ended = run_program(command, &output);
    EXPECT_EQ(ended.exit_code, 0) << output;
    return output;
  }
  /// What the command line prints; `command` without the data directory.
  static ordered_json printed(std::vector<std::string> command) {
    command.insert(command.begin(), KETAVIGIL_BINARY);
    command.insert(command.end(), {"--data", (folder_->path() / "data").string()});
    return ordered_json::parse(must_run(command));
  }
  static ordered_json get(const std::string& path, int status = 200) {
    const auto answer = service_->get("/api/v1/" + path);
    if (!answer) ADD_FAILURE() << "no answer to " << path;
    EXPECT_EQ(answer->status, status) << path << '\n' << answer->body;
    return ordered_json::parse(answer->body);
  }
  static ordered_json post(const std::string& path, int status = 200) {
    HttpClient client(service_->operations_port());
    const auto answer = client.request("POST", "/api/v1/" + path);
    if (!answer) ADD_FAILURE() << "no answer to " << path;
    EXPECT_EQ(answer->status, status) << path << '\n' << answer->body;
    return ordered_json::parse(answer->body);
  }
  /// A copy, for loops over what is gone at their first step.
  static ordered_json list(const ordered_json& answer, const char* key) { return answer.at(key); }
  /// The last revision of each case, as the command line's history has it.
  static std::map<std::string, ordered_json> last_revisions(const ordered_json& history) {
    std::map<std::string, ordered_json> last;
    for (const auto& revision : history.at("revisions")) last[revision.at("case")] = revision;
    return last;
  }
  /// A moment in the middle of the programme.
  static std::string middle() { return "2023-05-01T00:00:00Z"; }

  static std::unique_ptr<TemporaryFolder> folder_;
  static std::unique_ptr<Service> service_;
};
std::unique_ptr<TemporaryFolder> Api::folder_;
std::unique_ptr<Service> Api::service_;

// Times print without a fraction where it is 0, so only the seconds compare as texts.
std::string without_fraction(const std::string& time) { return time.substr(0, 19); }

// Every case of a list of the API, page by page.
template <typename Get>
std::vector<ordered_json> every_case(const Get& get, const std::string& query) {
  std::vector<ordered_json> cases;
  std::string cursor;
  do {
    const auto page = get("cases?limit=7&" + query + (cursor.empty() ? "" : "&cursor=" + cursor));
    for (const auto& one : page.at("cases")) cases.push_back(one);
    cursor = page.at("next").is_null() ? "" : page.at("next").template get<std::string>();
  } while (!cursor.empty());
  return cases;
}

void expect_same_case(const ordered_json& one, const ordered_json& revision) {
  for (const char* key : {"case", "id", "detector", "domain", "level", "state", "onset", "ended",
                          "raised", "updated", "reason", "revision", "unverified"}) {
    EXPECT_EQ(one.at(key), revision.at(key)) << key << " of " << one.at("case");
  }
  EXPECT_EQ(one.at("patient"), revision.at("subject").at("patient"));
  EXPECT_EQ(one.at("site"), revision.value("site", ordered_json()));
  EXPECT_EQ(one.at("compound"), revision.value("compound", ordered_json()));
  EXPECT_EQ(one.at("statistic").at("value"), revision.at("statistic").at("value"));
  EXPECT_EQ(one.at("statistic").at("threshold"), revision.at("statistic").at("threshold"));
}

TEST_F(Api, cases_are_the_last_revisions_that_the_command_line_prints) {
  const auto last = last_revisions(printed({"alerts", "--history", "--json"}));
  const auto cases = every_case([](const std::string& path) { return get(path); }, "");
  ASSERT_EQ(cases.size(), last.size());
  ASSERT_GT(cases.size(), 50U);
  for (const auto& one : cases) expect_same_case(one, last.at(one.at("case")));
}

TEST_F(Api, cases_as_of_a_moment_are_those_of_the_history_until_then) {
  const auto last = last_revisions(printed({"alerts", "--history", "--json", "--at", middle()}));
  const auto cases =
      every_case([](const std::string& path) { return get(path); }, "as-of=" + middle());
  ASSERT_EQ(cases.size(), last.size());
  ASSERT_GT(cases.size(), 10U);
  for (const auto& one : cases) expect_same_case(one, last.at(one.at("case")));
}

TEST_F(Api, cases_are_filtered_and_ordered_as_asked) {
  for (const auto& one : every_case([](const std::string& path) { return get(path); },
                                    "level=alert&domain=cardiovascular&sort=onset&order=asc")) {
    EXPECT_EQ(one.at("level"), "alert");
    EXPECT_EQ(one.at("domain"), "cardiovascular");
  }
  const auto by_onset = get("cases?limit=1000&sort=onset&order=asc").at("cases");
  for (std::size_t i = 1; i < by_onset.size(); ++i) {
    EXPECT_LE(without_fraction(by_onset[i - 1].at("onset")),
              without_fraction(by_onset[i].at("onset")));
  }
  const std::string patient = by_onset.front().at("patient");
  for (const auto& one : list(get("cases?search=" + patient.substr(2, 6)), "cases"))
    EXPECT_NE(one.at("patient").get<std::string>().find(patient.substr(2, 6)), std::string::npos);
  const auto second = get("cases?limit=1&offset=1&sort=onset&order=asc").at("cases").front();
  EXPECT_EQ(second, by_onset[1]);
}

TEST_F(Api, one_case_is_what_explain_prints) {
  const auto listed = get("cases?level=critical&limit=3").at("cases");
  ASSERT_FALSE(listed.empty());
  for (const auto& one : listed) {
    const std::string name = one.at("case");
    const auto answer = get("cases/" + name);
    const auto explained = printed({"explain", name, "--json", "--at", answer.at("at")});
    EXPECT_EQ(answer.at("finding"), explained.at("finding"));
    EXPECT_EQ(answer.at("facts"), explained.at("facts"));
    EXPECT_EQ(answer.at("revisions"), explained.at("revisions"));
    EXPECT_EQ(answer.at("case"), one);
    EXPECT_FALSE(answer.at("calculation").at("asks").get<std::string>().empty());
    EXPECT_FALSE(answer.at("calculation").at("parameters").empty());
  }
  get("cases/nobody", 404);
}

// A site's patient and another's, with the same pressure.
TEST(ApiOfSites, the_calculation_names_the_parameters_in_force_for_the_patient_and_their_owner) {
  const TemporaryFolder folder;
  Service service(folder.path(),
                  "sites:\n  north:\n    detectors:\n      BP-2:\n        systolic_mmhg: "
                  "{value: 170, owner: Dr. A. Example, version: 2, citation: protocol 12}\n");
  ASSERT_TRUE(service.start()) << service.log();
  for (const std::string site : {"north", "south"}) {
    const std::string whose = R"({"source":"c","patient":"p-)" + site + R"(","id":)";
    for (const std::string& fact :
         {whose + R"("e","kind":"enrolment","effective":"2024-01-02T09:00:00Z","site":")" + site +
              "\"}",
          whose + R"("b","kind":"blood_pressure","effective":"2024-03-02T09:00:00Z",)" +
              R"("systolic":185,"diastolic":80})"}) {
      const auto answer = service.post(fact);
      ASSERT_TRUE(answer);
      ASSERT_EQ(answer->status, 201) << answer->body;
    }
  }
  const auto get = [&](const std::string& path) {
    const auto answer = service.get("/api/v1/" + path);
    return answer ? ordered_json::parse(answer->body) : ordered_json();
  };
  const auto calculation = [&](const std::string& patient) {
    const auto listed = get("cases?detector=BP-2&patient=" + patient);
    return get("cases/" + listed.at("cases").at(0).at("case").get<std::string>()).at("calculation");
  };
  const auto limit = [](const ordered_json& of) {
    for (const auto& one : of.at("parameters"))
      if (one.at("name") == "systolic_mmhg") return one;
    return ordered_json();
  };
  const auto north = calculation("p-north");
  EXPECT_EQ(north.at("site"), "north");
  EXPECT_EQ(
      limit(north).dump(),
      R"({"name":"systolic_mmhg","value":170,"unit":"mm[Hg]","in_force":170,)"
      R"("source":"protocol 12","confirmed":false,"owner":"Dr. A. Example","version":2,"origin":"site"})");
  const auto south = calculation("p-south");
  EXPECT_EQ(south.at("site"), ordered_json());
  EXPECT_EQ(limit(south).at("value"), 180);
  EXPECT_EQ(limit(south).at("owner"), "Ketavigil");
  EXPECT_EQ(limit(south).at("origin"), "default");
}

TEST_F(Api, patient_is_what_the_command_line_prints_now_and_then) {
  const std::string patient = get("cases?level=critical&limit=1").at("cases").front().at("patient");
  const auto now = get("patients/" + patient);
  EXPECT_EQ(now, printed({"patient", patient, "--json", "--at", now.at("at")}));
  EXPECT_EQ(get("patients/" + patient + "?at=" + middle()),
            printed({"patient", patient, "--json", "--at", middle()}));
  EXPECT_EQ(get("patients/" + patient + "?as-of=" + middle()),
            printed({"patient", patient, "--json", "--as-of", middle()}));
  EXPECT_EQ(get("patients/" + patient + "/charts?at=" + middle()),
            printed({"patient", patient, "--charts", "--at", middle()}));
  EXPECT_EQ(get("patients/" + patient + "/revisions?at=" + middle()),
            printed({"alerts", "--history", "--patient", patient, "--json", "--at", middle()}));
  get("patients/nobody", 404);
}

TEST_F(Api, days_on_which_something_was_received_add_up_to_the_facts) {
  const std::string patient = get("cases?level=critical&limit=1").at("cases").front().at("patient");
  const auto days = get("patients/" + patient + "/received").at("days");
  std::int64_t entries = 0;
  for (const auto& day : days) entries += day.at("entries").get<std::int64_t>();
  const auto facts = get("patients/" + patient).at("facts").size();
  EXPECT_GE(entries, static_cast<std::int64_t>(facts));
  // Known at the end of the last day is what is known now.
  const auto last =
      get("patients/" + patient + "?as-of=" + days.back().at("last").get<std::string>());
  EXPECT_EQ(last.at("facts").size(), facts);
}

TEST_F(Api, cohort_and_quarantine_are_what_the_command_line_prints) {
  const auto cohort = get("cohort?at=" + middle());
  EXPECT_EQ(cohort, printed({"cohort", "--json", "--at", middle()}));
  auto entries = printed({"quarantine", "list", "--json"}).at("quarantine");
  std::reverse(entries.begin(), entries.end());
  const auto answer = get("quarantine?limit=1000");
  EXPECT_EQ(answer.at("quarantine"), entries);
  EXPECT_EQ(answer.at("total"), entries.size());
  ASSERT_FALSE(entries.empty());
  const std::string id = entries.front().at("id");
  const auto one = get("quarantine/" + id);
  EXPECT_EQ(one.at("entry"), entries.front());
  EXPECT_FALSE(one.at("text").get<std::string>().empty());
}

TEST_F(Api, programme_counts_what_the_tables_and_the_history_count) {
  ordered_json programme;
  for (int i = 0; i < 100; ++i) {
    programme = get("programme");
    if (programme.at("complete")) break;
    usleep(100'000);
  }
  ASSERT_TRUE(programme.at("complete").get<bool>());
  std::int64_t live = 0;
  std::int64_t shown = 0;
  for (const auto& row : programme.at("findings"))
    shown += row.at("by") != "level" || row.at("cases").is_null()
                 ? 0
                 : row.at("cases").get<std::int64_t>();
  for (const auto& [name, revision] : last_revisions(printed({"alerts", "--history", "--json"}))) {
    const std::string state = revision.at("state");
    if (state == "open" || state == "resolved") ++live;
  }
  EXPECT_LE(shown, live);
  EXPECT_GT(shown, 0);
  // Exposure at the last lock point is that of the cohort's tables.
  const std::string moment = programme.at("exposure").back().at("lock_point");
  const auto tables = printed({"cohort", "--lock-point", moment, "--json"}).at("tables");
  std::size_t compared = 0;
  for (const auto& row : programme.at("exposure")) {
    if (row.at("lock_point") != moment || row.at("patients").is_null()) continue;
    for (const auto& exact : tables.front().at("rows")) {
      if (exact[0] != row.at("compound") || exact[1] != row.at("route")) continue;
      EXPECT_EQ(row.at("patients"), exact[2]);
      EXPECT_EQ(row.at("sessions"), exact[3]);
      EXPECT_EQ(row.at("micrograms"), exact[4]);
      ++compared;
    }
  }
  EXPECT_GT(compared, 0U);
}

TEST_F(Api, promise_9_small_cells_of_the_programme_are_not_shown) {
  const auto programme = get("programme");
  const auto least = programme.at("suppressed_below").get<std::int64_t>();
  for (const char* table : {"enrolment", "sessions", "exposure"}) {
    for (const auto& row : programme.at(table)) {
      if (row.at("patients").is_null()) continue;
      EXPECT_GE(row.at("patients").get<std::int64_t>(), least) << row.dump();
    }
  }
}

TEST_F(Api, wrong_requests_are_told_what_was_expected) {
  for (const char* path :
       {"cases?level=severe", "cases?levl=alert", "cases?limit=0", "cases?limit=1001",
        "cases?limit=ten", "cases?since=yesterday", "cases?at=2023-13-01", "cases?cursor=x",
        "cases?level=alert&level=alert", "cases?search=%ff", "cases?search=%4", "patients/x?at=1",
        "today?since=", "quarantine?state=lost", "cases/%ff"}) {
    const auto answer = get(path, 400);
    EXPECT_EQ(answer.at("status"), "error") << path;
    EXPECT_FALSE(answer.at("error").get<std::string>().empty()) << path;
    EXPECT_EQ(answer.dump().find("severe"), std::string::npos) << "nothing of the request";
  }
  get("cases/", 404);
  get("quarantine/none", 404);
  get("nothing", 404);
  post("quarantine/none/retry", 404);
  post("cases", 405);
  get("quarantine/none/retry", 405);
}

TEST_F(Api, no_name_in_a_path_ends_the_service) {
  for (const std::string name : {"%00", "a%00b", "%0A", "%7F", "%C2%85", "..", "%2E%2E%2F", "~"}) {
    for (const std::string& path :
         {"cases/" + name, "patients/" + name, "patients/" + name + "/charts",
          "patients/" + name + "/received", "patients/" + name + "?as-of=" + middle(),
          "quarantine/" + name})
      get(path, 404);
    const auto revisions = service_->get("/api/v1/patients/" + name + "/revisions");
    ASSERT_TRUE(revisions) << name;
    post("quarantine/" + name + "/retry", 404);
  }
  EXPECT_TRUE(service_->is_running());
}

TEST_F(Api, an_id_of_news_that_is_not_of_this_process_is_told_to_ask_anew) {
  for (const std::string id : {"0", "7", "123-4", "x"}) {
    HttpClient client(service_->operations_port(), std::chrono::seconds(5));
    ASSERT_TRUE(client.connect());
    ASSERT_TRUE(client.send("GET /api/v1/news HTTP/1.1\r\nHost: 127.0.0.1\r\nLast-Event-ID: " + id +
                            "\r\n\r\n"));
    ASSERT_EQ(client.read_answer()->status, 200);
    EXPECT_NE(client.read_chunk().value_or("").find("event: reload"), std::string::npos) << id;
  }
}

TEST_F(Api, pages_of_other_sites_are_not_answered_with_data) {
  HttpClient client(service_->operations_port());
  for (const char* path : {"/api/v1/today", "/metrics"}) {
    const auto answer = client.request("GET", path, {}, {}, "Sec-Fetch-Site: cross-site\r\n");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 403) << path;
  }
}

TEST_F(Api, hostile_words_come_back_as_they_were) {
  const std::string id(128, 'x');
  const ordered_json event = {{"source", "<script>alert(1)</script>"},
                              {"id", id},
                              {"patient", "p \"<b>&'%2F/ü"},
                              {"kind", "blood_pressure"},
                              {"effective", "2023-08-01T10:00:00Z"},
                              {"systolic", 230},
                              {"diastolic", 120},
                              {"text", "</script><img src=x onerror=alert(1)>"}};
  const auto answer = service_->post(event.dump(), "application/json");
  ASSERT_EQ(answer->status, 201) << answer->body;
  const auto document = get("patients/p%20%22%3Cb%3E%26'%252F%2F%C3%BC");
  EXPECT_EQ(document.at("patient"), event.at("patient"));
  ASSERT_EQ(document.at("facts").size(), 1U);
  EXPECT_EQ(document.at("facts").front().at("id"), id);
  EXPECT_EQ(document.at("facts").front().at("text"), event.at("text"));
  const auto found = get("cases?patient=p%20%22%3Cb%3E%26'%252F%2F%C3%BC&detector=BP-3");
  ASSERT_EQ(found.at("total"), 1);
  const auto& one = found.at("cases").front();
  EXPECT_EQ(get("cases/" + one.at("case").get<std::string>()).at("facts").front().at("source"),
            event.at("source"));
}

TEST_F(Api, quarantined_event_that_came_right_is_taken_by_a_retry) {
  // Ahead of our clock when it came; a moment later it is not.
  const auto soon = std::time(nullptr) + 600 + 2;
  char effective[32];
  std::tm parts{};
  std::strftime(effective, sizeof effective, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&soon, &parts));
  const ordered_json event = {
      {"source", "clinic-01"}, {"id", "ahead"}, {"patient", "p-ahead"},  {"kind", "score"},
      {"instrument", "moca"},  {"value", 25},   {"effective", effective}};
  const auto answer = service_->post(event.dump(), "application/json");
  ASSERT_EQ(answer->status, 202) << answer->body;
  const auto entry = get("quarantine?source=clinic-01&reason=clock").at("quarantine").front();
  const std::string id = entry.at("id");
  std::string outcome;
  for (int i = 0; i < 40 && outcome != "accepted"; ++i) {
    usleep(250'000);
    outcome = post("quarantine/" + id + "/retry").at("outcome").get<std::string>();
  }
  EXPECT_EQ(outcome, "accepted");
  EXPECT_EQ(get("patients/p-ahead").at("facts").size(), 1U);
  get("quarantine/" + id, 404);
}

// The service has the lock: the command line asks it instead.
TEST_F(Api, quarantine_is_decided_about_from_the_command_line_while_the_service_runs) {
  const ordered_json event = {{"source", "clinic-01"}, {"id", "stone"},
                              {"patient", "p-stone"},  {"kind", "vital"},
                              {"name", "weight"},      {"value", 11},
                              {"unit", "stone"},       {"effective", "2024-01-02"}};
  const auto answer = service_->post(event.dump(), "application/json");
  ASSERT_EQ(answer->status, 202) << answer->body;
  const std::string id =
      get("quarantine?source=clinic-01&reason=unknown-unit").at("quarantine").front().at("id");
  const std::string server =
      "http://127.0.0.1:" + std::to_string(service_->operations_port()) + "/";
  const auto quarantine = [&](std::vector<std::string> words, std::string* output) {
    words.insert(words.begin(), {KETAVIGIL_BINARY, "quarantine"});
    return run_program(words, output).exit_code;
  };
  std::string output;
  EXPECT_EQ(quarantine({"retry", id, "--data", (folder_->path() / "data").string()}, &output), 4);
  EXPECT_NE(output.find("give --server URL"), std::string::npos) << output;
  EXPECT_EQ(quarantine({"retry", id, "--server", server}, &output), 0);
  EXPECT_NE(output.find(id + "\tquarantined\tunknown-unit\n"), std::string::npos) << output;
  // Each that waits, over several pages if need be, is tried once.
  EXPECT_EQ(quarantine({"retry", "--all", "--server", server}, &output), 0);
  EXPECT_EQ(static_cast<int>(std::count(output.begin(), output.end(), '\n')),
            get("quarantine?state=waiting").at("total").get<int>() +
                get("quarantine?state=answered").at("total").get<int>());
  EXPECT_EQ(quarantine({"discard", id, "--server", server}, &output), 0);
  EXPECT_EQ(output, id + "\tdiscarded\n");
  EXPECT_EQ(quarantine({"discard", "nothing", "--server", server}, &output), 1);
  EXPECT_NE(output.find("nothing in quarantine is named nothing"), std::string::npos) << output;
  EXPECT_EQ(quarantine({"retry", id}, &output), 1);
  EXPECT_EQ(quarantine({"retry", id, "--server", "http://127.0.0.1:1"}, &output), 3);
}

TEST_F(Api, discarded_entry_stays_and_says_so) {
  const auto entry = get("quarantine?state=waiting&limit=1000").at("quarantine").back();
  const std::string id = entry.at("id");
  EXPECT_EQ(post("quarantine/" + id + "/discard").at("outcome"), "discarded");
  EXPECT_TRUE(get("quarantine/" + id).at("entry").at("discarded").get<bool>());
}

TEST_F(Api, a_crisis_is_told_as_news_and_is_in_today) {
  HttpClient client(service_->operations_port(), std::chrono::seconds(5));
  ASSERT_TRUE(client.connect());
  ASSERT_TRUE(client.send("GET /api/v1/news HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
  ASSERT_EQ(client.read_answer()->status, 200);
  std::string told;
  const auto read_until = [&](const std::string& part) {
    while (told.find(part) == std::string::npos) {
      const auto chunk = client.read_chunk();
      if (!chunk || chunk->empty()) return false;
      told += *chunk;
    }
    return true;
  };
  ASSERT_TRUE(read_until("event: at")) << told;
  const std::string now = get("today").at("at");
  const ordered_json event = {{"source", "clinic-02"},    {"id", "crisis"},   {"patient", "p-news"},
                              {"kind", "blood_pressure"}, {"effective", now}, {"systolic", 231},
                              {"diastolic", 131}};
  ASSERT_EQ(service_->post(event.dump(), "application/json")->status, 201);
  EXPECT_TRUE(read_until("\"patient\":\"p-news\"")) << told;
  const auto today = get("today?since=" + now);
  EXPECT_EQ(today.at("critical").at("cases").front().at("patient"), "p-news");
  bool is_new = false;
  for (const auto& one : today.at("new").at("cases")) is_new |= one.at("patient") == "p-news";
  EXPECT_TRUE(is_new);
}

TEST_F(Api, feeds_tell_of_every_source_and_count_deliveries) {
  std::int64_t duplicates = 0;
  const ordered_json event = {{"source", "clinic-01"},
                              {"id", "twice"},
                              {"patient", "p-twice"},
                              {"kind", "score"},
                              {"instrument", "moca"},
                              {"value", 25},
                              {"effective", "2023-08-01T10:00:00Z"}};
  ASSERT_EQ(service_->post(event.dump(), "application/json")->status, 201);
  ASSERT_EQ(service_->post(event.dump(), "application/json")->status, 200);
  for (const auto& feed : list(get("feeds"), "feeds")) {
    if (feed.at("source") != "clinic-01") continue;
    duplicates = feed.at("since_start").at("duplicate").get<std::int64_t>();
    EXPECT_GT(feed.at("entries").get<std::int64_t>(), 100);
    EXPECT_FALSE(feed.at("lateness_hours").is_null());
  }
  EXPECT_EQ(duplicates, 1);
}

// Puts something else in the place of the first revision of a store.
void damage_history(const std::filesystem::path& shard) {
  storage::Resources resources(storage::ResourceLimits{});
  storage::StoreOptions options;
  options.path = shard;
  options.free_space_guard_bytes = 0;
  auto opened = storage::Store::open(options, resources);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  const auto store = std::move(opened).value();
  std::string key;
  {
    auto rows = store->scan(storage::Family::history, "", "");
    while (rows.valid() && !rows.value().starts_with("{")) rows.next();
    ASSERT_TRUE(rows.valid());
    key = rows.key();
  }
  storage::Batch batch(*store);
  batch.put(storage::Family::history, key, R"({"case":"cut off)");
  ASSERT_TRUE(store->write(std::move(batch), storage::Durability::synced).ok());
}

TEST(DamagedStore, history_that_cannot_be_read_is_said_and_never_shown_short) {
  TemporaryFolder folder;
  Service service(folder.path());
  std::string output;
  std::ofstream(folder.path() / "events.ndjson")
      << R"({"source":"s","id":"1","patient":"p","kind":"blood_pressure",)"
      << R"("effective":"2026-01-01T10:00:00Z","systolic":231,"diastolic":133})" << '\n';
  ASSERT_EQ(run_program({KETAVIGIL_BINARY, "load", (folder.path() / "events.ndjson").string(),
                         "--data", service.data().string()},
                        &output)
                .exit_code,
            0)
      << output;
  damage_history(service.data() / "shard-000");
  ASSERT_TRUE(service.start()) << service.log();
  for (const char* path : {"cases", "today", "programme", "cases?as-of=2026-06-01"}) {
    const auto answer = service.get(std::string("/api/v1/") + path);
    ASSERT_TRUE(answer.has_value()) << path;
    EXPECT_EQ(answer->status, 503) << path << answer->body;
    EXPECT_NE(answer->body.find("damaged. Run `ketavigil verify`"), std::string::npos)
        << answer->body;
  }
  // What does not need the history goes on.
  EXPECT_EQ(service.get("/api/v1/patients/p")->status, 200);
  EXPECT_EQ(service.get("/-/healthy")->status, 200);
}

}  // namespace
}  // namespace ketavigil::test
