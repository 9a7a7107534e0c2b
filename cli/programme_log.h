// The shards of a programme as the sink of its log on topics.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dashboards/metrics/metrics.h"
#include "engine/shard/programme.h"
#include "ingest/kafka/log_sink.h"

namespace ketavigil::cli {

/// The shards of a programme as the log's sink.
class ProgrammeLog : public ingest::kafka::LogSink {
 public:
  /// `wanted` are the settings of this process. All must outlive this.
  ProgrammeLog(engine::Programme& programme, const engine::Settings& wanted,
               dashboards::Metrics& metrics);

  [[nodiscard]] Status acquire(int shard) override { return programme_.acquire(shard); }
  [[nodiscard]] Status release(int shard) override { return programme_.release(shard); }
  [[nodiscard]] std::uint64_t place(int shard, ingest::kafka::Lane lane) const override;
  [[nodiscard]] const events::DecodeSettings& decode_settings(int shard) const override;
  [[nodiscard]] Result<ingest::kafka::Appended> append(
      int shard, ingest::kafka::Lane lane, std::vector<ingest::kafka::LoggedEvent> events) override;
  [[nodiscard]] Status tick(int shard, events::Microseconds appended,
                            std::uint64_t next_offset) override;
  [[nodiscard]] Status epoch(int shard, events::Microseconds appended, std::string_view settings,
                             std::uint64_t next_offset) override;
  [[nodiscard]] Status decide(int shard, bool retry, events::Microseconds appended,
                              std::string_view quarantine_key, std::uint64_t next_offset) override;
  [[nodiscard]] Status cut(int shard, events::Microseconds appended,
                           std::uint64_t next_offset) override;
  [[nodiscard]] bool has_uncut(int shard) const override;
  [[nodiscard]] Status settle(int shard) override;
  [[nodiscard]] Status pass(int shard, ingest::kafka::Lane lane,
                            std::uint64_t next_offset) override;
  [[nodiscard]] Result<bool> begin_work(int shard) override;
  [[nodiscard]] Status end_work(int shard) override;
  [[nodiscard]] Result<int> note_attempt(int shard, std::uint64_t offset) override;
  [[nodiscard]] std::optional<std::string> pending_epoch(int shard) const override;
  [[nodiscard]] std::string way_back(int shard, ingest::kafka::Lane lane,
                                     std::uint64_t begins) const override;
  [[nodiscard]] bool lacks_room(int shard) const override;

 private:
  [[nodiscard]] events::Microseconds received(int shard, events::Microseconds appended) const;

  engine::Programme& programme_;
  const engine::Settings& wanted_;
  dashboards::Metrics& metrics_;
};

}  // namespace ketavigil::cli
