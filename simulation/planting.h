// What harm is planted in whom.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "events/result.h"
#include "simulation/harm.h"

namespace ketavigil::simulation {

/// Whom a planting concerns; an empty word is everybody.
struct Stratum {
  std::string compound = {};  ///< `ketamine` `esketamine` `arketamine`
  std::string route = {};     ///< `IV` `IN` `IM` `SL` `PO`
  std::string sex = {};       ///< `female` `male` `other` `unknown`
  std::string site = {};      ///< `site-NN`

  [[nodiscard]] bool empty() const {
    return compound.empty() && route.empty() && sex.empty() && site.empty();
  }
};

/// A harm that comes together with another, in the same patients.
struct Companion {
  Harm harm = Harm::none;
  double size = 0;  ///< see HarmTraits; 0 is the harm's default
  [[nodiscard]] double effective_size() const { return size != 0 ? size : traits_of(harm).size; }
};

/// A harm, and how many get it.
///
/// Without `rate_ratio`: this share of the stratum's patients, at least one of them, get the harm
/// (scope `patient`). With it: every patient gets the harm at a background rate of `share` a
/// patient-year, and from the onset on (a quarter of the programme after its start) those of the
/// stratum at `rate_ratio` times that (scope `stratum`); whom it strikes is in the truth as well.
struct Planting {
  Harm harm = Harm::none;
  double share = 0;       ///< (0, 1]
  double size = 0;        ///< see HarmTraits; 0 is the harm's default
  double rate_ratio = 0;  ///< 0 (none) or (1, 100]; needs a stratum
  Stratum stratum = {};
  std::vector<Companion> together = {};  ///< what else the same patients get, each with its onset

  [[nodiscard]] bool is_rate() const { return rate_ratio != 0; }
  [[nodiscard]] double effective_size() const { return size != 0 ? size : traits_of(harm).size; }
};

/// Days that a programme needs to plant it in somebody.
[[nodiscard]] int needed_days(const Planting& planting);

/// `HARM[+HARM…]=SHARE[,size=X[+X…]][,rate_ratio=R][,compound=C][,route=R][,sex=S][,site=S]`; of
/// several harms each patient gets all, and sizes are in their order. Errors (usage) say what was
/// expected; an unknown harm is answered with the list of all.
[[nodiscard]] Result<Planting> parse_planting(std::string_view text);

/// Whether shares, sizes and words are in their ranges. Errors: usage.
[[nodiscard]] Status validate(const Planting& planting);

/// The set that is planted if none is asked for: every harm with a default share that fits in a
/// programme of so many days, with that share and its default size, and bladder syndrome at three
/// times the background rate of 1 % a year under racemic ketamine where the programme is long
/// enough (12 months) to show it. `few_facts`: patients have a limit of facts, which only acute
/// harms fit in.
[[nodiscard]] std::vector<Planting> default_plantings(int period_days, bool few_facts);

}  // namespace ketavigil::simulation
