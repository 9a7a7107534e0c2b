#include "simulation/calendar.h"

#include <charconv>
#include <chrono>

namespace ketavigil::simulation {
namespace {

std::chrono::year_month_day civil(std::int64_t days) {
  return std::chrono::year_month_day(
      std::chrono::sys_days(std::chrono::days(static_cast<int>(days))));
}

std::optional<int> digits(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.front() == '-') {
    return std::nullopt;
  }
  return value;
}

void append_two(std::string& out, unsigned value) {
  out += static_cast<char>('0' + value / 10);
  out += static_cast<char>('0' + value % 10);
}

}  // namespace

std::optional<std::int64_t> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = digits(text.substr(0, 4));
  const auto month = digits(text.substr(5, 2));
  const auto day = digits(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

std::int64_t add_months(std::int64_t days, int months) {
  std::chrono::year_month_day date = civil(days) + std::chrono::months(months);
  if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

int year_of(std::int64_t days) { return static_cast<int>(civil(days).year()); }

Seconds next_friday_evening(Seconds instant) {
  // 1970-01-02 was a Friday.
  constexpr Seconds first = day_s + 17 * hour_s;
  return first + ((instant - first) / week_s + 1) * week_s;
}

void append_date(std::string& out, std::int64_t days) {
  const auto date = civil(days);
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  append_two(out, year / 100);
  append_two(out, year % 100);
  out += '-';
  append_two(out, static_cast<unsigned>(date.month()));
  out += '-';
  append_two(out, static_cast<unsigned>(date.day()));
}

void append_local_instant(std::string& out, Seconds instant, int offset_minutes) {
  const Seconds local = instant + offset_minutes * minute_s;
  append_date(out, day_of(local));
  const auto second = static_cast<unsigned>(local % day_s);
  out += 'T';
  append_two(out, second / 3600);
  out += ':';
  append_two(out, second / 60 % 60);
  out += ':';
  append_two(out, second % 60);
}

void append_instant(std::string& out, Seconds instant, int offset_minutes) {
  append_local_instant(out, instant, offset_minutes);
  if (offset_minutes == 0) {
    out += 'Z';
    return;
  }
  const auto size = static_cast<unsigned>(offset_minutes < 0 ? -offset_minutes : offset_minutes);
  out += offset_minutes < 0 ? '-' : '+';
  append_two(out, size / 60);
  out += ':';
  append_two(out, size % 60);
}

}  // namespace ketavigil::simulation
