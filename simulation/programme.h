// A programme of ketamine-class treatment, made up from a seed: sites, patients, sessions by label
// and off-label, vitals, scores, symptoms, laboratory values; late, duplicate, corrected, retracted
// and refused facts; the habits of sites; and planted harms whose truth is known.
//
// The same options give the same bytes on every machine: a counter-based generator (philox.h),
// inverse transforms from + − × / and sqrt alone (normal.h), whole numbers in all that is printed.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "events/result.h"
#include "simulation/noise.h"
#include "simulation/planting.h"

namespace ketavigil::simulation {

/// What programme to make. `validate` says what is out of range.
struct ProgrammeOptions {
  std::int64_t patients = 100;            ///< 1 … 10,000,000
  int months = 12;                        ///< 1 … 240, of the calendar, from the start date
  std::uint64_t seed = 1;                 ///< any
  int sites = 10;                         ///< 1 … 999; ten show every habit alone (site.h)
  std::string start_date = "2023-01-02";  ///< `YYYY-MM-DD`, 1971 … 2199
  /// Shares of the facts. Each 0 … 1, the last three together at most 1. Corrected are only facts
  /// with a number, retracted only those that no other rests on, and neither they nor refused are
  /// those that show a planted harm: of all facts the shares are a little smaller.
  double late_share = 0.10;        ///< recorded a day to 13 weeks after they were true
  double duplicate_share = 0.02;   ///< sent a second time, the same bytes, minutes to 60 days later
  double corrected_share = 0.03;   ///< sent wrong first, and corrected within 30 days
  double retracted_share = 0.003;  ///< entered in error within 45 days
  double refused_share = 0.002;    ///< sent so that they must be refused; half are sent anew, right
  /// 0: none. Else 30 … 100,000: a patient's course ends (`exit`, `completed`) as his last line of
  /// so many, corrections and duplicates counted; what a planted harm needs may go beyond it. Then
  /// only brief harms can be planted, and nobody leaves before.
  std::int64_t facts_per_patient_limit = 0;
  Noise noise;                      ///< none
  std::vector<Planting> plantings;  ///< empty: `default_plantings`
  bool plant_nothing = false;       ///< no harm at all, whatever `plantings` holds

  /// Errors (usage) name the option, its range and what does not fit.
  [[nodiscard]] Status validate() const;
};

/// Why a line must be refused; EVENTS, Reasons.
enum class Refusal : std::uint8_t {
  malformed,
  missing,
  type,
  unknown_kind,
  unknown_unit,
  unknown_instrument,
  implausible,
  future,
};
inline constexpr int refusal_count = 8;
/// As EVENTS spells the reason.
[[nodiscard]] std::string_view name_of(Refusal refusal);

/// What was written, in lines. `lines` is the sum of `facts`, `heartbeats`, `duplicates`,
/// `corrections`, `retractions` and of `refused`.
struct ProgrammeCounts {
  std::int64_t lines = 0;
  std::int64_t bytes = 0;
  std::int64_t facts = 0;  ///< first versions, preliminary ones and twins included
  std::int64_t heartbeats = 0;
  std::int64_t late = 0;  ///< of the facts
  std::int64_t duplicates = 0;
  std::int64_t corrections = 0;  ///< and final values after preliminary ones
  std::int64_t retractions = 0;
  std::int64_t refused[refusal_count] = {};
  [[nodiscard]] std::int64_t refused_lines() const;
};

/// Called after every day of the programme, `share_done` rising to 1.
using ProgressCallback = std::function<void(const ProgrammeCounts& so_far, double share_done)>;

/// A programme. Holds two bytes a patient; writing takes four more for each, some 330 for each who
/// is under treatment, and the lines that are on their way: 26 MB for 50,000 patients of 40 facts.
/// Immutable after construction: its methods may run in several threads at once.
class Programme {
 public:
  /// Takes options; if they are not valid, `write_events` answers with their error.
  explicit Programme(ProgrammeOptions options);
  ~Programme();
  Programme(Programme&&) noexcept;
  Programme& operator=(Programme&&) noexcept;

  /// Not ok if the options are not valid, or a planting's stratum has no patient that fits it.
  [[nodiscard]] Status status() const;

  /// Writes all facts as NDJSON in the order of their arrival, which is that of `recorded` but for
  /// duplicates (the bytes of before) and lines without one. What is true on the programme's days
  /// may arrive up to 23 weeks after its end. Errors: those of `status()`; storage, if the stream
  /// fails.
  [[nodiscard]] Status write_events(std::ostream& out, const ProgressCallback& progress = {}) const;

  /// The same, counting into `counts`.
  [[nodiscard]] Status write_events(std::ostream& out, const ProgressCallback& progress,
                                    ProgrammeCounts& counts) const;

  /// `truth.json` (EVENTS, Truth) with a newline at its end; needs no `write_events`. `onset` is
  /// the start of the process or, of an acute harm, of its visit; no evidence is earlier. A harm of
  /// scope `patient` has `origin`: `planted`, or `rate` where the background or a stratum's rate
  /// made it.
  [[nodiscard]] std::string truth_json() const;

 private:
  struct Plan;
  std::unique_ptr<Plan> plan_;
};

}  // namespace ketavigil::simulation
