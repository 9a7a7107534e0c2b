// The patient detectors that are built: id, domain, version, question. docs/detectors.md lists
// them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace ketavigil::detectors {

struct CatalogueEntry {
  std::string_view id;
  std::string_view domain;
  std::int64_t version;           ///< of the detector's logic; raised when its findings change
  std::string_view question;      ///< what it asks, in one line
  std::string_view rule;          ///< how it decides, in words, with the default limits
  std::string_view does_not_see;  ///< where it is blind
};

/// In the order of their ids' bytes.
[[nodiscard]] std::span<const CatalogueEntry> catalogue();
[[nodiscard]] const CatalogueEntry* catalogue_entry(std::string_view detector);
[[nodiscard]] std::string_view domain_of(std::string_view detector);

}  // namespace ketavigil::detectors
