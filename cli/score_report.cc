#include "cli/score_report.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

namespace ketavigil::cli {
namespace {

using nlohmann::ordered_json;
using simulation::Delay;
using simulation::Detection;
using simulation::FalseFindings;
using simulation::level_names;
using simulation::OracleComparison;
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

ordered_json to_json(const Delay& delay) {
  ordered_json out = {{"found", delay.found}, {"median_months", nullptr}};
  if (delay.median_months) out["median_months"] = *delay.median_months;
  return out;
}

ordered_json to_json(const OracleComparison& one) {
  ordered_json out = {{"harm", one.harm},
                      {"detector", one.detector},
                      {"level", level_names[one.level]},
                      {"patients", one.patients},
                      {"false_alarms", one.false_alarms},
                      {"method", to_json(one.method)},
                      {"knows_size", to_json(one.knows_size)},
                      {"knows_baseline_too", to_json(one.knows_baseline_too)},
                      {"times", nullptr}};
  if (const auto times = one.times()) out["times"] = *times;
  return out;
}

std::string level_of(int level) { return std::string(level_names[level]); }

std::string percent(const Share& share) {
  const auto [low, high] = share.interval();
  return fixed_point(100 * share.value(), 1) + " (" + fixed_point(100 * low, 1) + " to " +
         fixed_point(100 * high, 1) + ")";
}

std::string middle(const std::vector<double>& ascending, int decimals) {
  const auto found = quantiles(ascending);
  if (!found) return "";
  return fixed_point(found->median, decimals) + " / " + fixed_point(found->ninth_tenth, decimals);
}

// A rule's findings in all patients without a harm, beside their expectation.
struct RuleRate {
  std::string detector;
  int level = 0;
  std::int64_t findings = 0;
  double expected = 0, low = 0, high = 0;
  [[nodiscard]] bool is_within() const {
    const auto found = static_cast<double>(findings);
    return found >= low && found <= high;
  }
};

std::vector<RuleRate> rule_rates(const simulation::ScoreCard& card, const ScoreHeader& header) {
  const auto found = card.false_findings();
  const std::int64_t patients = card.patients_without_harm();
  std::vector<RuleRate> rates;
  for (const auto& one : header.expected) {
    const auto [low, high] = one.interval(patients);
    RuleRate rate{std::string(one.detector),
                  one.level,
                  0,
                  one.mean * static_cast<double>(patients),
                  low,
                  high};
    for (const FalseFindings& row : found) {
      if (row.detector == one.detector && row.level == one.level) rate.findings = row.findings;
    }
    rates.push_back(std::move(rate));
  }
  return rates;
}

// The levels at which a statistical detector states its chance of error.
constexpr int stated_levels[] = {1, 2};

}  // namespace

std::string fixed_point(double value, int decimals) {
  std::ostringstream out;
  out.setf(std::ios::fixed);
  out.precision(decimals);
  out << value;
  return out.str();
}

ScoreTable table_of_found(const std::vector<Detection>& detections) {
  ScoreTable table{{"HARM", "DETECTOR", "LEVEL", "FOUND", "OF", "% (95 % INTERVAL)", "MONTHS",
                    "OBSERVATIONS", "SESSIONS"},
                   {}};
  for (const Detection& one : detections) {
    table.rows.push_back({one.harm, one.detector, level_of(one.level),
                          std::to_string(one.found.count), std::to_string(one.found.of),
                          percent(one.found), middle(one.months, 2), middle(one.observations, 0),
                          middle(one.sessions, 0)});
  }
  return table;
}

ScoreTable table_of_oracles(const std::vector<OracleComparison>& oracles) {
  ScoreTable table{{"HARM", "DETECTOR", "LEVEL", "PATIENTS", "FALSE ALARMS %", "FOUND %", "MONTHS",
                    "KNOWS SIZE: %", "MONTHS", "BASELINE TOO: %", "MONTHS", "TIMES"},
                   {}};
  const auto share = [](const Delay& delay) { return fixed_point(100 * delay.found, 1); };
  const auto months = [](const Delay& delay) {
    return delay.median_months ? fixed_point(*delay.median_months, 2) : "more";
  };
  for (const OracleComparison& one : oracles) {
    const auto times = one.times();
    table.rows.push_back({one.harm, one.detector, level_of(one.level), std::to_string(one.patients),
                          fixed_point(100 * one.false_alarms, 1), share(one.method),
                          months(one.method), share(one.knows_size), months(one.knows_size),
                          share(one.knows_baseline_too), months(one.knows_baseline_too),
                          times ? fixed_point(*times, 2) : ""});
  }
  return table;
}

ScoreTable table_of_false(const std::vector<FalseFindings>& findings) {
  ScoreTable table{
      {"DETECTOR", "LEVEL", "FINDINGS", "PATIENTS", "PER 100 PATIENT-MONTHS", "95 % INTERVAL"}, {}};
  for (const FalseFindings& one : findings) {
    const auto [low, high] = one.interval();
    table.rows.push_back({one.detector, level_of(one.level), std::to_string(one.findings),
                          std::to_string(one.patients.count),
                          fixed_point(one.per_100_patient_months(), 3),
                          fixed_point(low, 3) + " to " + fixed_point(high, 3)});
  }
  return table;
}

ScoreTable table_of_expected(const simulation::ScoreCard& card, const ScoreHeader& header) {
  ScoreTable table{{"DETECTOR", "LEVEL", "FINDINGS", "EXPECTED", "99 % INTERVAL", "WITHIN"}, {}};
  for (const RuleRate& rate : rule_rates(card, header)) {
    table.rows.push_back({rate.detector, level_of(rate.level), std::to_string(rate.findings),
                          fixed_point(rate.expected, 1),
                          fixed_point(rate.low, 1) + " to " + fixed_point(rate.high, 1),
                          rate.is_within() ? "yes" : "no"});
  }
  return table;
}

ScoreTable table_of_lifetimes(const simulation::ScoreCard& card, const ScoreHeader& header) {
  ScoreTable table{{"LEVEL OR ABOVE", "PATIENTS", "OF", "OBSERVED %", "STATED %"}, {}};
  for (const int level : stated_levels) {
    const Share share = card.lifetime_false_alarms(level);
    const auto& stated = header.stated[static_cast<std::size_t>(level)];
    table.rows.push_back({level_of(level), std::to_string(share.count), std::to_string(share.of),
                          percent(share), stated ? fixed_point(100 * *stated, 1) : ""});
  }
  return table;
}

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
                      {"oracles", ordered_json::array()},
                      {"false_findings", ordered_json::array()},
                      {"expected_findings", ordered_json::array()},
                      {"lifetime_false_alarms", ordered_json::object()}};
  for (const auto& one : card.detections()) out["detections"].push_back(to_json(one));
  for (const auto& one : card.oracles(header.stated)) out["oracles"].push_back(to_json(one));
  for (const auto& one : card.false_findings()) out["false_findings"].push_back(to_json(one));
  for (const RuleRate& rate : rule_rates(card, header)) {
    out["expected_findings"].push_back({{"detector", rate.detector},
                                        {"level", level_of(rate.level)},
                                        {"findings", rate.findings},
                                        {"expected", rate.expected},
                                        {"interval", {rate.low, rate.high}},
                                        {"within", rate.is_within()}});
  }
  for (const int level : stated_levels) {
    ordered_json observed = to_json(card.lifetime_false_alarms(level));
    if (const auto& stated = header.stated[static_cast<std::size_t>(level)])
      observed["stated"] = *stated;
    out["lifetime_false_alarms"][level_of(level)] = std::move(observed);
  }
  return out.dump();
}

}  // namespace ketavigil::cli
