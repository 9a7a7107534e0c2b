// One patient.
#include "dashboards/api/api.h"
#include "engine/questions/patient_log.h"
#include "events/json_text.h"
#include "events/partition.h"

namespace ketavigil::dashboards::api {
namespace {

using engine::Reading;

// Each replay opens a store of its own; more at once only make all of them late.
constexpr int replays_at_once = 2;

// A place among those at work, if there is one.
class Place {
 public:
  explicit Place(std::atomic<int>* taken) : taken_(taken), is_free_(++*taken <= replays_at_once) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { --*taken_; }
  [[nodiscard]] bool is_free() const { return is_free_; }

 private:
  std::atomic<int>* taken_;
  bool is_free_;
};

Answer busy() {
  return problem(503, "busy", "others ask for the past of patients: try again in a second");
}

Answer unknown_patient() { return problem(404, "unknown_patient", "nobody is known by this name"); }

// What is asked of a patient: by all that is known now, or as it was known at a moment.
struct Asked {
  std::unique_ptr<Reading> now;
  std::unique_ptr<Reading> past;
  events::Microseconds at = 0;
  [[nodiscard]] const Reading& reading() const { return past ? *past : *now; }
};

Result<Asked> ask(const engine::Programme& programme, const engine::LogBook& log,
                  const std::string& patient, std::string_view query) {
  KETAVIGIL_TRY_ASSIGN(const auto given, Parameters::read(query, {"at", "as-of"}));
  KETAVIGIL_TRY_ASSIGN(const auto at, given.time("at"));
  KETAVIGIL_TRY_ASSIGN(const auto as_of, given.time("as-of"));
  Asked asked;
  const int shard = events::partition_of(patient, programme.shards());
  KETAVIGIL_TRY_ASSIGN(asked.now, Reading::beside(programme, shard, false));
  asked.at = at.value_or(as_of.value_or(newest(programme)));
  if (as_of) {
    KETAVIGIL_TRY_ASSIGN(
        asked.past,
        Reading::of_patient_as_of(*asked.now, patient, log.ranges_of(shard, patient), *as_of));
  }
  return asked;
}

}  // namespace

// The answer for a patient whose shard is not here.
std::optional<Answer> Api::elsewhere(const Segments& names, std::string_view query) const {
  const std::string& patient = names[1];
  const int shard = events::partition_of(patient, parts_.programme.shards());
  if (parts_.programme.owns(shard)) return std::nullopt;
  const std::string operations = parts_.find_worker(patient);
  if (operations.empty())
    return problem(503, "elsewhere", "another worker has this patient, and it is not known which");
  Answer answer = problem(307, "elsewhere", "another worker has this patient");
  std::string path = "/api/v1";
  for (const std::string& name : names) path += '/' + percent_encoded(name);
  if (!query.empty()) path += '?' + std::string(query);
  answer.headers.emplace_back("Location", operations + path);
  return answer;
}

Result<Answer> Api::patient(const Segments& names, std::string_view query) {
  if (auto other = elsewhere(names, query)) return std::move(*other);
  const Place place(&replays_);
  if (!place.is_free() && query.find("as-of") != std::string_view::npos) return busy();
  KETAVIGIL_TRY_ASSIGN(const auto asked, ask(parts_.programme, parts_.log, names[1], query));
  KETAVIGIL_TRY_ASSIGN(const auto document,
                       engine::patient_document(asked.reading(), names[1], asked.at));
  return document ? Answer{200, *document + "\n", {}} : unknown_patient();
}

Result<Answer> Api::charts(const Segments& names, std::string_view query) {
  if (auto other = elsewhere(names, query)) return std::move(*other);
  const Place place(&replays_);
  if (!place.is_free() && query.find("as-of") != std::string_view::npos) return busy();
  KETAVIGIL_TRY_ASSIGN(const auto asked, ask(parts_.programme, parts_.log, names[1], query));
  KETAVIGIL_TRY_ASSIGN(const auto document,
                       engine::patient_charts(asked.reading(), names[1], asked.at));
  return document ? Answer{200, *document + "\n", {}} : unknown_patient();
}

Result<Answer> Api::received(const Segments& names, std::string_view query) {
  KETAVIGIL_TRY(Parameters::read(query, {}).status());
  if (auto other = elsewhere(names, query)) return std::move(*other);
  KETAVIGIL_TRY_ASSIGN(const auto asked, ask(parts_.programme, parts_.log, names[1], ""));
  KETAVIGIL_TRY_ASSIGN(
      const auto days,
      engine::received_days(
          *asked.now, names[1],
          parts_.log.ranges_of(events::partition_of(names[1], parts_.programme.shards()),
                               names[1])));
  if (days.empty()) return unknown_patient();
  std::string out = "{\"patient\":";
  events::append_json_string(&out, names[1]);
  out += ",\"days\":[";
  for (const auto& day : days) {
    if (out.back() != '[') out += ',';
    out += "{\"day\":\"" + events::print_utc(day.day).substr(0, 10) + "\",\"last\":\"" +
           events::print_utc(day.last) + "\",\"entries\":" + std::to_string(day.entries) + '}';
  }
  return Answer{200, out + "]}\n", {}};
}

Result<Answer> Api::revisions(const Segments& names, std::string_view query) {
  KETAVIGIL_TRY_ASSIGN(const auto given, Parameters::read(query, {"at"}));
  KETAVIGIL_TRY_ASSIGN(const auto at, given.time("at"));
  if (auto other = elsewhere(names, query)) return std::move(*other);
  KETAVIGIL_TRY_ASSIGN(const auto asked, ask(parts_.programme, parts_.log, names[1], ""));
  engine::AlertFilter filter;
  filter.patient = names[1];
  const events::Microseconds until = at.value_or(asked.at);
  std::string out = "{\"at\":\"" + events::print_utc(until) + "\",\"revisions\":[";
  KETAVIGIL_TRY(engine::list_revisions(*asked.now, filter, until, [&](std::string_view text) {
    if (out.back() != '[') out += ',';
    out += text;
  }));
  return Answer{200, out + "]}\n", {}};
}

}  // namespace ketavigil::dashboards::api
