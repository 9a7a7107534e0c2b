#include "engine/questions/patient_log.h"

#include "events/partition.h"
#include "storage/keys.h"

namespace ketavigil::engine {
Result<std::vector<ReceivedDay>> received_days(const Reading& reading, const std::string& patient,
                                               std::span<const LogRange> ranges) {
  std::vector<ReceivedDay> days;
  if (!reading.has(patient)) return days;
  const int shard = events::partition_of(patient, reading.shards());
  for (const LogRange& range : ranges) {
    auto cursor = reading.store(shard).scan(storage::Family::log, storage::encode_u64(range.first),
                                            "", reading.snapshot(shard));
    for (; cursor.valid(); cursor.next()) {
      std::uint64_t position = 0;
      if (storage::decode_u64(cursor.key(), &position) && position > range.last) break;
      // Most entries are of others, and a name that is nowhere in the bytes need not be read.
      if (cursor.value().find(patient) == std::string_view::npos) continue;
      Entry entry;
      KETAVIGIL_TRY(decode(cursor.value(), &entry));
      if (entry.type != EntryType::event || entry.patient != patient) continue;
      const Microseconds day = entry.received - entry.received % events::day_us;
      if (days.empty() || days.back().day != day) days.push_back({day, 0, 0});
      days.back().last = entry.received;
      ++days.back().entries;
    }
    KETAVIGIL_TRY(cursor.status());
  }
  return days;
}

}  // namespace ketavigil::engine
