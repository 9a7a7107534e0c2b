// Times of facts: instants with the offset they were given in, and bare dates.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ketavigil::events {

/// Microseconds since 1970-01-01T00:00:00Z. The unit of every instant in Ketavigil.
using Microseconds = std::int64_t;

inline constexpr Microseconds second_us = 1'000'000;
inline constexpr Microseconds minute_us = 60 * second_us;
inline constexpr Microseconds hour_us = 60 * minute_us;
/// "Day" in rules is 24 hours, not a day of the calendar (EVENTS, Times).
inline constexpr Microseconds day_us = 24 * hour_us;
inline constexpr Microseconds week_us = 7 * day_us;

/// A time as a fact gives it: an instant, or a bare date (a day without minutes, in its source's
/// zone).
struct Time {
  Microseconds us = 0;              ///< the instant; of a bare date, that day's midnight in UTC
  std::int16_t offset_minutes = 0;  ///< the offset given; 0 for a bare date
  bool bare_date = false;
  std::string spelling;  ///< the text as given, only where `print` would spell it otherwise

  friend bool operator==(const Time& a, const Time& b) {
    return a.us == b.us && a.bare_date == b.bare_date;
  }
};

/// An instant by RFC 3339 with an offset, or a bare date `YYYY-MM-DD`; nothing if it is neither, or
/// no such day exists. Finer than microseconds is cut; second 60 reads as 59.999999.
[[nodiscard]] std::optional<Time> parse_time(std::string_view text);

/// As `parse_time`, but an instant without offset reads as UTC (only for what is in quarantine).
[[nodiscard]] std::optional<Time> parse_time_leniently(std::string_view text);

/// A time as its fact gave it.
[[nodiscard]] std::string print_as_given(const Time& time);

/// An instant in UTC with `Z`; a fraction without trailing zeros, and only if it is not 0.
[[nodiscard]] std::string print_utc(Microseconds us);

/// `YYYY-MM-DD` of a bare date.
[[nodiscard]] std::string print_date(Microseconds midnight_us);

/// The midnight (UTC) of the day in which `us` lies; floors for times before 1970.
[[nodiscard]] Microseconds utc_midnight(Microseconds us);

/// The year in UTC of an instant.
[[nodiscard]] int utc_year(Microseconds us);

/// A time zone that says when a calendar day begins there. Immutable and thread-safe.
class Zone {
 public:
  Zone() = default;  ///< UTC
  /// The zone of this IANA name (`Europe/Berlin`), from the system's tzdata; nothing if unknown.
  [[nodiscard]] static std::optional<Zone> named(const std::string& name);
  /// First microsecond of the day whose UTC midnight is `midnight_us`.
  [[nodiscard]] Microseconds day_begins(Microseconds midnight_us) const;
  /// Last microsecond of that day.
  [[nodiscard]] Microseconds day_ends(Microseconds midnight_us) const {
    return day_begins(midnight_us + day_us) - 1;
  }
  /// UTC midnight of the calendar day in which the instant lies in this zone.
  [[nodiscard]] Microseconds day_of(Microseconds us) const;

 private:
  const void* zone_ = nullptr;  // a cctz zone that lives as long as the program; null is UTC
};

}  // namespace ketavigil::events
