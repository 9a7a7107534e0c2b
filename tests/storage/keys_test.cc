#include "storage/keys.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdint>
#include <limits>
#include <string>
#include <tuple>

#include "storage/crc32c.h"

namespace ketavigil::storage {
namespace {

// Any bytes but 0, with the edges of the range often, so that prefixes and ties occur.
rc::Gen<std::string> identifiers() {
  return rc::gen::container<std::string>(
      rc::gen::oneOf(rc::gen::element('\x01', 'a', 'b', '\x7F', '\x80', '\xFF'),
                     rc::gen::distinctFrom(rc::gen::arbitrary<char>(), '\0')));
}

template <typename Number>
rc::Gen<Number> numbers() {
  return rc::gen::oneOf(
      rc::gen::arbitrary<Number>(),
      rc::gen::element<Number>(std::numeric_limits<Number>::min(), Number{0}, Number{1},
                               Number{255}, Number{256}, std::numeric_limits<Number>::max(),
                               static_cast<Number>(-1)));
}

using Tuple = std::tuple<std::string, std::int64_t, std::string, std::uint64_t>;

rc::Gen<Tuple> tuples() {
  return rc::gen::tuple(identifiers(), numbers<std::int64_t>(), identifiers(),
                        numbers<std::uint64_t>());
}

std::string key_of(const Tuple& tuple) {
  const auto& [first, second, third, fourth] = tuple;
  return std::move(KeyBuilder().text(first).i64(second).text(third).u64(fourth)).key();
}

// std::string compares bytes as unsigned (char_traits<char>::lt), as RocksDB does.
int sign(int number) { return (number > 0) - (number < 0); }

TEST(Keys, bytes_order_as_the_tuples_do) {
  EXPECT_TRUE(rc::check([] {
    const Tuple a = *tuples();
    Tuple b = *tuples();
    // Make ties of leading components frequent.
    if (*rc::gen::arbitrary<bool>()) std::get<0>(b) = std::get<0>(a);
    if (*rc::gen::arbitrary<bool>()) std::get<1>(b) = std::get<1>(a);
    if (*rc::gen::arbitrary<bool>()) std::get<2>(b) = std::get<2>(a);
    const int by_tuple = a < b ? -1 : (b < a ? 1 : 0);
    RC_ASSERT(sign(key_of(a).compare(key_of(b))) == by_tuple);
  }));
}

TEST(Keys, what_was_built_reads_back) {
  EXPECT_TRUE(rc::check([] {
    const Tuple tuple = *tuples();
    const std::string key = key_of(tuple) + "tail";
    KeyReader reader(key);
    const Tuple back{std::string(reader.text()), reader.i64(), std::string(reader.text()),
                     reader.u64()};
    RC_ASSERT(back == tuple);
    RC_ASSERT(reader.ok());
    RC_ASSERT(!reader.complete());
    RC_ASSERT(reader.rest() == "tail");
    RC_ASSERT(reader.complete());
  }));
}

TEST(Keys, prefix_end_bounds_exactly_the_keys_with_the_prefix) {
  EXPECT_TRUE(rc::check([] {
    const std::string prefix =
        *rc::gen::container<std::string>(rc::gen::element('\0', 'a', '\xFE', '\xFF'));
    const std::string key = *rc::gen::oneOf(
        rc::gen::map(rc::gen::arbitrary<std::string>(), [=](std::string s) { return prefix + s; }),
        rc::gen::container<std::string>(rc::gen::element('\0', 'a', '\xFE', '\xFF')));
    const std::string end = prefix_end(prefix);
    const bool within = key >= prefix && (end.empty() || key < end);
    RC_ASSERT(within == (key.compare(0, prefix.size(), prefix) == 0));
  }));
}

TEST(Keys, a_short_key_reads_as_not_ok) {
  KeyReader number("1234567");
  EXPECT_EQ(number.u64(), 0U);
  EXPECT_FALSE(number.ok());
  KeyReader text("no end");
  EXPECT_EQ(text.text(), "");
  EXPECT_FALSE(text.complete());
}

TEST(Crc32c, gives_the_published_values) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);              // the usual check value
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);    // RFC 3720 B.4
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43U);  // RFC 3720 B.4
  EXPECT_EQ(crc32c_extend(crc32c("1234"), "56789"), 0xE3069283U);
}

}  // namespace
}  // namespace ketavigil::storage
