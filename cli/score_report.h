// A score card as tables, as JSON, and as one page that can be sent to a colleague.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "simulation/expected_rules.h"
#include "simulation/score_card.h"

namespace ketavigil::cli {

/// What a card is about, besides its numbers.
struct ScoreHeader {
  std::string at;  ///< the moment at which the findings hold
  /// By level: the lifetime false-alarm probability of a patient that the configuration states.
  std::array<std::optional<double>, 4> stated;
  /// What rules should find of these patients, where it was asked for.
  std::vector<simulation::ExpectedFindings> expected;
};

/// The middle and the ninth tenth of values in ascending order; nothing of none.
struct Quantiles {
  double median = 0;
  double ninth_tenth = 0;
};
[[nodiscard]] std::optional<Quantiles> quantiles(const std::vector<double>& ascending);

/// With so many decimals.
[[nodiscard]] std::string fixed_point(double value, int decimals);

/// What people read of a card, on a terminal and on the page.
struct ScoreTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};
/// The harms that were found.
[[nodiscard]] ScoreTable table_of_found(const std::vector<simulation::Detection>& detections);
/// The deciding method for slow harm beside oracles.
[[nodiscard]] ScoreTable table_of_oracles(const std::vector<simulation::OracleComparison>& oracles);
/// What was said of patients without a harm.
[[nodiscard]] ScoreTable table_of_false(const std::vector<simulation::FalseFindings>& findings);
/// Rules beside what they should find by the simulator's parameters.
[[nodiscard]] ScoreTable table_of_expected(const simulation::ScoreCard& card,
                                           const ScoreHeader& header);
/// False alarms of statistical detectors in a lifetime.
[[nodiscard]] ScoreTable table_of_lifetimes(const simulation::ScoreCard& card,
                                            const ScoreHeader& header);

/// One object.
[[nodiscard]] std::string score_json(const simulation::ScoreCard& card, const ScoreHeader& header);

/// One page of HTML with its plots, which asks nothing of a network.
[[nodiscard]] std::string score_page(const simulation::ScoreCard& card, const ScoreHeader& header);

}  // namespace ketavigil::cli
