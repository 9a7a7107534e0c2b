#include "ingest/decode/fhir/observation.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "events/json_text.h"
#include "ingest/decode/fhir/elements.h"
#include "ingest/decode/fhir/envelope.h"
#include "ingest/decode/fhir/quantity.h"
#include "ingest/decode/fhir/statements.h"

namespace ketavigil::ingest::fhir {
namespace {

using simdjson::dom::element;

constexpr std::string_view pressure_suffix = "#85354-9";
constexpr std::string_view phq9 = "phq-9";
constexpr std::string_view phq9_item_9 = "phq-9-item-9";

struct VitalDimension {
  std::string_view name;
  Dimension dimension;
};
constexpr VitalDimension vital_dimensions[] = {
    {"heart-rate", Dimension::heart_rate},   {"respiratory-rate", Dimension::respiratory_rate},
    {"spo2", Dimension::saturation},         {"weight", Dimension::weight},
    {"temperature", Dimension::temperature},
};

// The kind of an event whose code and words disagree is none, so that it is refused and seen.
std::string kind_text(std::string_view kind, bool contradicted) {
  std::string text(kind);
  if (contradicted) text += " (code and display disagree)";
  return text;
}

// Reads one Observation into its events.
class Reading {
 public:
  Reading(const element& resource, const FhirContext& context)
      : resource_(resource),
        context_(context),
        envelope_(envelope_of(resource, "Observation", context)),
        statements_(statements_of(resource, context.codes)) {}

  std::vector<FhirEvent> events() && {
    if (statements_.pressure.mentioned) pressure();
    take_phq9_items();
    for (const Statement& statement : statements_.others) other(statement);
    // A retraction need not repeat what it retracts; one of an unknown fact does no harm.
    if (events_.empty() && envelope_.retraction && !member(resource_, "code")) retract("");
    return std::move(events_);
  }

 private:
  // The Observation's own fact has its id alone; what a component says beside it is suffixed. The
  // pressure is the own fact unless the Observation's code is another of ours, so that an id says
  // the same thing in every version.
  [[nodiscard]] std::string_view suffix_of_pressure() const {
    for (const Statement& statement : statements_.others) {
      if (statement.main) return pressure_suffix;
    }
    return "";
  }
  static std::string suffix_of(const Statement& statement) {
    return statement.main ? "" : '#' + std::string(canonical_code(statement.concept_of));
  }

  void keep(EventText&& event) { events_.push_back(std::move(event).finish(resource_, context_)); }

  void retract(std::string_view suffix) { keep(EventText(envelope_, suffix, "")); }

  void pressure() {
    const PressureStatement& stated = statements_.pressure;
    const std::string_view suffix = suffix_of_pressure();
    if (envelope_.retraction) return retract(suffix);
    if (!stated.has_value()) return;
    EventText event(envelope_, suffix, kind_text("blood_pressure", stated.contradicted));
    if (stated.systolic.empty() && stated.diastolic.empty()) {
      // "120/80" under the panel's code: nobody says which is which, so it is refused as text.
      const WrittenValue value = agreed(stated.panel);
      event.json("systolic", refused(value.json, written_unit(value)));
      keep(std::move(event));
      return;
    }
    std::optional<Measured> systolic;
    std::optional<Measured> diastolic;
    if (!stated.systolic.empty()) systolic = measured(agreed(stated.systolic), Dimension::pressure);
    if (!stated.diastolic.empty())
      diastolic = measured(agreed(stated.diastolic), Dimension::pressure);
    if (systolic) event.json("systolic", systolic->json);
    if (diastolic) event.json("diastolic", diastolic->json);
    event.text("unit", unit_of(systolic, diastolic));
    keep(std::move(event));
  }

  // An event has one unit. No unit at all is no unit of ours either: the default is not for feeds
  // that leave it out.
  static std::string unit_of(const std::optional<Measured>& systolic,
                             const std::optional<Measured>& diastolic) {
    std::string unit = systolic ? systolic->unit : diastolic->unit;
    if (systolic && diastolic && systolic->unit != diastolic->unit) unit += ", " + diastolic->unit;
    return unit.empty() ? "absent" : unit;
  }

  void other(const Statement& statement) {
    const std::string suffix = suffix_of(statement);
    if (envelope_.retraction) return retract(suffix);
    if (statement.values.empty()) return;
    const WrittenValue value = agreed(statement.values);
    switch (statement.concept_of.role) {
      case Role::vital:
        return vital(statement, suffix, value);
      case Role::lab:
        return lab(statement, suffix, value);
      default:
        return score(statement, suffix, value);
    }
  }

  void vital(const Statement& statement, std::string_view suffix, const WrittenValue& written) {
    Measured value{written.json, std::string(written.unit_code), false};
    for (const VitalDimension& known : vital_dimensions) {
      if (known.name == statement.concept_of.name) value = measured(written, known.dimension);
    }
    EventText event(envelope_, suffix, kind_text("vital", statement.contradicted));
    event.text("name", statement.concept_of.name);
    event.json("value", value.json);
    if (!value.unit.empty()) event.text("unit", value.unit);
    keep(std::move(event));
  }

  void lab(const Statement& statement, std::string_view suffix, const WrittenValue& written) {
    const Measured value = measured(written, Dimension::laboratory);
    EventText event(envelope_, suffix, kind_text("lab", statement.contradicted));
    event.text("code", statement.concept_of.name);
    event.json("value", value.json);
    if (!value.unit.empty()) event.text("unit", value.unit);
    if (statement.main) upper_limit(value, &event);
    keep(std::move(event));
  }

  // The one upper limit of normal in the value's unit. Several (by sex, by age) are none, since
  // nothing here says which is this patient's.
  void upper_limit(const Measured& value, EventText* event) const {
    std::vector<WrittenValue> limits;
    for (const element& range : items_at(resource_, "referenceRange")) {
      const auto high = member(range, "high");
      const auto limit = high && is_normal(range) ? quantity_of(*high) : std::nullopt;
      if (!limit || !limit->number) continue;
      if (const Measured in_unit = measured(*limit, Dimension::laboratory);
          in_unit.unit.empty() || in_unit.unit != value.unit)
        continue;
      limits.push_back(*limit);
    }
    if (limits.empty()) return;
    const WrittenValue limit = agreed_number(limits);
    if (limit.number) event->json("upper_limit", limit.json);
  }

  // As `agreed`, of numbers already known to be in one unit.
  static WrittenValue agreed_number(std::vector<WrittenValue> numbers) {
    for (WrittenValue& number : numbers)
      number.unit_system = number.unit_code = number.unit_text = "";
    return agreed(numbers);
  }

  static bool is_normal(const element& range) {
    const auto type = member(range, "type");
    if (!type) return true;
    for (const element& coding : items_at(*type, "coding")) {
      if (text_at(coding, "code") == "normal") return true;
    }
    return false;
  }

  void score(const Statement& statement, std::string_view suffix, const WrittenValue& written) {
    EventText event(envelope_, suffix, kind_text("score", statement.contradicted));
    event.text("instrument", statement.concept_of.name);
    // A score has no unit; "80 %" is not one, whatever the number.
    if (is_score_unit(written)) {
      event.json("value", written.json);
    } else {
      event.json("value", refused(written.json, written_unit(written)));
    }
    if (statement.concept_of.name == phq9 && !items_.empty()) event.json("items", items_);
    keep(std::move(event));
  }

  Statement* find_score(std::string_view instrument) {
    for (Statement& statement : statements_.others) {
      if (statement.concept_of.role == Role::score && statement.concept_of.name == instrument)
        return &statement;
    }
    return nullptr;
  }

  // The nine items of a PHQ-9 panel go into the score, where the ninth is read, too. Unless all are
  // there and whole, the ninth is an event of its own.
  void take_phq9_items() {
    Statement* total = find_score(phq9);
    Statement* ninth = find_score(phq9_item_9);
    if (envelope_.retraction || total == nullptr || ninth == nullptr || ninth->main ||
        ninth->contradicted || ninth->values.empty())
      return;
    double sum = 0;
    std::string items = "[";
    for (const auto& values : statements_.phq9_items) {
      if (values.empty() || !add_item(agreed(values), &sum, &items)) return;
    }
    if (!add_item(agreed(ninth->values), &sum, &items)) return;
    items.back() = ']';
    items_ = std::move(items);
    ninth->values.clear();
    if (total->values.empty()) {
      // By the instrument's definition the score is the sum of its nine items.
      WrittenValue value;
      value.number = sum;
      events::append_json_number(&value.json, sum);
      total->values.push_back(std::move(value));
    }
  }

  static bool add_item(const WrittenValue& item, double* sum, std::string* items) {
    constexpr double greatest_item = 99;  // anything whole: the native decoder knows the range
    if (!item.number || !is_score_unit(item) || *item.number < 0 || *item.number > greatest_item ||
        *item.number != static_cast<double>(static_cast<int>(*item.number)))
      return false;
    *sum += *item.number;
    *items += item.json + ',';
    return true;
  }

  const element& resource_;
  const FhirContext& context_;
  Envelope envelope_;
  Statements statements_;
  std::string items_;  // JSON list, when all nine are there
  std::vector<FhirEvent> events_;
};

}  // namespace

std::vector<FhirEvent> read_observation(const element& resource, const FhirContext& context) {
  if (member(resource, "focus")) return {};
  return Reading(resource, context).events();
}

}  // namespace ketavigil::ingest::fhir
