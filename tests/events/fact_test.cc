#include "events/fact.h"

#include <gtest/gtest.h>

#include "events/decode.h"
#include "events/json_text.h"

namespace ketavigil::events {
namespace {

Fact fact_of(std::string_view json) {
  const DecodeSettings settings;
  Decoder decoder(settings);
  auto decoded = decoder.decode(json);
  EXPECT_TRUE(std::holds_alternative<Fact>(decoded)) << json;
  return std::get<Fact>(std::move(decoded));
}

constexpr std::string_view reading =
    R"({"source":"clinic-07","id":"bp-48213","patient":"p-9f3c","kind":"blood_pressure","effective":"2026-03-04T15:22:00+01:00",)"
    R"("recorded":"2026-03-04T15:40:11Z","session":"s-771","systolic":148,"diastolic":91.0,"phase":"peak","text":"note"})";

TEST(CanonicalForm, has_sorted_keys_defaults_and_times_as_microseconds) {
  EXPECT_EQ(
      canonical_form(fact_of(reading)),
      R"({"diastolic":91,"effective":1772634120000000,"id":"bp-48213","kind":"blood_pressure","patient":"p-9f3c",)"
      R"("phase":"peak","session":"s-771","source":"clinic-07","status":"final","systolic":148,"unit":"mm[Hg]","version":2})");
}

TEST(Digest, does_not_see_recorded_text_order_offset_or_unknown_fields) {
  const Fact other = fact_of(
      R"({"kind":"blood_pressure","unit":"mm[Hg]","x":[1],"patient":"p-9f3c","source":"clinic-07","id":"bp-48213","version":2,)"
      R"("status":"final","effective":"2026-03-04T14:22:00Z","recorded":"2026-03-05T15:40:11Z","session":"s-771",)"
      R"("diastolic":9.1e1,"systolic":148.0,"phase":"peak"})");
  EXPECT_EQ(digest_of(fact_of(reading)), digest_of(other));
}

TEST(Digest, sets_have_no_order_and_no_repetition) {
  const Fact a = fact_of(
      R"({"source":"s","id":"i","patient":"p","kind":"adverse_event","effective":"2026-03-04","name":"x","seriousness":["disability","death","death"]})");
  const Fact b = fact_of(
      R"({"source":"s","id":"i","patient":"p","kind":"adverse_event","effective":"2026-03-04","name":"x","seriousness":["death","disability"]})");
  EXPECT_EQ(digest_of(a), digest_of(b));
  EXPECT_NE(canonical_form(a).find(R"("effective":"2026-03-04")"), std::string::npos);
}

TEST(Version, follows_from_the_event_alone_where_it_is_absent) {
  const auto version = [](std::string_view status, std::string_view recorded) {
    std::string json =
        R"({"source":"s","id":"i","patient":"p","kind":"culture","effective":"2026-03-04","result":"positive")";
    if (!status.empty()) json += ",\"status\":\"" + std::string(status) + "\"";
    if (!recorded.empty()) json += ",\"recorded\":\"" + std::string(recorded) + "\"";
    return fact_of(json + "}").version;
  };
  EXPECT_EQ(version("preliminary", ""), 1);
  EXPECT_EQ(version("", ""), 2);
  EXPECT_EQ(version("corrected", ""), 3);
  EXPECT_EQ(version("entered-in-error", ""), 4);
  EXPECT_EQ(version("corrected", "2026-03-04T11:00:00Z"), 1772622000000);
  EXPECT_EQ(version("entered-in-error", "1970-01-01T00:00:00.001Z"), 5);
}

TEST(Print, gives_back_the_wire_format_with_defaults_and_without_unknown_fields) {
  EXPECT_EQ(
      print(fact_of(reading)),
      R"({"source":"clinic-07","id":"bp-48213","patient":"p-9f3c","kind":"blood_pressure","version":2,"status":"final",)"
      R"("effective":"2026-03-04T15:22:00+01:00","recorded":"2026-03-04T15:40:11Z","session":"s-771","text":"note",)"
      R"("systolic":148,"diastolic":91,"unit":"mm[Hg]","phase":"peak"})");
  EXPECT_EQ(print(fact_of(print(fact_of(reading)))), print(fact_of(reading)));
}

TEST(Print, a_long_text_is_cut_at_a_whole_character_and_says_so) {
  std::string words(1999, 'a');
  words += "é and more";
  const Fact fact = fact_of(
      R"({"source":"s","id":"i","patient":"p","kind":"culture","effective":"2026-03-04","result":"positive","text":")" +
      words + "\"}");
  EXPECT_TRUE(fact.text_cut);
  EXPECT_EQ(fact.text->size(), 1999U);
  EXPECT_NE(print(fact).find(R"(aaa","text_cut":true,"result")"), std::string::npos);
}

TEST(Retraction, keeps_only_what_it_retracts) {
  const Fact fact = fact_of(
      R"({"source":"s","id":"i","patient":"p","status":"entered-in-error","kind":"nonsense","systolic":"x","effective":5})");
  EXPECT_TRUE(fact.is_retraction());
  EXPECT_EQ(canonical_form(fact),
            R"({"id":"i","patient":"p","source":"s","status":"entered-in-error","version":4})");
}

TEST(Pressure, kilopascal_is_rounded_to_whole_millimetres) {
  const Fact fact = fact_of(
      R"({"source":"s","id":"i","patient":"p","kind":"blood_pressure","effective":"2026-03-04","systolic":16,"diastolic":10.6,"unit":"kPa"})");
  EXPECT_EQ(pressure_mmhg(fact, Field::systolic), 120);
  EXPECT_EQ(pressure_mmhg(fact, Field::diastolic), 80);
}

}  // namespace
}  // namespace ketavigil::events
