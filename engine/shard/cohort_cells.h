// The cohort's cells: what the patients of a shard, or of all, add up to at one moment. Whole
// numbers only, so that a sum is the same in any order.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "detectors/finding.h"
#include "engine/shard/codec.h"

namespace ketavigil::engine {

/// Of all patients with a session of one compound by one route.
struct ExposureSum {
  std::int64_t patients = 0;
  std::int64_t sessions = 0;
  std::int64_t micrograms = 0;
  std::int64_t person_time_us = 0;
  bool operator==(const ExposureSum&) const = default;
};

/// Of all findings that hold, of one compound, detector and level.
struct FindingSum {
  std::int64_t patients = 0;
  std::int64_t findings = 0;
  bool operator==(const FindingSum&) const = default;
};

/// Value type.
struct CohortCells {
  using ExposureKey = std::pair<std::string, std::string>;  // compound, route
  using FindingKey =
      std::tuple<std::string, std::string, std::string>;  // compound, detector, level

  std::map<ExposureKey, ExposureSum> exposure;
  std::map<FindingKey, FindingSum> findings;

  /// Adds those of other patients.
  void add(const CohortCells& other);
  [[nodiscard]] bool empty() const { return exposure.empty() && findings.empty(); }
  bool operator==(const CohortCells&) const = default;
};

/// What a table of the cohort says of one finding.
[[nodiscard]] CohortCells::FindingKey finding_key(std::string_view compound,
                                                  std::string_view detector,
                                                  detectors::Level level);

/// The cells at several moments at once: what a patient contributes is added when it changes and
/// not moment by moment, so that many moments cost little more than one. Person-time at T is closed
/// + open · T − starts. Not thread-safe.
class CellSeries {
 public:
  /// Moments ascend; there is one at least.
  explicit CellSeries(std::vector<Microseconds> moments);

  [[nodiscard]] const std::vector<Microseconds>& moments() const { return moments_; }
  /// A patient's exposure, not yet cut at any moment.
  void add_exposure(const std::vector<detectors::ExposureCell>& cells);
  /// The findings that hold of a patient from the moment `from` on, before the moment `until`
  /// (indices). At each moment each patient is given once.
  void add_findings(const std::vector<CohortCells::FindingKey>& findings, std::size_t from,
                    std::size_t until);
  /// The cells at each moment. Nothing may be added after it.
  [[nodiscard]] std::vector<CohortCells> sums() &&;

 private:
  // Changes from one moment to the next, one more than moments. Unsigned: closed + open · T −
  // starts may pass 2^63 on the way, and the sum is right all the same.
  struct Exposure {
    std::int64_t patients = 0;
    std::int64_t sessions = 0;
    std::int64_t micrograms = 0;
    std::vector<std::uint64_t> constant;  // closed − starts
    std::vector<std::uint64_t> open;
  };
  struct Findings {
    std::vector<std::int64_t> patients;
    std::vector<std::int64_t> findings;
  };

  [[nodiscard]] std::size_t first_at_or_after(Microseconds moment) const;
  [[nodiscard]] std::size_t first_after(Microseconds moment) const;

  std::vector<Microseconds> moments_;
  std::map<CohortCells::ExposureKey, Exposure> exposure_;
  std::map<CohortCells::FindingKey, Findings> findings_;
};

}  // namespace ketavigil::engine
