#include "simulation/fact.h"

#include <charconv>

#include "simulation/blueprint.h"

namespace ketavigil::simulation {
namespace {

void append_integer(std::string& out, std::int64_t value) {
  char text[24];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  out.append(text, end);
}

void append_decimal(std::string& out, std::int64_t value, int decimals) {
  if (decimals == 0) return append_integer(out, value);
  std::int64_t scale = 1;
  for (int i = 0; i < decimals; ++i) scale *= 10;
  if (value < 0) out += '-';
  const std::int64_t size = value < 0 ? -value : value;
  append_integer(out, size / scale);
  out += '.';
  for (scale /= 10; scale > 0; scale /= 10) out += static_cast<char>('0' + size / scale % 10);
}

/// Appends `"name":`, with the comma before it.
void append_key(std::string& out, std::string_view name) {
  out += ",\"";
  out += name;
  out += "\":";
}

void append_quoted(std::string& out, std::string_view text) {
  // Every text of a programme is a constant that needs no escape.
  out += '"';
  out += text;
  out += '"';
}

void append_id(std::string& out, std::string_view prefix, std::uint32_t pseudonym,
               std::int64_t number) {
  out += prefix;
  out += '-';
  append_pseudonym(out, pseudonym);
  out += '-';
  append_integer(out, number);
}

void append_own_id(std::string& out, const Fact& fact, std::uint32_t pseudonym, bool renewed) {
  out += '"';
  append_id(out, fact.prefix, pseudonym, fact.id_number);
  if (renewed) out += 'r';
  out += '"';
}

void append_head(std::string& out, const Fact& fact, const Site& site, std::uint32_t pseudonym,
                 bool renewed) {
  out += "{\"source\":";
  append_quoted(out, fact.from_monitor ? site.monitor : site.clinic);
  append_key(out, "id");
  append_own_id(out, fact, pseudonym, renewed);
  append_key(out, "patient");
  out += "\"p-";
  append_pseudonym(out, pseudonym);
  out += '"';
}

void append_time(std::string& out, std::string_view name, Seconds instant, int offset_minutes) {
  append_key(out, name);
  out += '"';
  append_instant(out, instant, offset_minutes);
  out += '"';
}

void append_effective(std::string& out, const Fact& fact, const Site& site,
                      const Telling& telling) {
  append_key(out, "effective");
  out += '"';
  if (fact.bare_date) {
    append_date(out, day_of(fact.effective));
  } else if (telling.refusal == Refusal::type && fact.value_field < 0) {
    append_local_instant(out, fact.effective, site.offset_minutes);
  } else {
    const bool ahead = telling.refusal == Refusal::future;
    append_instant(out, ahead ? telling.recorded + day_s : fact.effective, site.offset_minutes);
  }
  out += '"';
}

void append_words(std::string& out, const FactField& field) {
  out += '[';
  bool first = true;
  for (std::size_t i = 0; i < field.words.size(); ++i) {
    if (((field.number >> i) & 1) == 0) continue;
    if (!first) out += ',';
    first = false;
    append_quoted(out, field.words[i]);
  }
  out += ']';
}

void append_items(std::string& out, std::int64_t digits) {
  for (int i = 0; i < 9; ++i) {
    out += i == 0 ? '[' : ',';
    out += static_cast<char>('0' + ((digits >> (2 * i)) & 3));
  }
  out += ']';
}

void append_value(std::string& out, const FactField& field, std::uint32_t pseudonym) {
  switch (field.type) {
    case FactField::Type::number:
      append_decimal(out, field.number, field.decimals);
      break;
    case FactField::Type::text:
      append_quoted(out, field.text);
      break;
    case FactField::Type::flag:
      out += "true";
      break;
    case FactField::Type::words:
      append_words(out, field);
      break;
    case FactField::Type::items:
      append_items(out, field.number);
      break;
    case FactField::Type::reference:
      out += '"';
      append_id(out, field.text, pseudonym, field.number);
      out += '"';
      break;
  }
}

/// A field as the telling has it: mistaken, or spoilt.
void append_field(std::string& out, const Fact& fact, int index, std::uint32_t pseudonym,
                  const Telling& telling) {
  FactField field = fact.fields[static_cast<std::size_t>(index)];
  if (telling.mistaken && index == fact.mistaken_field) field.number = *telling.mistaken;
  const auto refused = telling.refusal;
  if (refused == Refusal::missing && index == fact.value_field) return;
  if (refused == Refusal::implausible && index == fact.value_field) {
    field.number = fact.impossible_value;
    field.decimals = 0;
  }
  if (refused == Refusal::unknown_unit && field.name == "unit") field.text = "furlong";
  if (refused == Refusal::unknown_instrument && field.name == "instrument") {
    field.text = "clock-drawing";
  }
  append_key(out, field.name);
  const bool as_string = refused == Refusal::type && index == fact.value_field;
  if (as_string) out += '"';
  append_value(out, field, pseudonym);
  if (as_string) out += '"';
}

bool has_field(const Fact& fact, std::string_view name) {
  for (int i = 0; i < fact.field_count; ++i) {
    if (fact.fields[static_cast<std::size_t>(i)].name == name) return true;
  }
  return false;
}

}  // namespace

bool can_be_refused(const Fact& fact, Refusal refusal) {
  switch (refusal) {
    case Refusal::malformed:
    case Refusal::unknown_kind:
      return true;
    // One of two pressures may be missing.
    case Refusal::missing:
      return fact.value_field >= 0 && fact.kind != "blood_pressure";
    case Refusal::type:
      return fact.value_field >= 0 || !fact.bare_date;
    case Refusal::unknown_unit:
      return has_field(fact, "unit") && fact.kind == "vital";
    case Refusal::unknown_instrument:
      return has_field(fact, "instrument");
    case Refusal::implausible:
      return fact.value_field >= 0 && fact.kind != "lab";
    case Refusal::future:
      return !fact.bare_date;
  }
  return false;
}

void append_line(std::string& out, const Fact& fact, const Site& site, std::uint32_t pseudonym,
                 const Telling& telling) {
  const std::size_t begin = out.size();
  append_head(out, fact, site, pseudonym, telling.renewed);
  append_key(out, "kind");
  append_quoted(out, telling.refusal == Refusal::unknown_kind ? "observation" : fact.kind);
  if (telling.version != 0) {
    append_key(out, "version");
    append_integer(out, telling.version);
  }
  if (telling.status != Telling::Status::final) {
    append_key(out, "status");
    append_quoted(out, telling.status == Telling::Status::corrected ? "corrected" : "preliminary");
  }
  if (telling.renewed) {
    append_key(out, "replaces");
    append_own_id(out, fact, pseudonym, false);
  }
  append_effective(out, fact, site, telling);
  append_time(out, "recorded", telling.recorded, 0);
  if (fact.session != 0 && !fact.from_monitor) {
    append_key(out, "session");
    out += '"';
    append_id(out, "s", pseudonym, fact.session);
    out += '"';
  }
  for (int i = 0; i < fact.field_count; ++i) append_field(out, fact, i, pseudonym, telling);
  out += '}';
  // A connection that broke: the line stops in the middle, and never where it would still be whole.
  if (telling.refusal == Refusal::malformed) out.resize(begin + (out.size() - begin) * 6 / 10);
  out += '\n';
}

void append_retraction(std::string& out, const Fact& fact, const Site& site,
                       std::uint32_t pseudonym, Seconds recorded, int version) {
  append_head(out, fact, site, pseudonym, false);
  if (version != 0) {
    append_key(out, "version");
    append_integer(out, version);
  }
  append_key(out, "status");
  append_quoted(out, "entered-in-error");
  append_time(out, "recorded", recorded, 0);
  out += "}\n";
}

void append_heartbeat(std::string& out, std::string_view source, std::string_view site,
                      std::int64_t number, Seconds instant) {
  out += "{\"source\":";
  append_quoted(out, source);
  append_key(out, "id");
  out += "\"alive-";
  append_integer(out, number);
  out += '"';
  append_key(out, "kind");
  append_quoted(out, "heartbeat");
  append_time(out, "effective", instant, 0);
  append_time(out, "recorded", instant, 0);
  append_key(out, "site");
  append_quoted(out, site);
  out += "}\n";
}

}  // namespace ketavigil::simulation
