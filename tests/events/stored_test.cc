#include "events/stored.h"

#include <gtest/gtest.h>

#include "events/decode.h"

namespace ketavigil::events {
namespace {

TEST(StoredForm, gives_back_every_kind_of_field) {
  const DecodeSettings settings;
  Decoder decoder(settings);
  for (
      const char* json :
      {R"({"source":"s","id":"i","patient":"p","kind":"session","effective":"2026-03-04T15:22:00.25+01:00","compound":"ketamine","route":"IV","dose_mg":41.7,"weight_kg":80,"comedication":["b","a"],"unplanned":true,"plan":"x"})",
       R"({"source":"s","id":"i","patient":"p","kind":"score","effective":"2026-03-04","instrument":"phq-9","value":9,"items":[1,1,1,1,1,1,1,1,1],"text":"t"})",
       R"({"source":"s","id":"i","patient":"p","kind":"plan","effective":"2026-03-04T00:00:00.500+00:00","compound":"esketamine","route":"IN","dose_mg":84,"interval_days":7,"end":"2026-04-04","replaces":"j"})",
       R"({"source":"s","id":"i","patient":"p","kind":"covariate","effective":"2026-03-04","name":"crp","value":"high"})",
       R"({"source":"s","id":"i","patient":"p","status":"entered-in-error","recorded":"2026-03-04T15:22:00Z"})"}) {
    auto decoded = decoder.decode(json);
    ASSERT_TRUE(std::holds_alternative<Fact>(decoded)) << json;
    const Variant variant{std::get<Fact>(decoded), digest_of(std::get<Fact>(decoded))};
    const auto again =
        decode_variants(encode_variants({&variant}), "p", "s", "i", variant.fact.version);
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(print(again.value().front().fact), print(variant.fact));
    EXPECT_EQ(digest_of(again.value().front().fact), variant.digest);
  }
}

TEST(StoredForm, an_unknown_format_or_damage_is_an_error) {
  for (const std::string& bytes :
       {std::string(), std::string("\x02\x00", 2), std::string("\x01\x07", 2),
        std::string("\x01\x00", 2), std::string("\x01\x00\xff\xff\xff", 5)}) {
    EXPECT_FALSE(decode_variants(bytes, "p", "s", "i", 1).ok());
  }
}

TEST(ShownDelivery, is_the_one_recorded_first_then_the_smaller_text) {
  Fact a;
  Fact b;
  a.recorded = parse_time("2026-03-04T15:22:00Z");
  EXPECT_TRUE(shown_before(a, b));
  EXPECT_FALSE(shown_before(b, a));
  b.recorded = a.recorded;
  b.text = "x";
  EXPECT_TRUE(shown_before(b, a) != shown_before(a, b));
}

}  // namespace
}  // namespace ketavigil::events
