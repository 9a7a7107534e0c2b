#include "events/time.h"

#include <gtest/gtest.h>

namespace ketavigil::events {
namespace {

TEST(Time, instants_are_microseconds_in_utc_and_keep_their_offset) {
  const auto time = parse_time("2026-03-04T15:22:00+01:00");
  ASSERT_TRUE(time);
  EXPECT_EQ(print_utc(time->us), "2026-03-04T14:22:00Z");
  EXPECT_EQ(print_as_given(*time), "2026-03-04T15:22:00+01:00");
  EXPECT_TRUE(time->spelling.empty());
}

TEST(Time, finer_than_microseconds_is_cut) {
  EXPECT_EQ(parse_time("2026-03-04T15:22:00.1234569Z")->us % second_us, 123456);
}

TEST(Time, second_60_reads_as_the_last_microsecond_of_59) {
  EXPECT_EQ(print_utc(parse_time("2016-12-31T23:59:60Z")->us), "2016-12-31T23:59:59.999999Z");
  EXPECT_EQ(print_as_given(*parse_time("2016-12-31T23:59:60Z")), "2016-12-31T23:59:60Z");
}

TEST(Time, a_spelling_of_its_own_is_kept) {
  EXPECT_EQ(print_as_given(*parse_time("2026-03-04T15:22:00.500+00:00")),
            "2026-03-04T15:22:00.500+00:00");
  EXPECT_EQ(print_utc(parse_time("2026-03-04T15:22:00.500+00:00")->us), "2026-03-04T15:22:00.5Z");
}

TEST(Time, a_bare_date_is_a_day_without_minutes) {
  const auto date = parse_time("2024-02-29");
  ASSERT_TRUE(date);
  EXPECT_TRUE(date->bare_date);
  EXPECT_EQ(print_as_given(*date), "2024-02-29");
}

TEST(Time, what_is_no_time_is_refused) {
  for (const char* text :
       {"", "2023-02-29", "2026-13-01", "2026-00-10", "2026-03-04T15:22:00", "2026-03-04T15:22Z",
        "2026-03-04T24:00:00Z", "2026-03-04T15:60:00Z", "2026-03-04T15:22:61Z",
        "2026-03-04T15:22:00.Z", "2026-03-04 15:22:00Z", "2026-03-04T15:22:00+1:00", "2026-3-4",
        "0000-01-01", "2026-03-04T15:22:00Z ", "1e9", "2026-03-04T15:22:00+24:00"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(Time, only_quarantine_reads_a_time_without_offset_as_utc) {
  EXPECT_EQ(parse_time_leniently("2026-03-04T15:22:00")->us,
            parse_time("2026-03-04T15:22:00Z")->us);
}

TEST(Time, before_1970_days_are_floored) {
  const auto time = parse_time("1969-12-31T23:00:00Z");
  EXPECT_EQ(print_utc(utc_midnight(time->us)), "1969-12-31T00:00:00Z");
  EXPECT_EQ(utc_year(time->us), 1969);
}

TEST(Zone, a_bare_date_begins_and_ends_in_its_zone_also_when_clocks_change) {
  const auto berlin = Zone::named("Europe/Berlin");
  ASSERT_TRUE(berlin);
  const Microseconds changed = parse_time("2026-03-29")->us;  // 23 hours long
  EXPECT_EQ(print_utc(berlin->day_begins(changed)), "2026-03-28T23:00:00Z");
  EXPECT_EQ(print_utc(berlin->day_ends(changed)), "2026-03-29T21:59:59.999999Z");
  EXPECT_EQ(berlin->day_of(parse_time("2026-03-28T23:30:00Z")->us), changed);
  EXPECT_EQ(print_utc(Zone().day_begins(changed)), "2026-03-29T00:00:00Z");
  EXPECT_FALSE(Zone::named("Europe/Atlantis"));
}

}  // namespace
}  // namespace ketavigil::events
