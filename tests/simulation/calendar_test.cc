#include "simulation/calendar.h"

#include <gtest/gtest.h>

namespace ketavigil::simulation {
namespace {

std::string printed(Seconds instant, int offset_minutes) {
  std::string out;
  append_instant(out, instant, offset_minutes);
  return out;
}

TEST(Calendar, reads_days_that_exist_and_no_others) {
  EXPECT_EQ(parse_date("1970-01-01"), 0);
  EXPECT_EQ(parse_date("2023-01-02"), 19359);
  EXPECT_EQ(parse_date("2024-02-29"), 19782);
  for (const char* wrong : {"2023-02-29", "2023-13-01", "2023-1-02", "2023-01-02T00:00:00Z", "",
                            "20230102xx", "2023-00-10", "-023-01-02"}) {
    EXPECT_FALSE(parse_date(wrong)) << wrong;
  }
}

TEST(Calendar, months_end_on_the_last_day_where_the_day_is_missing) {
  EXPECT_EQ(add_months(*parse_date("2023-01-02"), 12), parse_date("2024-01-02"));
  EXPECT_EQ(add_months(*parse_date("2023-10-31"), 4), parse_date("2024-02-29"));
}

TEST(Calendar, prints_instants_with_the_offset) {
  const Seconds instant = 19359 * day_s + 23 * hour_s + 59 * minute_s + 7;
  EXPECT_EQ(printed(instant, 0), "2023-01-02T23:59:07Z");
  EXPECT_EQ(printed(instant, 60), "2023-01-03T00:59:07+01:00");
  EXPECT_EQ(printed(instant, -330), "2023-01-02T18:29:07-05:30");
}

TEST(Calendar, the_next_friday_evening_is_later) {
  const Seconds friday = *parse_date("2023-01-06") * day_s + 17 * hour_s;
  EXPECT_EQ(next_friday_evening(friday - 1), friday);
  EXPECT_EQ(next_friday_evening(friday), friday + week_s);
  EXPECT_EQ(next_friday_evening(friday - week_s), friday);
}

}  // namespace
}  // namespace ketavigil::simulation
