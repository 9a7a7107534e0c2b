#include "ingest/decode/fhir/elements.h"

#include <cmath>

#include "events/json_text.h"

namespace ketavigil::ingest::fhir {

using simdjson::dom::element;

std::optional<element> member(const element& node, std::string_view key) {
  simdjson::dom::object object;
  if (node.get_object().get(object) != simdjson::SUCCESS) return std::nullopt;
  element value;
  if (object.at_key(key).get(value) != simdjson::SUCCESS || value.is_null()) return std::nullopt;
  return value;
}

std::string_view text_of(const element& node) {
  std::string_view text;
  return node.get_string().get(text) == simdjson::SUCCESS ? text : std::string_view();
}

std::string_view text_at(const element& node, std::string_view key) {
  const auto value = member(node, key);
  return value ? text_of(*value) : std::string_view();
}

std::vector<element> items_at(const element& node, std::string_view key) {
  std::vector<element> items;
  const auto value = member(node, key);
  simdjson::dom::array array;
  if (!value || value->get_array().get(array) != simdjson::SUCCESS) return items;
  for (const element item : array) items.push_back(item);
  return items;
}

std::string json_text(std::string_view text) {
  std::string json;
  events::append_json_string(&json, text);
  return json;
}

std::string json_of(const element& node) {
  if (node.is_string()) return json_text(text_of(node));
  double number = 0;
  if (node.type() == simdjson::dom::element_type::DOUBLE &&
      node.get_double().get(number) == simdjson::SUCCESS && std::isfinite(number)) {
    std::string json;
    events::append_json_number(&json, number);
    return json;
  }
  return simdjson::minify(node);
}

}  // namespace ketavigil::ingest::fhir
