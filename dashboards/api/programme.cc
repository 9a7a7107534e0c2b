// The whole programme: tables, and what became of it month by month.
#include <map>

#include "dashboards/api/api.h"
#include "detectors/statistics/exact_tests.h"
#include "engine/cohort/cohort_reading.h"
#include "events/json_text.h"

namespace ketavigil::dashboards::api {
namespace {

// Counts of fewer patients (but not 0) are not shown: DESIGN, promise 9.
constexpr std::int64_t suppressed_below = 5;
constexpr std::size_t lock_points_max = 120;
constexpr std::size_t month_characters = 7;
constexpr double microseconds_per_year = 365.25 * 86'400e6;

bool is_small(std::int64_t patients) { return patients > 0 && patients < suppressed_below; }

std::string number_or_null(std::int64_t number, bool suppressed) {
  return suppressed ? "null" : std::to_string(number);
}

class Rows {
 public:
  explicit Rows(std::string* out, std::string_view name) : out_(out) {
    *out_ += ",\"";
    *out_ += name;
    *out_ += "\":[";
  }
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  ~Rows() { *out_ += ']'; }
  void begin() { *out_ += out_->back() == '[' ? "{" : ",{"; }
  void text(std::string_view key, std::string_view value) {
    separate(key);
    events::append_json_string(out_, value);
  }
  void raw(std::string_view key, std::string_view value) {
    separate(key);
    *out_ += value;
  }
  void end() { *out_ += '}'; }

 private:
  void separate(std::string_view key) {
    *out_ += out_->back() == '{' ? "\"" : ",\"";
    *out_ += key;
    *out_ += "\":";
  }
  std::string* out_;
};

struct LockedTables {
  events::Microseconds lock_point = 0;
  std::vector<engine::Table> tables;
};

// The last complete lock point of each month, the newest of them last.
Result<std::vector<LockedTables>> monthly_tables(const engine::Programme& programme) {
  std::vector<LockedTables> out;
  std::error_code ignored;
  if (!std::filesystem::exists(engine::cohort_path(programme.options().directory), ignored))
    return out;
  KETAVIGIL_TRY_ASSIGN(const auto cohort,
                       engine::CohortReading::open(programme.options().directory));
  KETAVIGIL_TRY_ASSIGN(const auto points, cohort->lock_points());
  std::map<std::string, events::Microseconds> last_of_month;
  for (const auto& point : points) {
    if (point.is_complete())
      last_of_month[events::print_utc(point.lock_point).substr(0, month_characters)] =
          point.lock_point;
  }
  while (last_of_month.size() > lock_points_max) last_of_month.erase(last_of_month.begin());
  for (const auto& [month, moment] : last_of_month) {
    KETAVIGIL_TRY_ASSIGN(const auto sum, engine::sum_at(cohort->store(), moment));
    if (sum) out.push_back({moment, engine::tables_of(sum->cells)});
  }
  return out;
}

const std::string& word(const engine::Table::CellValue& cell) {
  return std::get<std::string>(cell);
}
std::int64_t count(const engine::Table::CellValue& cell) { return std::get<std::int64_t>(cell); }

void append_exposure(std::string* out, const std::vector<LockedTables>& locked) {
  Rows rows(out, "exposure");
  for (const auto& one : locked) {
    for (const auto& row : one.tables.front().rows) {  // compound, route, patients, sessions, …
      const bool small = is_small(count(row[2]));
      rows.begin();
      rows.text("lock_point", events::print_utc(one.lock_point));
      rows.text("compound", word(row[0]));
      rows.text("route", word(row[1]));
      rows.raw("patients", number_or_null(count(row[2]), small));
      rows.raw("sessions", number_or_null(count(row[3]), small));
      rows.raw("micrograms", number_or_null(count(row[4]), small));
      rows.raw("person_years",
               small ? "null"
                     : events::json_number(events::round_to_12_digits(
                           static_cast<double>(count(row[5])) / microseconds_per_year)));
      rows.end();
    }
  }
}

// Findings that hold for 100 person-years at risk, at the last lock point, with the exact interval
// of a Poisson mean.
void append_rates(std::string* out, const std::vector<LockedTables>& locked) {
  Rows rows(out, "rates");
  if (locked.empty()) return;
  std::map<std::string, double> years;
  std::set<std::string> hidden;  // a sum over routes would tell a small one
  for (const auto& row : locked.back().tables.front().rows) {
    years[word(row[0])] += static_cast<double>(count(row[5])) / microseconds_per_year;
    if (is_small(count(row[2]))) hidden.insert(word(row[0]));
  }
  struct Sum {
    std::int64_t findings = 0;
    std::int64_t patients_least = 0;  // of one detector: at least so many patients
  };
  std::map<std::pair<std::string, std::string>, Sum> sums;
  for (const auto& row : locked.back().tables.back().rows) {  // compound, detector, level, …
    Sum& sum = sums[{word(row[0]), word(row[2])}];
    sum.findings += count(row[4]);
    sum.patients_least = std::max(sum.patients_least, count(row[3]));
  }
  for (const auto& [key, sum] : sums) {
    const double at_risk = years[key.first];
    if (key.first.empty() || at_risk <= 0 || hidden.count(key.first) != 0) continue;
    const bool small = is_small(sum.patients_least);
    const auto interval = detectors::statistics::poisson_interval(sum.findings);
    const auto rate = [&](double events_) {
      return small ? std::string("null")
                   : events::json_number(events::round_to_12_digits(100 * events_ / at_risk));
    };
    rows.begin();
    rows.text("compound", key.first);
    rows.text("level", key.second);
    rows.raw("cases", number_or_null(sum.findings, small));
    rows.raw("person_years", events::json_number(events::round_to_12_digits(at_risk)));
    rows.raw("per_100_person_years", rate(static_cast<double>(sum.findings)));
    rows.raw("lower", rate(interval.low));
    rows.raw("upper", rate(interval.high));
    rows.end();
  }
}

void append_months(std::string* out, const engine::MonthsOfProgramme& months) {
  {
    Rows rows(out, "enrolment");
    for (const auto& [key, patients] : months.enrolled) {
      rows.begin();
      rows.text("month", key.first);
      rows.text("site", key.second);
      rows.raw("patients", number_or_null(patients, is_small(patients)));
      rows.end();
    }
  }
  Rows rows(out, "sessions");
  for (const auto& [key, given] : months.given) {
    const auto& [month, by, group] = key;
    const bool small = is_small(given.patients);
    rows.begin();
    rows.text("month", month);
    rows.text("by", engine::name_of(by));
    rows.text("group", group);
    rows.raw("patients", number_or_null(given.patients, small));
    rows.raw("sessions", number_or_null(given.sessions, small));
    rows.raw("micrograms", number_or_null(given.micrograms, small));
    rows.end();
  }
}

struct CasesOfMonth {
  std::int64_t cases = 0;
  std::set<std::string> patients;
};

void append_findings(std::string* out, const engine::CaseBook& book) {
  std::map<std::tuple<std::string, std::string_view, std::string>, CasesOfMonth> months;
  const auto add = [&](const engine::CaseSummary& one, std::string_view by,
                       std::string_view group) {
    CasesOfMonth& cases =
        months[{events::print_utc(one.onset).substr(0, month_characters), by, std::string(group)}];
    ++cases.cases;
    if (static_cast<std::int64_t>(cases.patients.size()) < suppressed_below)
      cases.patients.insert(one.patient);
  };
  book.for_each([&](const engine::CaseHandle& one) {
    if (one->state != engine::CaseState::open && one->state != engine::CaseState::resolved) return;
    add(*one, "level", detectors::name_of(one->level));
    add(*one, "compound", one->compound);
    add(*one, "site", one->site);
    add(*one, "detector", one->detector);
  });
  Rows rows(out, "findings");
  for (const auto& [key, cases] : months) {
    const auto& [month, by, group] = key;
    rows.begin();
    rows.text("month", month);
    rows.text("by", by);
    rows.text("group", group);
    rows.raw("cases", number_or_null(cases.cases,
                                     is_small(static_cast<std::int64_t>(cases.patients.size()))));
    rows.end();
  }
}

}  // namespace

Result<Answer> Api::cohort(const Segments& /*names*/, std::string_view query) {
  KETAVIGIL_TRY_ASSIGN(const auto given, Parameters::read(query, {"at"}));
  KETAVIGIL_TRY_ASSIGN(const auto moment, given.time("at"));
  KETAVIGIL_TRY_ASSIGN(const auto reading,
                       engine::Reading::beside(parts_.programme, std::nullopt, true));
  const events::Microseconds at = moment.value_or(newest(parts_.programme));
  KETAVIGIL_TRY_ASSIGN(const auto tables, engine::cohort_tables(*reading, at));
  return Answer{200, engine::tables_json(tables, at) + "\n", {}};
}

Result<Answer> Api::programme(const Segments& /*names*/, std::string_view query) {
  KETAVIGIL_TRY(Parameters::read(query, {}).status());
  KETAVIGIL_TRY(parts_.cases.refresh());
  const auto counted = parts_.months.get();
  const engine::MonthsOfProgramme none;
  KETAVIGIL_TRY_ASSIGN(const auto locked, monthly_tables(parts_.programme));
  std::string out = "{\"at\":\"" +
                    events::print_utc(counted ? counted->at : newest(parts_.programme)) +
                    "\",\"complete\":" + (counted ? "true" : "false") +
                    ",\"suppressed_below\":" + std::to_string(suppressed_below);
  append_months(&out, counted ? *counted : none);
  append_exposure(&out, locked);
  append_findings(&out, parts_.cases);
  append_rates(&out, locked);
  return Answer{200, out + "}\n", {}};
}

}  // namespace ketavigil::dashboards::api
