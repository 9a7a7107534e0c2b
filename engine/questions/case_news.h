// What became of cases since somebody last looked.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/questions/case_book.h"

namespace ketavigil::engine {

enum class Turn : std::uint8_t {
  is_new,    ///< raised since, and still held
  worse,     ///< a higher level, or open again
  better,    ///< a lower level, or resolved
  withdrawn  ///< superseded, retracted or merged since
};

/// What became of a case after `since`; nothing: no revision says so.
[[nodiscard]] std::optional<Turn> turn_since(const CaseSummary& one, Microseconds since);

/// A number of cases, and the first of them.
struct SomeCases {
  std::size_t total = 0;
  std::vector<CaseHandle> cases;
};

struct CaseReview {
  std::array<std::size_t, 4> open{};  ///< open cases by level
  std::array<SomeCases, 4> turns;     ///< by `Turn`, the most severe and newest first
  SomeCases critical;                 ///< open critical ones, the newest onset first
  SomeCases hidden;                   ///< open critical ones that are unverified
  CaseHandle oldest_open;             ///< of level alert or critical; null: none
};

/// All cases of a book as of `since`; of each kind at most `shown`. Reads every case.
[[nodiscard]] CaseReview review_since(const CaseBook& book, Microseconds since, std::size_t shown);

}  // namespace ketavigil::engine
