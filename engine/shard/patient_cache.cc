#include "engine/shard/patient_cache.h"

namespace ketavigil::engine {

std::size_t PatientInUse::bytes() const {
  // Of cases the texts are most, and what is decoded is about as much as its bytes.
  const std::size_t rows = !projected
                               ? 0
                               : projected->findings.capacity() + projected->cells.capacity() +
                                     2 * projected->cases_bytes.capacity();
  return sizeof(*this) + known.record.variants.bytes() + saved.bytes() + rows +
         known.quarantined.capacity() * sizeof(events::Fact);
}

std::unique_ptr<PatientInUse> PatientCache::take(std::string_view patient) {
  const std::lock_guard lock(changing_);
  const auto found = by_name_.find(patient);
  if (found == by_name_.end()) return nullptr;
  const auto place = found->second;
  by_name_.erase(found);
  bytes_ -= place->bytes;
  std::unique_ptr<PatientInUse> taken = std::move(place->patient);
  places_.erase(place);
  return taken;
}

void PatientCache::put(std::unique_ptr<PatientInUse> patient) {
  if (patient == nullptr || !keeps()) return;
  const std::size_t bytes = patient->bytes();
  forget(patient->known.record.patient);
  const std::lock_guard lock(changing_);
  places_.push_front({std::move(patient), bytes});
  by_name_.emplace(places_.front().patient->known.record.patient, places_.begin());
  bytes_ += bytes;
  while (bytes_ > bytes_max_) {
    const Place& last = places_.back();
    bytes_ -= last.bytes;
    by_name_.erase(last.patient->known.record.patient);
    places_.pop_back();
  }
}

void PatientCache::clear() {
  const std::lock_guard lock(changing_);
  by_name_.clear();
  places_.clear();
  bytes_ = 0;
}

std::size_t PatientCache::bytes() const {
  const std::lock_guard lock(changing_);
  return bytes_;
}

}  // namespace ketavigil::engine
