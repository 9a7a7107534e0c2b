#include "detectors/patient/background.h"

#include <algorithm>

namespace ketavigil::detectors {
namespace {

using events::Field;
using events::Kind;

constexpr Microseconds cultures_kept_us = 400 * events::day_us;
constexpr Microseconds session_starts_kept_us = 56 * events::day_us;

template <typename Queue>
void bound(Queue* queue, std::size_t kept) {
  while (queue->size() > kept) queue->erase(queue->begin());
}

void take_enrolment(Background* background, const events::Fact& fact) {
  background->enrolled = true;
  const auto year = fact.number(Field::birth_year);
  background->birth_year = year ? std::optional<int>(static_cast<int>(*year)) : std::nullopt;
  const auto* conditions = fact.list(Field::conditions);
  if (conditions == nullptr) return;
  auto& listed = background->enrolment_conditions;  // at any enrolment: what was known stays known
  for (const auto& condition : *conditions) {
    const std::string code(code_of(condition));
    const bool is_new = std::find(listed.begin(), listed.end(), code) == listed.end();
    if (is_new && listed.size() < enrolment_conditions_kept) listed.push_back(code);
  }
}

void take_medication(Background* background, const events::Fact& fact) {
  auto& names = background->medications[std::string(fact.word(Field::medication_class))];
  const std::string name = lower_case(fact.word(Field::name));
  if (names.size() >= medication_names_kept && names.find(name) == names.end()) return;
  names[name] = fact.word(Field::action) != "stop";
}

void take_plan(Background* background, const RecordFact& fact) {
  PlanSeen plan;
  plan.evidence = fact.evidence();
  plan.compound = fact.fact->word(Field::compound);
  plan.route = fact.fact->word(Field::route);
  plan.dose_mg = fact.fact->number(Field::dose_mg).value_or(0);
  plan.interval_days = fact.fact->number(Field::interval_days).value_or(0);
  plan.titration = fact.fact->flag(Field::titration);
  plan.begins = fact.at;
  plan.ends = fact.plan_ends;
  background->plans.push_back(std::move(plan));
  bound(&background->plans, plans_kept);
}

void take_session(Background* background, const RecordFact& fact) {
  if (!background->first_session_at) background->first_session_at = fact.at;
  if (background->has_left) background->sessions_since_entry = 0;
  background->has_left = false;
  SessionSeen session;
  session.reference = {fact.fact->source, fact.fact->id, fact.at, fact.bare_date,
                       fact.bare_date ? fact.day_ends : fact.at + 240 * events::minute_us};
  session.evidence = fact.evidence();
  session.compound = fact.fact->word(Field::compound);
  session.route = fact.fact->word(Field::route);
  session.dose_mg = fact.fact->number(Field::dose_mg).value_or(0);
  session.plan = fact.fact->word(Field::plan);
  session.setting = fact.fact->word(Field::setting);
  session.unplanned = fact.fact->flag(Field::unplanned);
  session.number = ++background->sessions;
  session.since_entry = ++background->sessions_since_entry;
  background->newest_session = std::move(session);
  auto& starts = background->session_starts;
  starts.push_back(fact.at);
  while (starts.front() <= fact.at - session_starts_kept_us) starts.pop_front();
  bound(&starts, session_starts_kept);
  // What began before this one has come by now, or never will.
  std::erase_if(background->session_readings,
                [&](const SessionReadings& readings) { return readings.session.start < fact.at; });
}

void take_reading(Background* background, const RecordFact& fact) {
  if (!fact.session) return;
  ReadingSeen reading{fact.evidence(),   fact.at,      fact.bare_date, fact.phase,
                      fact.phase_stated, fact.minutes, fact.systolic,  fact.diastolic};
  if (!is_before_start(reading, *fact.session)) return;
  auto& all = background->session_readings;
  auto found = std::find_if(all.begin(), all.end(), [&](const SessionReadings& readings) {
    return readings.session.same(*fact.session);
  });
  if (found == all.end()) {
    all.push_back({*fact.session, {}});
    bound(&all, session_readings_kept);
    found = std::prev(all.end());
  }
  found->readings.push_back(std::move(reading));
  bound(&found->readings, readings_kept);
}

}  // namespace

bool Background::is_active(std::string_view medication_class) const {
  const auto found = medications.find(medication_class);
  return found != medications.end() && std::any_of(found->second.begin(), found->second.end(),
                                                   [](const auto& name) { return name.second; });
}

bool Background::positive_culture_within(Microseconds from, Microseconds until) const {
  return std::any_of(cultures.begin(), cultures.end(), [&](const CultureSeen& culture) {
    return culture.positive && culture.at >= from && culture.at <= until;
  });
}

std::optional<bool> Background::is_65_or_more(Microseconds at) const {
  if (!birth_year) return std::nullopt;
  return events::utc_year(at) - *birth_year >= 66;
}

const SessionReadings* Background::readings_of(const SessionReference& session) const {
  for (const auto& readings : session_readings) {
    if (readings.session.same(session)) return &readings;
  }
  return nullptr;
}

void step(Background* background, const RecordFact& fact) {
  const Kind kind = fact.kind();
  if (kind == Kind::session) return take_session(background, fact);
  if (kind == Kind::blood_pressure) return take_reading(background, fact);
  if (fact.fact->is_preliminary()) return;
  switch (kind) {
    case Kind::enrolment:
      return take_enrolment(background, *fact.fact);
    case Kind::medication:
      return take_medication(background, *fact.fact);
    case Kind::plan:
      return take_plan(background, fact);
    case Kind::exit:
      background->has_left = background->sessions > 0;
      return;
    case Kind::culture:
      background->cultures.push_back(
          {fact.evidence(), fact.at, fact.fact->word(Field::result) == "positive"});
      while (background->cultures.front().at < fact.at - cultures_kept_us)
        background->cultures.pop_front();
      return;
    case Kind::vital:
      if (fact.fact->word(Field::name) == "weight") {
        background->weight = {fact.at, fact.fact->number(Field::value).value_or(0)};
      }
      return;
    default:
      return;
  }
}

bool is_before_start(const ReadingSeen& reading, const SessionReference& session) {
  if (reading.phase != Phase::pre) return false;
  if (reading.bare_date || session.bare_date) return reading.phase_stated;
  return reading.at <= session.start;
}

Pressures pre_value(const SessionReadings& session) {
  Pressures value;
  for (const ReadingSeen& reading : session.readings) {
    if (!is_before_start(reading, session.session)) continue;
    if (reading.systolic) value.systolic = reading.systolic;
    if (reading.diastolic) value.diastolic = reading.diastolic;
  }
  return value;
}

std::vector<const ReadingSeen*> gate_readings(const SessionReadings& session) {
  constexpr Microseconds gate_us = 300 * events::second_us;
  std::vector<const ReadingSeen*> before;
  for (const ReadingSeen& reading : session.readings) {
    if (is_before_start(reading, session.session)) before.push_back(&reading);
  }
  if (before.empty()) return before;
  const Microseconds last = before.back()->at;
  std::erase_if(before, [&](const ReadingSeen* reading) { return last - reading->at >= gate_us; });
  return before;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view code_of(std::string_view system_and_code) {
  const auto bar = system_and_code.rfind('|');
  return bar == std::string_view::npos ? system_and_code : system_and_code.substr(bar + 1);
}

}  // namespace ketavigil::detectors
