#include "simulation/programme.h"

#include <algorithm>
#include <ostream>

#include "simulation/course.h"
#include "simulation/truth.h"

namespace ketavigil::simulation {
namespace {

Status usage(std::string message) {
  return Status::failure(ErrorKind::usage, "simulate: " + std::move(message));
}

bool is_share(double value) { return value >= 0 && value <= 1; }

Status validate_shares(const ProgrammeOptions& options) {
  const std::pair<const char*, double> shares[] = {{"late_share", options.late_share},
                                                   {"duplicate_share", options.duplicate_share},
                                                   {"corrected_share", options.corrected_share},
                                                   {"retracted_share", options.retracted_share},
                                                   {"refused_share", options.refused_share}};
  for (const auto& [name, share] : shares) {
    if (!is_share(share)) return usage(std::string(name) + " must be from 0 to 1");
  }
  if (options.corrected_share + options.retracted_share + options.refused_share > 1) {
    return usage("corrected_share, retracted_share and refused_share together must be at most 1");
  }
  return {};
}

/// What the period and the limit of facts leave no room for.
Status validate_fit(const ProgrammeOptions& options, int period_days) {
  double share = 0;
  const bool limited = options.facts_per_patient_limit != 0;
  for (const Planting& planting : options.plantings) {
    KETAVIGIL_TRY(validate(planting));
    const std::string name(traits_of(planting.harm).name);
    const bool brief = traits_of(planting.harm).brief &&
                       std::all_of(planting.together.begin(), planting.together.end(),
                                   [](const Companion& one) { return traits_of(one.harm).brief; });
    if (limited && (planting.is_rate() || !brief)) {
      return usage(name +
                   " does not show within a limit of facts per patient; only "
                   "hypertensive-crisis, suicidality and liver-injury do");
    }
    const int days = needed_days(planting);
    if (days > period_days) {
      return usage(name + " needs a programme of at least " + std::to_string((days + 29) / 30) +
                   " months to show");
    }
    const std::string& site = planting.stratum.site;
    bool exists = site.empty();
    for (const Site& made : make_sites(options.sites)) exists = exists || made.name == site;
    if (!exists) return usage("planting: there is no site \"" + site + "\"; see sites");
    if (!planting.is_rate() && planting.stratum.empty()) share += planting.share;
  }
  if (share > 0.8) return usage("the shares of the plantings must add up to at most 0.8");
  return {};
}

/// Bytes are handed to the stream in pieces of about this size.
constexpr std::size_t piece_bytes = std::size_t{1} << 20;

class Writer {
 public:
  Writer(std::ostream& out, ProgrammeCounts& counts) : out_(out), counts_(counts) {}

  Status take_day(Arrivals& arrivals) {
    counts_.lines += arrivals.take_day(piece_);
    return piece_.size() >= piece_bytes ? flush() : Status();
  }
  Status flush() {
    counts_.bytes += static_cast<std::int64_t>(piece_.size());
    out_.write(piece_.data(), static_cast<std::streamsize>(piece_.size()));
    piece_.clear();
    if (!out_) {
      return Status::failure(ErrorKind::storage,
                             "simulate: the events cannot be written; is the "
                             "disk full?");
    }
    return {};
  }

 private:
  std::ostream& out_;
  ProgrammeCounts& counts_;
  std::string piece_;
};

/// Each source says on Monday at six that it is alive.
void send_heartbeats(const Blueprint& blueprint, Delivery& delivery, std::int64_t day) {
  constexpr std::int64_t first_monday = 4;  // 1970-01-05
  if ((day - first_monday) % 7 != 0) return;
  const Seconds instant = day * day_s + 6 * hour_s;
  for (const Site& site : blueprint.sites) {
    delivery.send_heartbeat(site.clinic, site.name, day, instant);
    if (site.has_monitor) delivery.send_heartbeat(site.monitor, site.name, day, instant);
  }
}

/// Those who are under treatment; the others are made when their time comes.
class Patients {
 public:
  explicit Patients(const Blueprint& blueprint) : blueprint_(blueprint) {
    const auto days = static_cast<std::size_t>(blueprint.period_days()) + 1;
    enrolling_.resize(days);
    for (std::uint32_t i = 0; i < blueprint.planting_of.size(); ++i) {
      const Patient patient = make_patient(blueprint, i);
      const auto day = day_of(patient.next) - blueprint.start_day;
      if (day < blueprint.period_days()) enrolling_[static_cast<std::size_t>(day)].push_back(i);
    }
  }

  /// Lives a day of everybody.
  void live(std::int64_t day, Delivery& delivery) {
    auto& newcomers = enrolling_[static_cast<std::size_t>(day - blueprint_.start_day)];
    for (const std::uint32_t index : newcomers) {
      treated_.push_back(make_patient(blueprint_, index));
    }
    newcomers = {};
    const Seconds until = (day + 1) * day_s;
    std::size_t kept = 0;
    for (Patient& patient : treated_) {
      advance(blueprint_, delivery, patient, until);
      if (patient.ended) continue;
      if (&treated_[kept] != &patient) treated_[kept] = patient;
      ++kept;
    }
    treated_.resize(kept);
  }

 private:
  const Blueprint& blueprint_;
  std::vector<std::vector<std::uint32_t>> enrolling_;  // by day
  std::vector<Patient> treated_;
};

}  // namespace

std::string_view name_of(Refusal refusal) {
  constexpr std::string_view names[refusal_count] = {
      "malformed",          "missing",     "type",  "unknown-kind", "unknown-unit",
      "unknown-instrument", "implausible", "future"};
  return names[static_cast<std::size_t>(refusal)];
}

std::int64_t ProgrammeCounts::refused_lines() const {
  std::int64_t sum = 0;
  for (const std::int64_t count : refused) sum += count;
  return sum;
}

Status ProgrammeOptions::validate() const {
  if (patients < 1 || patients > 10'000'000) return usage("patients must be from 1 to 10000000");
  if (months < 1 || months > 240) return usage("months must be from 1 to 240");
  if (sites < 1 || sites > 999) return usage("sites must be from 1 to 999");
  const auto start = parse_date(start_date);
  if (!start || year_of(*start) < 1971 || year_of(*start) > 2199) {
    return usage("start_date must be YYYY-MM-DD from 1971 to 2199, not \"" + start_date + "\"");
  }
  KETAVIGIL_TRY(validate_shares(*this));
  KETAVIGIL_TRY(simulation::validate(noise));
  const std::int64_t limit = facts_per_patient_limit;
  if (limit != 0 && (limit < 30 || limit > 100'000)) {
    return usage("facts_per_patient_limit must be 0 (none) or from 30 to 100000");
  }
  if (plant_nothing) return {};
  return validate_fit(*this, static_cast<int>(add_months(*start, months) - *start));
}

struct Programme::Plan {
  Blueprint blueprint;
};

Programme::Programme(ProgrammeOptions options)
    : plan_(std::make_unique<Plan>(Plan{draw_up(std::move(options))})) {}
Programme::~Programme() = default;
Programme::Programme(Programme&&) noexcept = default;
Programme& Programme::operator=(Programme&&) noexcept = default;

Status Programme::status() const { return plan_->blueprint.status; }

Status Programme::write_events(std::ostream& out, const ProgressCallback& progress) const {
  ProgrammeCounts counts;
  return write_events(out, progress, counts);
}

Status Programme::write_events(std::ostream& out, const ProgressCallback& progress,
                               ProgrammeCounts& counts) const {
  const Blueprint& blueprint = plan_->blueprint;
  KETAVIGIL_TRY(blueprint.status);
  counts = {};
  Arrivals arrivals(blueprint.start_day);
  Delivery delivery(blueprint, arrivals, counts);
  Writer writer(out, counts);
  Patients patients(blueprint);
  for (auto day = blueprint.start_day; day < blueprint.end_day; ++day) {
    send_heartbeats(blueprint, delivery, day);
    patients.live(day, delivery);
    // Nothing that is still to be lived can arrive on this day.
    KETAVIGIL_TRY(writer.take_day(arrivals));
    if (progress) {
      progress(counts, static_cast<double>(day + 1 - blueprint.start_day) /
                           static_cast<double>(blueprint.period_days()));
    }
  }
  while (arrivals.any()) KETAVIGIL_TRY(writer.take_day(arrivals));
  return writer.flush();
}

std::string Programme::truth_json() const {
  return plan_->blueprint.status.ok() ? print_truth(plan_->blueprint) : std::string();
}

}  // namespace ketavigil::simulation
