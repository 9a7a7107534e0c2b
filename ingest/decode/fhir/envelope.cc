#include "ingest/decode/fhir/envelope.h"

#include <charconv>
#include <cstdint>

#include "events/json_text.h"
#include "events/time.h"
#include "ingest/decode/fhir/elements.h"

namespace ketavigil::ingest::fhir {
namespace {

using simdjson::dom::element;

constexpr std::int64_t greatest_version = (std::int64_t{1} << 53) - 1;

struct StatusWord {
  std::string_view fhir;
  std::string_view native;
};

// EVENTS.md, FHIR. The last three are MedicationAdministration's: what was stopped was given, in
// part, and its dose says how much; what is on hold may still be given.
constexpr StatusWord status_words[] = {
    {"final", "final"},
    {"preliminary", "preliminary"},
    {"registered", "preliminary"},
    {"in-progress", "preliminary"},
    {"amended", "corrected"},
    {"corrected", "corrected"},
    {"cancelled", "entered-in-error"},
    {"not-done", "entered-in-error"},
    {"entered-in-error", "entered-in-error"},
    {"completed", "final"},
    {"stopped", "final"},
    {"on-hold", "preliminary"},
};

constexpr bool is_administration_word(std::string_view word) {
  return word == "completed" || word == "stopped" || word == "on-hold";
}

std::string_view native_status(std::string_view written, std::string_view type) {
  if (is_administration_word(written) && type != "MedicationAdministration") return "";
  for (const StatusWord& word : status_words) {
    if (word.fhir == written) return word.native;
  }
  return "";
}

bool has_modifier(const element& node) { return !items_at(node, "modifierExtension").empty(); }

// An extension that can change the meaning, and that we do not know, anywhere we read.
bool is_modified(const element& resource) {
  if (has_modifier(resource)) return true;
  for (const element& component : items_at(resource, "component")) {
    if (has_modifier(component)) return true;
  }
  const auto dosage = member(resource, "dosage");
  return dosage && has_modifier(*dosage);
}

void read_status(const element& resource, std::string_view type, Envelope* envelope) {
  const std::string_view written = text_at(resource, "status");
  const std::string_view native = native_status(written, type);
  envelope->retraction = native == "entered-in-error";
  envelope->status = native.empty() ? written : native;
  // No word of FHIR's is passed on under another meaning: `completed` of an Observation, say.
  if (native.empty() && written.empty()) envelope->status = "absent";
  if (!envelope->retraction && is_modified(resource)) envelope->status += " with modifierExtension";
}

std::string source_of(const std::optional<element>& meta, const FhirContext& context) {
  if (!context.source.empty()) return context.source;
  std::string_view source = meta ? text_at(*meta, "source") : std::string_view();
  // HAPI writes `address#request`; the request is another one each time, the feed is not.
  source = source.substr(0, source.find('#'));
  return source.empty() ? "file" : std::string(source);
}

std::string identifier_text(const element& identifier) {
  const std::string_view value = text_at(identifier, "value");
  if (value.empty()) return "";
  const std::string_view system = text_at(identifier, "system");
  if (system.empty()) return std::string(value);
  return std::string(system) + '|' + std::string(value);
}

std::string id_of(const element& resource, std::string_view type) {
  if (const std::string_view id = text_at(resource, "id"); !id.empty())
    return std::string(type) + '/' + std::string(id);
  for (const element& identifier : items_at(resource, "identifier")) {
    if (std::string text = identifier_text(identifier); !text.empty()) return text;
  }
  return "";
}

std::string version_of(const std::optional<element>& meta) {
  if (!meta) return "";
  std::string_view written = text_at(*meta, "versionId");
  std::int64_t version = 0;
  const auto read = std::from_chars(written.data(), written.data() + written.size(), version);
  const bool whole = read.ec == std::errc() && read.ptr == written.data() + written.size();
  if (whole && version >= 1 && version <= greatest_version) return std::to_string(version);
  const auto updated = events::parse_time(text_at(*meta, "lastUpdated"));
  if (!updated || updated->bare_date || updated->us < 1000) return "";
  return std::to_string(updated->us / 1000);
}

// `Patient?identifier=system|value`: who is meant by the identifier, as in a logical reference.
std::string_view conditional_target(std::string_view reference) {
  const std::size_t bar = reference.rfind('|');
  return bar == std::string_view::npos ? std::string_view() : reference.substr(bar + 1);
}

std::string patient_by_reference(const element& resource, std::string_view reference) {
  if (reference.starts_with('#')) {
    // The contained id means nothing outside this resource; the person's own identifier does.
    const auto person = contained(resource, reference);
    if (!person || text_at(*person, "resourceType") != "Patient") return "";
    for (const element& identifier : items_at(*person, "identifier")) {
      const std::string_view value = text_at(identifier, "value");
      if (!value.empty()) return std::string(value);
    }
    return "";
  }
  if (reference.find('?') != std::string_view::npos) {
    return reference.starts_with("Patient?") ? std::string(conditional_target(reference)) : "";
  }
  const Target target = target_of(reference);
  if (!target.type.empty() && target.type != "Patient") return "";
  return std::string(target.id);
}

std::string patient_of(const element& resource) {
  const auto subject = member(resource, "subject");
  if (!subject) return "";
  const std::string_view type = text_at(*subject, "type");
  if (!type.empty() && type != "Patient") return "";
  if (const std::string_view reference = text_at(*subject, "reference"); !reference.empty())
    return patient_by_reference(resource, reference);
  const auto identifier = member(*subject, "identifier");
  return identifier ? std::string(text_at(*identifier, "value")) : "";
}

std::string effective_of(const element& resource) {
  for (const std::string_view key : {"effectiveDateTime", "effectiveInstant"}) {
    if (const auto time = member(resource, key)) return json_of(*time);
  }
  const auto period = member(resource, "effectivePeriod");
  const auto start = period ? member(*period, "start") : std::nullopt;
  return start ? json_of(*start) : "";
}

std::string recorded_of(const element& resource, const std::optional<element>& meta) {
  if (const auto issued = member(resource, "issued")) return json_of(*issued);
  const auto updated = meta ? member(*meta, "lastUpdated") : std::nullopt;
  return updated ? json_of(*updated) : "";
}

std::string session_of(const element& resource) {
  for (const element& part : items_at(resource, "partOf")) {
    const Target target = target_of(text_at(part, "reference"));
    if (target.type == "MedicationAdministration" && !target.id.empty())
      return "MedicationAdministration/" + std::string(target.id);
  }
  return "";
}

bool is_type_name(std::string_view word) {
  return !word.empty() && word.front() >= 'A' && word.front() <= 'Z';
}

}  // namespace

Envelope envelope_of(const element& resource, std::string_view type, const FhirContext& context) {
  const auto meta = member(resource, "meta");
  Envelope envelope;
  envelope.source = source_of(meta, context);
  envelope.id = id_of(resource, type);
  envelope.patient = patient_of(resource);
  envelope.version = version_of(meta);
  read_status(resource, type, &envelope);
  envelope.effective = effective_of(resource);
  envelope.recorded = recorded_of(resource, meta);
  if (type == "Observation") envelope.session = session_of(resource);
  return envelope;
}

Target target_of(std::string_view reference) {
  if (reference.starts_with("urn:")) return {"", reference.substr(reference.rfind(':') + 1)};
  if (const std::size_t history = reference.find("/_history/"); history != std::string_view::npos)
    reference = reference.substr(0, history);
  const std::size_t slash = reference.rfind('/');
  if (slash == std::string_view::npos) return {"", reference};
  const std::string_view id = reference.substr(slash + 1);
  std::string_view type = reference.substr(0, slash);
  type = type.substr(type.rfind('/') + 1);  // npos + 1 is 0: all of it
  return {is_type_name(type) ? type : std::string_view(), id};
}

std::optional<element> contained(const element& resource, std::string_view reference) {
  if (reference.size() < 2 || reference.front() != '#') return std::nullopt;
  for (const element& inner : items_at(resource, "contained")) {
    if (text_at(inner, "id") == reference.substr(1)) return inner;
  }
  return std::nullopt;
}

EventText::EventText(const Envelope& envelope, std::string_view suffix, std::string_view kind) {
  out_ = "{";
  text("source", envelope.source);
  if (!envelope.id.empty()) text("id", envelope.id + std::string(suffix));
  if (!envelope.patient.empty()) text("patient", envelope.patient);
  if (!envelope.retraction) text("kind", kind);
  if (!envelope.version.empty()) json("version", envelope.version);
  text("status", envelope.status);
  if (!envelope.retraction && !envelope.effective.empty()) json("effective", envelope.effective);
  if (!envelope.recorded.empty()) json("recorded", envelope.recorded);
  if (!envelope.retraction && !envelope.session.empty()) text("session", envelope.session);
}

void EventText::text(std::string_view key, std::string_view value) { json(key, json_text(value)); }

void EventText::json(std::string_view key, std::string_view value) {
  if (out_.size() > 1) out_ += ',';
  events::append_json_string(&out_, key);
  out_ += ':';
  out_ += value;
}

FhirEvent EventText::finish(const element& resource, const FhirContext& context) && {
  if (context.keep_resource) json("fhir", simdjson::minify(resource));
  out_ += '}';
  return {std::move(out_)};
}

}  // namespace ketavigil::ingest::fhir
