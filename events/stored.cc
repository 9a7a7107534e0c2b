#include "events/stored.h"

#include <google/protobuf/arena.h>

#include <cmath>
#include <type_traits>

#include "events/stored.pb.h"

namespace ketavigil::events {
namespace {

using stored::StoredField;
using stored::StoredTime;
using stored::StoredVariant;
using stored::StoredVersion;

void write_time(const Time& time, StoredTime* out) {
  out->set_us(time.us);
  out->set_offset_minutes(time.offset_minutes);
  out->set_bare_date(time.bare_date);
  if (!time.spelling.empty()) out->set_spelling(time.spelling);
}

Time read_time(const StoredTime& in) {
  return {in.us(), static_cast<std::int16_t>(in.offset_minutes()), in.bare_date(), in.spelling()};
}

void write_value(const Value& value, StoredField* out) {
  std::visit(
      [out](const auto& held) {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, double>) {
          if (std::fabs(held) < 1e15 && held == std::trunc(held)) {
            out->set_whole(static_cast<std::int64_t>(held));
          } else {
            out->set_number(held);
          }
        } else if constexpr (std::is_same_v<T, bool>) {
          out->set_flag(held);
        } else if constexpr (std::is_same_v<T, std::string>) {
          out->set_text(held);
        } else if constexpr (std::is_same_v<T, Time>) {
          write_time(held, out->mutable_time());
        } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
          auto* texts = out->mutable_texts();
          for (const auto& item : held) texts->add_texts(item);
        } else {
          auto* integers = out->mutable_integers();
          for (const auto item : held) integers->add_integers(item);
        }
      },
      value);
}

std::optional<Value> read_value(const StoredField& in) {
  switch (in.value_case()) {
    case StoredField::kNumber:
      return in.number();
    case StoredField::kWhole:
      return static_cast<double>(in.whole());
    case StoredField::kText:
      return in.text();
    case StoredField::kFlag:
      return in.flag();
    case StoredField::kTime:
      return read_time(in.time());
    case StoredField::kTexts:
      return std::vector<std::string>(in.texts().texts().begin(), in.texts().texts().end());
    case StoredField::kIntegers:
      return std::vector<std::int64_t>(in.integers().integers().begin(),
                                       in.integers().integers().end());
    case StoredField::VALUE_NOT_SET:
      break;
  }
  return std::nullopt;
}

void write_variant(const Variant& variant, StoredVariant* out) {
  const Fact& fact = variant.fact;
  out->set_digest(variant.digest);
  out->set_kind(static_cast<std::uint32_t>(fact.kind));
  out->set_status(static_cast<std::uint32_t>(fact.status));
  if (!fact.is_retraction()) write_time(fact.effective, out->mutable_effective());
  if (fact.recorded) write_time(*fact.recorded, out->mutable_recorded());
  if (fact.replaces) out->set_replaces(*fact.replaces);
  if (fact.session) out->set_session(*fact.session);
  if (fact.site) out->set_site(*fact.site);
  if (fact.text) out->set_text(*fact.text);
  out->set_text_cut(fact.text_cut);
  for (const auto& [field, value] : fact.fields) {
    auto* stored_field = out->add_fields();
    stored_field->set_field(static_cast<std::uint32_t>(field));
    write_value(value, stored_field);
  }
}

bool read_variant(const StoredVariant& in, Variant* out) {
  Fact& fact = out->fact;
  if (in.kind() >= kind_count || in.status() > 3 || in.digest().size() != 32) return false;
  out->digest = in.digest();
  fact.kind = static_cast<Kind>(in.kind());
  fact.status = static_cast<Status>(in.status());
  if (in.has_effective()) fact.effective = read_time(in.effective());
  if (in.has_recorded()) fact.recorded = read_time(in.recorded());
  if (in.has_replaces()) fact.replaces = in.replaces();
  if (in.has_session()) fact.session = in.session();
  if (in.has_site()) fact.site = in.site();
  if (in.has_text()) fact.text = in.text();
  fact.text_cut = in.text_cut();
  fact.fields.reserve(static_cast<std::size_t>(in.fields_size()));
  for (const StoredField& field : in.fields()) {
    auto value = read_value(field);
    if (!value || field.field() >= field_count) return false;
    fact.fields.emplace_back(static_cast<Field>(field.field()), std::move(*value));
  }
  return true;
}

Error damaged(std::string_view what) {
  return {ErrorKind::storage,
          "a stored fact cannot be read: " + std::string(what) +
              ". Run `ketavigil verify`; restore the store from a backup if it fails"};
}

}  // namespace

bool shown_before(const Fact& a, const Fact& b) {
  if (a.recorded.has_value() != b.recorded.has_value()) return a.recorded.has_value();
  if (a.recorded && a.recorded->us != b.recorded->us) return a.recorded->us < b.recorded->us;
  return print(a) < print(b);
}

std::string encode_variants(const std::vector<const Variant*>& variants) {
  google::protobuf::Arena arena;
  auto* version = google::protobuf::Arena::CreateMessage<StoredVersion>(&arena);
  for (const Variant* variant : variants) write_variant(*variant, version->add_variants());
  std::string bytes = {stored_format_version, codec_plain};
  version->AppendToString(&bytes);
  return bytes;
}

Result<std::vector<Variant>> decode_variants(std::string_view bytes, std::string_view patient,
                                             std::string_view source, std::string_view id,
                                             std::int64_t version) {
  if (bytes.size() < 2) return damaged("it has no header");
  if (bytes[0] != stored_format_version) {
    return damaged("format version " + std::to_string(static_cast<int>(bytes[0])) +
                   ", this program knows 1");
  }
  if (bytes[1] != codec_plain)
    return damaged("codec " + std::to_string(static_cast<int>(bytes[1])));
  google::protobuf::Arena arena;
  auto* stored = google::protobuf::Arena::CreateMessage<StoredVersion>(&arena);
  if (!stored->ParseFromArray(bytes.data() + 2, static_cast<int>(bytes.size() - 2)) ||
      stored->variants_size() == 0) {
    return damaged("its bytes are no variants");
  }
  std::vector<Variant> variants(static_cast<std::size_t>(stored->variants_size()));
  for (int i = 0; i < stored->variants_size(); ++i) {
    Variant& variant = variants[static_cast<std::size_t>(i)];
    if (!read_variant(stored->variants(i), &variant))
      return damaged("a field has no value we know");
    variant.fact.patient = patient;
    variant.fact.source = source;
    variant.fact.id = id;
    variant.fact.version = version;
  }
  return variants;
}

}  // namespace ketavigil::events
