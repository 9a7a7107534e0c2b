#include "detectors/finding.h"

#include <tuple>

namespace ketavigil::detectors {

std::string_view name_of(Level level) {
  switch (level) {
    case Level::info:
      return "info";
    case Level::watch:
      return "watch";
    case Level::alert:
      return "alert";
    case Level::critical:
      return "critical";
  }
  return "";
}

std::optional<Level> level_named(std::string_view name) {
  for (const Level level : {Level::info, Level::watch, Level::alert, Level::critical}) {
    if (name_of(level) == name) return level;
  }
  return std::nullopt;
}

bool operator<(const Evidence& a, const Evidence& b) {
  return std::tie(a.at, a.kind, a.source, a.id, a.version) <
         std::tie(b.at, b.kind, b.source, b.id, b.version);
}

}  // namespace ketavigil::detectors
