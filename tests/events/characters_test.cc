#include "events/characters.h"

#include <gtest/gtest.h>

namespace ketavigil::events {
namespace {

TEST(Characters, of_control_are_those_of_both_blocks_and_nothing_beside_them) {
  for (const std::string_view text : {"\n", "a\x1b[31m", "\x7f", "\xC2\x80", "x\xC2\x9F"})
    EXPECT_TRUE(has_control_characters(text)) << text;
  // A no-break space, a letter with C2-like bytes, a byte that begins nothing.
  for (const std::string_view text : {"", "a b", "\xC2\xA0", "\xC3\x85", "\xC2"})
    EXPECT_FALSE(has_control_characters(text)) << text;
}

TEST(Characters, line_and_paragraph_separators_end_a_line_too) {
  EXPECT_FALSE(
      is_one_line("a\xE2\x80\xA8"
                  "b"));
  EXPECT_FALSE(
      is_one_line("a\xE2\x80\xA9"
                  "b"));
  EXPECT_FALSE(is_one_line("a\nb"));
  EXPECT_TRUE(is_one_line("a \xE2\x80\x93 b"));  // an en dash
}

TEST(Characters, of_control_are_shown_byte_by_byte_and_the_rest_stays) {
  EXPECT_EQ(escaped_controls("a\x1b[31m\xC2\x85 \xC3\xA9\xE2\x80\xA8"),
            "a\\x1b[31m\\xc2\\x85 \xC3\xA9\\xe2\\x80\\xa8");
}

}  // namespace
}  // namespace ketavigil::events
