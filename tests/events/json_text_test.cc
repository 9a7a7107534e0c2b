#include "events/json_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

namespace ketavigil::events {
namespace {

std::string number(double value) {
  std::string out;
  append_json_number(&out, value);
  return out;
}

// Vectors of RFC 8785, appendix B.
TEST(JsonNumber, prints_as_ecmascript_does) {
  EXPECT_EQ(number(0), "0");
  EXPECT_EQ(number(-0.0), "0");
  EXPECT_EQ(number(std::numeric_limits<double>::denorm_min()), "5e-324");
  EXPECT_EQ(number(-std::numeric_limits<double>::denorm_min()), "-5e-324");
  EXPECT_EQ(number(std::numeric_limits<double>::max()), "1.7976931348623157e+308");
  EXPECT_EQ(number(9007199254740992.0), "9007199254740992");
  EXPECT_EQ(number(295147905179352830000.0), "295147905179352830000");
  EXPECT_EQ(number(9.999999999999997e22), "9.999999999999997e+22");
  EXPECT_EQ(number(1e23), "1e+23");
  EXPECT_EQ(number(1e21), "1e+21");
  EXPECT_EQ(number(999999999999999900000.0), "999999999999999900000");
  EXPECT_EQ(number(1e-6), "0.000001");
  EXPECT_EQ(number(1e-7), "1e-7");
  EXPECT_EQ(number(0.000001234), "0.000001234");
  EXPECT_EQ(number(333333333.3333333), "333333333.3333333");
  EXPECT_EQ(number(-5.5), "-5.5");
}

TEST(JsonString, escapes_as_little_as_the_standard_asks) {
  std::string out;
  append_json_string(&out, "a\"\\/\b\f\n\r\t\x01\x1f\x7f€");
  EXPECT_EQ(out, "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f€\"");
}

TEST(Rounding, keeps_12_significant_digits_half_even_in_decimal) {
  EXPECT_EQ(round_to_12_digits(2.458333333333333), 2.45833333333);
  EXPECT_EQ(round_to_12_digits(0.1 + 0.2), 0.3);
  EXPECT_EQ(round_to_12_digits(1234567890122.5), 1234567890120.0);
  EXPECT_EQ(round_to_12_digits(-4.5), -4.5);
  EXPECT_EQ(round_to_12_digits(0), 0);
  EXPECT_EQ(round_to_12_digits(180), 180);
  EXPECT_EQ(round_to_12_digits(123456789012.5), 123456789012.0);  // half to even
  EXPECT_EQ(round_to_12_digits(123456789013.5), 123456789014.0);
}

TEST(Rounding, is_what_printing_12_digits_says_for_any_number) {
  std::uint64_t bits = 1;
  for (int i = 0; i < 20'000; ++i) {
    bits = bits * 6364136223846793005U + 1442695040888963407U;
    const double number = static_cast<double>(static_cast<std::int64_t>(bits)) /
                          static_cast<double>((bits >> 40) + 1) / (i % 3 == 0 ? 1e9 : 1.0);
    char text[40];
    std::snprintf(text, sizeof text, "%.11e", number);
    ASSERT_EQ(round_to_12_digits(number), std::strtod(text, nullptr)) << text;
  }
}

TEST(Sha256, gives_the_published_digests) {
  EXPECT_EQ(hexadecimal(sha256("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hexadecimal(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace ketavigil::events
