#include "simulation/score_card.h"

#include <algorithm>
#include <array>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "simulation/harm.h"

namespace ketavigil::simulation {
namespace {

using events::Microseconds;

constexpr double tail = 0.025;  // of a 95 % interval
constexpr std::string_view any_detector = "any";
constexpr std::string_view rules = "rules";
constexpr std::string_view statistics = "statistics";
constexpr std::array<std::string_view, 3> statistical = {"BP-7", "COG-8", "URO-2"};
constexpr int level_count = 4;

/// The detectors of the catalogue that are there for a harm: what others say of it is chance.
struct MeantFor {
  Harm harm;
  std::vector<std::string_view> detectors;
};
const std::vector<MeantFor>& meant_for() {
  static const std::vector<MeantFor> table = {
      {Harm::cognitive_decline, {"COG-6", "COG-8"}},
      {Harm::bladder_syndrome, {"URO-1", "URO-2", "URO-3"}},
      {Harm::post_dose_surge, {"BP-2", "BP-4", "BP-5"}},
      {Harm::new_hypertension, {"BP-1", "BP-7", "BP-8"}},
      {Harm::hypertensive_crisis, {"BP-2", "BP-3", "BP-4", "BP-5"}},
      {Harm::dose_escalation, {"DEP-1", "DEP-6"}},
      {Harm::interval_shortening, {"DEP-2", "DEP-3", "DEP-4", "DEP-6"}},
      {Harm::suicidality, {"DEP-9"}},
      {Harm::liver_injury, {"DEP-10"}},
      {Harm::missed_visits, {"DQ-1"}},
      {Harm::cognitive_drop, {"COG-6", "COG-8"}},
      {Harm::bladder_dechallenge, {"URO-1", "URO-2", "URO-3"}},
      {Harm::resting_drift, {"BP-1", "BP-7", "BP-8"}},
      {Harm::escalation_without_benefit, {"DEP-1", "DEP-2", "DEP-6"}},
      {Harm::off_schedule_doses, {"DEP-2", "DEP-3", "DEP-4"}},
  };
  return table;
}

Error expected(const std::string& what) {
  return {ErrorKind::usage, "the truth cannot be read: expected " + what +
                                ", as `ketavigil simulate` writes it into truth.json"};
}

bool has_text(const nlohmann::json& object, const char* key) {
  return object.contains(key) && object.at(key).is_string();
}

Result<PlantedHarm> read_harm(const nlohmann::json& entry) {
  if (!has_text(entry, "harm") || !has_text(entry, "patient") || !has_text(entry, "onset"))
    return expected("`harm`, `patient` and `onset` in each harm of scope `patient`");
  PlantedHarm harm;
  harm.patient = entry.at("patient").get<std::string>();
  harm.harm = entry.at("harm").get<std::string>();
  if (harm_named(harm.harm) == nullptr)
    return expected("a harm that is known, not " + harm.harm + "; there are: " + harm_names());
  const auto onset = events::parse_time(entry.at("onset").get<std::string>());
  if (!onset) return expected("a time in `onset`, not " + entry.at("onset").get<std::string>());
  harm.onset = onset->us;
  if (entry.contains("size") && entry.at("size").is_number())
    harm.size = entry.at("size").get<double>();
  return harm;
}

}  // namespace

Result<std::vector<PlantedHarm>> read_truth(std::string_view json) {
  const auto document = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object() || !document.contains("harms") || !document.at("harms").is_array())
    return expected("an object with a list `harms`");
  std::vector<PlantedHarm> harms;
  for (const auto& entry : document.at("harms")) {
    if (!entry.is_object() || !has_text(entry, "scope")) return expected("`scope` in each harm");
    if (entry.at("scope") != "patient") continue;
    KETAVIGIL_TRY_ASSIGN(PlantedHarm harm, read_harm(entry));
    harms.push_back(std::move(harm));
  }
  return harms;
}

bool is_statistical(std::string_view detector) {
  return std::find(statistical.begin(), statistical.end(), detector) != statistical.end();
}

std::vector<std::string_view> detectors_for(std::string_view harm) {
  const auto found = std::find_if(meant_for().begin(), meant_for().end(), [&](const MeantFor& one) {
    return traits_of(one.harm).name == harm;
  });
  return found == meant_for().end() ? std::vector<std::string_view>() : found->detectors;
}

double Share::value() const {
  return of == 0 ? 0 : static_cast<double>(count) / static_cast<double>(of);
}

std::pair<double, double> Share::interval() const {
  if (of == 0) return {0, 1};
  using Binomial = boost::math::binomial_distribution<double>;
  const auto trials = static_cast<double>(of);
  const auto successes = static_cast<double>(count);
  return {count == 0 ? 0 : Binomial::find_lower_bound_on_p(trials, successes, tail),
          count == of ? 1 : Binomial::find_upper_bound_on_p(trials, successes, tail)};
}

double FalseFindings::per_100_patient_months() const {
  return patient_months == 0 ? 0 : 100 * static_cast<double>(findings) / patient_months;
}

std::pair<double, double> FalseFindings::interval() const {
  if (patient_months == 0) return {0, 0};
  using Chi = boost::math::chi_squared_distribution<double>;
  const auto count = static_cast<double>(findings);
  const double scale = 50 / patient_months;  // half a chi-squared quantile, of 100 months
  return {findings == 0 ? 0 : scale * quantile(Chi(2 * count), tail),
          scale * quantile(complement(Chi(2 * count + 2), tail))};
}

void ScoreCard::add(const ScoredCourse& course) {
  if (course.harms.empty()) return add_without(course);
  ++patients_with_;
  for (const PlantedHarm& harm : course.harms) add_with_harm(course, harm);
}

// Of several harms each has the findings of its own detectors from its own onset on.
void ScoreCard::add_with_harm(const ScoredCourse& course, const PlantedHarm& harm) {
  const Microseconds onset = harm.onset;
  ++afflicted_[harm.harm];
  watch(course, harm);
  const auto meant = detectors_for(harm.harm);
  std::set<std::pair<std::string, int>> found;
  for (const ScoredFinding& finding : course.findings) {
    if (finding.at < onset ||
        std::find(meant.begin(), meant.end(), finding.detector) == meant.end())
      continue;
    const auto within = [&](Microseconds at) { return at >= onset && at <= finding.at; };
    Found how;
    how.months = months_of(finding.at - onset);
    how.observations = static_cast<double>(std::count_if(
        course.observations.begin(), course.observations.end(),
        [&](const auto& one) { return one.second == finding.of && within(one.first); }));
    how.sessions =
        static_cast<double>(std::count_if(course.sessions.begin(), course.sessions.end(), within));
    for (const std::string& detector : {finding.detector, std::string(any_detector)}) {
      for (int level = 0; level <= finding.level; ++level) {
        if (found.emplace(detector, level).second)
          found_[{harm.harm, detector, level}].push_back(how);
      }
    }
  }
}

void ScoreCard::add_without(const ScoredCourse& course) {
  ++patients_without_;
  if (!course.observations.empty())
    watched_us_ += course.observations.back().first - course.observations.front().first;
  std::set<std::pair<std::string, int>> seen;
  for (const ScoredFinding& finding : course.findings) {
    const std::string_view kind = is_statistical(finding.detector) ? statistics : rules;
    for (const std::string& name : {finding.detector, std::string(kind)}) {
      Said& said = said_[{name, finding.level}];
      ++said.findings;
      if (seen.emplace(name, finding.level).second) ++said.patients;
    }
  }
  for (int level = 0; level < level_count; ++level) {
    const bool alarmed = std::any_of(
        course.findings.begin(), course.findings.end(), [&](const ScoredFinding& finding) {
          return is_statistical(finding.detector) && finding.level >= level;
        });
    if (alarmed) ++lifetime_[level];
  }
}

std::vector<Detection> ScoreCard::detections() const {
  std::vector<Detection> out;
  const auto make = [&](const std::string& harm, std::int64_t of, const std::string& detector,
                        int level, const std::vector<Found>& found) {
    Detection one{harm, detector, level, {static_cast<std::int64_t>(found.size()), of}, {}, {}, {}};
    for (const Found& how : found) {
      one.months.push_back(how.months);
      one.observations.push_back(how.observations);
      one.sessions.push_back(how.sessions);
    }
    for (auto* values : {&one.months, &one.observations, &one.sessions})
      std::sort(values->begin(), values->end());
    out.push_back(std::move(one));
  };
  for (const auto& [harm, of] : afflicted_) {
    for (int level = 0; level < level_count; ++level) {
      const auto found = found_.find({harm, std::string(any_detector), level});
      make(harm, of, std::string(any_detector), level,
           found == found_.end() ? std::vector<Found>() : found->second);
    }
    for (const auto& [key, found] : found_) {
      const auto& [of_harm, detector, level] = key;
      if (of_harm != harm || detector == any_detector) continue;
      // Where the next level was found as often, its row says both.
      const auto above = found_.find({harm, detector, level + 1});
      if (above == found_.end() || above->second.size() != found.size())
        make(harm, of, detector, level, found);
    }
  }
  return out;
}

std::vector<FalseFindings> ScoreCard::false_findings() const {
  std::vector<FalseFindings> sums;
  std::vector<FalseFindings> each;
  const auto row = [&](const std::string& name, int level, const Said& said) {
    return FalseFindings{name,
                         level,
                         said.findings,
                         {said.patients, patients_without_},
                         patient_months_without_harm()};
  };
  for (const std::string_view name : {rules, statistics}) {
    for (int level = 0; level < level_count; ++level) {
      const auto found = said_.find({std::string(name), level});
      sums.push_back(row(std::string(name), level, found == said_.end() ? Said() : found->second));
    }
  }
  for (const auto& [key, said] : said_) {
    if (key.first != rules && key.first != statistics)
      each.push_back(row(key.first, key.second, said));
  }
  sums.insert(sums.end(), each.begin(), each.end());
  return sums;
}

Share ScoreCard::lifetime_false_alarms(int level) const {
  return {lifetime_[level], patients_without_};
}

double ScoreCard::patient_months_without_harm() const { return months_of(watched_us_); }

}  // namespace ketavigil::simulation
