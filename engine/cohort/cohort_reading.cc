#include "engine/cohort/cohort_reading.h"

#include <algorithm>

#include "engine/shard/programme.h"

namespace ketavigil::engine {
namespace {

Error not_here(const std::filesystem::path& directory, LogOrigin log) {
  if (log == LogOrigin::topics) {
    return {ErrorKind::storage,
            "the cohort's shard is not in " + directory.string() +
                ": the worker with the ordinal 0 (`kafka.worker`) has it. Ask there"};
  }
  return {ErrorKind::storage, "no data lock point has passed yet in " + directory.string()};
}

std::string listed(const std::vector<int>& shards) {
  std::string text;
  for (const int shard : shards) text += (text.empty() ? "" : ", ") + std::to_string(shard);
  return text;
}

}  // namespace

Result<std::unique_ptr<CohortReading>> CohortReading::open(const std::filesystem::path& directory) {
  KETAVIGIL_TRY_ASSIGN(const auto file, read_programme_file(directory));
  std::error_code ignored;
  if (!std::filesystem::exists(cohort_path(directory), ignored))
    return not_here(directory, file.log);
  std::unique_ptr<CohortReading> reading(new CohortReading());
  reading->shards_ = file.shards;
  reading->resources_ = std::make_unique<storage::Resources>();
  KETAVIGIL_TRY_ASSIGN(reading->store_,
                       storage::Store::open_reader(cohort_path(directory), *reading->resources_));
  return reading;
}

Result<std::vector<LockPointState>> CohortReading::lock_points() const {
  return engine::lock_points(*store_, shards_);
}

Result<std::vector<Table>> CohortReading::tables_at(Microseconds lock_point) const {
  KETAVIGIL_TRY_ASSIGN(const auto states, lock_points());
  const auto state = std::find_if(states.begin(), states.end(), [&](const LockPointState& one) {
    return one.lock_point == lock_point;
  });
  const std::string moment = events::print_utc(lock_point);
  if (state == states.end()) {
    return Error{ErrorKind::usage,
                 "there is no data lock point " + moment + ": `cohort --lock-points` lists them"};
  }
  if (!state->awaited.empty()) {
    return Error{ErrorKind::usage, "the data lock point " + moment +
                                       " is not complete: awaited are the shards " +
                                       listed(state->awaited)};
  }
  if (!state->passed.empty()) {
    return Error{ErrorKind::usage,
                 "the data lock point " + moment +
                     " is none of the whole programme: it was not in the schedule of the shards " +
                     listed(state->passed) + ", or lies before what they know"};
  }
  KETAVIGIL_TRY_ASSIGN(const auto sum, sum_at(*store_, lock_point));
  if (!sum) return Error{ErrorKind::storage, "the sum at " + moment + " is missing. Run `verify`"};
  return tables_of(sum->cells);
}

}  // namespace ketavigil::engine
