// Configuration: YAML, overridden by environment variables (KETAVIGIL_STORAGE__PATH), overridden by
// flags. Unknown keys are errors that name the nearest known one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/shard/checkpoints.h"
#include "engine/shard/settings.h"
#include "events/result.h"
#include "ingest/kafka/connection.h"
#include "ingest/kafka/consumer.h"
#include "routing/pages/settings.h"

namespace ketavigil::cli {

struct ListenerSettings {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any that is free
  int connections_max = 256;
  std::string tokens_file = {};         ///< who may ask; empty: nobody is asked for a token
  std::vector<std::string> hosts = {};  ///< names by which it is asked, beside addresses
  std::string certificate = {};         ///< PEM files of TLS; empty: plain HTTP
  std::string key = {};
};

inline constexpr int kafka_workers_max = 256;

/// The log on Kafka: which part of it this worker follows.
struct KafkaSettings {
  /// This worker's: its name in the group, or its ordinal.
  [[nodiscard]] std::string name() const {
    return membership ? membership->member : std::to_string(worker);
  }

  ingest::kafka::ConnectionSettings connection;
  std::string prefix = "ketavigil";  ///< the topics are PREFIX.events, PREFIX.backfill …
  std::string group = "ketavigil";   ///< names the committed offsets, which are telemetry
  int worker = 0;                    ///< this worker's ordinal, from 0
  int workers = 1;                   ///< how many there are: partition p belongs to p mod workers
  /// Instead of ordinals: the broker's group coordinator places the partitions.
  std::optional<ingest::kafka::Membership> membership;
  /// What a lost shard is restored from; nothing: the log alone. Its log is not named here.
  std::optional<engine::CheckpointSettings> checkpoints;
};

struct Configuration {
  engine::Settings settings;
  std::filesystem::path drift_priors_file;  ///< empty: ours are in force
  std::filesystem::path storage_path;
  std::optional<int> shards;
  std::int64_t free_space_guard_bytes = std::int64_t{2} << 30;
  int workers = 2;
  int batch_entries = 5000;
  std::int64_t cache_bytes = std::int64_t{512} << 20;  ///< for patients in use, of all shards
  ListenerSettings intake{"127.0.0.1", 8410, 256};
  ListenerSettings operations{"127.0.0.1", 8411, 64};
  std::int64_t tick_seconds = 60;
  std::int64_t body_bytes_max = std::int64_t{16} << 20;
  std::optional<KafkaSettings> kafka;  ///< nothing: the log is in the data directory
  routing::pages::PagerSettings page;  ///< no way out: nobody is paged
  std::string source_default;  ///< of events over HTTP that name no source; empty: it is needed
};

/// Environment variables as configuration reads them.
using Environment = std::map<std::string, std::string>;
[[nodiscard]] Environment process_environment();

/// Reads a file and the environment over it. A configuration error names the file, the line, the
/// key, what was expected, and the nearest known key.
[[nodiscard]] Result<Configuration> read_configuration(
    const std::filesystem::path& file, const Environment& environment = process_environment());

/// The same of a text; `name` stands for the file in errors. An empty text is all defaults.
[[nodiscard]] Result<Configuration> parse_configuration(const std::string& text,
                                                        const std::string& name,
                                                        const Environment& environment);

/// A commented example with every key and its default.
[[nodiscard]] std::string example_configuration();

/// The effective configuration, as YAML.
[[nodiscard]] std::string print_configuration(const Configuration& configuration);

}  // namespace ketavigil::cli
