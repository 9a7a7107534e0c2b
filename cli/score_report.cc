#include "cli/score_report.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace ketavigil::cli {
namespace {

using nlohmann::ordered_json;
using simulation::Detection;
using simulation::FalseFindings;
using simulation::level_names;
using simulation::Share;

ordered_json to_json(const Share& share) {
  const auto [low, high] = share.interval();
  return {{"count", share.count},
          {"of", share.of},
          {"share", share.value()},
          {"interval", {low, high}}};
}

ordered_json to_json(const std::vector<double>& ascending) {
  const auto found = quantiles(ascending);
  if (!found) return nullptr;
  return {{"median", found->median}, {"ninth_tenth", found->ninth_tenth}};
}

ordered_json to_json(const Detection& one) {
  return {{"harm", one.harm},
          {"detector", one.detector},
          {"level", level_names[one.level]},
          {"found", to_json(one.found)},
          {"months", to_json(one.months)},
          {"observations", to_json(one.observations)},
          {"sessions", to_json(one.sessions)}};
}

ordered_json to_json(const FalseFindings& one) {
  const auto [low, high] = one.interval();
  return {{"detector", one.detector},
          {"level", level_names[one.level]},
          {"findings", one.findings},
          {"patients", to_json(one.patients)},
          {"per_100_patient_months", one.per_100_patient_months()},
          {"interval", {low, high}}};
}

}  // namespace

std::optional<Quantiles> quantiles(const std::vector<double>& ascending) {
  if (ascending.empty()) return std::nullopt;
  const std::size_t n = ascending.size();
  const auto nearest_rank = static_cast<std::size_t>(std::ceil(0.9 * static_cast<double>(n)));
  return Quantiles{n % 2 == 1 ? ascending[n / 2] : (ascending[n / 2 - 1] + ascending[n / 2]) / 2,
                   ascending[nearest_rank - 1]};
}

std::string score_json(const simulation::ScoreCard& card, const ScoreHeader& header) {
  ordered_json out = {{"at", header.at},
                      {"patients", card.patients()},
                      {"patients_without_harm", card.patients_without_harm()},
                      {"patient_months_without_harm", card.patient_months_without_harm()},
                      {"detections", ordered_json::array()},
                      {"false_findings", ordered_json::array()},
                      {"lifetime_false_alarms", ordered_json::object()}};
  for (const auto& one : card.detections()) out["detections"].push_back(to_json(one));
  for (const auto& one : card.false_findings()) out["false_findings"].push_back(to_json(one));
  for (const int level : {1, 2}) {
    ordered_json observed = to_json(card.lifetime_false_alarms(level));
    // A watch is said at five times the probability of an alert (CATALOGUE, section 3).
    if (header.stated_alpha) observed["stated"] = *header.stated_alpha * (level == 1 ? 5 : 1);
    out["lifetime_false_alarms"][std::string(level_names[level])] = std::move(observed);
  }
  return out.dump();
}

}  // namespace ketavigil::cli
