// What came of a patient, when, and what became of it: `patient --history`. Of the log, so it is
// history (law B): it tells of repetitions, which the record knows nothing of.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/questions/reading.h"

namespace ketavigil::engine {

/// An entry of the log about a patient. Texts are empty where they are not known.
struct Delivery {
  std::uint64_t position = 0;  ///< in its shard's log
  Microseconds received = 0;
  std::string entry;  ///< `event`, `retry`, `discard`
  std::string lane;   ///< `live`, `bulk`; of events
  std::string
      answer;  ///< `accepted`, `duplicate`, `conflict`, `quarantined`; of a discard `discarded`
  std::string source;
  std::string id;
  std::string kind;
  std::optional<std::int64_t> version;  ///< of what was understood
  std::string digest;                   ///< hexadecimal; likewise
  std::string reason;                   ///< of what was quarantined, with:
  std::string field;
  std::string expected;
};

/// All of them received until then, in the order of the log; nothing if nobody knows this patient.
/// A repetition is in the log only where the log keeps all that was sent (a topic), or a replay of
/// such a one: an inbox answers it and keeps nothing. Reads the whole log of the patient's shard
/// and judges its entries again, in a temporary folder.
[[nodiscard]] Result<std::optional<std::vector<Delivery>>> deliveries_of(const Reading& reading,
                                                                         const std::string& patient,
                                                                         Microseconds until);

/// `patient ID --history --json`: `{"at", "patient", "deliveries"}`.
[[nodiscard]] std::string deliveries_json(const std::vector<Delivery>& deliveries,
                                          const std::string& patient, Microseconds at);

}  // namespace ketavigil::engine
