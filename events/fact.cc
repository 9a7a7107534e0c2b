#include "events/fact.h"

#include <algorithm>
#include <array>
#include <type_traits>

#include "events/json_text.h"

namespace ketavigil::events {
namespace {

// The keys that every kind can have, beside its own.
enum class Common : std::uint8_t {
  effective,
  id,
  kind,
  patient,
  replaces,
  session,
  site,
  source,
  status,
  version
};

struct Slot {
  std::string_view name;
  bool is_common;
  Common common;
  Field field;
};

// The keys of a kind in the order of RFC 8785, which for our names is the order of their bytes.
std::vector<Slot> sorted_slots(Kind kind) {
  std::vector<Slot> slots = {{"effective", true, Common::effective, Field::site},
                             {"id", true, Common::id, Field::site},
                             {"kind", true, Common::kind, Field::site},
                             {"patient", true, Common::patient, Field::site},
                             {"replaces", true, Common::replaces, Field::site},
                             {"session", true, Common::session, Field::site},
                             {"site", true, Common::site, Field::site},
                             {"source", true, Common::source, Field::site},
                             {"status", true, Common::status, Field::site},
                             {"version", true, Common::version, Field::site}};
  for (const FieldSpec& spec : fields_of(kind)) {
    slots.push_back({name_of(spec.field), false, Common::id, spec.field});
  }
  std::sort(slots.begin(), slots.end(),
            [](const Slot& a, const Slot& b) { return a.name < b.name; });
  return slots;
}

const std::vector<Slot>& slots_of(Kind kind) {
  static const auto table = [] {
    std::array<std::vector<Slot>, kind_count> all;
    for (int i = 0; i < kind_count; ++i) {
      all[static_cast<std::size_t>(i)] = sorted_slots(static_cast<Kind>(i));
    }
    return all;
  }();
  return table[static_cast<std::size_t>(kind)];
}

class ObjectWriter {
 public:
  explicit ObjectWriter(std::string* out) : out_(out) { out_->push_back('{'); }
  std::string* key(std::string_view name) {
    if (!first_) out_->push_back(',');
    first_ = false;
    out_->push_back('"');
    out_->append(name);
    *out_ += "\":";
    return out_;
  }
  void text(std::string_view name, std::string_view value) { append_json_string(key(name), value); }
  void number(std::string_view name, double value) { append_json_number(key(name), value); }

 private:
  std::string* out_;
  bool first_ = true;
};

enum class Times { canonical, as_given };

void append_time(std::string* out, const Time& time, Times style) {
  if (style == Times::as_given) {
    append_json_string(out, print_as_given(time));
  } else if (time.bare_date) {
    append_json_string(out, print_date(time.us));
  } else {
    *out += std::to_string(time.us);
  }
}

template <typename List, typename Append>
void append_list(std::string* out, const List& list, Append append) {
  out->push_back('[');
  bool first = true;
  for (const auto& item : list) {
    if (!first) out->push_back(',');
    first = false;
    append(item);
  }
  out->push_back(']');
}

void append_value(std::string* out, const Value& value, Times style) {
  std::visit(
      [out, style](const auto& held) {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, double>) {
          append_json_number(out, held);
        } else if constexpr (std::is_same_v<T, bool>) {
          *out += held ? "true" : "false";
        } else if constexpr (std::is_same_v<T, std::string>) {
          append_json_string(out, held);
        } else if constexpr (std::is_same_v<T, Time>) {
          append_time(out, held, style);
        } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
          append_list(out, held, [out](const std::string& item) { append_json_string(out, item); });
        } else {
          append_list(out, held, [out](std::int64_t item) { *out += std::to_string(item); });
        }
      },
      value);
}

void write_common(ObjectWriter* writer, const Fact& fact, Common which, bool with_version) {
  switch (which) {
    case Common::effective:
      if (!fact.is_retraction())
        append_time(writer->key("effective"), fact.effective, Times::canonical);
      break;
    case Common::id:
      writer->text("id", fact.id);
      break;
    case Common::kind:
      if (fact.kind != Kind::none) writer->text("kind", name_of(fact.kind));
      break;
    case Common::patient:
      if (!fact.patient.empty()) writer->text("patient", fact.patient);
      break;
    case Common::replaces:
      if (fact.replaces) writer->text("replaces", *fact.replaces);
      break;
    case Common::session:
      if (fact.session) writer->text("session", *fact.session);
      break;
    case Common::site:
      if (fact.site) writer->text("site", *fact.site);
      break;
    case Common::source:
      writer->text("source", fact.source);
      break;
    case Common::status:
      writer->text("status", name_of(fact.status));
      break;
    case Common::version:
      if (with_version) writer->number("version", static_cast<double>(fact.version));
      break;
  }
}

}  // namespace

std::int64_t version_when_absent(Status status, const std::optional<Time>& recorded) {
  switch (status) {
    case Status::preliminary:
      return 1;
    case Status::final:
      return 2;
    case Status::corrected:
    case Status::entered_in_error:
      break;
  }
  if (!recorded) return status == Status::corrected ? 3 : 4;
  // Floored, as every cut of time here is; before 1970 the least version stands.
  const std::int64_t milliseconds = recorded->us / 1000;
  return std::max<std::int64_t>(5, milliseconds);
}

std::string canonical_form(const Fact& fact, bool with_version) {
  std::string out;
  out.reserve(320);
  ObjectWriter writer(&out);
  for (const Slot& slot : slots_of(fact.kind)) {
    if (slot.is_common) {
      write_common(&writer, fact, slot.common, with_version);
    } else if (const Value* value = fact.find(slot.field)) {
      append_value(writer.key(slot.name), *value, Times::canonical);
    }
  }
  out.push_back('}');
  return out;
}

Digest digest_of(const Fact& fact) { return sha256(canonical_form(fact)); }

int stated_keys(const Fact& fact) {
  int keys = 4;                          // source, id, patient, kind
  keys += fact.is_retraction() ? 0 : 1;  // effective
  keys += fact.status != Status::final ? 1 : 0;
  keys += (fact.replaces ? 1 : 0) + (fact.session ? 1 : 0) + (fact.site ? 1 : 0);
  for (const FieldSpec& spec : fields_of(fact.kind)) {
    const Value* value = fact.find(spec.field);
    if (value == nullptr) continue;
    const auto* text = std::get_if<std::string>(value);
    const bool is_default =
        !spec.constant_default.empty() && text != nullptr && *text == spec.constant_default;
    keys += is_default ? 0 : 1;
  }
  return keys;
}

std::string print(const Fact& fact, bool open) {
  std::string out;
  out.reserve(384);
  ObjectWriter writer(&out);
  writer.text("source", fact.source);
  writer.text("id", fact.id);
  if (!fact.patient.empty()) writer.text("patient", fact.patient);
  if (fact.kind != Kind::none) writer.text("kind", name_of(fact.kind));
  writer.number("version", static_cast<double>(fact.version));
  writer.text("status", name_of(fact.status));
  if (fact.replaces) writer.text("replaces", *fact.replaces);
  if (!fact.is_retraction()) append_time(writer.key("effective"), fact.effective, Times::as_given);
  if (fact.recorded) append_time(writer.key("recorded"), *fact.recorded, Times::as_given);
  if (fact.session) writer.text("session", *fact.session);
  if (fact.site) writer.text("site", *fact.site);
  if (fact.text) {
    writer.text("text", *fact.text);
    if (fact.text_cut) *writer.key("text_cut") += "true";
  }
  for (const auto& [field, value] : fact.fields) {
    append_value(writer.key(name_of(field)), value, Times::as_given);
  }
  if (!open) out.push_back('}');
  return out;
}

}  // namespace ketavigil::events
