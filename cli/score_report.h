// A score card as JSON, and as one page that can be sent to a colleague.
#pragma once

#include <optional>
#include <string>

#include "simulation/score_card.h"

namespace ketavigil::cli {

/// What a card is about, besides its numbers.
struct ScoreHeader {
  std::string at;  ///< the moment at which the findings hold
  /// The lifetime false-alarm probability of a patient that the configuration states; nothing: no
  /// statistical detector is configured.
  std::optional<double> stated_alpha;
};

/// The middle and the ninth tenth of values in ascending order; nothing of none.
struct Quantiles {
  double median = 0;
  double ninth_tenth = 0;
};
[[nodiscard]] std::optional<Quantiles> quantiles(const std::vector<double>& ascending);

/// One object.
[[nodiscard]] std::string score_json(const simulation::ScoreCard& card, const ScoreHeader& header);

/// One page of HTML with its plots, which asks nothing of a network.
[[nodiscard]] std::string score_page(const simulation::ScoreCard& card, const ScoreHeader& header);

}  // namespace ketavigil::cli
