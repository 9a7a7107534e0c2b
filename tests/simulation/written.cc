#include "tests/simulation/written.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <sstream>

#include "simulation/calendar.h"
#include "tests/simulation/event_rules.h"

namespace ketavigil::simulation {

using nlohmann::json;

Written write(const ProgrammeOptions& options) {
  Written written;
  const Programme programme(options);
  std::ostringstream out;
  const Status status = programme.write_events(out, {}, written.counts);
  EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.error().message);
  if (!status.ok()) return written;
  written.events = std::move(out).str();
  written.truth = json::parse(programme.truth_json());
  std::istringstream lines(written.events);
  for (std::string line; std::getline(lines, line);) {
    json event = json::parse(line, nullptr, false);
    if (!event.is_discarded()) written.parsed.push_back(std::move(event));
    written.lines.push_back(line);
  }
  return written;
}

std::vector<json> current(const Written& written, const std::string& patient) {
  std::map<std::string, json> by_id;
  std::vector<std::string> gone;
  for (const json& event : written.parsed) {
    if (event.value("patient", "") != patient || !reason_to_refuse(event).empty()) continue;
    const std::string source = event["source"];
    // A duplicate of a first telling can come after the correction: the greater `recorded` counts.
    json& told = by_id[source + '/' + event["id"].get<std::string>()];
    if (told.is_null() || told["recorded"] <= event["recorded"]) told = event;
    if (event.contains("replaces"))
      gone.push_back(source + '/' + event["replaces"].get<std::string>());
  }
  for (const std::string& id : gone) by_id.erase(id);
  std::vector<json> events;
  for (const auto& [id, event] : by_id) {
    if (event.value("status", "") != "entered-in-error") events.push_back(event);
  }
  std::stable_sort(events.begin(), events.end(), [](const json& a, const json& b) {
    return seconds_of(a["effective"]) < seconds_of(b["effective"]);
  });
  return events;
}

std::int64_t seconds_of(const std::string& time) {
  const auto day = parse_date(time.substr(0, 10));
  EXPECT_TRUE(day) << time;
  if (!day || time.size() == 10) return day.value_or(0) * day_s;
  const auto number = [&](std::size_t at) { return std::stoi(time.substr(at, 2)); };
  const Seconds local = *day * day_s + number(11) * hour_s + number(14) * minute_s + number(17);
  if (time.at(19) == 'Z') return local;
  const Seconds offset = number(20) * hour_s + number(23) * minute_s;
  return time[19] == '-' ? local + offset : local - offset;
}

std::string sha256(const std::string& bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EXPECT_EQ(EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr), 1);
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += "0123456789abcdef"[digest[i] >> 4];
    text += "0123456789abcdef"[digest[i] & 15];
  }
  return text;
}

}  // namespace ketavigil::simulation
