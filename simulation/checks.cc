// What is checked from time to time: weight, laboratory, symptoms, dispensing, readings at home.
#include "simulation/normal.h"
#include "simulation/visit.h"

namespace ketavigil::simulation {
namespace {

void send_weight(Visit& visit) {
  if (visit.regimen.home || !visit.due(Assessment::weight, 28)) return;
  const auto tenths =
      to_whole(10 * clamped(visit.patient.weight + 0.6 * visit.draws.normal(), 45, 160));
  // Pounds where kilograms are said: believable, and wrong.
  const double share = visit.kinds_of_noise().unit_mistake_share;
  const bool in_pounds = share > 0 && visit.noise.chance(share);
  visit.send(Fact("vital", "v", visit.arrival + 3 * minute_s)
                 .text("name", "weight")
                 .number("value", in_pounds ? tenths * 22 / 10 : tenths, 1)
                 .is_value(8)
                 .may_be_mistaken(450, 1600, 40)
                 .text("unit", "kg"));
}

struct Enzyme {
  std::string_view code;  // LOINC
  double expected;
  double spread;
  int limit;
};

/// A liver enzyme in U/L; `multiple` of its limit where the liver is injured, else 0.
void send_enzyme(Visit& visit, const Enzyme& enzyme, double multiple) {
  const double healthy =
      clamped(enzyme.expected + enzyme.spread * visit.draws.normal(), 6, enzyme.limit * 1.4);
  const auto value = to_whole(multiple > 0 ? multiple * enzyme.limit : healthy);
  Fact fact("lab", "lab", visit.arrival + 30 * minute_s);
  fact.text("code", enzyme.code)
      .number("value", value)
      .is_value(-1)
      .may_be_mistaken(6, enzyme.limit * 2, enzyme.limit / 2)
      .text("unit", "U/L")
      .number("upper_limit", enzyme.limit);
  fact.planted = multiple > 0;
  visit.send(fact);
}

/// A substance in mg/dL or umol/L, as the site has it.
void send_substance(Visit& visit, std::string_view code, double mg_per_dl, double umol_per_mg,
                    double limit_mg_per_dl, bool planted) {
  Fact fact("lab", "lab", visit.arrival + 30 * minute_s);
  fact.text("code", code);
  const double factor = visit.site.umol ? 10 * umol_per_mg : 100;
  const int decimals = visit.site.umol ? 1 : 2;
  const auto value = to_whole(mg_per_dl * factor);
  fact.number("value", value, decimals)
      .is_value(-1)
      .may_be_mistaken(value / 2, value + value / 4, value / 10 + 1)
      .text("unit", visit.site.umol ? "umol/L" : "mg/dL")
      .number("upper_limit", to_whole(limit_mg_per_dl * factor), decimals);
  fact.planted = planted;
  visit.send(fact);
}

/// Injury of the liver: at its visit full size and bilirubin ≥ 2 × limit without cholestasis (Hy's
/// law); from then on half as much every three weeks.
void send_labs(Visit& visit) {
  Patient& patient = visit.patient;
  const bool acute = visit.shows_harm(Harm::liver_injury);
  const Affliction* injury = patient.affliction(Harm::liver_injury);
  const Seconds since = injury == nullptr ? -1 : visit.arrival - injury->onset;
  const bool healing = since >= 0 && since < 63 * day_s;
  if (!visit.due(Assessment::labs, healing ? 17 : 84) && !acute) return;
  double multiple = 0;
  if (acute || healing) {
    multiple = injury->size;
    for (Seconds left = since; left >= 14 * day_s; left -= 21 * day_s) multiple /= 2;
    patient.last_done[static_cast<std::size_t>(Assessment::labs)] =
        static_cast<std::int16_t>(visit.day);
  }
  if (multiple < 0.5) multiple = 0;
  send_enzyme(visit, {"1742-6", patient.alt, 4, 40}, multiple);
  send_enzyme(visit, {"1920-8", patient.ast, 4, 40}, multiple * 0.8);
  send_enzyme(visit, {"6768-6", patient.alp, 7, 120}, 0);
  send_enzyme(visit, {"2324-2", patient.ggt, 4, 60}, 0);
  const double bilirubin = clamped(patient.bilirubin + 0.1 * visit.draws.normal(), 0.1, 1.2);
  send_substance(visit, "1975-2", acute ? 3.2 : bilirubin, 17.104, 1.2, acute);
  const double creatinine = clamped(patient.creatinine + 0.04 * visit.draws.normal(), 0.4, 1.25);
  send_substance(visit, "2160-0", creatinine, 88.42, 1.2, false);
}

constexpr std::string_view urinary[] = {"frequency", "urgency", "nocturia", "dysuria"};

void send_symptom(Visit& visit, std::string_view code, std::int64_t severity, bool planted) {
  Fact fact("symptom", "sy", visit.arrival + 16 * minute_s);
  fact.text("code", code).number("severity", severity);
  fact.planted = planted;
  visit.send(fact);
}

void send_culture(Visit& visit, bool positive, bool planted) {
  Fact fact("culture", "cu", visit.arrival + 50 * minute_s);
  fact.text("result", positive ? "positive" : "negative");
  if (positive) fact.text("organism", "Escherichia coli");
  fact.planted = planted;
  visit.send(fact);
}

/// The monthly interview. The syndrome brings frequency, urgency and pain without infection. Apart
/// from it 17 of 100 report urinary symptoms in a year, gone by the next interview (SUSTAIN-2).
void send_interview(Visit& visit) {
  Patient& patient = visit.patient;
  const int interval = patient.open_symptom != 0 ? 10 : 28;
  if (!visit.due(Assessment::interview, interval)) return;
  const bool arises = visit.draws.chance(visit.day >= 0 ? 0.014 : 0.004);
  const auto which = static_cast<std::size_t>(visit.draws.integer(0, 3));
  const bool infected = visit.draws.chance(0.3);
  // From the onset on, when the share is still 0, too.
  const double share = patient.grown(Harm::bladder_syndrome, visit.arrival) +
                       patient.grown(Harm::bladder_dechallenge, visit.arrival);  // one at most
  if (share > 0 || patient.afflicted(Harm::bladder_syndrome, visit.arrival)) {
    const int severity = share < 0.5 ? 1 : 2;
    send_symptom(visit, "frequency", severity, true);
    send_symptom(visit, "urgency", severity, true);
    if (share >= 0.5) send_symptom(visit, "suprapubic-pain", severity, true);
    send_culture(visit, false, true);
    return;
  }
  if (patient.open_symptom != 0) {
    send_symptom(visit, urinary[patient.open_symptom - 1], 0, false);
    patient.open_symptom = 0;
    return;
  }
  if (!arises) return send_symptom(visit, "frequency", 0, false);
  send_symptom(visit, urinary[which], 1, false);
  send_culture(visit, infected, false);
  patient.open_symptom = static_cast<std::uint8_t>(1 + which);
}

void send_home_checks(Visit& visit) {
  const Patient& patient = visit.patient;
  if (visit.day < 0) return;
  if (visit.due(Assessment::dispense, 30)) {
    const auto per_day = static_cast<double>(visit.regimen.interval_days);
    const bool same_pharmacy = visit.draws.chance(0.97);
    Fact dispense("dispense", "di", visit.arrival);
    dispense.text("compound", visit.regimen.compound)
        .number("days_supply", 30)
        .is_value(-30)
        .number("quantity_mg", to_whole(patient.fixed_dose_mg * 30 / per_day))
        .text("prescriber", "d-1")
        .text("pharmacy", same_pharmacy ? "ph-1" : "ph-2");
    visit.send(dispense);
  }
  if (visit.due(Assessment::home_pressure, 14)) send_resting_pressure(visit);
}

/// Three months after the pressure began to rise one of three gets an antihypertensive, one a
/// diagnosis and advice, and one nothing yet.
void send_treatment(Visit& visit) {
  Patient& patient = visit.patient;
  const Affliction* risen = patient.affliction(Harm::new_hypertension);
  if (patient.treated || risen == nullptr) return;
  if (visit.arrival < risen->onset + 90 * day_s || patient.index % 3 == 0) return;
  patient.treated = true;
  if (patient.index % 3 == 2) {
    Fact diagnosis("condition", "cd", visit.arrival + 55 * minute_s);
    diagnosis.text("code", "http://snomed.info/sct|38341003").text("name", "hypertension");
    diagnosis.planted = true;
    return visit.send(diagnosis);
  }
  Fact medication("medication", "md", visit.arrival + 55 * minute_s);
  medication.text("class", "antihypertensive").text("action", "start").text("name", "amlodipine");
  medication.planted = true;
  visit.send(medication);
}

}  // namespace

void send_checks(Visit& visit) {
  send_weight(visit);
  send_labs(visit);
  send_interview(visit);
  if (visit.regimen.home) send_home_checks(visit);
  send_treatment(visit);
}

}  // namespace ketavigil::simulation
