// The scores of a visit, and how planted harms move them.
#include <algorithm>

#include "simulation/normal.h"
#include "simulation/visit.h"

namespace ketavigil::simulation {
namespace {

/// An instrument: its range (EVENTS, Instruments) and how far a typist's slip goes.
struct Scale {
  std::string_view instrument;
  int least;
  int greatest;
  int slip;
};
constexpr Scale madrs{"madrs", 0, 60, 9}, phq_9{"phq-9", 0, 27, 5}, cgi{"cgi-s", 1, 7, 1},
    c_ssrs{"c-ssrs-ideation", 0, 2, 1}, craving{"craving-vas", 0, 3, 1}, bpic{"bpic-ss", 0, 38, 4},
    ipss{"ipss", 0, 35, 4}, moca{"moca", 0, 30, 2}, hvlt{"hvlt-r-total", 0, 36, 4},
    dsst{"dsst", 0, 133, 9};

int within(double value, const Scale& scale) {
  return static_cast<int>(to_whole(clamped(value, scale.least, scale.greatest)));
}

int observed(double expected, double spread, const Scale& scale, Draws& draws) {
  return within(expected + spread * draws.normal(), scale);
}

/// The same, with what lasts of the error of the visit before, and as the rater measures. `worse`
/// is the direction of a shift.
int observed_again(Visit& visit, Lasting error, double expected, double spread, const Scale& scale,
                   int worse = 1) {
  const double fresh = visit.draws.normal();
  const double shift = worse * visit.rater_shift();
  return within(expected + spread * (visit.lasting_error(error, fresh) + shift), scale);
}

Fact score(const Visit& visit, const Scale& scale, int value, int minutes_after_arrival) {
  Fact fact("score", "sc", visit.arrival + minutes_after_arrival * minute_s);
  fact.text("instrument", scale.instrument)
      .number("value", value)
      .is_value(-3)
      .may_be_mistaken(scale.least, scale.greatest, scale.slip);
  return fact;
}

/// Sends a score; at sites with bare dates it is one of the day before the visit.
void send_score(Visit& visit, Fact fact) {
  if (visit.site.bare_dates && !fact.planted) {
    fact.bare_date = true;
    fact.known = fact.effective;
    fact.effective = (day_of(visit.arrival) - 1) * day_s;
  }
  visit.send(fact);
}

/// Nine items that add up to a total, the ninth given; the others as even as can be.
std::int64_t phq_items(int total, int ninth) {
  std::int64_t digits = static_cast<std::int64_t>(ninth) << 16;
  const int rest = total - ninth;
  for (int i = 0; i < 8; ++i) {
    digits |= static_cast<std::int64_t>(rest / 8 + (i < rest % 8 ? 1 : 0)) << (2 * i);
  }
  return digits;
}

void send_phq(Visit& visit, double depression) {
  const bool suicidal = visit.shows_harm(Harm::suicidality);
  Scale scale = phq_9;
  scale.greatest = 24;
  int total = observed(depression * 0.55, 1.8, scale, visit.draws);
  int ninth = visit.draws.chance(0.1) ? 1 : 0;
  if (suicidal) {
    ninth = 3;
    total = std::max(total, 18);
  }
  total = std::clamp(total, ninth, 24 + ninth);
  Fact fact = score(visit, phq_9, total, 8);
  // The items would contradict a mistaken total.
  fact.mistaken_field = -1;
  fact.items("items", phq_items(total, ninth));
  if (visit.regimen.home) fact.text("location", "home");
  fact.planted = suicidal;
  send_score(visit, fact);
}

void send_mood(Visit& visit, double depression) {
  const int day = visit.day;
  if (!visit.regimen.home && visit.due(Assessment::madrs, day < 28 ? 7 : (day < 56 ? 14 : 28))) {
    send_score(visit, score(visit, madrs,
                            observed_again(visit, Lasting::madrs, depression, 2.5, madrs), 5));
  }
  if (visit.due(Assessment::phq_9, day < 28 ? 14 : 28) || visit.shows_harm(Harm::suicidality)) {
    send_phq(visit, depression);
  }
  if (!visit.regimen.home && visit.due(Assessment::cgi, 14)) {
    Scale scale = cgi;
    // In remission nobody scores above 3, which would ask for more sessions.
    if (depression <= 12) scale.greatest = 3;
    send_score(visit, score(visit, cgi, observed(1 + depression / 9, 0.5, scale, visit.draws), 10));
  }
}

void send_suicidality(Visit& visit) {
  const bool suicidal = visit.shows_harm(Harm::suicidality);
  if (!visit.due(Assessment::c_ssrs, visit.day < 56 ? 14 : 28) && !suicidal) return;
  const double u = visit.draws.uniform();
  const bool behaves = visit.draws.chance(0.5);
  int value = u < 0.86 ? 0 : (u < 0.97 ? 1 : 2);
  if (suicidal) value = static_cast<int>(visit.patient.size_of(Harm::suicidality));
  Fact fact = score(visit, c_ssrs, value, 12);
  fact.planted = suicidal;
  send_score(visit, fact);
  if (!suicidal || !behaves) return;
  Fact behaviour("symptom", "sy", visit.arrival + 15 * minute_s);
  behaviour.text("code", "suicidal-behaviour").number("severity", 3);
  behaviour.planted = true;
  visit.send(behaviour);
}

void send_bladder(Visit& visit) {
  const Patient& patient = visit.patient;
  const double gain = patient.gained(Harm::bladder_syndrome, visit.arrival) +
                      patient.gained(Harm::bladder_dechallenge, visit.arrival);
  const bool afflicted = gain > 0;
  if (visit.due(Assessment::bladder, visit.day <= 0 ? 10 : 56)) {
    Fact fact =
        score(visit, bpic,
              observed_again(visit, Lasting::bpic, patient.bpic + gain, bpic_spread, bpic), 18);
    fact.planted = afflicted;
    send_score(visit, fact);
  }
  if (visit.due(Assessment::ipss, visit.day <= 0 ? 10 : 84)) {
    Fact fact =
        score(visit, ipss,
              observed_again(visit, Lasting::ipss, patient.ipss + 0.8 * gain, 1.5, ipss), 20);
    fact.planted = afflicted;
    send_score(visit, fact);
  }
}

/// What practice gives at the k-th administration, for a gain of 1 from the first to the second.
double practice(std::uint32_t administration) {
  return administration <= 1 ? 0 : (administration == 2 ? 1 : 4.0 / 3);
}

void send_cognition(Visit& visit) {
  Patient& patient = visit.patient;
  if (!visit.due(Assessment::cognition, visit.day <= 0 ? 10 : 84)) return;
  const std::uint32_t administration = ++patient.administrations;
  const Noise& noise = visit.kinds_of_noise();
  const double learnt = (1 + noise.practice) * practice(administration);
  const bool at_home = noise.home_share > 0 && visit.noise.chance(noise.home_share);
  const double loss = patient.gained(Harm::cognitive_drop, visit.arrival) +
                      patient.gained(Harm::cognitive_decline, visit.arrival);
  constexpr std::string_view forms[] = {"8.1", "8.2", "8.3"};
  // Spreads within a person a little below the catalogue's 1.7, 2.3 and 3.5; losses in proportion.
  struct Test {
    Scale scale;
    double expected, spread;
    int minutes;
    Lasting error;
  };
  const Test tests[] = {
      {moca, patient.moca + 0.5 * learnt - loss, moca_spread, 25, Lasting::moca},
      {hvlt, patient.hvlt - loss * 2.3 / 1.7, 1.9, 35, Lasting::hvlt},
      {dsst, patient.dsst + 2 * learnt - loss * 3.5 / 1.7, 3.0, 45, Lasting::dsst},
  };
  for (const Test& test : tests) {
    const double expected = test.expected - (at_home ? test.spread / 2 : 0);
    Fact fact = score(visit, test.scale,
                      observed_again(visit, test.error, expected, test.spread, test.scale, -1),
                      test.minutes);
    if (at_home) fact.text("location", "home");
    fact.number("administration", administration).text("form", forms[(administration - 1) % 3]);
    fact.planted = loss > 0;
    send_score(visit, fact);
  }
}

}  // namespace

double expected_madrs(const Patient& patient, int day) {
  const double floor = patient.responder ? 7.0 : 23.0;
  if (day <= 0) return patient.madrs;
  if (patient.relapse_day != 0 && day >= patient.relapse_day && day < patient.relapse_day + 84) {
    return 26;
  }
  if (day >= 28) return floor;
  return patient.madrs + (floor - patient.madrs) * day / 28;
}

void send_scores(Visit& visit) {
  const double depression = expected_madrs(visit.patient, visit.day);
  send_mood(visit, depression);
  send_suicidality(visit);
  if (visit.due(Assessment::craving, 28)) {
    send_score(visit, score(visit, craving,
                            observed(visit.patient.craving, 0.5, craving, visit.draws), 14));
  }
  send_bladder(visit);
  send_cognition(visit);
}

}  // namespace ketavigil::simulation
