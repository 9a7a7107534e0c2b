// What the detectors cost a fact, and how much they must remember of a patient: simulated patients,
// folded fact by fact as the fold from the start does it.
//
//   bench_fold [--patients N] [--months N]
//
// One JSON object a line. Times are of one fact with the deadlines before it, by a steady clock
// whose own cost is printed as the floor. The size of a state is what a copy of it takes: itself
// and its memory on the heap, of which what copies share is counted once, where it was made.
#include <jemalloc/jemalloc.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "detectors/patient/patient.h"
#include "engine/shard/record.h"
#include "simulation/programme.h"

namespace {

using namespace ketavigil;
using Clock = std::chrono::steady_clock;

double nanoseconds(Clock::duration time) {
  return std::chrono::duration<double, std::nano>(time).count();
}

// Bytes that this thread has asked for so far, as jemalloc rounds them.
std::uint64_t allocated_bytes() {
  std::uint64_t bytes = 0;
  std::size_t length = sizeof bytes;
  if (mallctl("thread.allocated", &bytes, &length, nullptr, 0) != 0) std::abort();
  return bytes;
}

double quantile(std::vector<double>* values, double share) {
  const auto rank = static_cast<std::ptrdiff_t>(share * static_cast<double>(values->size() - 1));
  std::nth_element(values->begin(), values->begin() + rank, values->end());
  return (*values)[static_cast<std::size_t>(rank)];
}

struct Measured {
  std::vector<double> fact_ns;
  std::vector<double> score_ns;
  std::vector<double> state_bytes;  // at each patient's last fact
};

std::map<std::string, engine::Record> simulated_records(std::int64_t patients, int months,
                                                        const events::DecodeSettings& settings) {
  simulation::ProgrammeOptions options;
  options.patients = patients;
  options.months = months;
  std::ostringstream text;
  if (!simulation::Programme(options).write_events(text).ok()) std::abort();
  std::map<std::string, engine::Record> records;
  events::Decoder decoder(settings);
  std::istringstream lines(text.str());
  for (std::string line; std::getline(lines, line);) {
    auto decoded = decoder.decode(line);
    auto* fact = std::get_if<events::Fact>(&decoded);
    if (fact == nullptr || fact->kind == events::Kind::heartbeat) continue;
    engine::Record& record = records[fact->patient];
    record.patient = fact->patient;
    const events::Digest digest = events::digest_of(*fact);
    record.variants.put({std::move(*fact), digest});
  }
  return records;
}

void measure(const engine::Record& record, const events::DecodeSettings& settings,
             const detectors::PatientParameters& parameters, Measured* measured) {
  const engine::Resolution resolution(record, settings);
  const engine::Derivation derivation(resolution, engine::World::verified);
  const auto& facts = derivation.facts();
  detectors::PartialFold fold;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const auto begun = Clock::now();
    detectors::advance(&fold, facts, {}, i + 1, parameters);
    const double took = nanoseconds(Clock::now() - begun);
    (facts[i].kind() == events::Kind::score ? measured->score_ns : measured->fact_ns)
        .push_back(took);
  }
  const std::uint64_t before = allocated_bytes();
  const detectors::PatientState copy = fold.state;
  measured->state_bytes.push_back(static_cast<double>(allocated_bytes() - before + sizeof copy));
}

void print(const char* name, double value, const char* unit, double floor) {
  std::cout << R"({"name":")" << name << R"(","value":)" << value << R"(,"unit":")" << unit
            << R"(","floor":)" << floor << R"(,"ratio":)" << (floor > 0 ? value / floor : 0)
            << "}\n";
}

}  // namespace

int main(int argc, char** argv) {
  std::int64_t patients = 300;
  int months = 24;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string word = argv[i];
    if (word == "--patients") patients = std::atoll(argv[i + 1]);
    if (word == "--months") months = std::atoi(argv[i + 1]);
  }
  const events::DecodeSettings settings;
  const detectors::PatientParameters parameters;
  Measured measured;
  for (const auto& [patient, record] : simulated_records(patients, months, settings))
    measure(record, settings, parameters, &measured);
  std::vector<double> clock_ns;
  for (int i = 0; i < 100'000; ++i) {
    const auto begun = Clock::now();
    clock_ns.push_back(nanoseconds(Clock::now() - begun));
  }
  const double floor = quantile(&clock_ns, 0.5);
  print("fold a fact, median", quantile(&measured.fact_ns, 0.5), "ns", floor);
  print("fold a fact, 99th percentile", quantile(&measured.fact_ns, 0.99), "ns", floor);
  print("fold a score, median", quantile(&measured.score_ns, 0.5), "ns", floor);
  print("fold a score, 99th percentile", quantile(&measured.score_ns, 0.99), "ns", floor);
  print("state of a patient, median", quantile(&measured.state_bytes, 0.5), "bytes",
        sizeof(detectors::PatientState));
  print("state of a patient, 99th percentile", quantile(&measured.state_bytes, 0.99), "bytes",
        sizeof(detectors::PatientState));
  return 0;
}
