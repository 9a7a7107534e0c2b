#include "simulation/expected_rules.h"

#include <algorithm>
#include <array>
#include <boost/math/distributions/poisson.hpp>
#include <cmath>
#include <optional>

#include "simulation/normal.h"
#include "simulation/philox.h"
#include "simulation/visit.h"

namespace ketavigil::simulation {
namespace {

constexpr int info = 0, watch = 1, alert = 2, critical = 3;

/// What can be counted; each has its place in a patient's counts.
struct Counted {
  std::string_view detector;
  int level;
  bool is_possible = true;  ///< false: the parameters exclude it
};
constexpr bool never = false;
constexpr Counted counted[] = {
    {"AE-1", alert},
    {"AE-1", critical},
    {"BP-1", info},
    {"BP-1", watch},
    {"BP-1", alert},
    {"BP-1", critical},
    {"BP-2", alert},
    {"BP-3", critical, never},  // no peak reaches 220/130, and none has a symptom
    {"BP-4", watch},
    {"BP-4", alert},
    {"BP-5", alert},
    {"BP-5", critical},
    {"BP-6", info},
    {"BP-9", watch, never},  // heart rates from 48 to 125, saturations from 93
    {"BP-9", alert, never},
    {"BP-9", critical, never},
    {"DEP-9", watch, never},  // ideation up to 2, the ninth item up to 1
    {"DEP-9", alert, never},
    {"DEP-9", critical, never},
    {"DEP-10", alert, never},  // enzymes up to 1.4 times their limit
    {"DEP-10", critical, never},
    {"DQ-1", info},
    {"URO-4", watch, never},  // no blood in the urine, no retention
    {"URO-4", alert, never},
    {"URO-4", critical, never},
    {"URO-6", critical, never},  // creatinine deviates by 4 %, twelve weeks apart
    {"URO-8", alert, never},     // nobody is diagnosed
};
using Counts = std::array<int, std::size(counted)>;

void count(Counts& counts, std::string_view detector, int level) {
  for (std::size_t i = 0; i < std::size(counted); ++i) {
    if (counted[i].detector == detector && counted[i].level == level) ++counts[i];
  }
}

struct Pressure {
  double systolic = 0, diastolic = 0;
  /// One of them is enough.
  [[nodiscard]] bool reaches(double s, double d) const { return systolic >= s || diastolic >= d; }
  [[nodiscard]] bool exceeds(double s, double d) const { return systolic > s || diastolic > d; }
};

enum class Moment { before, peak, leaving };
struct Reading {
  Moment moment;
  Pressure pressure;
  bool last_before = false;  ///< taken at the last time before the dose
};

/// Whether two of the last four of something were so, the newest included.
class LastFour {
 public:
  bool two_with(bool newest) {
    last_[number_++ % 4] = newest;
    return std::count(last_.begin(), last_.end(), true) >= 2;
  }

 private:
  std::array<bool, 4> last_{};
  std::size_t number_ = 0;
};

class Play {
 public:
  Play(const Blueprint& blueprint, std::uint32_t index)
      : options_(blueprint.options),
        end_day_(blueprint.end_day),
        patient_(make_patient(blueprint, index)),
        regimen_(regimens()[patient_.profile.regimen]),
        site_(blueprint.sites[static_cast<std::size_t>(patient_.profile.site)]),
        draws_(blueprint.options.seed, index, 0, Purpose::expected) {}

  Counts live() {
    error_ = draws_.normal();  // of the screening visit
    std::int64_t day = patient_.first_day;
    std::int64_t last = patient_.enrolment_day;
    double awaited = 0;  // days after the last session, by the plan that was then in force
    while (true) {
      const bool leaves = patient_.leaves != 0 && day >= day_of(patient_.leaves);
      const auto until = leaves ? day_of(patient_.leaves) : std::min(day, end_day_);
      const bool missed =
          awaited > 0 && static_cast<double>(last) + awaited < static_cast<double>(until);
      if (leaves) {
        if (missed) count(counts_, "DQ-1", info);
        count_exit();
        return counts_;
      }
      // Nobody comes after the end, and nothing says that he has left.
      if (missed || day >= end_day_) count(counts_, "DQ-1", info);
      if (day >= end_day_) return counts_;
      const auto since_first = static_cast<int>(day - patient_.first_day);
      awaited = 1.5 * planned_interval_tenths(regimen_, patient_, since_first) / 10.0;
      ++patient_.sessions;
      if (!regimen_.home) attend(day);
      last = day;
      day += days_to_next(since_first);
      if (drops_out(since_first)) return counts_;
    }
  }

 private:
  void count_exit() {
    constexpr int pregnancy = 3, death = 4;
    if (patient_.exit_reason == pregnancy) count(counts_, "AE-1", alert);
    if (patient_.exit_reason == death) count(counts_, "AE-1", critical);
  }

  bool drops_out(int day) {
    const double share = options_.noise.dropout_share;
    return share > 0 && expected_madrs(patient_, day) > 12 && draws_.chance(share);
  }

  // 1.5 % are missed; of weekly and rarer ones 12 % each come a day early and a day late.
  std::int64_t days_to_next(int day) {
    const int tenths = planned_interval_tenths(regimen_, patient_, day);
    const bool twice_weekly = tenths == 35;
    std::int64_t days = twice_weekly ? (patient_.sessions % 2 == 1 ? 3 : 4) : tenths / 10;
    const double shift = draws_.uniform();
    if (tenths >= 70 && shift < 0.24) days += shift < 0.12 ? -1 : 1;
    if (draws_.chance(0.015)) days += twice_weekly ? 4 : tenths / 10;
    return days;
  }

  // A session in a clinic: 0.6 % leave before two hours; 0.08 % have a serious event.
  void attend(std::int64_t day) {
    const bool early = draws_.chance(0.006);
    if (draws_.chance(0.0008) && !is_lost(/*withdrawable=*/true)) count(counts_, "AE-1", alert);
    measure();
    const bool is_old = year_of(day) - patient_.profile.birth_year > 65;
    judge_gate(is_old);
    judge_surge();
    if (std::any_of(readings_.begin(), readings_.end(),
                    [](const Reading& one) { return one.pressure.reaches(180, 110); }))
      count(counts_, "BP-2", alert);
    judge_leaving(early);
    const bool gap = !any(Moment::before) || !any(Moment::peak) || !any(Moment::leaving);
    if (gap || early) count(counts_, "BP-6", info);
  }

  // Nothing is lost that is refused and sent anew, or that others rest on.
  bool is_lost(bool withdrawable) {
    const double fate = draws_.uniform();
    const bool refused = fate < options_.refused_share;
    const double withdrawn_from = options_.refused_share + options_.corrected_share;
    const bool withdrawn =
        fate >= withdrawn_from && fate < withdrawn_from + options_.retracted_share;
    return withdrawable && ((refused && draws_.chance(0.5)) || withdrawn);
  }

  // As it is sent: rounded to tens by habit or by noise, lost, and told by a monitor as well.
  void tell(Moment moment, Pressure pressure) {
    Pressure told = pressure;
    const bool by_habit = site_.prefers_tens && draws_.chance(0.6);
    if (by_habit || draws_.chance(options_.noise.digit_preference_share)) {
      const auto tens = [](double value) { return std::floor((value + 5) / 10) * 10; };
      told = {tens(pressure.systolic), tens(pressure.diastolic)};
    }
    const bool unreadable = draws_.chance(options_.noise.unit_mistake_share);
    if (!is_lost(true) && !unreadable) readings_.push_back({moment, told, true});
    if (site_.has_monitor) readings_.push_back({moment, pressure, true});
  }

  // Whole numbers in the range that no crisis has, the diastolic at least 20 below.
  static Pressure whole(double systolic, double diastolic) {
    const double s = std::floor(std::clamp(systolic, 84.0, 208.0) + 0.5);
    return {s, std::min(std::floor(std::clamp(diastolic, 44.0, 117.0) + 0.5), s - 20)};
  }
  Pressure read(double systolic, double diastolic) {
    const double s = draws_.normal();
    const double d = draws_.normal();
    return whole(systolic + reading_spread * s, diastolic + 2.5 * d);
  }

  void measure() {
    readings_.clear();
    const double rho = options_.noise.autocorrelation;
    error_ = rho * error_ + std::sqrt(1 - rho * rho) * draws_.normal();
    const double rest_systolic = patient_.systolic + resting_spread * error_;
    const double rest_diastolic = patient_.diastolic + 3.5 * (0.6 * error_ + 0.8 * draws_.normal());
    Pressure before =
        read(std::clamp(rest_systolic, 90.0, 170.0), std::clamp(rest_diastolic, 48.0, 102.0));
    tell(Moment::before, before);
    if (before.exceeds(140, 90)) {
      // Seven minutes later: the gate looks at the later one alone.
      for (Reading& reading : readings_) reading.last_before = false;
      const std::size_t earlier = readings_.size();
      before = read(std::clamp(rest_systolic - 4, 90.0, 168.0),
                    std::clamp(rest_diastolic - 2, 48.0, 100.0));
      tell(Moment::before, before);
      if (readings_.size() == earlier) {
        for (Reading& reading : readings_) reading.last_before = true;
      }
    }
    const double first = draws_.normal();
    const double second = draws_.normal();
    const double up_systolic =
        std::clamp(patient_.rise_systolic + 0.8 * regimen_.rise_systolic_sd * first, -6.0, 90.0);
    const double up_diastolic = std::clamp(
        patient_.rise_diastolic + 0.8 * regimen_.rise_diastolic_sd * (0.5 * first + 0.85 * second),
        -6.0, 50.0);
    tell(Moment::peak, whole(before.systolic + up_systolic, before.diastolic + up_diastolic));
    const double left = 0.2 * std::max(0.0, up_systolic) + 2 * draws_.normal();
    tell(Moment::leaving, read(before.systolic + left, before.diastolic + left / 2));
  }

  [[nodiscard]] bool any(Moment moment) const {
    return std::any_of(readings_.begin(), readings_.end(),
                       [&](const Reading& one) { return one.moment == moment; });
  }
  /// The clinic's, unless it was lost and a monitor told it again.
  [[nodiscard]] std::optional<Pressure> first(Moment moment) const {
    for (const Reading& one : readings_) {
      if (one.moment == moment) return one.pressure;
    }
    return std::nullopt;
  }
  [[nodiscard]] std::optional<Pressure> last(Moment moment) const {
    for (auto one = readings_.rbegin(); one != readings_.rend(); ++one) {
      if (one->moment == moment) return one->pressure;
    }
    return std::nullopt;
  }

  void judge_gate(bool is_old) {
    std::optional<Pressure> gate;
    for (const Reading& one : readings_) {
      if (one.moment != Moment::before || !one.last_before) continue;
      if (!gate) gate = one.pressure;
      gate = Pressure{std::max(gate->systolic, one.pressure.systolic),
                      std::max(gate->diastolic, one.pressure.diastolic)};
    }
    if (!gate) return;
    const bool exceeds = gate->exceeds(is_old ? 150 : 140, 90);
    const bool again = gates_.two_with(exceeds);
    if (gate->reaches(180, 110)) return count(counts_, "BP-1", critical);
    if (gate->reaches(160, 100)) return count(counts_, "BP-1", alert);
    if (exceeds) count(counts_, "BP-1", again ? watch : info);
  }

  void judge_surge() {
    const auto pre = last(Moment::before);
    if (!pre || !any(Moment::peak)) return;
    const bool surges = std::any_of(readings_.begin(), readings_.end(), [&](const Reading& one) {
      return one.moment == Moment::peak && (one.pressure.systolic - pre->systolic >= 40 ||
                                            one.pressure.diastolic - pre->diastolic >= 25);
    });
    const bool again = surges_.two_with(surges);
    if (surges) count(counts_, "BP-4", again ? alert : watch);
  }

  void judge_leaving(bool early) {
    // Of who stayed the reading that is said to be the last; a monitor says nothing of the kind.
    auto at = early ? last(Moment::leaving) : first(Moment::leaving);
    if (!at && early) at = last(Moment::peak);
    if (!at) return;
    const auto pre = last(Moment::before);
    if (at->reaches(180, 110)) return count(counts_, "BP-5", critical);
    const bool above_pre = pre && at->exceeds(pre->systolic + 20, pre->diastolic + 15);
    if (above_pre || at->reaches(160, 100)) count(counts_, "BP-5", alert);
  }

  const ProgrammeOptions& options_;
  std::int64_t end_day_;
  Patient patient_;
  const Regimen& regimen_;
  const Site& site_;
  Draws draws_;
  double error_ = 0;  // of the resting pressure, as far as it lasts
  std::vector<Reading> readings_;
  LastFour gates_, surges_;
  Counts counts_{};
};

}  // namespace

std::pair<double, double> ExpectedFindings::interval(std::int64_t of) const {
  const auto n = static_cast<double>(of);
  const double expected = n * mean;
  constexpr double tail = 0.005;
  if (!is_possible) return {0, 0};
  // Never played is not never: at the mean below which a play without any is less likely than 5 %.
  constexpr double unseen = 3;
  if (expected == 0) {
    const boost::math::poisson_distribution<double> count(n * unseen / patients);
    return {0, std::ceil(quantile(complement(count, tail)))};
  }
  // What one patient has many of comes in fewer, larger portions than a Poisson count.
  const double portion = std::max(1.0, variance / mean);
  const double playing = 1 + (patients > 0 ? n / patients : 0);
  if (expected / portion < 50) {
    using boost::math::policies::integer_round_outwards;
    using Policy = boost::math::policies::policy<
        boost::math::policies::discrete_quantile<integer_round_outwards>>;
    const double scale = portion * playing;
    const boost::math::poisson_distribution<double, Policy> count(expected / scale);
    return {scale * quantile(count, tail), scale * quantile(complement(count, tail))};
  }
  constexpr double z = 2.5758;  // 99 %, two-sided
  const double reach = z * std::sqrt(n * variance * playing);
  return {std::max(0.0, expected - reach), expected + reach};
}

Result<std::vector<ExpectedFindings>> expected_findings(const ProgrammeOptions& options,
                                                        std::int64_t patients) {
  if (options.facts_per_patient_limit != 0) {
    return Error{
        ErrorKind::usage,
        "expected findings: a limit of facts per patient ends courses at a moment that does "
        "not follow from the parameters"};
  }
  ProgrammeOptions played = options;
  played.patients = patients;
  played.seed = options.seed ^ 0x9E3779B97F4A7C15ULL;
  played.plantings.clear();
  played.plant_nothing = true;
  const Blueprint blueprint = draw_up(std::move(played));
  KETAVIGIL_TRY(blueprint.status);
  std::array<double, std::size(counted)> sums{}, squares{};
  for (std::uint32_t index = 0; index < blueprint.planting_of.size(); ++index) {
    const Counts counts = Play(blueprint, index).live();
    for (std::size_t i = 0; i < counts.size(); ++i) {
      sums[i] += counts[i];
      squares[i] += static_cast<double>(counts[i]) * counts[i];
    }
  }
  std::vector<ExpectedFindings> out;
  const auto n = static_cast<double>(patients);
  for (std::size_t i = 0; i < std::size(counted); ++i) {
    const double mean = sums[i] / n;
    out.push_back({counted[i].detector, counted[i].level, counted[i].is_possible, mean,
                   squares[i] / n - mean * mean, n});
  }
  return out;
}

}  // namespace ketavigil::simulation
