// Bundles: their entries, and the resources that entries refer to within them.
#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/decode/fhir/elements.h"
#include "ingest/decode/fhir/envelope.h"
#include "ingest/decode/fhir/resource.h"

namespace ketavigil::ingest::fhir {
namespace {

using simdjson::dom::element;

// A batch's answer holds searchsets; nobody nests deeper, and the bound keeps the stack small.
constexpr int bundle_depth_max = 8;

std::string json_under(const element& node, std::string_view key) {
  const auto value = member(node, key);
  return value ? json_of(*value) : "";
}

// The Medications of a Bundle (nothing else is looked up), by address and by `Type/id`.
class Medications {
 public:
  explicit Medications(const element& bundle) {
    for (const element& entry : items_at(bundle, "entry")) {
      const auto resource = member(entry, "resource");
      if (!resource || text_at(*resource, "resourceType") != "Medication") continue;
      const std::string_view address = text_at(entry, "fullUrl");
      if (!address.empty()) by_address_.emplace(address, *resource);
      if (const auto id = text_at(*resource, "id"); !id.empty()) {
        by_name_["Medication/" + std::string(id)].push_back(*resource);
      }
    }
  }

  // By FHIR's rule a relative reference is completed with the base of the entry's own address.
  // Else `Type/id` decides, if all that it names are one drug (versions of one resource).
  [[nodiscard]] std::optional<element> find(std::string_view reference,
                                            std::string_view base) const {
    for (const std::string& address :
         {std::string(reference), std::string(base) + std::string(reference)}) {
      if (const auto found = by_address_.find(address); found != by_address_.end())
        return found->second;
    }
    const Target target = target_of(reference);
    if (target.type != "Medication") return std::nullopt;
    const auto named = by_name_.find("Medication/" + std::string(target.id));
    if (named == by_name_.end()) return std::nullopt;
    const auto& versions = named->second;
    const bool one_drug =
        std::all_of(versions.begin(), versions.end(), [&](const element& version) {
          return json_under(version, "code") == json_under(versions.front(), "code") &&
                 json_under(version, "ingredient") == json_under(versions.front(), "ingredient");
        });
    return one_drug ? std::optional(versions.front()) : std::nullopt;
  }

 private:
  std::map<std::string, element, std::less<>> by_address_;
  std::map<std::string, std::vector<element>, std::less<>> by_name_;
};

// `http://example.org/fhir/` of `http://example.org/fhir/Observation/1`; "" of a `urn:`.
std::string_view base_of(std::string_view address) {
  const std::size_t id = address.rfind('/');
  if (id == std::string_view::npos || id == 0 || address.starts_with("urn:")) return "";
  const std::size_t type = address.rfind('/', id - 1);
  return type == std::string_view::npos ? std::string_view() : address.substr(0, type + 1);
}

FhirReading not_followed(std::string type) {
  FhirReading reading;
  reading.not_followed = std::move(type);
  return reading;
}

using Each = std::function<void(std::size_t entry, FhirReading reading)>;

void read_entries(const element& bundle, const FhirContext& context, int depth,
                  std::optional<std::size_t> outer_entry, const Each& each);

// The entries of an inner Bundle, or what else the entry's resource says.
void read_entry(const element& entry, const FhirContext& context, int depth, std::size_t index,
                const Each& each) {
  const auto resource = member(entry, "resource");
  if (!resource || !looks_like_fhir(*resource)) return each(index, not_followed("Bundle.entry"));
  if (is_bundle(*resource) && depth < bundle_depth_max)
    return read_entries(*resource, context, depth + 1, index, each);
  const auto request = member(entry, "request");
  if (request && text_at(*request, "method") == "DELETE") {
    // What is deleted is not stated, and why is not said either: no fact and no retraction.
    return each(index, not_followed("Bundle.entry"));
  }
  each(index, read_resource(*resource, context));
}

void read_entries(const element& bundle, const FhirContext& context, int depth,
                  std::optional<std::size_t> outer_entry, const Each& each) {
  const auto entries = items_at(bundle, "entry");
  if (entries.empty()) return each(outer_entry.value_or(0), not_followed("Bundle"));
  const Medications medications(bundle);
  std::string_view base;
  FhirContext within = context;
  within.find = [&](std::string_view reference) -> std::optional<element> {
    if (auto found = medications.find(reference, base)) return found;
    return context.find ? context.find(reference) : std::nullopt;
  };
  for (std::size_t i = 0; i < entries.size(); ++i) {
    base = base_of(text_at(entries[i], "fullUrl"));
    read_entry(entries[i], within, depth, outer_entry.value_or(i), each);
  }
}

}  // namespace

void read_bundle(const element& bundle, const FhirContext& context, const Each& each) {
  read_entries(bundle, context, 1, std::nullopt, each);
}

}  // namespace ketavigil::ingest::fhir
