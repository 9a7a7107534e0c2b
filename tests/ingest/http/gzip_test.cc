#include "ingest/http/gzip.h"

#include <zlib.h>

#include "tests/ingest/http/gzip_text.h"

namespace ketavigil {
namespace {

using ingest::http::inflate_gzip;
using ingest::http::Inflated;
using test::gzip;

TEST(Gzip, what_was_deflated_comes_back) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{65'536}, std::size_t{1'000'000}}) {
    std::string text;
    while (text.size() < size) text += "line " + std::to_string(text.size()) + "\n";
    std::string out;
    EXPECT_EQ(inflate_gzip(gzip(text), text.size(), &out), Inflated::ok);
    EXPECT_EQ(out, text);
  }
}

TEST(Gzip, members_one_after_another_are_one_text) {
  std::string out;
  EXPECT_EQ(inflate_gzip(gzip("one ") + gzip("two"), 100, &out), Inflated::ok);
  EXPECT_EQ(out, "one two");
}

TEST(Gzip, bound_holds_to_the_byte) {
  const std::string text(5'000'000, 'a');  // 5 kB deflated
  std::string out;
  EXPECT_EQ(inflate_gzip(gzip(text), text.size(), &out), Inflated::ok);
  EXPECT_EQ(inflate_gzip(gzip(text), text.size() - 1, &out), Inflated::too_large);
  EXPECT_LE(out.size(), text.size());
  EXPECT_EQ(inflate_gzip(gzip(text), 1'000, &out), Inflated::too_large);
  EXPECT_LE(out.size(), 1'001U);
}

TEST(Gzip, damage_is_told) {
  const std::string whole = gzip("some text that is long enough to be cut in the middle");
  std::string out;
  EXPECT_EQ(inflate_gzip("", 100, &out), Inflated::damaged);
  EXPECT_EQ(inflate_gzip("{}", 100, &out), Inflated::damaged);
  EXPECT_EQ(inflate_gzip(whole + "x", 100, &out), Inflated::damaged);
  for (std::size_t size = 1; size < whole.size(); ++size) {
    EXPECT_EQ(inflate_gzip(whole.substr(0, size), 100, &out), Inflated::damaged) << size;
  }
  std::string wrong_sum = whole;
  wrong_sum[whole.size() - 8] = static_cast<char>(wrong_sum[whole.size() - 8] ^ 1);
  EXPECT_EQ(inflate_gzip(wrong_sum, 100, &out), Inflated::damaged);
}

}  // namespace
}  // namespace ketavigil
