// The score card: what detectors found of the harms that were planted, how late, and what they said
// where there was nothing to find.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "events/result.h"
#include "events/time.h"

namespace ketavigil::simulation {

/// Months of the calendar on average, 365.25 / 12 days each.
[[nodiscard]] inline double months_of(events::Microseconds us) {
  return static_cast<double>(us) / (30.4375 * static_cast<double>(events::day_us));
}

/// A harm of one patient, of `truth.json`.
struct PlantedHarm {
  std::string patient;
  std::string harm;
  events::Microseconds onset = 0;
  double size = 0;
};

/// The harms of scope `patient`, those by a stratum's rate included. Errors (usage) say what was
/// expected.
[[nodiscard]] Result<std::vector<PlantedHarm>> read_truth(std::string_view json);

/// Levels as `alerts` names them; a greater one matters more.
inline constexpr std::string_view level_names[] = {"info", "watch", "alert", "critical"};

/// What a detector said, and when.
struct ScoredFinding {
  std::string detector;
  int level = 0;  ///< index into `level_names`
  events::Microseconds at = 0;
  std::string of;  ///< what its newest evidence is an observation of
};

/// A patient's course, as it is scored.
struct ScoredCourse {
  std::string patient;
  std::vector<PlantedHarm> harms;  ///< none, one, or several in the same patient
  std::vector<std::pair<events::Microseconds, std::string>> observations;  ///< ascending
  std::vector<events::Microseconds> sessions;                              ///< ascending
  /// Of a patient with harms: what appeared from the first onset on, and when. Of others: what
  /// there was.
  std::vector<ScoredFinding> findings;
};

/// A share of a count, with its exact (Clopper and Pearson 1934) 95 % interval.
struct Share {
  std::int64_t count = 0;
  std::int64_t of = 0;
  [[nodiscard]] double value() const;
  [[nodiscard]] std::pair<double, double> interval() const;
};

/// The detectors of the catalogue that are there for a harm: what others say of it is chance.
/// Empty: no such harm.
[[nodiscard]] std::vector<std::string_view> detectors_for(std::string_view harm);

/// How one harm was found by one of the detectors that are there for it, at a level or above it.
struct Detection {
  std::string harm;
  std::string detector;  ///< `any`: by whichever of them was first
  int level = 0;
  Share found;                       ///< of the patients with this harm
  std::vector<double> months;        ///< from the onset, of those found, ascending
  std::vector<double> observations;  ///< of the kind that it was found by, in that time; likewise
  std::vector<double> sessions;      ///< likewise
};

/// What was said of patients without a harm.
struct FalseFindings {
  std::string detector;  ///< `rules` and `statistics` are sums
  int level = 0;
  std::int64_t findings = 0;
  Share patients;             ///< with at least one
  double patient_months = 0;  ///< in which it could have been said
  [[nodiscard]] double per_100_patient_months() const;
  /// Exact (Garwood 1936) 95 % interval, as if they came one by one.
  [[nodiscard]] std::pair<double, double> interval() const;
};

/// A series of a patient with a slow harm, as oracles need it.
struct WatchedSeries {
  int before = 0;              ///< values before the onset
  std::vector<double> shifts;  ///< of those after, in deviations
  std::vector<double> months;  ///< their times from the onset
};

/// How often and how soon, of all patients with a harm; those who were not found count as last.
struct Delay {
  double found = 0;                     ///< share
  std::optional<double> median_months;  ///< from the onset; none: fewer than half were found
};

/// The deciding method for a slow harm beside oracles (oracle.h), which watch the series that the
/// harm's size is stated in, at the times at which it was observed, with clean errors of their own.
struct OracleComparison {
  std::string harm;
  std::string detector;
  int level = 0;
  double false_alarms = 0;  ///< that the method states for a patient's life, and the oracles have
  std::int64_t patients = 0;
  Delay method;
  Delay knows_size;          ///< and SD, course and onset; the mean by the values before it
  Delay knows_baseline_too;  ///< and the mean
  /// The method's median delay in that of the oracle that knows the size.
  [[nodiscard]] std::optional<double> times() const;
};

/// Detectors whose findings are statistical: their error is bounded, not their limit fixed
/// (CATALOGUE, section 3).
[[nodiscard]] bool is_statistical(std::string_view detector);

/// Collects courses, in any order. Thread-safety: one thread.
class ScoreCard {
 public:
  void add(const ScoredCourse& course);

  /// By harm, then detector (`any` first, at every level), then level; without those found as often
  /// at the next level too.
  [[nodiscard]] std::vector<Detection> detections() const;
  /// By detector (sums first), then level.
  [[nodiscard]] std::vector<FalseFindings> false_findings() const;
  /// Patients without a harm to whom a statistical detector said so at least once in their whole
  /// course.
  [[nodiscard]] Share lifetime_false_alarms(int level) const;
  /// By harm, then level; of levels for which a lifetime chance of a false alarm is stated.
  [[nodiscard]] std::vector<OracleComparison> oracles(
      const std::array<std::optional<double>, 4>& stated) const;
  [[nodiscard]] std::int64_t patients() const { return patients_without_ + patients_with_; }
  [[nodiscard]] std::int64_t patients_without_harm() const { return patients_without_; }
  [[nodiscard]] double patient_months_without_harm() const;

 private:
  struct Found {
    double months = 0;
    double observations = 0;
    double sessions = 0;
  };
  struct Said {
    std::int64_t findings = 0;
    std::int64_t patients = 0;
  };
  void add_with_harm(const ScoredCourse& course, const PlantedHarm& harm);
  void watch(const ScoredCourse& course, const PlantedHarm& harm);
  void add_without(const ScoredCourse& course);

  std::int64_t patients_with_ = 0;
  std::int64_t patients_without_ = 0;
  events::Microseconds watched_us_ =
      0;  // of those without; whole numbers, in any order the same sum
  std::map<std::string, std::int64_t> afflicted_;              // by harm
  std::map<std::string, std::vector<WatchedSeries>> watched_;  // likewise
  std::map<std::tuple<std::string, std::string, int>, std::vector<Found>>
      found_;                                         // harm, detector, level
  std::map<std::pair<std::string, int>, Said> said_;  // detector, level
  std::int64_t lifetime_[4] = {};
};

}  // namespace ketavigil::simulation
