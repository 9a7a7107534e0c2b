// How facts travel: recorded soon or late, told wrong and corrected, withdrawn, refused, told
// twice.
#pragma once

#include <string>

#include "simulation/arrivals.h"
#include "simulation/blueprint.h"
#include "simulation/fact.h"
#include "simulation/patient.h"
#include "simulation/philox.h"

namespace ketavigil::simulation {

/// Turns facts into lines on their way. What happens to a fact depends on the seed, the patient and
/// the fact's number alone. A fact that is told wrong and corrected, withdrawn, or refused is one
/// of these only; it may be late and told twice besides. Not thread-safe.
class Delivery {
 public:
  Delivery(const Blueprint& blueprint, Arrivals& arrivals, ProgrammeCounts& counts)
      : blueprint_(blueprint), arrivals_(arrivals), counts_(counts) {}

  /// Sends a fact on its way, unless the patient's limit of facts is reached (then he is `full`).
  void send(Patient& patient, Fact fact);

  /// Sends the last fact of a course; the limit has kept a place for it. Its first telling is
  /// right.
  void send_last(Patient& patient, Fact fact);

  /// A source's heartbeat.
  void send_heartbeat(std::string_view source, std::string_view site, std::int64_t number,
                      Seconds instant);

 private:
  [[nodiscard]] Seconds recorded_at(const Fact& fact, const Site& site, std::uint32_t number,
                                    Draws& draws);
  void put(Patient& patient, Seconds arrival, std::int64_t& count);
  void put_told(Patient& patient, const Fact& fact, const Site& site, const Telling& telling,
                std::int64_t& count);
  [[nodiscard]] bool has_room(const Patient& patient, int lines) const;
  void refuse(Patient& patient, const Fact& fact, const Site& site, Telling telling, Draws& draws);
  void mistake(Patient& patient, const Fact& fact, const Site& site, Telling telling, Draws& draws);
  void withdraw(Patient& patient, const Fact& fact, const Site& site, const Telling& telling,
                Draws& draws);
  void confirm(Patient& patient, const Fact& fact, const Site& site, Telling telling, Draws& draws);
  void tell(Patient& patient, const Fact& fact, const Site& site, const Telling& telling,
            Draws& draws);

  const Blueprint& blueprint_;
  Arrivals& arrivals_;
  ProgrammeCounts& counts_;
  std::string line_;
  std::uint32_t heartbeats_ = 0;
};

}  // namespace ketavigil::simulation
