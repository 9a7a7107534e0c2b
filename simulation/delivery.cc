#include "simulation/delivery.h"

#include "simulation/normal.h"
#include "simulation/philox.h"

namespace ketavigil::simulation {
namespace {

/// A delay up to `days`, most of them short: the cube of a uniform number.
Seconds skewed(double uniform, int days) {
  return to_whole(uniform * uniform * uniform * static_cast<double>(days * day_s));
}

/// The wrong number that somebody types; nothing if the bounds leave no other than the right one.
std::optional<std::int64_t> mistaken_number(const Fact& fact, Draws& draws) {
  if (fact.mistaken_field < 0) return std::nullopt;
  const std::int64_t right = fact.fields[static_cast<std::size_t>(fact.mistaken_field)].number;
  std::int64_t difference = draws.integer(1, fact.mistaken_step);
  if (draws.chance(0.5)) difference = -difference;
  for (const std::int64_t wrong : {right + difference, right - difference}) {
    if (wrong >= fact.mistaken_least && wrong <= fact.mistaken_greatest) return wrong;
  }
  return std::nullopt;
}

}  // namespace

Seconds Delivery::recorded_at(const Fact& fact, const Site& site, std::uint32_t number,
                              Draws& draws) {
  Seconds recorded = fact.known;
  if (fact.from_monitor) {
    recorded += draws.integer(3, 40);
  } else if (site.weekly_batches) {
    recorded = next_friday_evening(fact.known) + number % hour_s;
  } else {
    recorded += draws.integer(4 * minute_s, 2 * hour_s);
  }
  const bool late = draws.chance(blueprint_.options.late_share);
  const double delay = draws.uniform();
  if (!late) return recorded;
  ++counts_.late;
  return recorded + day_s + skewed(delay, 90);
}

bool Delivery::has_room(const Patient& patient, int lines) const {
  const auto limit = blueprint_.options.facts_per_patient_limit;
  return limit == 0 || patient.lines + lines <= limit - 1;
}

void Delivery::put(Patient& patient, Seconds arrival, std::int64_t& count) {
  const auto order = (static_cast<std::uint64_t>(patient.index) << 32) | patient.lines;
  ++patient.lines;
  arrivals_.add(arrival, order, line_);
  ++count;
}

void Delivery::put_told(Patient& patient, const Fact& fact, const Site& site,
                        const Telling& telling, std::int64_t& count) {
  line_.clear();
  append_line(line_, fact, site, patient.pseudonym, telling);
  put(patient, telling.recorded, count);
}

void Delivery::refuse(Patient& patient, const Fact& fact, const Site& site, Telling telling,
                      Draws& draws) {
  auto refusal = static_cast<Refusal>(draws.integer(0, refusal_count - 1));
  if (!can_be_refused(fact, refusal)) refusal = Refusal::malformed;
  const bool again = draws.chance(0.5);
  const double delay = draws.uniform();
  telling.refusal = refusal;
  put_told(patient, fact, site, telling, counts_.refused[static_cast<std::size_t>(refusal)]);
  // A clinic that is told why sends its record anew; what others rest on is never left out.
  if ((!again && fact.withdrawable) || !has_room(patient, 1)) return;
  telling.refusal.reset();
  telling.recorded += hour_s + skewed(delay, 14);
  put_told(patient, fact, site, telling, counts_.facts);
}

void Delivery::mistake(Patient& patient, const Fact& fact, const Site& site, Telling telling,
                       Draws& draws) {
  telling.mistaken = mistaken_number(fact, draws);
  const double delay = draws.uniform();
  tell(patient, fact, site, telling, draws);
  if (!telling.mistaken || !has_room(patient, 1)) return;
  telling.mistaken.reset();
  telling.recorded += hour_s + skewed(delay, 30);
  telling.renewed = site.corrects_by_new_id && !fact.from_monitor;
  if (!telling.renewed) {
    telling.status = Telling::Status::corrected;
    if (telling.version != 0) ++telling.version;
  }
  put_told(patient, fact, site, telling, counts_.corrections);
}

void Delivery::withdraw(Patient& patient, const Fact& fact, const Site& site,
                        const Telling& telling, Draws& draws) {
  const double delay = draws.uniform();
  tell(patient, fact, site, telling, draws);
  if (!has_room(patient, 1)) return;
  const Seconds recorded = telling.recorded + hour_s + skewed(delay, 45);
  line_.clear();
  append_retraction(line_, fact, site, patient.pseudonym, recorded,
                    telling.version == 0 ? 0 : telling.version + 1);
  put(patient, recorded, counts_.retractions);
}

void Delivery::confirm(Patient& patient, const Fact& fact, const Site& site, Telling telling,
                       Draws& draws) {
  const Seconds delay = draws.integer(day_s, 3 * day_s);
  telling.status = Telling::Status::preliminary;
  tell(patient, fact, site, telling, draws);
  telling.status = Telling::Status::final;
  if (telling.version != 0) ++telling.version;
  telling.recorded += delay;
  put_told(patient, fact, site, telling, counts_.corrections);
}

void Delivery::tell(Patient& patient, const Fact& fact, const Site& site, const Telling& telling,
                    Draws& draws) {
  put_told(patient, fact, site, telling, counts_.facts);
  const bool twice = draws.chance(blueprint_.options.duplicate_share);
  const double delay = draws.uniform();
  if (twice && has_room(patient, 1)) {
    put(patient, telling.recorded + minute_s + skewed(delay, 60), counts_.duplicates);
  }
}

void Delivery::send(Patient& patient, Fact fact) {
  if (!fact.planted && !has_room(patient, 1)) {
    patient.full = true;
    return;
  }
  const std::uint32_t number = ++patient.facts;
  if (fact.id_number == 0) fact.id_number = number;
  const ProgrammeOptions& options = blueprint_.options;
  const Site& site = blueprint_.sites[static_cast<std::size_t>(patient.profile.site)];
  Draws draws(options.seed, patient.index, number, Purpose::delivery);
  Telling telling;
  telling.recorded = recorded_at(fact, site, number, draws);
  if (site.states_versions) telling.version = 1;
  double fate = draws.uniform();
  if (!fact.planted) {
    if (fate < options.refused_share) {
      return refuse(patient, fact, site, telling, draws);
    }
    fate -= options.refused_share;
  }
  if (site.preliminary_labs && fact.kind == "lab" && has_room(patient, 3)) {
    return confirm(patient, fact, site, telling, draws);
  }
  if (!fact.planted) {
    if (fate < options.corrected_share) return mistake(patient, fact, site, telling, draws);
    fate -= options.corrected_share;
    if (fate < options.retracted_share && fact.withdrawable) {
      return withdraw(patient, fact, site, telling, draws);
    }
  }
  tell(patient, fact, site, telling, draws);
}

void Delivery::send_last(Patient& patient, Fact fact) {
  fact.id_number = ++patient.facts;
  const Site& site = blueprint_.sites[static_cast<std::size_t>(patient.profile.site)];
  Draws draws(blueprint_.options.seed, patient.index, fact.id_number, Purpose::delivery);
  Telling telling;
  telling.recorded = recorded_at(fact, site, fact.id_number, draws);
  put_told(patient, fact, site, telling, counts_.facts);
}

void Delivery::send_heartbeat(std::string_view source, std::string_view site, std::int64_t number,
                              Seconds instant) {
  line_.clear();
  append_heartbeat(line_, source, site, number, instant);
  // After every patient's line of the same second.
  arrivals_.add(instant, 0xFFFFFFFF'00000000ULL | heartbeats_++, line_);
  ++counts_.heartbeats;
}

}  // namespace ketavigil::simulation
