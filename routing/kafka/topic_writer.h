// What telling the world by topics needs of a broker's client.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/result.h"

namespace ketavigil::routing::kafka {

/// A record to be told. Views live until `send` returns.
struct OutRecord {
  std::string topic;
  std::string_view key;  ///< decides the partition (murmur2); empty: by the value
  std::string_view value;
  std::vector<std::pair<std::string, std::string>> headers;
};

class TopicWriter {
 public:
  virtual ~TopicWriter() = default;
  /// Queues; waits while the queue is full.
  [[nodiscard]] virtual Status send(const OutRecord& record) = 0;
  /// Waits until everything sent before is acknowledged by all in-sync replicas.
  [[nodiscard]] virtual Status flush() = 0;
};

}  // namespace ketavigil::routing::kafka
