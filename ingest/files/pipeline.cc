#include "ingest/files/pipeline.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "ingest/files/source.h"

namespace ketavigil::ingest {
namespace {

// Parts on their way from the file through the decoders, each of about 1 MiB: what bounds the
// memory.
constexpr std::size_t parts_in_flight_max = 8;

void decode_part(EntryReader* reader, const std::string& file, const Block& block,
                 DecodedPart* part) {
  part->block.bytes = block.bytes;
  for (std::size_t i = 0; i < block.lines.size(); ++i) {
    const std::size_t from = part->block.entries.size();
    if (block.is_document) {
      reader->read_document(block.lines[i], &part->block);
    } else {
      reader->read(block.lines[i], &part->block);
    }
    for (std::size_t e = from; e < part->block.entries.size(); ++e) {
      const DecodedEntry& entry = part->block.entries[e];
      if (!entry.not_followed.empty() || !std::holds_alternative<events::Rejection>(entry.decoded))
        continue;
      const std::int64_t line = block.line_numbers[i];
      part->refused.emplace_back(e, line == 0 ? file + " entry " + std::to_string(e - from + 1)
                                              : file + ":" + std::to_string(line));
    }
  }
}

// One run: the queues between the threads.
class Run {
 public:
  void read(const std::vector<std::string>& files,
            const std::function<void(std::int64_t)>& consumed) {
    std::int64_t before = 0;
    Status status;
    for (const std::string& file : files) {
      std::int64_t of_file = 0;
      status = read_blocks(
          file, [&](Block block) { return put(file, std::move(block)); },
          [&](std::int64_t bytes) { consumed(before + (of_file = bytes)); });
      before += of_file;
      if (!status.ok()) break;
    }
    const std::lock_guard lock(mutex_);
    if (!stopped_) read_status_ = status;
    read_all_ = true;
    changed_.notify_all();
  }

  void decode(const events::DecodeSettings& settings, const EntrySettings& entries) {
    EntryReader reader(settings, entries);
    while (true) {
      Waiting waiting;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return stopped_ || !waiting_.empty() || read_all_; });
        if (stopped_ || waiting_.empty()) return;
        waiting = std::move(waiting_.front());
        waiting_.pop_front();
      }
      DecodedPart part;
      decode_part(&reader, waiting.file, waiting.block, &part);
      const std::lock_guard lock(mutex_);
      decoded_.emplace(waiting.number, std::move(part));
      changed_.notify_all();
    }
  }

  Status hand_on(const std::function<Status(DecodedPart)>& take) {
    for (std::uint64_t number = 0;; ++number) {
      DecodedPart part;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] {
          return decoded_.count(number) != 0 || (read_all_ && number == next_number_);
        });
        const auto found = decoded_.find(number);
        if (found == decoded_.end()) return read_status_;
        part = std::move(found->second);
        decoded_.erase(found);
        --in_flight_;
        changed_.notify_all();
      }
      KETAVIGIL_TRY(take(std::move(part)));
    }
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }

 private:
  struct Waiting {
    std::string file;
    Block block;
    std::uint64_t number = 0;
  };

  Status put(const std::string& file, Block block) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stopped_ || in_flight_ < parts_in_flight_max; });
    if (stopped_) return Status::failure(ErrorKind::usage, "reading was stopped");
    ++in_flight_;
    waiting_.push_back({file, std::move(block), next_number_++});
    changed_.notify_all();
    return {};
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;
  std::map<std::uint64_t, DecodedPart> decoded_;
  std::size_t in_flight_ = 0;
  std::uint64_t next_number_ = 0;
  bool read_all_ = false;
  bool stopped_ = false;
  Status read_status_;
};

}  // namespace

Pipeline::Pipeline(const events::DecodeSettings& decode, const EntrySettings& entries, int decoders)
    : decode_(decode), entries_(entries), decoders_(std::max(1, decoders)) {}

Status Pipeline::run(const std::vector<std::string>& files,
                     const std::function<void(std::int64_t)>& consumed,
                     const std::function<Status(DecodedPart)>& take) {
  Run run;
  std::vector<std::thread> threads;
  threads.emplace_back([&] { run.read(files, consumed); });
  for (int i = 0; i < decoders_; ++i) threads.emplace_back([&] { run.decode(decode_, entries_); });
  const Status taken = run.hand_on(take);
  run.stop();
  for (auto& thread : threads) thread.join();
  return taken;
}

}  // namespace ketavigil::ingest
