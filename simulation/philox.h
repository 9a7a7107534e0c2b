// The counter-based generator of every simulated number.
//
// Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC
// 2011. A number is a pure function of (seed, patient, step, purpose, position): nobody's numbers
// depend on who came before him, so a programme is the same bytes in any order of work and on any
// machine.
#pragma once

#include <array>
#include <cstdint>

namespace ketavigil::simulation {

/// One block of Philox4x32-10: four words from a counter of four and a key of two.
[[nodiscard]] std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                                      std::array<std::uint32_t, 2> key);

/// What a sequence of draws is for; part of the counter, so that sequences never overlap.
enum class Purpose : std::uint32_t {
  profile = 1,     ///< who a patient is: site, regimen, sex, age
  traits = 2,      ///< his resting values, scores, times
  harm_rank = 3,   ///< which patients a planting takes; the step is the planting
  harm_onset = 4,  ///< when and how the harm begins
  visit = 5,       ///< what a visit finds; the step is the visit
  delivery = 6,    ///< how a fact travels; the step is the fact
  noise = 7,       ///< what a visit's noise is; the step is the visit
  shift = 8,  ///< how a site (in the patient's place) and its raters measure; the step is 0, or the
              ///< year
  oracle = 9,     ///< errors of what an oracle sees; the step is the twin
  expected = 10,  ///< visits of the patients who are played for the rates of rules
};

/// A sequence of draws by inverse transform. Bounded by 2^34 draws. Not thread-safe, cheap to make.
///
/// C++ leaves the order of operands and arguments open: at most one draw may stand in an
/// expression, or two compilers would give two programmes.
class Draws {
 public:
  Draws(std::uint64_t seed, std::uint32_t patient, std::uint32_t step, Purpose purpose)
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
        counter_{0, step, patient, static_cast<std::uint32_t>(purpose)} {}

  /// The next 32 bits.
  [[nodiscard]] std::uint32_t word() {
    if (used_ == 4) {
      block_ = philox4x32(counter_, key_);
      ++counter_[0];
      used_ = 0;
    }
    return block_[used_++];
  }
  /// In (0, 1), exclusive: (word + ½) / 2^32, which a double holds exactly.
  [[nodiscard]] double uniform() { return (static_cast<double>(word()) + 0.5) / 4294967296.0; }
  /// Standard normal, |z| < 6.4.
  [[nodiscard]] double normal();
  /// A whole number in [least, greatest], both included; greatest − least < 2^32.
  [[nodiscard]] std::int64_t integer(std::int64_t least, std::int64_t greatest) {
    const auto width = static_cast<std::uint64_t>(greatest - least) + 1;
    return least + static_cast<std::int64_t>((word() * width) >> 32);
  }
  /// True with this probability.
  [[nodiscard]] bool chance(double probability) { return uniform() < probability; }

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> block_{};
  int used_ = 4;
};

}  // namespace ketavigil::simulation
