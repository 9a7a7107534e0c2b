#include "engine/shard/cohort_cells.h"

#include <algorithm>
#include <set>

namespace ketavigil::engine {

void CohortCells::add(const CohortCells& other) {
  for (const auto& [key, more] : other.exposure) {
    ExposureSum& sum = exposure[key];
    sum.patients += more.patients;
    sum.sessions += more.sessions;
    sum.micrograms += more.micrograms;
    sum.person_time_us += more.person_time_us;
  }
  for (const auto& [key, more] : other.findings) {
    FindingSum& sum = findings[key];
    sum.patients += more.patients;
    sum.findings += more.findings;
  }
}

CohortCells::FindingKey finding_key(std::string_view compound, std::string_view detector,
                                    detectors::Level level) {
  return {std::string(compound), std::string(detector), std::string(detectors::name_of(level))};
}

CellSeries::CellSeries(std::vector<Microseconds> moments) : moments_(std::move(moments)) {}

std::size_t CellSeries::first_at_or_after(Microseconds moment) const {
  return static_cast<std::size_t>(std::lower_bound(moments_.begin(), moments_.end(), moment) -
                                  moments_.begin());
}

std::size_t CellSeries::first_after(Microseconds moment) const {
  return static_cast<std::size_t>(std::upper_bound(moments_.begin(), moments_.end(), moment) -
                                  moments_.begin());
}

void CellSeries::add_exposure(const std::vector<detectors::ExposureCell>& cells) {
  for (const auto& cell : cells) {
    Exposure& sum = exposure_[{cell.compound, cell.route}];
    sum.constant.resize(moments_.size() + 1);
    sum.open.resize(moments_.size() + 1);
    ++sum.patients;
    sum.sessions += cell.sessions;
    sum.micrograms += cell.micrograms;
    for (const auto& [from, until] : cell.at_risk) {
      if (from >= until) continue;
      const std::size_t opens = first_after(from);
      const std::size_t closes = first_at_or_after(until);
      sum.constant[opens] -= static_cast<std::uint64_t>(from);
      sum.open[opens] += 1;
      sum.constant[closes] += static_cast<std::uint64_t>(until);
      sum.open[closes] -= 1;
    }
  }
}

void CellSeries::add_findings(const std::vector<CohortCells::FindingKey>& findings,
                              std::size_t from, std::size_t until) {
  std::set<CohortCells::FindingKey> counted;
  for (const auto& key : findings) {
    Findings& sum = findings_[key];
    sum.patients.resize(moments_.size() + 1);
    sum.findings.resize(moments_.size() + 1);
    ++sum.findings[from];
    --sum.findings[until];
    if (!counted.insert(key).second) continue;
    ++sum.patients[from];
    --sum.patients[until];
  }
}

std::vector<CohortCells> CellSeries::sums() && {
  std::vector<CohortCells> sums(moments_.size());
  for (const auto& [key, changes] : exposure_) {
    std::uint64_t constant = 0;
    std::uint64_t open = 0;
    for (std::size_t i = 0; i < moments_.size(); ++i) {
      constant += changes.constant[i];
      open += changes.open[i];
      const std::uint64_t person_time = constant + open * static_cast<std::uint64_t>(moments_[i]);
      sums[i].exposure[key] = {changes.patients, changes.sessions, changes.micrograms,
                               static_cast<std::int64_t>(person_time)};
    }
  }
  for (const auto& [key, changes] : findings_) {
    FindingSum sum;
    for (std::size_t i = 0; i < moments_.size(); ++i) {
      sum.patients += changes.patients[i];
      sum.findings += changes.findings[i];
      if (sum.findings > 0) sums[i].findings[key] = sum;
    }
  }
  return sums;
}

}  // namespace ketavigil::engine
