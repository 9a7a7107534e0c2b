// What configuration says of parameters: a value, and who answers for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ketavigil::engine {

inline constexpr std::size_t sites_max = 4096;  ///< with parameters of their own
inline constexpr std::int64_t parameter_version_max = 1'000'000'000;

/// Who answers for a value, and on what ground. As it is, of a plain number that is not the
/// default.
struct ParameterStatement {
  std::string owner = "configuration";
  std::int64_t version = 1;  ///< the owner's count, from 1
  std::string citation = "configuration";
  bool confirmed = false;
  bool operator==(const ParameterStatement&) const = default;
};

/// A value as it is given; without a statement: a plain number.
struct GivenParameter {
  double value = 0;
  std::optional<ParameterStatement> statement;
  bool operator==(const GivenParameter&) const = default;
};

/// (detector, name).
using ParameterName = std::pair<std::string, std::string>;
using GivenParameters = std::map<ParameterName, GivenParameter>;

}  // namespace ketavigil::engine
