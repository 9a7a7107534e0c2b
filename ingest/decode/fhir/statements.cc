#include "ingest/decode/fhir/statements.h"

#include <algorithm>
#include <utility>

#include "ingest/decode/fhir/elements.h"

namespace ketavigil::ingest::fhir {
namespace {

using simdjson::dom::element;

constexpr Role observation_roles[] = {Role::pressure, Role::systolic, Role::diastolic, Role::vital,
                                      Role::lab,      Role::score,    Role::phq9_item};

Statement* statement_about(const Concept& concept_of, std::vector<Statement>* statements) {
  const auto found =
      std::find_if(statements->begin(), statements->end(),
                   [&](const Statement& known) { return known.concept_of == concept_of; });
  if (found != statements->end()) return &*found;
  statements->push_back({concept_of, false, false, {}});
  return &statements->back();
}

void add_pressure(const Recognised& recognised, std::optional<WrittenValue> value,
                  PressureStatement* pressure) {
  pressure->mentioned = true;
  // A panel's value tells nothing by its code, so only a component's display can contradict it.
  pressure->contradicted = pressure->contradicted || recognised.contradicted;
  if (!value) return;
  auto& values = recognised.concept_of.role == Role::systolic    ? pressure->systolic
                 : recognised.concept_of.role == Role::diastolic ? pressure->diastolic
                                                                 : pressure->panel;
  values.push_back(std::move(*value));
}

// `node` is the Observation or one of its components: both have `code` and `value[x]`.
void add(const element& node, bool main, std::span<const ConfiguredCode> configured,
         Statements* statements) {
  const auto code = member(node, "code");
  const auto recognised =
      code ? recognise(*code, observation_roles, configured) : std::optional<Recognised>();
  if (!recognised) return;
  const Concept& meaning = recognised->concept_of;
  auto value = value_of(node, meaning);
  switch (meaning.role) {
    case Role::pressure:
    case Role::systolic:
    case Role::diastolic:
      add_pressure(*recognised, std::move(value), &statements->pressure);
      return;
    case Role::phq9_item:
      // An item by itself is no score; it is read in the panel only.
      if (!main && value && !recognised->contradicted) {
        const auto item = static_cast<std::size_t>(meaning.name.front() - '1');
        statements->phq9_items[item].push_back(std::move(*value));
      }
      return;
    default:
      break;
  }
  Statement* statement = statement_about(meaning, &statements->others);
  statement->main = statement->main || main;
  statement->contradicted = statement->contradicted || recognised->contradicted;
  if (value) statement->values.push_back(std::move(*value));
}

}  // namespace

Statements statements_of(const element& resource, std::span<const ConfiguredCode> configured) {
  Statements statements;
  add(resource, true, configured, &statements);
  for (const element& component : items_at(resource, "component")) {
    add(component, false, configured, &statements);
  }
  return statements;
}

}  // namespace ketavigil::ingest::fhir
