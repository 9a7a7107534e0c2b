#include "engine/shard/programme.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

#include "engine/cohort/cohort_shard.h"
#include "events/partition.h"

namespace ketavigil::engine {
namespace {

namespace fs = std::filesystem;
using storage::Family;

constexpr Microseconds clock_behind_us = 10 * events::minute_us;
constexpr std::chrono::milliseconds release_wait{1};

Error storage_error(const std::string& message) { return {ErrorKind::storage, message}; }

}  // namespace

events::Microseconds SystemClock::now() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Programme::Programme(ProgrammeOptions options, const Clock& clock)
    : options_(std::move(options)), clock_(clock) {}

Programme::~Programme() = default;

Result<std::unique_ptr<Programme>> Programme::open(const ProgrammeOptions& options,
                                                   const Clock& clock) {
  if (options.shards && (*options.shards < 1 || *options.shards > shards_max)) {
    return Error{ErrorKind::configuration, "storage.shards must be 1 to 256"};
  }
  std::unique_ptr<Programme> programme(new Programme(options, clock));
  if (options.checkpoints) KETAVIGIL_TRY(programme->settle_origin());
  std::error_code error;
  if (options.create && !fs::exists(programme_file_path(options.directory), error)) {
    KETAVIGIL_TRY(create_programme(options));
  }
  auto file = read_programme_file(options.directory);
  if (!file.ok()) return file.error();
  programme->file_ = file.value();
  if (options.log != file.value().log) {
    return Error{ErrorKind::configuration,
                 file.value().log == LogOrigin::topics
                     ? "the log of the programme in " + options.directory.string() +
                           " is on Kafka: send facts there (`ketavigil produce`), or serve it with "
                           "a `kafka` section"
                     : "the programme in " + options.directory.string() +
                           " has its log in the directory: give Kafka's a directory of its own"};
  }
  if (options.shards && *options.shards != file.value().shards) {
    return Error{ErrorKind::configuration,
                 options.log == LogOrigin::topics
                     ? "the programme in " + options.directory.string() + " was made for " +
                           std::to_string(file.value().shards) + " partitions, the topic has " +
                           std::to_string(*options.shards) +
                           ": patients would change their shard. Make a new topic and a new "
                           "directory, and send the facts there by `ketavigil produce`"
                     : "the programme in " + options.directory.string() + " has " +
                           std::to_string(file.value().shards) + " shards, storage.shards says " +
                           std::to_string(*options.shards) +
                           ": the number is fixed when a programme is made; "
                           "load into a new directory to change it"};
  }
  storage::ResourceLimits limits;
  limits.shards = file.value().shards;
  programme->resources_ = std::make_unique<storage::Resources>(limits);
  programme->shards_.resize(static_cast<std::size_t>(file.value().shards));
  if (options.log == LogOrigin::topics) return programme;
  KETAVIGIL_TRY(programme->open_shards());
  KETAVIGIL_TRY(programme->adopt_settings());
  const Microseconds newest = programme->newest_received();
  if (newest > clock.now() + clock_behind_us) {
    return storage_error("the log of " + options.directory.string() + " is at " +
                         events::print_utc(newest) +
                         ", more than 10 minutes ahead of this machine's clock (" +
                         events::print_utc(clock.now()) + "): set the clock right");
  }
  KETAVIGIL_TRY(programme->feed_cohort());
  return programme;
}

Result<std::unique_ptr<Shard>> Programme::open_shard(int number, bool create_if_missing) const {
  storage::StoreOptions store_options;
  store_options.path = shard_path(options_.directory, number);
  store_options.create_if_missing = create_if_missing;
  store_options.free_space_guard_bytes = options_.free_space_guard_bytes;
  auto store = storage::Store::open(store_options, *resources_);
  if (!store.ok()) return store.error();
  auto settings = settings_in_force(*store.value(), file_);
  if (!settings.ok()) return settings.error();
  return Shard::open(std::move(store).value(),
                     std::make_shared<const Configured>(std::move(settings).value()),
                     {options_.workers, options_.ways_out, options_.cache_bytes / shards()});
}

Status Programme::open_shards() {
  for (int number = 0; number < shards(); ++number) {
    // Made only while the programme is being made: afterwards a shard that is not there was lost,
    // and must not be taken for an empty one.
    KETAVIGIL_TRY_ASSIGN(shards_[static_cast<std::size_t>(number)],
                         open_shard(number, !file_.complete));
  }
  if (!file_.complete) {
    file_.complete = true;
    KETAVIGIL_TRY(write_programme_file(options_.directory, file_));
  }
  // What a killed load left is cut by whoever comes next, stamped with the newest `received` of all
  // shards.
  if (!options_.cut_leftovers) return {};
  const Microseconds newest = newest_received();
  for (auto& shard : shards_) KETAVIGIL_TRY(shard->append_cut(newest));
  return {};
}

Status Programme::acquire(int number) {
  if (checkpoints_) KETAVIGIL_TRY(restore_if_lost(number));
  auto shard = open_shard(number, true);
  if (!shard.ok()) return not_opened(number, shard.error());
  std::error_code error;
  fs::remove(given_up_path(options_.directory, number), error);
  if (error) {
    return storage_error("cannot remove " + given_up_path(options_.directory, number).string() +
                         ": " + error.message());
  }
  const std::lock_guard lock(owning_);
  shards_[static_cast<std::size_t>(number)] = std::move(shard).value();
  return {};
}

Status Programme::release(int number) {
  std::shared_ptr<Shard> shard;
  {
    const std::lock_guard lock(owning_);
    shard = std::move(shards_[static_cast<std::size_t>(number)]);
    if (shard) {
      released_.entries += shard->counted().entries;
      released_.patients_folded += shard->counted().patients_folded;
    }
  }
  if (shard) {
    while (shard.use_count() > 1) std::this_thread::sleep_for(release_wait);
    KETAVIGIL_TRY(shard->make_durable());
    shard.reset();
  }
  std::error_code ignored;
  if (!fs::exists(shard_path(options_.directory, number), ignored)) return {};
  const fs::path mark = given_up_path(options_.directory, number);
  if (!std::ofstream(mark, std::ios::app)) return storage_error("cannot write " + mark.string());
  return {};
}

PassCount Programme::counted() const {
  const std::lock_guard lock(owning_);
  PassCount sum = released_;
  for (const auto& shard : shards_) {
    if (!shard) continue;
    sum.entries += shard->counted().entries;
    sum.patients_folded += shard->counted().patients_folded;
  }
  return sum;
}

std::shared_ptr<Shard> Programme::hold(int number) const {
  const std::lock_guard lock(owning_);
  return shards_[static_cast<std::size_t>(number)];
}

std::vector<int> Programme::owned() const {
  const std::lock_guard lock(owning_);
  std::vector<int> numbers;
  for (int number = 0; number < shards(); ++number) {
    if (shards_[static_cast<std::size_t>(number)]) numbers.push_back(number);
  }
  return numbers;
}

bool Programme::owns(int number) const {
  const std::lock_guard lock(owning_);
  return shards_[static_cast<std::size_t>(number)] != nullptr;
}

Result<std::string> Programme::identity_in_force(int number) const {
  std::string identity;
  bool found = false;
  KETAVIGIL_TRY(shard(number).store().get(Family::meta, rows::meta_identity, &identity, &found));
  return found ? identity : file_.identity;
}

// Other settings than those in force, or another version of a detector, are an epoch.
Status Programme::adopt_settings() {
  const Settings wanted = options_.settings ? *options_.settings : configured().settings;
  const std::string identity = fold_identity(wanted);
  for (int number = 0; number < shards(); ++number) {
    KETAVIGIL_TRY_ASSIGN(const std::string in_force, identity_in_force(number));
    if (in_force == identity) continue;
    const Microseconds received = options_.log_time_only ? newest_received() : stamp(number);
    KETAVIGIL_TRY(shard(number).append_epoch(received, std::make_shared<const Configured>(wanted)));
    KETAVIGIL_TRY(shard(number).make_durable());
  }
  return {};
}

std::optional<int> Programme::shard_of(const events::Decoded& decoded) const {
  if (const auto* fact = std::get_if<events::Fact>(&decoded)) {
    if (fact->kind == events::Kind::heartbeat) return std::nullopt;
    return events::partition_of(fact->patient, shards());
  }
  const auto& readable = std::get<events::Rejection>(decoded).readable;
  return readable ? events::partition_of(readable->patient, shards()) : 0;
}

Microseconds Programme::newest_received() const {
  const std::lock_guard lock(owning_);
  Microseconds newest = 0;
  for (const auto& shard : shards_) {
    if (shard) newest = std::max(newest, shard->received());
  }
  return newest;
}

Microseconds Programme::stamp(int number) const {
  return std::max(shard(number).received(), clock_.now());
}

Result<std::vector<Answer>> Programme::append_live(std::vector<Parsed> events) {
  const std::lock_guard lock(live_);
  std::vector<Answer> answers(events.size());
  for (int number = 0; number < shards(); ++number) {
    std::vector<Incoming> own;
    std::vector<std::size_t> places;
    const Microseconds received = stamp(number);
    for (std::size_t i = 0; i < events.size(); ++i) {
      const auto wanted = shard_of(events[i].decoded);
      if (wanted && *wanted != number) continue;
      // A heartbeat goes to every shard: each gets a copy, the first shard's answer counts.
      own.push_back({events[i].bytes, events[i].default_source, events[i].decoded, events[i].digest,
                     received});
      places.push_back(wanted || number == 0 ? i : events.size());
    }
    for (std::size_t from = 0; from < own.size();) {
      const std::size_t count =
          std::min(own.size() - from, static_cast<std::size_t>(options_.batch_entries));
      auto some = shard(number).append_live(std::span(own).subspan(from, count));
      if (!some.ok()) return some.status();
      for (std::size_t i = 0; i < count; ++i) {
        if (places[from + i] < answers.size())
          answers[places[from + i]] = std::move(some.value()[i]);
      }
      from += count;
    }
  }
  KETAVIGIL_TRY(feed_cohort());
  return answers;
}

Status Programme::append_ticks() {
  const std::lock_guard lock(live_);
  for (int number = 0; number < shards(); ++number) {
    KETAVIGIL_TRY(shard(number).append_tick(stamp(number)));
    KETAVIGIL_TRY(shard(number).make_durable());
  }
  return feed_cohort();
}

Status Programme::make_durable() {
  for (const int number : owned()) {
    if (const auto shard = hold(number)) KETAVIGIL_TRY(shard->make_durable());
  }
  return feed_cohort();
}

}  // namespace ketavigil::engine
