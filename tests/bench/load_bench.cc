// `load` of a simulated programme, and its floor, in one run.
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/shard/programme.h"
#include "events/stored.h"
#include "ingest/files/pipeline.h"
#include "simulation/programme.h"
#include "storage/keys.h"
#include "storage/store.h"

namespace {

using namespace ketavigil;
namespace fs = std::filesystem;

constexpr int decoders = 2;
constexpr std::size_t batch_entries = 5000;

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void stop_if(const Status& status) {
  if (status.ok()) return;
  std::cerr << "bench: " << status.error().message << '\n';
  std::exit(1);
}

std::string simulate(const fs::path& folder, std::int64_t facts, std::int64_t patients) {
  simulation::ProgrammeOptions options;
  options.patients = patients;
  options.months = 12;
  options.seed = 1;
  options.facts_per_patient_limit = facts / patients;
  const std::string path = (folder / "events.ndjson").string();
  std::ofstream out(path, std::ios::binary);
  stop_if(simulation::Programme(options).write_events(out));
  return path;
}

struct Measured {
  std::int64_t facts = 0;
  double seconds = 0;
};

Measured measure_floor(const fs::path& folder, const std::string& events) {
  const events::DecodeSettings settings;
  const ingest::EntrySettings entries;
  storage::ResourceLimits limits;
  limits.shards = 1;
  storage::Resources resources(limits);
  auto store = storage::Store::open({folder / "floor", true, 0}, resources);
  stop_if(store.status());
  Measured measured;
  const double started = seconds();
  ingest::Pipeline pipeline(settings, entries, decoders);
  storage::Batch batch(*store.value());
  std::size_t in_batch = 0;
  std::uint64_t position = 0;
  const auto write = [&]() -> Status {
    batch.put(storage::Family::meta, storage::kPositionKey, storage::encode_u64(position));
    KETAVIGIL_TRY(store.value()->write(std::move(batch), storage::Durability::synced));
    in_batch = 0;
    return store.value()->acknowledge(position);
  };
  stop_if(pipeline.run(
      {events}, [](std::int64_t) {},
      [&](ingest::DecodedPart part) -> Status {
        for (const auto& entry : part.block.entries) {
          ++measured.facts;
          ++position;
          if (const auto* fact = std::get_if<events::Fact>(&entry.decoded)) {
            const events::Variant variant{*fact, entry.digest};
            batch.put(storage::Family::facts,
                      engine::rows::fact(fact->patient, fact->source, fact->id, fact->version),
                      events::encode_variants({&variant}));
          }
          if (++in_batch >= batch_entries) KETAVIGIL_TRY(write());
        }
        return {};
      }));
  stop_if(write());
  measured.seconds = seconds() - started;
  return measured;
}

Measured measure_load(const fs::path& folder, const std::string& events) {
  const engine::SystemClock clock;
  engine::ProgrammeOptions options;
  options.directory = folder / "load";
  options.create = true;
  options.workers = decoders;
  options.batch_entries = batch_entries;
  options.free_space_guard_bytes = 0;
  auto programme = engine::Programme::open(options, clock);
  stop_if(programme.status());
  const ingest::EntrySettings entries;
  Measured measured;
  const double started = seconds();
  ingest::Pipeline pipeline(programme.value()->configured().settings.decode, entries, decoders);
  engine::BulkLoad load(programme.value().get(), false);
  const auto on_answer = [&](const engine::Answer&) { ++measured.facts; };
  stop_if(pipeline.run(
      {events}, [](std::int64_t) {},
      [&](ingest::DecodedPart part) -> Status {
        std::vector<engine::Parsed> parsed;
        for (auto& entry : part.block.entries) {
          parsed.push_back({entry.bytes, std::move(entry.default_source), std::move(entry.decoded),
                            std::move(entry.digest)});
        }
        return load.take(std::move(parsed), part.block.bytes, on_answer);
      }));
  stop_if(load.finish(on_answer));
  measured.seconds = seconds() - started;
  return measured;
}

double resident_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

struct Pair {
  Measured floor;
  Measured load;
  [[nodiscard]] double over_floor_us() const {
    return (load.seconds / static_cast<double>(load.facts) -
            floor.seconds / static_cast<double>(floor.facts)) *
           1e6;
  }
  // Cost a fact as a multiple of the floor's.
  [[nodiscard]] double times_floor() const {
    return (load.seconds / static_cast<double>(load.facts)) /
           (floor.seconds / static_cast<double>(floor.facts));
  }
};

Pair measure(std::int64_t facts, std::int64_t patients) {
  std::string pattern = (fs::temp_directory_path() / "ketavigil-bench-XXXXXX").string();
  const fs::path folder = ::mkdtemp(pattern.data());
  const std::string events = simulate(folder, facts, patients);
  Pair pair;
  pair.floor = measure_floor(folder, events);
  pair.load = measure_load(folder, events);
  fs::remove_all(folder);
  return pair;
}

void print(bool json, const std::string& name, double value, const std::string& unit, double floor,
           double ratio) {
  if (json) {
    std::cout << nlohmann::ordered_json{{"name", name},
                                        {"value", value},
                                        {"unit", unit},
                                        {"floor", floor},
                                        {"ratio", ratio}}
                     .dump()
              << '\n';
  } else {
    std::cout << name << "\t" << value << " " << unit << "\tfloor " << floor << "\tratio " << ratio
              << '\n';
  }
}

}  // namespace

int main(int argc, char** argv) {
  bool json = false;
  bool growth = false;
  std::int64_t facts = 2'000'000;
  std::int64_t patients = 50'000;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--json")
      json = true;
    else if (word == "--growth")
      growth = true;
    else if (word == "--facts" && i + 1 < argc)
      facts = std::atoll(argv[++i]);
    else if (word == "--patients" && i + 1 < argc)
      patients = std::atoll(argv[++i]);
    else {
      std::cerr << "usage: bench_load [--json] [--facts N] [--patients N] [--growth]\n";
      return 1;
    }
  }
  const Pair pair = measure(facts, patients);
  const double load_rate = static_cast<double>(pair.load.facts) / pair.load.seconds;
  const double floor_rate = static_cast<double>(pair.floor.facts) / pair.floor.seconds;
  print(json, "load", load_rate, "facts/s", floor_rate, load_rate / floor_rate);
  print(json, "resident", resident_mib(), "MiB", 1024, resident_mib() / 1024);
  if (growth) {
    const Pair small = measure(facts * 20'000 / patients, 20'000);
    const Pair large = measure(facts * 200'000 / patients, 200'000);
    print(json, "growth", large.times_floor(), "times the floor's cost a fact at 200,000 patients",
          small.times_floor(), large.times_floor() / small.times_floor());
    print(json, "growth-above", large.over_floor_us(),
          "us a fact over the floor at 200,000 patients", small.over_floor_us(),
          large.over_floor_us() / small.over_floor_us());
  }
  return 0;
}
