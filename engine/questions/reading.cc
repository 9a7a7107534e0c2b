#include "engine/questions/reading.h"

#include <algorithm>

#include "engine/shard/meta_number.h"
#include "events/partition.h"
#include "storage/keys.h"

namespace ketavigil::engine {
namespace {

namespace fs = std::filesystem;
using storage::Family;

}  // namespace

Reading::~Reading() = default;

Result<std::unique_ptr<Reading>> Reading::open(const fs::path& directory,
                                               std::optional<int> only_shard) {
  auto file = read_programme_file(directory);
  if (!file.ok()) return file.error();
  std::unique_ptr<Reading> reading(new Reading());
  reading->resources_ = std::make_unique<storage::Resources>();
  std::vector<const storage::Store*> stores;
  for (int number = 0; number < file.value().shards; ++number) {
    const fs::path path = shard_path(directory, number);
    std::error_code ignored;
    if (only_shard && *only_shard != number) {
      stores.push_back(nullptr);
      continue;
    }
    if (file.value().log == LogOrigin::topics &&
        (!fs::exists(path, ignored) || fs::exists(given_up_path(directory, number), ignored))) {
      stores.push_back(nullptr);
      continue;
    }
    auto store = storage::Store::open_reader(path, *reading->resources_);
    if (!store.ok()) return store.error();
    stores.push_back(store.value().get());
    reading->own_stores_.push_back(std::move(store).value());
  }
  KETAVIGIL_TRY(reading->attach(std::move(stores), file.value()));
  return reading;
}

Result<std::unique_ptr<Reading>> Reading::over(const Programme& programme) {
  auto file = read_programme_file(programme.options().directory);
  if (!file.ok()) return file.error();
  std::unique_ptr<Reading> reading(new Reading());
  std::vector<const storage::Store*> stores;
  for (int number = 0; number < programme.shards(); ++number)
    stores.push_back(programme.owns(number) ? &programme.shard(number).store() : nullptr);
  KETAVIGIL_TRY(reading->attach(std::move(stores), file.value()));
  return reading;
}

Result<std::unique_ptr<Reading>> Reading::open_as_of(const fs::path& directory,
                                                     Microseconds until) {
  auto source = open(directory);
  if (!source.ok()) return source.error();
  auto file = read_programme_file(directory);
  if (!file.ok()) return file.error();
  std::unique_ptr<Reading> reading(new Reading());
  KETAVIGIL_TRY_ASSIGN(reading->temporary_, TransientFolder::make());
  reading->clock_ = std::make_unique<SystemClock>();
  ProgrammeOptions options;
  options.directory = reading->temporary_.path();
  options.create = true;
  options.shards = file.value().shards;
  options.settings = file.value().settings;
  options.cut_leftovers = false;
  options.cohort = false;
  options.free_space_guard_bytes = 0;
  KETAVIGIL_TRY_ASSIGN(reading->temporary_programme_, Programme::open(options, *reading->clock_));
  const std::vector<const storage::Store*>& from = source.value()->stores_;
  KETAVIGIL_TRY(replay(from, reading->temporary_programme_.get(), false, until,
                       [](std::uint64_t, std::uint64_t) {}));
  std::vector<const storage::Store*> stores;
  for (int number = 0; number < file.value().shards; ++number) {
    stores.push_back(&reading->temporary_programme_->shard(number).store());
  }
  KETAVIGIL_TRY(reading->attach(std::move(stores), file.value()));
  return reading;
}

Result<std::unique_ptr<Reading>> Reading::beside(const Programme& programme,
                                                 std::optional<int> only_shard,
                                                 bool list_patients) {
  auto file = read_programme_file(programme.options().directory);
  if (!file.ok()) return file.error();
  std::unique_ptr<Reading> reading(new Reading());
  std::vector<const storage::Store*> stores;
  for (int number = 0; number < programme.shards(); ++number) {
    auto shard = !only_shard || *only_shard == number ? programme.hold(number) : nullptr;
    stores.push_back(shard ? &shard->store() : nullptr);
    if (!shard) continue;
    reading->snapshots_.push_back(shard->store().snapshot());
    reading->held_shards_.push_back(std::move(shard));
  }
  KETAVIGIL_TRY(reading->attach(std::move(stores), file.value(), list_patients));
  return reading;
}

Result<std::unique_ptr<Reading>> Reading::of_patient_as_of(const Reading& now,
                                                           const std::string& patient,
                                                           std::span<const LogRange> ranges,
                                                           Microseconds until) {
  const int shard = events::partition_of(patient, now.shards());
  if (!now.has(patient)) return Error{ErrorKind::usage, "the shard of this patient is not here"};
  std::unique_ptr<Reading> reading(new Reading());
  KETAVIGIL_TRY_ASSIGN(reading->copy_, PatientCopy::make(now.began_with_));
  Shard& copy = reading->copy_->shard();
  KETAVIGIL_TRY(
      replay_patient(now.store(shard), now.snapshot(shard), patient, ranges, until, &copy, {}));
  KETAVIGIL_TRY_ASSIGN(const auto file, reading->copy_->file());
  KETAVIGIL_TRY(reading->attach({&copy.store()}, file));
  return reading;
}

Status Reading::attach(std::vector<const storage::Store*> stores, const ProgrammeFile& file,
                       bool list_patients) {
  stores_ = std::move(stores);
  if (held().empty()) {
    return Status::failure(ErrorKind::storage,
                           "no shard of this programme is here yet: its worker has not begun");
  }
  began_with_ = file.settings;
  auto settings = settings_in_force(store(held().front()), file);
  if (!settings.ok()) return settings.status();
  configured_ = std::make_unique<const Configured>(std::move(settings).value());
  decoder_ = std::make_unique<events::Decoder>(configured_->settings.decode);
  for (const int shard : held()) {
    KETAVIGIL_TRY_ASSIGN(const auto received, meta_number(store(shard), rows::meta_received));
    newest_received_ = std::max(newest_received_, received.value_or(0));
    KETAVIGIL_TRY(read_tail(shard));
    if (list_patients) KETAVIGIL_TRY(add_patients(shard));
  }
  if (!list_patients) return {};
  patients_.insert(patients_.end(), dirty_.begin(), dirty_.end());
  std::sort(patients_.begin(), patients_.end());
  patients_.erase(std::unique(patients_.begin(), patients_.end()), patients_.end());
  return {};
}

Status Reading::add_patients(int shard) {
  auto cursor = store(shard).scan(Family::findings, "", "", snapshot(shard));
  for (; cursor.valid(); cursor.next()) {
    auto patient = rows::patient_of(cursor.key());
    if (!patient)
      return Status::failure(ErrorKind::storage, "a key is damaged. Run `ketavigil verify`");
    patients_.push_back(std::move(*patient));
  }
  return cursor.status();
}

// Entries since the last cut: whose projections are behind.
Status Reading::read_tail(int shard) {
  KETAVIGIL_TRY_ASSIGN(const auto cut, meta_number(store(shard), rows::meta_cut));
  auto cursor = store(shard).scan(
      Family::log, storage::encode_u64(static_cast<std::uint64_t>(cut.value_or(0)) + 1), "",
      snapshot(shard));
  for (; cursor.valid(); cursor.next()) {
    Entry entry;
    KETAVIGIL_TRY(decode(cursor.value(), &entry));
    if (!entry.patient.empty()) dirty_.insert(entry.patient);
  }
  return cursor.status();
}

const storage::Snapshot* Reading::snapshot(int shard) const {
  if (snapshots_.empty()) return nullptr;
  std::size_t before = 0;
  for (int number = 0; number < shard; ++number)
    before += stores_[static_cast<std::size_t>(number)] != nullptr ? 1 : 0;
  return &snapshots_[before];
}

std::vector<int> Reading::held() const {
  std::vector<int> numbers;
  for (int number = 0; number < shards(); ++number) {
    if (stores_[static_cast<std::size_t>(number)] != nullptr) numbers.push_back(number);
  }
  return numbers;
}

bool Reading::has(const std::string& patient) const {
  const int shard = events::partition_of(patient, shards());
  return stores_[static_cast<std::size_t>(shard)] != nullptr;
}

const storage::Store& Reading::store_of(std::string_view patient) const {
  return store(events::partition_of(patient, shards()));
}

Result<KnownPatient> Reading::record(const std::string& patient) const {
  const int shard = events::partition_of(patient, shards());
  if (stores_[static_cast<std::size_t>(shard)] == nullptr) return KnownPatient{{patient, {}}, {}};
  return read_patient(store(shard), patient, decoder_.get(), nullptr, snapshot(shard));
}

Result<PatientView> Reading::view(const std::string& patient, Microseconds at) const {
  PatientView view;
  view.patient = patient;
  const int shard = events::partition_of(patient, shards());
  if (stores_[static_cast<std::size_t>(shard)] != nullptr && !is_dirty(patient)) {
    const storage::Store& store = this->store(shard);
    const std::string key = rows::of_patient(patient);
    std::string bytes;
    bool found = false;
    KETAVIGIL_TRY(store.get(Family::findings, key, &bytes, &found, snapshot(shard)));
    if (found) {
      KETAVIGIL_TRY(decode(bytes, &view.findings));
      const bool reaches = view.findings.valid_from <= at && at < view.findings.valid_until;
      KETAVIGIL_TRY(store.get(Family::cells, key, &bytes, &found, snapshot(shard)));
      if (reaches && found) {
        KETAVIGIL_TRY(decode(bytes, &view.cells));
        return view;
      }
    }
  }
  auto known = record(patient);
  if (!known.ok()) return known.error();
  const PatientFold fold(known.value().record, known.value().quarantined, *configured_);
  view.findings = stored_findings(fold, patient, at);
  view.cells = fold.at(at).cells;
  return view;
}

}  // namespace ketavigil::engine
