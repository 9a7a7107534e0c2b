#include "dashboards/metrics/programme_gauges.h"

#include <algorithm>
#include <utility>

namespace ketavigil::dashboards {
namespace {

void add(const storage::StoreSizes& one, storage::StoreSizes* sum) {
  for (std::size_t i = 0; i < one.families.size(); ++i) {
    sum->families[i].live_bytes += one.families[i].live_bytes;
    sum->families[i].file_bytes += one.families[i].file_bytes;
    sum->families[i].memtable_bytes += one.families[i].memtable_bytes;
    sum->families[i].rows += one.families[i].rows;
  }
  sum->log_bytes += one.log_bytes;
}

Result<ProgrammeMeasures> measure(const engine::Programme& programme) {
  ProgrammeMeasures measures;
  const std::vector<int> owned = programme.owned();
  for (const int number : owned) {
    const auto held = programme.hold(number);
    if (!held) continue;
    const engine::Shard& shard = *held;
    measures.logs.push_back({number, shard.position(), shard.store().acknowledged()});
    KETAVIGIL_TRY_ASSIGN(const storage::StoreSizes sizes, shard.store().sizes());
    add(sizes, &measures.sizes);
  }
  const engine::PassCount counted = programme.counted();
  measures.entries = counted.entries;
  measures.patients_folded = counted.patients_folded;
  measures.received_timestamp_seconds =
      static_cast<double>(programme.newest_received()) / static_cast<double>(events::second_us);
  // All shards lie in one directory.
  if (const auto first = owned.empty() ? nullptr : programme.hold(owned.front())) {
    KETAVIGIL_TRY_ASSIGN(measures.free_bytes, first->store().free_bytes());
  }
  measures.guard_bytes = programme.options().free_space_guard_bytes;
  return measures;
}

}  // namespace

ProgrammeGauges::ProgrammeGauges(const engine::Programme& programme, Metrics& metrics,
                                 std::function<double()> steady_seconds,
                                 std::chrono::milliseconds census_patience)
    : programme_(programme),
      metrics_(metrics),
      steady_seconds_(std::move(steady_seconds)),
      census_patience_(census_patience) {}

Status ProgrammeGauges::refresh() {
  const std::lock_guard lock(mutex_);
  auto measures = measure(programme_);
  if (!measures.ok()) return measures.status();
  metrics_.set_programme(measures.value());
  if (!counting_.valid() && (!counted_ || steady_seconds_() >= next_census_))
    counting_ = std::async(std::launch::async, [this] { return count_findings(); });
  if (!counting_.valid() || counting_.wait_for(census_patience_) != std::future_status::ready)
    return {};
  const Status counted = counting_.get();
  counted_ = counted_ || counted.ok();
  return counted;
}

Status ProgrammeGauges::count_findings() {
  const double began = steady_seconds_();
  FindingsCensus census;
  for (const int number : programme_.owned()) {
    if (const auto shard = programme_.hold(number))
      KETAVIGIL_TRY(add_to_census(shard->store(), &census));
  }
  const double took = steady_seconds_() - began;
  metrics_.set_findings(census, took);
  next_census_ = began + std::max(census_seconds_min, took * census_share);
  return {};
}

}  // namespace ketavigil::dashboards
