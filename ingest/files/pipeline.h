// Files through decoders, in parallel and in their order, with bounded memory.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "events/decode.h"
#include "events/result.h"
#include "ingest/decode/entries.h"

namespace ketavigil::ingest {

/// The entries of one part of a file.
struct DecodedPart {
  DecodedBlock block;
  /// Which entries were refused, and where they stand (`file:line`), for messages.
  std::vector<std::pair<std::size_t, std::string>> refused;
};

/// One thread reads, some decode, the caller's thread takes the parts in order.
class Pipeline {
 public:
  /// `decoders`: threads that decode, at least 1. The settings must outlive the pipeline.
  Pipeline(const events::DecodeSettings& decode, const EntrySettings& entries, int decoders);

  /// Reads the files one after the other and calls `take` for each part, in order, in this thread.
  /// `consumed` is told the bytes read so far, in another thread. The first error ends it: one of
  /// `take`'s, or of a file that cannot be read to its end (what came before was taken).
  [[nodiscard]] Status run(const std::vector<std::string>& files,
                           const std::function<void(std::int64_t)>& consumed,
                           const std::function<Status(DecodedPart)>& take);

 private:
  const events::DecodeSettings& decode_;
  const EntrySettings& entries_;
  int decoders_;
};

}  // namespace ketavigil::ingest
