#include "events/partition.h"

#include <gtest/gtest.h>

namespace ketavigil::events {
namespace {

// Vectors of Apache Kafka's own test of Utils.murmur2.
TEST(Partition, murmur2_is_kafkas) {
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("21")), -973932308);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("foobar")), -790332482);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("a-little-bit-long-string")), -985981536);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("a-little-bit-longer-string")), -1486304829);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")),
            -58897971);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("abc")), 479470107);
}

TEST(Partition, every_key_has_one_among_those_there_are) {
  for (const char* key : {"", "p-1", "p-9f3c", "\xC3\xA9"}) {
    EXPECT_EQ(partition_of(key, 1), 0);
    EXPECT_GE(partition_of(key, 12), 0);
    EXPECT_LT(partition_of(key, 12), 12);
  }
}

}  // namespace
}  // namespace ketavigil::events
