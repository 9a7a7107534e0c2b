#include "engine/shard/patient_cache.h"

namespace ketavigil::engine {
namespace {

// What a fact takes on the heap beside its own fields and texts, as much as its digest and the
// allocations' own overhead; by measurement.
constexpr std::size_t bytes_around_a_fact = 160;

std::size_t bytes_of(const events::Fact& fact) {
  std::size_t bytes = sizeof(events::Variant) + bytes_around_a_fact +
                      fact.fields.capacity() * sizeof(fact.fields[0]) + fact.id.capacity() +
                      fact.source.capacity() + fact.patient.capacity();
  if (fact.text) bytes += fact.text->capacity();
  for (const auto& [field, value] : fact.fields) {
    if (const auto* text = std::get_if<std::string>(&value)) bytes += text->capacity();
    if (const auto* list = std::get_if<std::vector<std::string>>(&value))
      for (const std::string& text : *list) bytes += sizeof(text) + text.capacity();
    if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value))
      bytes += list->capacity() * sizeof(std::int64_t);
  }
  return bytes;
}

std::size_t bytes_of(const PatientInUse& patient) {
  std::size_t bytes = sizeof(patient) + patient.saved.bytes();
  for (const events::Variant& variant : patient.known.record.variants)
    bytes += bytes_of(variant.fact);
  for (const events::Fact& fact : patient.known.quarantined) bytes += bytes_of(fact);
  return bytes;
}

}  // namespace

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
  const std::size_t bytes = bytes_of(*patient);
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
