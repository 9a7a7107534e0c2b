// Who has which shard of a programme on Kafka.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/configuration.h"

namespace ketavigil::cli {

/// A shard and the worker that told the broker of it last.
struct WorkerOfShard {
  int shard = 0;
  std::string worker;      ///< its ordinal, or its name in the group; empty: nobody told yet
  std::string operations;  ///< the address of its operations listener
  std::int64_t next_offset = 0;
  std::int64_t lag_records = 0;  ///< not yet kept by it
};

/// Of all shards, or of one patient's. Asks the brokers.
[[nodiscard]] Result<std::vector<WorkerOfShard>> find_workers(
    const KafkaSettings& settings, const std::optional<std::string>& patient = std::nullopt);

/// The answer to a GET, 200 or not. A broker error if nobody answers. Follows redirections, with
/// the token (empty: none), but never from an encrypted address to one that is not.
struct Fetched {
  long status = 0;
  std::string body;
};
[[nodiscard]] Result<Fetched> fetch(const std::string& url, const std::string& token);

/// The path of a patient's document on an operations listener.
[[nodiscard]] std::string patient_path(const std::string& patient);

}  // namespace ketavigil::cli
