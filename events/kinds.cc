#include "events/kinds.h"

#include <array>
#include <cmath>

namespace ketavigil::events {
namespace {

using Words = std::string_view[];

constexpr Words sexes = {"female", "male", "other", "unknown"};
constexpr Words settings = {"clinic", "home"};
constexpr Words covariates = {"cyp2b6",
                              "cyp3a4",
                              "grin2b",
                              "bdnf-val66met",
                              "bdnf",
                              "crp",
                              "il-6",
                              "metabolomic-score",
                              "pfc-acc-connectivity"};
constexpr Words medication_classes = {"antihypertensive", "benzodiazepine", "hypnotic",
                                      "stimulant",        "maoi",           "opioid",
                                      "anticoagulant",    "antidepressant"};
constexpr Words medication_actions = {"start", "stop", "increase", "decrease"};
constexpr Words compounds = {"ketamine", "esketamine", "arketamine"};
constexpr Words routes = {"IV", "IN", "IM", "SL", "PO", "SC"};
constexpr Words vital_names = {"heart-rate", "spo2", "respiratory-rate", "weight", "temperature"};
constexpr Words pressure_units = {unit_mmhg, unit_kpa};
constexpr Words phases = {"pre", "peak", "discharge", "home", "other"};
constexpr Words pressure_symptoms = {"chest-pain",           "dyspnoea",      "severe-headache",
                                     "visual-disturbance",   "focal-deficit", "seizure",
                                     "reduced-consciousness"};
constexpr Words psychotherapies = {"none", "kap", "cbt", "exposure", "motivational-interviewing"};
constexpr Words locations = {"clinic", "home"};
constexpr Words symptom_codes = {
    "frequency",          "urgency",         "nocturia",         "dysuria",
    "suprapubic-pain",    "incontinence",    "haematuria-gross", "haematuria-micro",
    "urinary-retention",  "hydronephrosis",  "syncope",          "seizure",
    "sedation",           "dissociation",    "chest-pain",       "anaphylaxis",
    "suicidal-behaviour", "suicide-attempt", "craving",          "drug-liking",
    "non-prescribed-use"};
constexpr Words culture_results = {"positive", "negative"};
constexpr Words seriousness = {"death",      "life-threatening", "hospitalisation",
                               "disability", "congenital",       "medically-important"};
constexpr Words exit_reasons = {"completed", "withdrawn", "lost", "pregnancy", "death"};

constexpr FieldSpec needed(Field field, FieldType type) {
  return {.field = field, .type = type, .needed = true};
}
constexpr FieldSpec may(Field field, FieldType type) { return {.field = field, .type = type}; }
constexpr FieldSpec amount(Field field, bool is_needed = false) {
  return {.field = field, .type = FieldType::number, .needed = is_needed, .positive = true};
}
constexpr FieldSpec word(Field field, std::span<const std::string_view> words, bool is_needed,
                         Extensible extensible = Extensible::no) {
  return {.field = field,
          .type = FieldType::word,
          .needed = is_needed,
          .words = words,
          .extensible = extensible};
}
constexpr FieldSpec setting_field() {
  FieldSpec spec = word(Field::setting, settings, false);
  spec.constant_default = "clinic";
  return spec;
}
constexpr FieldSpec pressure_unit_field() {
  FieldSpec spec = word(Field::unit, pressure_units, false);
  spec.constant_default = unit_mmhg;
  return spec;
}
constexpr FieldSpec ranged(Field field, std::int32_t least, std::int32_t greatest) {
  return {.field = field, .type = FieldType::integer, .least = least, .greatest = greatest};
}

constexpr FieldSpec enrolment_fields[] = {
    may(Field::birth_year, FieldType::integer), word(Field::sex, sexes, false),
    may(Field::education_years, FieldType::number), may(Field::conditions, FieldType::texts),
    setting_field()};
constexpr FieldSpec covariate_fields[] = {
    word(Field::name, covariates, true, Extensible::covariates),
    needed(Field::value, FieldType::number_or_text), may(Field::unit, FieldType::text)};
constexpr FieldSpec condition_fields[] = {needed(Field::code, FieldType::text),
                                          may(Field::name, FieldType::text)};
constexpr FieldSpec medication_fields[] = {
    word(Field::medication_class, medication_classes, true, Extensible::medication_classes),
    word(Field::action, medication_actions, true), may(Field::name, FieldType::text)};
constexpr FieldSpec plan_fields[] = {word(Field::compound, compounds, true, Extensible::compounds),
                                     word(Field::route, routes, true),
                                     amount(Field::dose_mg, true),
                                     amount(Field::interval_days, true),
                                     may(Field::titration, FieldType::flag),
                                     may(Field::end, FieldType::time),
                                     may(Field::reason, FieldType::text)};
constexpr FieldSpec dispense_fields[] = {
    word(Field::compound, compounds, true, Extensible::compounds), amount(Field::days_supply, true),
    amount(Field::quantity_mg), may(Field::prescriber, FieldType::text),
    may(Field::pharmacy, FieldType::text)};
constexpr FieldSpec vital_fields[] = {word(Field::name, vital_names, true),
                                      needed(Field::value, FieldType::number),
                                      // Its words depend on the name: see Vital.
                                      needed(Field::unit, FieldType::text)};
constexpr FieldSpec blood_pressure_fields[] = {
    may(Field::systolic, FieldType::number),
    may(Field::diastolic, FieldType::number),
    pressure_unit_field(),
    word(Field::phase, phases, false),
    {.field = Field::symptoms, .type = FieldType::words, .words = pressure_symptoms}};
constexpr FieldSpec session_fields[] = {
    word(Field::compound, compounds, true, Extensible::compounds),
    word(Field::route, routes, true),
    amount(Field::dose_mg, true),
    amount(Field::weight_kg),
    amount(Field::duration_min),
    setting_field(),
    word(Field::psychotherapy, psychotherapies, false),
    may(Field::comedication, FieldType::texts),
    amount(Field::monitored_min),
    amount(Field::ready_min),
    may(Field::lot, FieldType::text),
    may(Field::plan, FieldType::identifier),
    may(Field::unplanned, FieldType::flag)};
constexpr FieldSpec score_fields[] = {{.field = Field::instrument,
                                       .type = FieldType::word,
                                       .needed = true,
                                       .extensible = Extensible::instruments},
                                      needed(Field::value, FieldType::number),
                                      may(Field::form, FieldType::text),
                                      word(Field::location, locations, false),
                                      may(Field::administration, FieldType::integer),
                                      may(Field::items, FieldType::integers)};
constexpr FieldSpec symptom_fields[] = {word(Field::code, symptom_codes, true),
                                        ranged(Field::severity, 0, 5),
                                        may(Field::resolved, FieldType::time)};
constexpr FieldSpec culture_fields[] = {word(Field::result, culture_results, true),
                                        may(Field::organism, FieldType::text)};
constexpr FieldSpec lab_fields[] = {
    needed(Field::code, FieldType::text), needed(Field::value, FieldType::number),
    // Its words depend on the code: see lab_units.
    needed(Field::unit, FieldType::text), amount(Field::upper_limit)};
constexpr FieldSpec adverse_event_fields[] = {
    needed(Field::name, FieldType::text),
    may(Field::code, FieldType::text),
    ranged(Field::ctcae, 1, 5),
    {.field = Field::seriousness, .type = FieldType::words, .words = seriousness},
    may(Field::outcome, FieldType::text)};
constexpr FieldSpec exit_fields[] = {word(Field::reason, exit_reasons, true)};

constexpr std::string_view kind_names[kind_count] = {
    "",         "enrolment", "covariate",      "condition", "medication", "plan",
    "dispense", "vital",     "blood_pressure", "session",   "score",      "symptom",
    "culture",  "lab",       "adverse_event",  "exit",      "heartbeat"};

constexpr std::string_view status_names[] = {"final", "preliminary", "corrected",
                                             "entered-in-error"};

constexpr std::string_view field_names[field_count] = {
    "site",         "birth_year",    "sex",          "education_years",
    "conditions",   "setting",       "name",         "value",
    "unit",         "code",          "class",        "action",
    "compound",     "route",         "dose_mg",      "interval_days",
    "titration",    "end",           "reason",       "days_supply",
    "quantity_mg",  "prescriber",    "pharmacy",     "systolic",
    "diastolic",    "phase",         "symptoms",     "weight_kg",
    "duration_min", "psychotherapy", "comedication", "monitored_min",
    "ready_min",    "lot",           "plan",         "unplanned",
    "instrument",   "form",          "location",     "administration",
    "items",        "severity",      "resolved",     "result",
    "organism",     "upper_limit",   "ctcae",        "seriousness",
    "outcome"};

// Ranges and directions: EVENTS, Instruments.
constexpr Instrument instrument_table[] = {{"moca", 0, 30, false},
                                           {"mmse", 0, 30, false},
                                           {"hvlt-r-total", 0, 36, false},
                                           {"hvlt-r-delayed", 0, 12, false},
                                           {"dsst", 0, 133, false},
                                           {"cogstate-det", 2, 4, true},
                                           {"cogstate-idn", 2, 4, true},
                                           {"cogstate-ocl", 0, 1.571, false},
                                           {"cogstate-onb", 0, 1.571, false},
                                           {"cogstate-gmlt", 0, 400, true},
                                           {"bpic-ss", 0, 38, true},
                                           {"icsi", 0, 20, true},
                                           {"icpi", 0, 16, true},
                                           {"ipss", 0, 35, true},
                                           {"puf", 0, 35, true},
                                           {"iciq-ui-sf", 0, 21, true},
                                           {"voids-24h", 0, 60, true},
                                           {"nocturia", 0, 20, true},
                                           {"pwc-20", 0, 60, true},
                                           {"craving-vas", 0, 10, true},
                                           {"phq-9", 0, 27, true},
                                           {"phq-9-item-9", 0, 3, true},
                                           {"madrs", 0, 60, true},
                                           {"cgi-s", 1, 7, true},
                                           {"c-ssrs-ideation", 0, 5, true},
                                           {"moaa-s", 0, 5, false},
                                           {"cadss", 0, 92, true}};

constexpr Vital vital_table[] = {{"heart-rate", "/min", 20, 250},
                                 {"spo2", "%", 50, 100},
                                 {"respiratory-rate", "/min", 2, 80},
                                 {"weight", "kg", 20, 350},
                                 {"temperature", "Cel", 30, 45}};

constexpr Words units_per_field = {"/[HPF]"};
constexpr Words units_mass_or_amount = {"mg/dL", "umol/L"};
constexpr Words units_enzyme = {"U/L"};

template <typename T, std::size_t n>
std::optional<std::size_t> index_of(const T (&names)[n], std::string_view name) {
  for (std::size_t i = 0; i < n; ++i) {
    if (names[i] == name) return i;
  }
  return std::nullopt;
}

}  // namespace

std::span<const FieldSpec> fields_of(Kind kind) {
  switch (kind) {
    case Kind::none:
    case Kind::heartbeat:
      return {};
    case Kind::enrolment:
      return enrolment_fields;
    case Kind::covariate:
      return covariate_fields;
    case Kind::condition:
      return condition_fields;
    case Kind::medication:
      return medication_fields;
    case Kind::plan:
      return plan_fields;
    case Kind::dispense:
      return dispense_fields;
    case Kind::vital:
      return vital_fields;
    case Kind::blood_pressure:
      return blood_pressure_fields;
    case Kind::session:
      return session_fields;
    case Kind::score:
      return score_fields;
    case Kind::symptom:
      return symptom_fields;
    case Kind::culture:
      return culture_fields;
    case Kind::lab:
      return lab_fields;
    case Kind::adverse_event:
      return adverse_event_fields;
    case Kind::exit:
      return exit_fields;
  }
  return {};
}

std::string_view name_of(Kind kind) { return kind_names[static_cast<std::size_t>(kind)]; }
std::string_view name_of(Status status) { return status_names[static_cast<std::size_t>(status)]; }
std::string_view name_of(Field field) { return field_names[static_cast<std::size_t>(field)]; }

std::optional<Kind> kind_named(std::string_view name) {
  if (name.empty()) return std::nullopt;
  const auto index = index_of(kind_names, name);
  return index ? std::optional<Kind>(static_cast<Kind>(*index)) : std::nullopt;
}

std::optional<Status> status_named(std::string_view name) {
  const auto index = index_of(status_names, name);
  return index ? std::optional<Status>(static_cast<Status>(*index)) : std::nullopt;
}

std::optional<Field> field_named(std::string_view name) {
  const auto index = index_of(field_names, name);
  return index ? std::optional<Field>(static_cast<Field>(*index)) : std::nullopt;
}

const Instrument* instrument_named(std::string_view name) {
  for (const Instrument& instrument : instrument_table) {
    if (instrument.name == name) return &instrument;
  }
  return nullptr;
}

std::span<const Instrument> instruments() { return instrument_table; }

bool is_cognition(std::string_view instrument) {
  return instrument == "moca" || instrument == "mmse" || instrument == "dsst" ||
         instrument.starts_with("hvlt-r-") || instrument.starts_with("cogstate-");
}

const Vital* vital_named(std::string_view name) {
  for (const Vital& vital : vital_table) {
    if (vital.name == name) return &vital;
  }
  return nullptr;
}

std::span<const std::string_view> lab_units(std::string_view loinc) {
  if (loinc == "13945-1") return units_per_field;
  if (loinc == "2160-0" || loinc == "1975-2") return units_mass_or_amount;
  if (loinc == "1742-6" || loinc == "1920-8" || loinc == "6768-6" || loinc == "2324-2")
    return units_enzyme;
  return {};
}

double mmhg_from_kpa(double kpa) {
  // nearbyint rounds half to even in the default rounding mode, which nothing here changes.
  return std::nearbyint(kpa * 7.50062);
}

}  // namespace ketavigil::events
