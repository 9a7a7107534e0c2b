#include "events/decode.h"

#include <gtest/gtest.h>

namespace ketavigil::events {
namespace {

class DecodeTest : public ::testing::Test {
 protected:
  Decoded decode(std::string_view json) { return decoder_.decode(json); }
  std::string reason(std::string_view json) {
    const auto decoded = decode(json);
    const auto* rejection = std::get_if<Rejection>(&decoded);
    return rejection == nullptr
               ? "accepted"
               : rejection->reason + (rejection->field.empty() ? "" : " " + rejection->field);
  }
  // A blood pressure with these fields beside the needed ones.
  static std::string pressure(const std::string& fields) {
    return R"({"source":"s","id":"i","patient":"p","kind":"blood_pressure","effective":"2026-03-04T10:00:00Z",)" +
           fields + "}";
  }
  static std::string of_kind(const std::string& kind, const std::string& fields) {
    return R"({"source":"s","id":"i","patient":"p","kind":")" + kind +
           R"(","effective":"2026-03-04T10:00:00Z")" + (fields.empty() ? "" : "," + fields) + "}";
  }
  DecodeSettings settings_;
  Decoder decoder_{settings_};
};

TEST_F(DecodeTest, malformed_is_what_is_no_json_by_the_letter) {
  for (const std::string& json :
       {std::string(""), std::string("{"), pressure(R"("systolic":NaN)"),
        pressure(R"("systolic":1e999)"), pressure(R"("systolic":120,"systolic":121)"),
        pressure(R"("text":"\ud800")"), pressure(R"("text":"\u0000")"),
        pressure("\"text\":\"\xff\""), std::string("[1]"), std::string("7"),
        pressure(R"("systolic":01)"), std::string("\xEF\xBB\xBF{}"),
        pressure(R"("x":{"y":1,"y":2})"), std::string("{} {}")}) {
    EXPECT_EQ(reason(json), "malformed") << json;
  }
}

TEST_F(DecodeTest, a_whole_number_beyond_64_bits_is_a_double_like_any_other) {
  EXPECT_EQ(
      reason(pressure(
          R"("systolic":231,"device":{"serial":98765432109876543210}, "text":"a \" 98765432109876543210")")),
      "accepted");
  EXPECT_EQ(reason(pressure(R"("systolic":-18446744073709551616)")), "implausible systolic");
  EXPECT_EQ(reason(pressure(R"("systolic":)" + std::string(400, '9'))), "malformed");
  const auto decoded =
      decode(of_kind("covariate", R"("name":"crp","value":100000000000000000000)"));
  ASSERT_TRUE(std::holds_alternative<Fact>(decoded));
  EXPECT_EQ(std::get<Fact>(decoded).number(Field::value), 1e20);
}

TEST_F(DecodeTest, depth_of_32_passes_and_33_does_not) {
  const auto nested = [](int levels) {  // the event itself is the first
    return pressure(
        "\"systolic\":120,\"x\":" + std::string(static_cast<std::size_t>(levels - 1), '[') +
        std::string(static_cast<std::size_t>(levels - 1), ']'));
  };
  EXPECT_EQ(reason(nested(32)), "accepted");
  EXPECT_EQ(reason(nested(33)), "malformed");
  EXPECT_EQ(reason(std::string(100'000, '[')), "malformed");
}

TEST_F(DecodeTest, an_event_over_1_mib_is_malformed) {
  const std::string frame = pressure(R"("systolic":120,"text":"")");
  const std::string fits = pressure("\"systolic\":120,\"text\":\"" +
                                    std::string(event_bytes_max - frame.size(), 'a') + "\"");
  ASSERT_EQ(fits.size(), event_bytes_max);
  EXPECT_EQ(reason(fits), "accepted");
  EXPECT_EQ(reason(fits + " "), "malformed");
}

TEST_F(DecodeTest, missing_names_the_first_field_of_the_tables_and_null_is_absent) {
  EXPECT_EQ(reason(R"({})"), "missing source");
  EXPECT_EQ(reason(R"({"source":"s","id":null,"patient":"p"})"), "missing id");
  EXPECT_EQ(reason(R"({"source":"s","id":"i","kind":"culture"})"), "missing patient");
  EXPECT_EQ(reason(R"({"source":"s","id":"i","patient":"p"})"), "missing kind");
  EXPECT_EQ(reason(R"({"source":"s","id":"i","patient":"p","kind":"culture"})"),
            "missing effective");
  EXPECT_EQ(reason(of_kind("session", R"("route":"IV")")), "missing compound");
  EXPECT_EQ(reason(pressure(R"("unit":"mm[Hg]")")), "missing systolic");
  EXPECT_EQ(reason(of_kind("enrolment", "")), "missing site");
}

TEST_F(DecodeTest,
       missing_is_told_before_type_and_type_before_unknown_and_that_before_implausible) {
  EXPECT_EQ(reason(of_kind("session", R"("compound":5,"route":"IV")")), "missing dose_mg");
  EXPECT_EQ(reason(of_kind("session", R"("compound":"x","route":7,"dose_mg":-1)")), "type route");
  EXPECT_EQ(reason(of_kind("session", R"("compound":"x","route":"IV","dose_mg":-1)")),
            "unknown-compound compound");
  EXPECT_EQ(reason(of_kind("session", R"("compound":"ketamine","route":"IV","dose_mg":0)")),
            "implausible dose_mg");
}

TEST_F(DecodeTest, types_are_not_converted) {
  EXPECT_EQ(reason(pressure(R"("systolic":"120")")), "type systolic");
  EXPECT_EQ(reason(of_kind("score", R"("instrument":"moca","value":26,"administration":1.5)")),
            "type administration");
  EXPECT_EQ(
      reason(of_kind(
          "plan",
          R"("compound":"ketamine","route":"IV","dose_mg":40,"interval_days":7,"titration":"yes")")),
      "type titration");
  EXPECT_EQ(reason(of_kind("enrolment", R"("site":"n","conditions":"x|1")")), "type conditions");
  EXPECT_EQ(
      reason(
          R"({"source":"s","id":"i","patient":"p","kind":"culture","result":"positive","effective":"2026-03-04T10:00:00"})"),
      "type effective");
  EXPECT_EQ(
      reason(
          R"({"source":"s","id":"i","patient":"p","kind":"culture","result":"positive","effective":"2026-02-30"})"),
      "type effective");
  EXPECT_EQ(reason(pressure(R"("systolic":120,"version":0)")), "type version");
  EXPECT_EQ(reason(pressure(R"("systolic":120,"version":9007199254740992)")), "type version");
  EXPECT_EQ(reason(pressure(R"("systolic":120,"version":9007199254740991)")), "accepted");
}

TEST_F(DecodeTest, identifiers_are_1_to_128_bytes_without_control_characters) {
  const auto with_id = [&](const std::string& id) {
    return reason(
        R"({"source":"s","id":")" + id +
        R"(","patient":"p","kind":"culture","effective":"2026-03-04","result":"positive"})");
  };
  EXPECT_EQ(with_id(std::string(128, 'x')), "accepted");
  EXPECT_EQ(with_id(std::string(129, 'x')), "type id");
  EXPECT_EQ(with_id(""), "type id");
  EXPECT_EQ(with_id("a\\u0085b"), "type id");
  EXPECT_EQ(with_id("a\\u007fb"), "type id");
  EXPECT_EQ(with_id("a\\u00a0b"), "accepted");
}

TEST_F(DecodeTest, unknown_words_are_named_with_their_place) {
  EXPECT_EQ(reason(of_kind("potion", "")), "unknown-kind kind");
  EXPECT_EQ(reason(pressure(R"("systolic":120,"status":"done")")), "unknown-status status");
  EXPECT_EQ(reason(pressure(R"("systolic":120,"unit":"psi")")), "unknown-unit unit");
  EXPECT_EQ(reason(pressure(R"("systolic":120,"symptoms":["seizure","itch"])")),
            "unknown-symptoms symptoms[1]");
  EXPECT_EQ(reason(of_kind("score", R"("instrument":"iq","value":100)")),
            "unknown-instrument instrument");
  EXPECT_EQ(reason(of_kind("vital", R"("name":"weight","value":80,"unit":"g")")),
            "unknown-unit unit");
  EXPECT_EQ(reason(of_kind("lab", R"("code":"1742-6","value":80,"unit":"mg")")),
            "unknown-unit unit");
  EXPECT_EQ(reason(of_kind("lab", R"("code":"9999-9","value":80,"unit":"mg")")), "accepted");
}

TEST_F(DecodeTest, plausible_ranges_include_their_bounds) {
  EXPECT_EQ(reason(pressure(R"("systolic":300,"diastolic":200)")), "accepted");
  EXPECT_EQ(reason(pressure(R"("systolic":301)")), "implausible systolic");
  EXPECT_EQ(reason(pressure(R"("systolic":49)")), "implausible systolic");
  EXPECT_EQ(reason(pressure(R"("diastolic":19)")), "implausible diastolic");
  EXPECT_EQ(reason(pressure(R"("systolic":100,"diastolic":91)")), "implausible systolic");
  EXPECT_EQ(reason(pressure(R"("systolic":100,"diastolic":90)")), "accepted");
  EXPECT_EQ(reason(of_kind("score", R"("instrument":"moca","value":31)")), "implausible value");
  EXPECT_EQ(reason(of_kind("symptom", R"("code":"syncope","severity":6)")), "implausible severity");
  EXPECT_EQ(reason(of_kind("adverse_event", R"("name":"x","ctcae":0)")), "implausible ctcae");
  EXPECT_EQ(reason(of_kind("score", R"("instrument":"phq-9","value":9,"items":[1,1,1,1,1,1,1,1])")),
            "type items");
  EXPECT_EQ(
      reason(of_kind("score", R"("instrument":"phq-9","value":9,"items":[1,1,1,1,1,1,1,1,4])")),
      "implausible items[8]");
  // Rounded to whole mmHg first: 39.99 kPa is 300.
  EXPECT_EQ(reason(pressure(R"("systolic":40.06,"unit":"kPa")")), "accepted");
  EXPECT_EQ(reason(pressure(R"("systolic":40.07,"unit":"kPa")")), "implausible systolic");
}

TEST_F(DecodeTest, what_lies_more_than_ten_minutes_ahead_is_the_future) {
  const auto recorded = [&](const std::string& at,
                            const std::string& effective = "2026-03-04T10:00:00Z") {
    return reason(
        R"({"source":"s","id":"i","patient":"p","kind":"culture","result":"positive","effective":")" +
        effective + R"(","recorded":")" + at + "\"}");
  };
  EXPECT_EQ(recorded("2026-03-04T09:50:00Z"), "accepted");
  EXPECT_EQ(recorded("2026-03-04T09:49:59Z"), "future effective");
  EXPECT_EQ(recorded("2026-03-03T10:00:00Z", "2026-03-04"),
            "accepted");  // that day began at UTC+14
  EXPECT_EQ(recorded("2026-03-03T09:49:00Z", "2026-03-04"), "future effective");
}

TEST_F(DecodeTest, the_senders_clock_is_held_against_the_log) {
  const std::string json =
      R"({"source":"s","id":"i","patient":"p","kind":"culture","result":"positive","effective":"2026-03-04T10:00:00Z","recorded":"2026-03-04T10:00:00Z"})";
  const auto received = parse_time("2026-03-04T09:50:00Z")->us;
  EXPECT_TRUE(std::holds_alternative<Fact>(decoder_.decode(json, {}, received)));
  const auto late = decoder_.decode(json, {}, received - 1);
  ASSERT_TRUE(std::holds_alternative<Rejection>(late));
  EXPECT_EQ(std::get<Rejection>(late).reason, "clock");
  EXPECT_TRUE(std::get<Rejection>(late).readable);
}

TEST_F(DecodeTest, what_is_refused_is_read_as_far_as_it_can_be) {
  const auto decoded = decode(
      R"({"source":"s","id":"i","patient":"p","kind":"blood_pressure","version":"7","effective":"2026-03-04T10:00:00","systolic":"260","diastolic":140,"unit":"mmHg"})");
  ASSERT_TRUE(std::holds_alternative<Rejection>(decoded));
  const auto& readable = std::get<Rejection>(decoded).readable;
  ASSERT_TRUE(readable);
  EXPECT_EQ(readable->version, 7);
  EXPECT_EQ(readable->number(Field::systolic), 260);
  EXPECT_EQ(pressure_mmhg(*readable, Field::diastolic), 140);
  EXPECT_EQ(print_utc(readable->effective.us), "2026-03-04T10:00:00Z");
}

TEST_F(DecodeTest, nothing_is_read_without_patient_source_id_kind_and_time) {
  for (
      const char* json :
      {R"({"source":"s","id":"i","kind":"blood_pressure","effective":"2026-03-04","systolic":260})",
       R"({"source":"s","id":"i","patient":"p","effective":"2026-03-04","systolic":260})",
       R"({"source":"s","id":"i","patient":"p","kind":"blood_pressure","systolic":260})"}) {
    const auto decoded = decode(json);
    ASSERT_TRUE(std::holds_alternative<Rejection>(decoded)) << json;
    EXPECT_FALSE(std::get<Rejection>(decoded).readable) << json;
  }
}

TEST_F(DecodeTest, configured_words_are_known) {
  settings_.compounds = {"r-ketamine"};
  settings_.instruments = {{"wemwbs", 14, 70}};
  EXPECT_EQ(reason(of_kind("session", R"("compound":"r-ketamine","route":"IV","dose_mg":40)")),
            "accepted");
  EXPECT_EQ(reason(of_kind("score", R"("instrument":"wemwbs","value":70)")), "accepted");
  EXPECT_EQ(reason(of_kind("score", R"("instrument":"wemwbs","value":71)")), "implausible value");
}

TEST_F(DecodeTest, a_heartbeat_needs_no_patient) {
  EXPECT_EQ(
      reason(R"({"source":"s","id":"h","kind":"heartbeat","effective":"2026-03-04T10:00:00Z"})"),
      "accepted");
}

TEST_F(DecodeTest, a_default_source_fills_in_only_where_none_is_named) {
  const auto named = decoder_.decode(of_kind("culture", R"("result":"positive")"), "file");
  EXPECT_EQ(std::get<Fact>(named).source, "s");
  const auto unnamed = decoder_.decode(
      R"({"id":"i","patient":"p","kind":"culture","effective":"2026-03-04","result":"positive"})",
      "file");
  EXPECT_EQ(std::get<Fact>(unnamed).source, "file");
}

}  // namespace
}  // namespace ketavigil::events
