// Programmes in folders of their own, for properties: what fails there fails the property.
#pragma once

#include <rapidcheck.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "engine/shard/programme.h"

namespace ketavigil::engine {

/// Stands where it was put.
class StillClock : public Clock {
 public:
  explicit StillClock(Microseconds now) : now_(now) {}
  [[nodiscard]] Microseconds now() const override { return now_; }
  void pass(Microseconds time) { now_ += time; }

 private:
  Microseconds now_;
};

template <typename T>
T must(Result<T> result) {
  if (!result.ok()) RC_FAIL(result.error().message);
  return std::move(result).value();
}
inline void must(const Status& status) {
  if (!status.ok()) RC_FAIL(status.error().message);
}

/// Removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "ketavigil-engine-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

inline std::unique_ptr<Programme> open_programme(const std::filesystem::path& path,
                                                 const Clock& clock, int shards, int batch = 5000,
                                                 std::optional<Settings> settings = std::nullopt) {
  ProgrammeOptions options;
  options.directory = path;
  options.create = true;
  options.shards = shards;
  options.workers = 1;
  options.batch_entries = batch;
  options.free_space_guard_bytes = 0;
  options.settings = std::move(settings);
  return must(Programme::open(options, clock));
}

}  // namespace ketavigil::engine
