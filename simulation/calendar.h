// Days, instants and their RFC 3339 spelling, by whole numbers only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ketavigil::simulation {

/// Seconds since 1970-01-01T00:00:00Z: the unit of every instant in a simulated programme.
using Seconds = std::int64_t;

inline constexpr Seconds minute_s = 60;
inline constexpr Seconds hour_s = 3600;
inline constexpr Seconds day_s = 86'400;
inline constexpr Seconds week_s = 7 * day_s;

/// Days since 1970 of `YYYY-MM-DD`; nothing if it is no such day.
[[nodiscard]] std::optional<std::int64_t> parse_date(std::string_view text);

/// The same day of the month, that many months on; the month's last day where it is shorter.
[[nodiscard]] std::int64_t add_months(std::int64_t days, int months);

/// The year of a day.
[[nodiscard]] int year_of(std::int64_t days);

/// Whole days since 1970 of an instant at or after 1970, in UTC.
[[nodiscard]] inline std::int64_t day_of(Seconds instant) { return instant / day_s; }

/// The next Friday 17:00 UTC after an instant.
[[nodiscard]] Seconds next_friday_evening(Seconds instant);

/// Appends `YYYY-MM-DD`.
void append_date(std::string& out, std::int64_t days);

/// Appends `YYYY-MM-DDThh:mm:ss` and the offset: `Z` for 0, else `±hh:mm`.
void append_instant(std::string& out, Seconds instant, int offset_minutes);

/// Appends the same without any offset (which no intake may accept).
void append_local_instant(std::string& out, Seconds instant, int offset_minutes);

}  // namespace ketavigil::simulation
