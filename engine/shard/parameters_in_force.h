// Parameters as they are in force, explained: where each value comes from, and who answers for it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/shard/settings.h"

namespace ketavigil::engine {

enum class ParameterOrigin : std::uint8_t { by_default, programme, site };
/// `default`, `programme`, `site`.
[[nodiscard]] std::string_view name_of(ParameterOrigin origin);

/// The owner of a default; its version is that of its detector.
inline constexpr std::string_view default_owner = "Ketavigil";

struct ParameterInForce {
  detectors::ParameterInfo info;  ///< `citation` and `confirmed` there are of the default
  double value = 0;
  double default_value = 0;
  double programme_value = 0;  ///< what is in force where no site says otherwise
  ParameterOrigin origin = ParameterOrigin::by_default;
  ParameterStatement statement;  ///< of `value`
};

/// All of them, in the order of (detector, name): of the programme (`site` empty, or without
/// parameters of its own), or of a site.
[[nodiscard]] std::vector<ParameterInForce> parameters_in_force(const Settings& settings,
                                                                std::string_view site);

/// What a plain number says of its owner: nothing but where it stands. It is confirmed where it is
/// a confirmed default. The parameter must exist.
[[nodiscard]] ParameterStatement statement_of_number(const ParameterName& name, double value);

}  // namespace ketavigil::engine
