// The live lane: a simulated programme of patients with many facts each, posted in the order in
// which it arrived, a cut after every entry. Time is that of the newest `recorded`. Or a file of
// facts as it lies on a topic, long after they were recorded.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "engine/shard/programme.h"
#include "simulation/programme.h"

namespace {

using namespace ketavigil;
namespace fs = std::filesystem;

// What a service joins into one pass while it syncs the one before.
constexpr std::size_t events_a_pass = 64;

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

template <typename Outcome>
void stop_if_failed(const Outcome& outcome) {
  if (outcome.ok()) return;
  std::cerr << "bench: " << outcome.error().message << '\n';
  std::exit(1);
}

// Follows the facts, as the clock of a service does.
class FollowingClock : public engine::Clock {
 public:
  [[nodiscard]] events::Microseconds now() const override { return now_; }
  /// The time of what lies on a topic: that of its last record, and some more.
  void stand_after(const std::vector<engine::Parsed>& events) {
    for (const auto& event : events) follow(event);
    now_ += 100 * events::day_us;
  }
  void follow(const engine::Parsed& event) {
    const auto* fact = std::get_if<events::Fact>(&event.decoded);
    if (fact == nullptr) return;
    now_ = std::max(now_, fact->recorded ? fact->recorded->us : fact->effective.us);
  }

 private:
  events::Microseconds now_ = 0;
};

struct Wanted {
  std::int64_t patients = 100;
  std::int64_t facts_a_patient = 300;
  int months = 24;
  std::int64_t cache_mib = 128;
  std::string file;  // instead of a simulated programme
  int shards = 1;
};

std::string read(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

std::string simulate(const Wanted& wanted) {
  simulation::ProgrammeOptions options;
  options.patients = wanted.patients;
  options.months = wanted.months;
  options.facts_per_patient_limit = wanted.facts_a_patient;
  std::ostringstream out;
  stop_if_failed(simulation::Programme(options).write_events(out));
  return out.str();
}

std::vector<engine::Parsed> parse(std::string_view lines, const events::DecodeSettings& settings) {
  events::Decoder decoder(settings);
  std::vector<engine::Parsed> all;
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    engine::Parsed event{line, "", decoder.decode(line), {}};
    if (const auto* fact = std::get_if<events::Fact>(&event.decoded))
      event.digest = events::digest_of(*fact);
    all.push_back(std::move(event));
  }
  return all;
}

void run(const Wanted& wanted) {
  std::string pattern = (fs::temp_directory_path() / "ketavigil-bench-XXXXXX").string();
  const fs::path folder = ::mkdtemp(pattern.data());
  FollowingClock clock;
  engine::ProgrammeOptions options;
  options.directory = folder / "live";
  options.create = true;
  options.shards = wanted.shards;
  options.cache_bytes = wanted.cache_mib << 20;
  options.free_space_guard_bytes = 0;
  auto programme = engine::Programme::open(options, clock);
  stop_if_failed(programme);
  const std::string text = wanted.file.empty() ? simulate(wanted) : read(wanted.file);
  auto events = parse(text, programme.value()->configured().settings.decode);
  if (!wanted.file.empty()) clock.stand_after(events);
  const std::size_t pass_events =
      events_a_pass * (wanted.file.empty() ? 1 : 8 * static_cast<std::size_t>(wanted.shards));
  const double started = seconds();
  const std::clock_t started_cpu = std::clock();
  for (std::size_t from = 0; from < events.size(); from += pass_events) {
    std::vector<engine::Parsed> pass;
    for (std::size_t i = from; i < std::min(events.size(), from + pass_events); ++i) {
      if (wanted.file.empty()) clock.follow(events[i]);
      pass.push_back(std::move(events[i]));
    }
    stop_if_failed(programme.value()->append_live(std::move(pass)));
  }
  const double took = seconds() - started;
  const double cpu_us = static_cast<double>(std::clock() - started_cpu) * 1e6 / CLOCKS_PER_SEC;
  const auto number = static_cast<double>(events.size());
  const auto counted = programme.value()->shard(0).counted();
  std::cout << "live\t" << number / took << " events/s\t" << cpu_us / number
            << " us of processor an event\tof "
            << events.size() / static_cast<std::size_t>(wanted.patients) << " a patient\tfolds "
            << counted.patients_folded << '\n';
  fs::remove_all(folder);
}

}  // namespace

int main(int argc, char** argv) {
  Wanted wanted;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--patients" && i + 1 < argc)
      wanted.patients = std::atoll(argv[++i]);
    else if (word == "--facts" && i + 1 < argc)
      wanted.facts_a_patient = std::atoll(argv[++i]);
    else if (word == "--months" && i + 1 < argc)
      wanted.months = std::atoi(argv[++i]);
    else if (word == "--cache" && i + 1 < argc)
      wanted.cache_mib = std::atoll(argv[++i]);
    else if (word == "--file" && i + 1 < argc)
      wanted.file = argv[++i];
    else if (word == "--shards" && i + 1 < argc)
      wanted.shards = std::atoi(argv[++i]);
    else {
      std::cerr << "usage: bench_live [--patients N] [--facts N a patient] [--months N] [--cache "
                   "MiB] [--file NDJSON] [--shards N]\n";
      return 1;
    }
  }
  run(wanted);
  return 0;
}
