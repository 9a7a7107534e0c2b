#include "events/time.h"

#include <cctz/time_zone.h>

#include <charconv>
#include <deque>
#include <map>
#include <mutex>

namespace ketavigil::events {
namespace {

// Days since 1970-01-01 of a date of the proleptic Gregorian calendar (H. Hinnant,
// "chrono-Compatible Low-Level Date Algorithms", days_from_civil).
std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + static_cast<std::int64_t>(day_of_era) - 719468;
}

struct Civil {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

// The inverse (civil_from_days of the same source).
Civil civil_from_days(std::int64_t days) {
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146097);
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const unsigned day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted_month = (5 * day_of_year + 2) / 153;
  const unsigned day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  const unsigned month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  return {static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

unsigned days_in_month(int year, unsigned month) {
  static constexpr unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : days[month - 1];
}

// Reads exactly `count` digits at `at`.
bool digits(std::string_view text, std::size_t at, std::size_t count, int* value) {
  if (at + count > text.size()) return false;
  int result = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    result = result * 10 + (text[i] - '0');
  }
  *value = result;
  return true;
}

std::optional<std::int64_t> parse_date(std::string_view text) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (!digits(text, 0, 4, &year) || text[4] != '-' || !digits(text, 5, 2, &month) ||
      text[7] != '-' || !digits(text, 8, 2, &day)) {
    return std::nullopt;
  }
  if (year < 1 || month < 1 || month > 12 || day < 1 ||
      static_cast<unsigned>(day) > days_in_month(year, static_cast<unsigned>(month))) {
    return std::nullopt;
  }
  return days_from_civil(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
}

// The fraction of a second at `*at` (a point and at least one digit), cut to microseconds.
bool parse_fraction(std::string_view text, std::size_t* at, Microseconds* fraction_us) {
  if (*at >= text.size() || text[*at] != '.') return true;
  std::size_t i = *at + 1;
  Microseconds scale = 100'000;
  for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i, scale /= 10) {
    *fraction_us += (text[i] - '0') * scale;
  }
  if (i == *at + 1) return false;
  *at = i;
  return true;
}

std::optional<int> parse_offset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  int hours = 0;
  int minutes = 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':' ||
      !digits(text, 1, 2, &hours) || !digits(text, 4, 2, &minutes) || hours > 23 || minutes > 59) {
    return std::nullopt;
  }
  return (text[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
}

std::optional<Time> parse(std::string_view text, bool offset_needed) {
  if (text.size() < 10) return std::nullopt;
  const auto days = parse_date(text);
  if (!days) return std::nullopt;
  Time time;
  time.us = *days * day_us;
  if (text.size() == 10) {
    time.bare_date = true;
    return time;
  }
  int hour = 0;
  int minute = 0;
  int second = 0;
  if ((text[10] != 'T' && text[10] != 't') || text.size() < 19 || !digits(text, 11, 2, &hour) ||
      text[13] != ':' || !digits(text, 14, 2, &minute) || text[16] != ':' ||
      !digits(text, 17, 2, &second) || hour > 23 || minute > 59 || second > 60) {
    return std::nullopt;
  }
  std::size_t at = 19;
  Microseconds fraction_us = 0;
  if (!parse_fraction(text, &at, &fraction_us)) return std::nullopt;
  if (second == 60) {
    second = 59;
    fraction_us = 999'999;
  }
  const auto rest = text.substr(at);
  const auto offset = rest.empty() && !offset_needed ? std::optional<int>(0) : parse_offset(rest);
  if (!offset) return std::nullopt;
  time.us +=
      hour * hour_us + minute * minute_us + second * second_us + fraction_us - *offset * minute_us;
  time.offset_minutes = static_cast<std::int16_t>(*offset);
  if (print_as_given(time) != text) time.spelling = std::string(text);
  return time;
}

// Twelve of these stand in each fact that is read, since times are kept as they were spelt.
void append_padded(std::string* out, std::int64_t value, std::size_t width) {
  char buffer[24];
  char* digits = buffer;
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value);
  if (value < 0) out->push_back(*digits++);
  const auto size = static_cast<std::size_t>(end.ptr - digits);
  const std::size_t room = value < 0 ? width - 1 : width;  // the sign counts, as printf has it
  if (size < room) out->append(room - size, '0');
  out->append(digits, size);
}

// An instant shifted by its offset, without the offset's own text.
std::string print_local(Microseconds us) {
  const Microseconds midnight = utc_midnight(us);
  std::string out = print_date(midnight);
  const Microseconds in_day = us - midnight;
  out += 'T';
  append_padded(&out, in_day / hour_us, 2);
  out += ':';
  append_padded(&out, in_day / minute_us % 60, 2);
  out += ':';
  append_padded(&out, in_day / second_us % 60, 2);
  if (const Microseconds fraction = in_day % second_us; fraction != 0) {
    out += '.';
    append_padded(&out, fraction, 6);
    while (out.back() == '0') out.pop_back();
  }
  return out;
}

}  // namespace

std::optional<Time> parse_time(std::string_view text) { return parse(text, true); }

std::optional<Time> parse_time_leniently(std::string_view text) { return parse(text, false); }

std::string print_as_given(const Time& time) {
  if (!time.spelling.empty()) return time.spelling;
  if (time.bare_date) return print_date(time.us);
  std::string out = print_local(time.us + time.offset_minutes * minute_us);
  if (time.offset_minutes == 0) return out += 'Z';
  const int minutes = time.offset_minutes < 0 ? -time.offset_minutes : time.offset_minutes;
  out += time.offset_minutes < 0 ? '-' : '+';
  append_padded(&out, minutes / 60, 2);
  out += ':';
  append_padded(&out, minutes % 60, 2);
  return out;
}

std::string print_utc(Microseconds us) { return print_local(us) += 'Z'; }

std::string print_date(Microseconds midnight_us) {
  const Civil civil = civil_from_days(utc_midnight(midnight_us) / day_us);
  std::string out;
  out.reserve(27);
  append_padded(&out, civil.year, 4);
  out += '-';
  append_padded(&out, civil.month, 2);
  out += '-';
  append_padded(&out, civil.day, 2);
  return out;
}

Microseconds utc_midnight(Microseconds us) {
  const Microseconds remainder = us % day_us;
  return us - remainder - (remainder < 0 ? day_us : 0);
}

int utc_year(Microseconds us) {
  return static_cast<int>(civil_from_days(utc_midnight(us) / day_us).year);
}

std::optional<Zone> Zone::named(const std::string& name) {
  // Zones live as long as the program, so that a Zone is one pointer and copies freely.
  static std::mutex mutex;
  static std::map<std::string, cctz::time_zone> loaded;
  Zone zone;
  if (name == "UTC") return zone;
  const std::lock_guard lock(mutex);
  auto found = loaded.find(name);
  if (found == loaded.end()) {
    cctz::time_zone fresh;
    if (!cctz::load_time_zone(name, &fresh)) return std::nullopt;
    found = loaded.emplace(name, fresh).first;
  }
  zone.zone_ = &found->second;
  return zone;
}

Microseconds Zone::day_begins(Microseconds midnight_us) const {
  if (zone_ == nullptr) return midnight_us;
  const auto& zone = *static_cast<const cctz::time_zone*>(zone_);
  const Civil civil = civil_from_days(utc_midnight(midnight_us) / day_us);
  // Where the clocks skip midnight, the day begins at the first instant after the gap.
  const auto lookup = zone.lookup(
      cctz::civil_second(civil.year, static_cast<int>(civil.month), static_cast<int>(civil.day)));
  const auto begin =
      lookup.kind == cctz::time_zone::civil_lookup::SKIPPED ? lookup.trans : lookup.pre;
  return begin.time_since_epoch().count() * second_us;
}

Microseconds Zone::day_of(Microseconds us) const {
  if (zone_ == nullptr) return utc_midnight(us);
  const auto& zone = *static_cast<const cctz::time_zone*>(zone_);
  const Microseconds seconds = (us - (us % second_us + second_us) % second_us) / second_us;
  const auto civil = cctz::convert(cctz::time_point<cctz::seconds>(cctz::seconds(seconds)), zone);
  return days_from_civil(civil.year(), static_cast<unsigned>(civil.month()),
                         static_cast<unsigned>(civil.day())) *
         day_us;
}

}  // namespace ketavigil::events
