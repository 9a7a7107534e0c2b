// What is in quarantine.
#pragma once

#include <string>
#include <vector>

#include "engine/questions/reading.h"

namespace ketavigil::engine {

struct QuarantineRow {
  std::string id;  ///< the first 16 hex digits of the SHA-256 of its bytes
  int shard = 0;
  std::string key;     ///< of its row
  std::string source;  ///< where it can be read
  std::string fact;    ///< the source's own id, where it can be read
  Quarantined entry;
  bool answered = false;  ///< its fact was accepted meanwhile, in the same or a greater version: it
                          ///< counts no more
};

/// An entry as `quarantine list --json` prints it.
[[nodiscard]] std::string quarantine_json(const QuarantineRow& row);

/// Every entry, discarded ones too, in the order they were received (then id).
[[nodiscard]] Result<std::vector<QuarantineRow>> quarantine_rows(const Reading& reading);

}  // namespace ketavigil::engine
