// One patient's charts: what is shown beside the findings and raises nothing.
#include "detectors/patient/charts.h"

#include "engine/questions/reading.h"
#include "events/json_text.h"

namespace ketavigil::engine {
namespace {

using events::append_json_string;

void append_point(std::string* out, const detectors::ChartPoint& point) {
  *out += "{\"at\":\"" + events::print_utc(point.at) + "\",\"facts\":[";
  bool first = true;
  for (const auto& fact : point.facts) {
    *out += first ? "{\"source\":" : ",{\"source\":";
    first = false;
    append_json_string(out, fact.source);
    *out += ",\"id\":";
    append_json_string(out, fact.id);
    *out += ",\"version\":" + std::to_string(fact.version) + "}";
  }
  *out += "],\"numbers\":{";
  first = true;
  for (const auto& [name, value] : point.numbers) {
    if (!first) *out += ',';
    first = false;
    append_json_string(out, name);
    *out += ':';
    events::append_json_number(out, events::round_to_12_digits(std::get<double>(value)));
  }
  *out += "}}";
}

}  // namespace

Result<std::optional<std::string>> patient_charts(const Reading& reading,
                                                  const std::string& patient, Microseconds at) {
  auto known = reading.record(patient);
  if (!known.ok()) return known.error();
  if (known.value().record.variants.empty()) return std::optional<std::string>();
  const PatientFold fold(known.value().record, known.value().quarantined, reading.configured());
  const auto points = detectors::charts(fold.verified().facts(), fold.in_force().parameters);
  std::string out = "{\"at\":\"" + events::print_utc(at) + "\",\"patient\":";
  append_json_string(&out, patient);
  out += ",\"charts\":[";
  for (std::size_t i = 0; i < points.size(); ++i) {
    const bool new_chart = i == 0 || points[i].detector != points[i - 1].detector ||
                           points[i].stream != points[i - 1].stream;
    if (new_chart) {
      out += i == 0 ? "{\"detector\":" : "]},{\"detector\":";
      append_json_string(&out, points[i].detector);
      out += ",\"stream\":";
      append_json_string(&out, points[i].stream);
      out += ",\"points\":[";
    } else {
      out += ',';
    }
    append_point(&out, points[i]);
  }
  return std::optional<std::string>(out += points.empty() ? "]}" : "]}]}");
}

}  // namespace ketavigil::engine
