#include "engine/questions/verify.h"

#include <limits>

#include "engine/cohort/cohort_reading.h"
#include "engine/questions/reading.h"
#include "events/json_text.h"
#include "storage/keys.h"

namespace ketavigil::engine {
namespace {

using storage::Family;

Error differs(const std::string& what) {
  return {ErrorKind::verification,
          what +
              ": the stored projections are not what the records give. Rebuild them with "
              "`ketavigil replay` into a new directory, and keep this one for inquiry"};
}

// A patient is named by a digest here: error messages end up in logs.
std::string nameless(const std::string& patient) {
  return "patient with row key digest " + events::hexadecimal(events::sha256(patient).substr(0, 8));
}

Status check_patient(const Reading& reading, const std::string& patient) {
  const storage::Store& store = reading.store_of(patient);
  const std::string key = rows::of_patient(patient);
  std::string bytes;
  bool found = false;
  KETAVIGIL_TRY(store.get(Family::findings, key, &bytes, &found));
  if (!found) return differs(nameless(patient) + " has no stored findings");
  StoredFindings stored;
  KETAVIGIL_TRY(decode(bytes, &stored));
  KETAVIGIL_TRY_ASSIGN(const auto known, reading.record(patient));
  const PatientFold fold(known.record, known.quarantined, reading.configured());
  // Any moment of the stored validity gives the same findings; its beginning is one (the beginning
  // of time, if it has none).
  const StoredFindings again = stored_findings(fold, patient, stored.valid_from);
  if (encode(again) != bytes) return differs(nameless(patient) + ": other findings");
  KETAVIGIL_TRY(store.get(Family::cells, key, &bytes, &found));
  if (!found || encode(fold.at(stored.valid_from).cells) != bytes)
    return differs(nameless(patient) + ": other cells");
  return {};
}

Status check_log(const storage::Store& store, std::int64_t* entries) {
  KETAVIGIL_TRY_ASSIGN(const std::uint64_t position, store.position());
  std::uint64_t expected = 0;
  Microseconds received = 0;
  auto cursor = store.scan(Family::log, "", "");
  for (; cursor.valid(); cursor.next()) {
    std::uint64_t at = 0;
    Entry entry;
    KETAVIGIL_TRY(decode(cursor.value(), &entry));
    if (!storage::decode_u64(cursor.key(), &at) || at != ++expected) {
      return differs("the log has no entry " + std::to_string(expected));
    }
    if (entry.received < received)
      return differs("`received` goes back at entry " + std::to_string(at));
    received = entry.received;
  }
  KETAVIGIL_TRY(cursor.status());
  if (expected != position) {
    return differs("the log ends at entry " + std::to_string(expected) + ", the store says " +
                   std::to_string(position));
  }
  *entries += static_cast<std::int64_t>(expected);
  return {};
}

// Whoever has facts has findings, be they none, once their entries are cut.
Status check_nobody_is_left_out(const Reading& reading, const storage::Store& store) {
  auto cursor = store.scan(Family::facts, "", "");
  while (cursor.valid()) {
    const auto patient = rows::patient_of(cursor.key());
    if (!patient) return differs("a key of the facts is damaged");
    std::string bytes;
    bool found = false;
    KETAVIGIL_TRY(store.get(Family::findings, rows::of_patient(*patient), &bytes, &found));
    if (!found && !reading.is_dirty(*patient))
      return differs(nameless(*patient) + " has facts and was never cut");
    cursor.seek(storage::prefix_end(rows::of_patient(*patient)));
  }
  return cursor.status();
}

// An account stands where its log says: after all entries up to its lock point, before the next.
Status check_accounts(const storage::Store& store) {
  KETAVIGIL_TRY_ASSIGN(const std::uint64_t end, store.position());
  const auto received_of = [&](std::uint64_t position) -> Result<Microseconds> {
    std::string bytes;
    bool found = false;
    KETAVIGIL_TRY(store.get(Family::log, storage::encode_u64(position), &bytes, &found));
    Entry entry;
    if (found) KETAVIGIL_TRY(decode(bytes, &entry));
    return entry.received;
  };
  KETAVIGIL_TRY_ASSIGN(const auto accounts,
                       read_accounts(store, std::nullopt, std::numeric_limits<std::size_t>::max()));
  const Account* before = nullptr;
  for (const Account& account : accounts) {
    const Microseconds moment = account.lock_point;
    bool right = before == nullptr || account.previous == before->lock_point;
    if (account.position > 0) {
      KETAVIGIL_TRY_ASSIGN(const Microseconds last, received_of(account.position));
      right = right && last <= moment && account.position <= end;
    }
    if (account.position < end) {
      KETAVIGIL_TRY_ASSIGN(const Microseconds next, received_of(account.position + 1));
      right = right && next > moment;
    }
    if (!right) return differs("the account of " + events::print_utc(moment));
    before = &account;
  }
  return {};
}

// The cohort's log holds what the shards here have given, and gives the cohort's tables.
Status check_cohort(const std::filesystem::path& directory, const Reading& reading) {
  std::error_code ignored;
  if (!std::filesystem::exists(cohort_path(directory), ignored)) return {};
  KETAVIGIL_TRY_ASSIGN(const auto cohort, CohortReading::open(directory));
  return verify_cohort(cohort->store(), reading.shards());
}

}  // namespace

Result<Verified> verify(const std::filesystem::path& directory,
                        const std::function<void(std::int64_t, const std::string&)>& progress) {
  KETAVIGIL_TRY_ASSIGN(const auto reading, Reading::open(directory));
  Verified verified;
  verified.shards = static_cast<int>(reading->held().size());
  for (const int shard : reading->held()) {
    progress(shard * 50 / reading->shards(), "checksums");
    KETAVIGIL_TRY(reading->store(shard).verify_checksums());
    KETAVIGIL_TRY(check_log(reading->store(shard), &verified.entries));
    KETAVIGIL_TRY(check_nobody_is_left_out(*reading, reading->store(shard)));
    KETAVIGIL_TRY(check_accounts(reading->store(shard)));
  }
  KETAVIGIL_TRY(check_cohort(directory, *reading));
  const auto total = static_cast<std::int64_t>(reading->patients().size());
  for (const std::string& patient : reading->patients()) {
    progress(50 + verified.patients * 50 / std::max<std::int64_t>(total, 1), "folding");
    ++verified.patients;
    if (!reading->is_dirty(patient)) KETAVIGIL_TRY(check_patient(*reading, patient));
  }
  return verified;
}

}  // namespace ketavigil::engine
