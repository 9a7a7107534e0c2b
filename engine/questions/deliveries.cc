#include "engine/questions/deliveries.h"

#include <algorithm>

#include "engine/questions/patient_copy.h"
#include "events/json_text.h"
#include "events/partition.h"

namespace ketavigil::engine {
namespace {

std::string_view name_of_entry(EntryType type) {
  return type == EntryType::retry ? "retry" : type == EntryType::discard ? "discard" : "event";
}

void say_fact(const events::Fact& fact, Delivery* delivery) {
  delivery->source = fact.source;
  delivery->id = fact.id;
  delivery->kind = events::name_of(fact.kind);
}

Delivery delivery_of(const PatientEntry& entry) {
  Delivery delivery;
  delivery.position = entry.position;
  delivery.received = entry.received;
  delivery.entry = name_of_entry(entry.type);
  const bool is_event = entry.type == EntryType::event;
  if (is_event) delivery.lane = entry.bulk ? "bulk" : "live";
  if (const auto* fact = std::get_if<events::Fact>(&entry.event)) {
    say_fact(*fact, &delivery);
    delivery.version = fact->version;
    delivery.digest = events::hexadecimal(is_event ? entry.digest : events::digest_of(*fact));
  } else if (const auto& readable = std::get<events::Rejection>(entry.event).readable) {
    say_fact(*readable, &delivery);
  }
  if (entry.type == EntryType::discard) {
    delivery.answer = "discarded";
  } else if (entry.answer) {
    delivery.answer = name_of(entry.answer->outcome);
    delivery.reason = entry.answer->reason;
    delivery.field = entry.answer->field;
    delivery.expected = entry.answer->expected;
  }
  return delivery;
}

void append_text(std::string* out, std::string_view key, const std::string& text) {
  if (text.empty()) return;
  *out += ",\"";
  *out += key;
  *out += "\":";
  events::append_json_string(out, text);
}

}  // namespace

Result<std::optional<std::vector<Delivery>>> deliveries_of(const Reading& reading,
                                                           const std::string& patient,
                                                           Microseconds until) {
  if (!reading.has(patient)) return std::optional<std::vector<Delivery>>();
  const int shard = events::partition_of(patient, reading.shards());
  KETAVIGIL_TRY_ASSIGN(PatientCopy copy, PatientCopy::make(reading.began_with()));
  std::vector<Delivery> deliveries;
  KETAVIGIL_TRY(replay_patient(reading.store(shard), reading.snapshot(shard), patient,
                               std::span(&whole_log, 1), until, &copy.shard(),
                               [&](const PatientEntry& entry) {
                                 if (entry.answer) deliveries.push_back(delivery_of(entry));
                               }));
  const auto& known = reading.patients();
  if (deliveries.empty() && !std::binary_search(known.begin(), known.end(), patient))
    return std::optional<std::vector<Delivery>>();
  return std::optional(std::move(deliveries));
}

std::string deliveries_json(const std::vector<Delivery>& deliveries, const std::string& patient,
                            Microseconds at) {
  std::string out = "{\"at\":\"" + events::print_utc(at) + "\"";
  append_text(&out, "patient", patient);
  out += ",\"deliveries\":[";
  for (const Delivery& one : deliveries) {
    if (&one != &deliveries.front()) out += ',';
    out += "{\"position\":" + std::to_string(one.position) + ",\"received\":\"" +
           events::print_utc(one.received) + '"';
    append_text(&out, "entry", one.entry);
    append_text(&out, "lane", one.lane);
    append_text(&out, "answer", one.answer);
    append_text(&out, "source", one.source);
    append_text(&out, "id", one.id);
    append_text(&out, "kind", one.kind);
    if (one.version) out += ",\"version\":" + std::to_string(*one.version);
    append_text(&out, "digest", one.digest);
    append_text(&out, "reason", one.reason);
    append_text(&out, "field", one.field);
    append_text(&out, "expected", one.expected);
    out += '}';
  }
  return out + "]}";
}

}  // namespace ketavigil::engine
