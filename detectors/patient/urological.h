// URO-1 threshold of the bladder score, URO-3 persistent urinary symptoms, URO-4 haematuria and
// retention, URO-5 recurrent urinary infections, URO-6 upper urinary tract, URO-8 diagnosis of
// interstitial cystitis. Source: CATALOGUE.md, sections 1 and 2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/patient/background.h"
#include "detectors/patient/hit.h"
#include "detectors/patient/parameters.h"
#include "detectors/patient/record_fact.h"
#include "detectors/patient/score_baseline.h"
#include "detectors/patient/single_fact.h"
#include "detectors/patient/window.h"

namespace ketavigil::detectors {

struct UrologicalParameters {
  double uro1_limit_points = 19;
  double uro1_clears_points = 17;
  double uro3_culture_days = 7;
  double uro3_silence_days = 90;
  double uro3_span_days = 14;
  double uro4_culture_days = 7;
  double uro4_retention_hours = 24;
  double uro4_micro_per_hpf = 3;
  double uro4_again_after_days = 14;
  double uro4_again_within_days = 365;
  double uro5_apart_days = 14;
  double uro5_half_year_days = 183;
  double uro5_half_year_episodes = 2;
  double uro5_year_days = 365;
  double uro5_year_episodes = 3;
  double uro5_clears_days = 183;
  double uro6_rise_mg_dl = 0.3;
  double uro6_rise_umol_l = 26.5;
  double uro6_rise_hours = 48;
  double uro6_ratio = 1.5;
  double uro6_ratio_days = 7;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(ParameterInfo{"URO-1", "limit_points", "{score}",
                          "BPIC-SS: 19 is the entry limit of bladder pain trials", true},
            self.uro1_limit_points);
    visitor(ParameterInfo{"URO-1", "clears_points", "{score}", "CATALOGUE, URO-1", false},
            self.uro1_clears_points);
    visitor(ParameterInfo{"URO-3", "culture_days", "d", "CATALOGUE, URO-3", false},
            self.uro3_culture_days);
    visitor(ParameterInfo{"URO-3", "silence_days", "d", "CATALOGUE, URO-3", false},
            self.uro3_silence_days);
    visitor(ParameterInfo{"URO-3", "span_days", "d",
                          "SUSTAIN-2: urinary symptoms resolved within two weeks", true},
            self.uro3_span_days);
    visitor(ParameterInfo{"URO-4", "culture_days", "d", "CATALOGUE, URO-4", false},
            self.uro4_culture_days);
    visitor(ParameterInfo{"URO-4", "retention_hours", "h", "CATALOGUE, URO-4", false},
            self.uro4_retention_hours);
    visitor(
        ParameterInfo{"URO-4", "micro_per_hpf", "/[HPF]",
                      "microscopic haematuria: 3 and more red cells per high-power field", false},
        self.uro4_micro_per_hpf);
    visitor(ParameterInfo{"URO-4", "again_after_days", "d", "CATALOGUE, URO-4", false},
            self.uro4_again_after_days);
    visitor(ParameterInfo{"URO-4", "again_within_days", "d", "CATALOGUE, URO-4", false},
            self.uro4_again_within_days);
    visit_uro5(self, visitor);
    visitor(ParameterInfo{"URO-6", "rise_mg_dl", "mg/dL", "KDIGO: acute kidney injury", false},
            self.uro6_rise_mg_dl);
    visitor(ParameterInfo{"URO-6", "rise_umol_l", "umol/L", "KDIGO: acute kidney injury", false},
            self.uro6_rise_umol_l);
    visitor(ParameterInfo{"URO-6", "rise_hours", "h", "KDIGO: acute kidney injury", false},
            self.uro6_rise_hours);
    visitor(ParameterInfo{"URO-6", "ratio", "1", "KDIGO: acute kidney injury", false},
            self.uro6_ratio);
    visitor(ParameterInfo{"URO-6", "ratio_days", "d", "KDIGO: acute kidney injury", false},
            self.uro6_ratio_days);
  }

 private:
  template <typename Self, typename Visitor>
  static void visit_uro5(Self& self, Visitor& visitor) {
    constexpr std::string_view definition =
        "recurrent urinary tract infection: 2 in 6 or 3 in 12 months";
    const auto say = [&visitor](std::string_view name, std::string_view unit,
                                std::string_view citation, bool confirmed, auto& value) {
      visitor(ParameterInfo{"URO-5", name, unit, citation, confirmed}, value);
    };
    say("apart_days", "d", "CATALOGUE, URO-5", false, self.uro5_apart_days);
    say("half_year_days", "d", definition, true, self.uro5_half_year_days);
    say("half_year_episodes", "1", definition, true, self.uro5_half_year_episodes);
    say("year_days", "d", definition, true, self.uro5_year_days);
    say("year_episodes", "1", definition, true, self.uro5_year_episodes);
    say("clears_days", "d", "CATALOGUE, URO-5", false, self.uro5_clears_days);
  }
};

/// URO-3: facts with a urinary symptom present, as long as nothing has ended their run.
struct SymptomRun {
  Microseconds first = 0;
  Microseconds last = 0;
  Microseconds silent_until = 0;  ///< deadline: the run ends if nothing has come by then
  std::int64_t facts = 0;
  Evidence newest;
  /// All of them until the run is long enough, at most `run_facts_kept`; then none: they are said.
  std::vector<Evidence> unsaid;
  bool holds = false;
  bool culture_within = false;      ///< any culture in [first − 7 d, last]
  bool culture_since_last = false;  ///< … which the next positive fact would make true
};
inline constexpr std::size_t run_facts_kept = 1024;

/// URO-3: a day on which urinary symptoms were asked for, named by its midnight in UTC.
struct SymptomDay {
  Microseconds day = 0;
  bool present = false;
  std::optional<Microseconds> judged_at;  ///< asked, none present so far: the day's end
};

/// URO-5: the positive cultures since exposure, as far as they still decide.
struct Infections {
  std::optional<Microseconds> last_positive_at;
  Window<Evidence> episodes;  ///< of the last year, newest last; at most `episodes_kept`
  std::optional<Microseconds> clears_at;  ///< deadline, while the condition is open
};
inline constexpr std::size_t episodes_kept = 64;

/// URO-6: a creatinine of the last days.
struct CreatinineSeen {
  Evidence evidence;
  double value = 0;
  bool in_umol_l = false;
  /// mg/dL.
  [[nodiscard]] double mg_dl() const;
};
/// Beyond it the highest go, which no rise is counted from.
inline constexpr std::size_t creatinines_kept = 256;

struct UrologicalState {
  ScoreBaseline bpic_ss;
  bool uro1_open = false;

  std::optional<SymptomRun> run;
  std::vector<SymptomDay> days;  ///< of the last two days and those still to be judged

  std::optional<Microseconds> retention_at;  ///< the latest
  Window<Hit> lowered_gross;           ///< which a retention still to come would raise; at most 64
  std::vector<Microseconds> micro_at;  ///< ascending; as few as answer "is there another?"

  Infections infections;

  std::vector<CreatinineSeen> creatinines;  ///< in the order of R
};
inline constexpr std::size_t lowered_gross_kept = 64;

/// Takes one active fact, in the order of R.
void step(UrologicalState* state, const Background& background, const RecordFact& fact,
          const UrologicalParameters& parameters, Sink* sink);
/// URO-3's: the end of a day without symptoms, or of the silence. URO-5's: half a year without an
/// infection.
[[nodiscard]] std::optional<Microseconds> next_deadline(const UrologicalState& state);
void pass_deadline(UrologicalState* state, const Background& background, Microseconds when,
                   const UrologicalParameters& parameters, Sink* sink);
/// Keeps of a fact that is not folded, a twin or the loser of a conflict, what a later one can make
/// critical.
void keep_beside(UrologicalState* state, const Background& background, const Beside& beside,
                 const UrologicalParameters& parameters);
/// ◆ gross haematuria, hydronephrosis, on a fact that is not folded.
void single_fact(const UrologicalState& state, const Background& background, const RecordFact& fact,
                 Certainty certainty, const UrologicalParameters& parameters, Sink* sink);

}  // namespace ketavigil::detectors
