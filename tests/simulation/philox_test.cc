#include "simulation/philox.h"

#include <gtest/gtest.h>

namespace ketavigil::simulation {
namespace {

using Words = std::array<std::uint32_t, 4>;

// The known answers that the authors of the algorithm publish with Random123 (kat_vectors).
TEST(Philox, gives_the_published_answers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Draws, are_a_function_of_their_place_alone) {
  Draws first(7, 3, 2, Purpose::visit);
  Draws again(7, 3, 2, Purpose::visit);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(first.word(), again.word());
}

TEST(Draws, differ_by_seed_patient_step_and_purpose) {
  Draws base(7, 3, 2, Purpose::visit);
  const auto word = base.word();
  EXPECT_NE(word, Draws(8, 3, 2, Purpose::visit).word());
  EXPECT_NE(word, Draws(7 + (std::uint64_t{1} << 32), 3, 2, Purpose::visit).word());
  EXPECT_NE(word, Draws(7, 4, 2, Purpose::visit).word());
  EXPECT_NE(word, Draws(7, 3, 1, Purpose::visit).word());
  EXPECT_NE(word, Draws(7, 3, 2, Purpose::delivery).word());
}

TEST(Draws, whole_numbers_reach_both_bounds_and_nothing_beyond) {
  Draws draws(1, 1, 1, Purpose::traits);
  std::map<std::int64_t, int> seen;
  for (int i = 0; i < 6000; ++i) ++seen[draws.integer(-2, 3)];
  EXPECT_EQ(seen.size(), 6u);
  EXPECT_EQ(seen.begin()->first, -2);
  EXPECT_EQ(seen.rbegin()->first, 3);
  for (const auto& [value, count] : seen) EXPECT_NEAR(count, 1000, 150) << value;
}

TEST(Draws, normal_numbers_have_mean_0_and_deviation_1) {
  Draws draws(1, 1, 1, Purpose::traits);
  double sum = 0, squares = 0;
  constexpr int count = 40'000;
  for (int i = 0; i < count; ++i) {
    const double z = draws.normal();
    sum += z;
    squares += z * z;
  }
  EXPECT_NEAR(sum / count, 0, 0.02);
  EXPECT_NEAR(squares / count, 1, 0.03);
}

}  // namespace
}  // namespace ketavigil::simulation
