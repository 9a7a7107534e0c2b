#include "detectors/patient/catalogue.h"

namespace ketavigil::detectors {
namespace {

constexpr CatalogueEntry entries[] = {
    {"AE-1", "general", 2, "Was there a serious adverse event?",
     "An adverse event is reported with a seriousness.", "Events nobody calls serious."},
    {"BP-1", "cardiovascular", 1, "Was a dose given although the pressure before it was high?",
     "Gate: the greatest systolic and diastolic of the readings before the dose, less than "
     "300 s older than the last. Above 140/90 mmHg (from 65 years 150/90).",
     "Sessions without a reading before the dose; whether the dose was weighed and "
     "justified."},
    {"BP-2", "cardiovascular", 1, "Did a pressure become severe?",
     "Any reading with systolic ≥ 180 or diastolic ≥ 110 mmHg.", "Symptoms: BP-3 reads them."},
    {"BP-3", "cardiovascular", 2, "Was there a hypertensive crisis?",
     "Systolic ≥ 220 or diastolic ≥ 130 mmHg alone; or ≥ 180 or ≥ 120 mmHg with a "
     "symptom of an emergency within 60 minutes.",
     "Symptoms on a bare date, which has no minutes."},
    {"BP-4", "cardiovascular", 1, "Did the pressure surge after the dose?",
     "A reading up to 90 minutes after the dose minus the last one before it: rise of "
     "systolic ≥ 40 or diastolic ≥ 25 mmHg; an alert when so in 2 of the last 4 "
     "sessions.",
     "Sessions without a reading before the dose."},
    {"BP-5", "cardiovascular", 2, "Had the pressure not come down when the patient left?",
     "The last reading, 240 minutes after the start: systolic more than 20 or diastolic "
     "more than 15 mmHg above that before the dose, or ≥ 160/100; ≥ 180/110 is "
     "critical.",
     "What happened after the last reading."},
    {"BP-6", "cardiovascular", 1, "Was the session monitored as the label asks?",
     "Readings before, at the peak and at discharge are there, and the patient was "
     "monitored 120 minutes or more.",
     "Monitoring that was done and never reported."},
    {"BP-7", "cardiovascular", 2, "Does the resting pressure rise slowly?",
     "Anchored drift of the resting pressure since the first dose, value by value, against "
     "a boundary that the patient's chance of a false alarm holds for life.",
     "Sudden rises, which BP-8 sees sooner."},
    {"BP-8", "cardiovascular", 1, "Has the patient become hypertensive since the first dose?",
     "Mean of the latest resting values, at least 3 over at least 14 days, reaches 140/90 "
     "mmHg where the baseline was below; or treatment or diagnosis after the first dose.",
     "Slow drifts below the limits: BP-7 does."},
    {"BP-9", "cardiovascular", 2, "Did heart rate, saturation or consciousness become dangerous?",
     "Saturation < 90 %, consciousness ≤ 1 or a seizure is critical; heart rate < 45 or > "
     "130 /min, syncope, chest pain or arrhythmia an alert.",
     "Event names in other words."},
    {"COG-6", "cognition", 3,
     "Did a cognition score fall to an absolute limit, or is there delirium?",
     "MoCA 5 or more points below its baseline, or under 18; under 26 where the baseline "
     "was not is a watch. Delirium is critical.",
     "Practice effects, slow decline, other instruments: COG-8 does."},
    {"COG-8", "cognition", 2, "Does a cognition score fall slowly?",
     "Anchored drift of a cognition score since the first dose, practice taken off, value "
     "by value, against a boundary that the patient's chance of a false alarm holds for "
     "life.",
     "A fall that is small against the scatter within the person, or short."},
    {"DEP-1", "dependence", 3, "Does the dose rise, or is it above its limit?",
     "Mean dose of the last 28 days over that of sessions 3 to 8: 1.25 a watch, 1.50 an "
     "alert; or a dose above its limit.",
     "Doses from elsewhere."},
    {"DEP-10", "hepatic", 1, "Is the liver injured?",
     "Multiples of the upper limit: ALT or AST ≥ 3 × with bilirubin ≥ 2 × within 14 "
     "days is critical; an enzyme alone an alert.",
     "Other causes of injury."},
    {"DEP-2", "dependence", 1, "Do the intervals between sessions shorten?",
     "Median of the last 4 intervals over the median of the 4 before: 0.75 a watch, 0.50 an "
     "alert.",
     "Sessions elsewhere."},
    {"DEP-3", "dependence", 1, "Are there more sessions than the label's schedule has?",
     "Sessions of esketamine in the last 28 days: 10 or more from day 56, 6 or more from "
     "day 84.",
     "Other compounds and routes."},
    {"DEP-4", "dependence", 1, "Was a session unplanned, or too early?",
     "A session said to be unplanned, or more than 2 days earlier than its plan's interval; "
     "two in 28 days are an alert.",
     "Early sessions where no plan is sent."},
    {"DEP-6", "dependence", 1, "Is more given in less time, without benefit?",
     "Mean IV-equivalent dose of the last 4 sessions over the 4 before, divided by the "
     "ratio of intervals, is 1.25 or more, and depression improved by less than 2 points.",
     "Benefit in other instruments."},
    {"DEP-7", "dependence", 1, "Does the patient crave, or use what was not prescribed?",
     "Craving ≥ 4, or 3 above the first value; twice 14 days apart is an alert. Use of "
     "what was not prescribed is an alert.",
     "A positive urine screen nobody reports as use."},
    {"DEP-9", "suicidality", 3, "Is the patient suicidal?",
     "C-SSRS ideation ≥ 4, suicidal behaviour or attempt is critical; ideation 3 and "
     "rising an alert; item 9 of the PHQ-9 ≥ 2 a watch.",
     "What nobody asks."},
    {"DQ-1", "data-quality", 1, "Did the patient miss a visit?",
     "Nothing within 1.5 times the plan's interval of the last session, and 14 days of grace.",
     "Visits that took place and were never reported; patients without a plan."},
    {"URO-1", "urological", 2, "Did the bladder score cross the clinical limit?",
     "BPIC-SS ≥ 19 since the first dose where the baseline was below.",
     "A rise below 19, other instruments: URO-2 does."},
    {"URO-2", "urological", 2, "Does a bladder score rise slowly?",
     "Anchored drift of a bladder score since the first dose, value by value, against a "
     "boundary that the patient's chance of a false alarm holds for life.",
     "A rise that is small against the scatter within the person, or short."},
    {"URO-3", "urological", 1, "Do urinary symptoms persist without an infection?",
     "Urinary symptoms present over at least 14 days without a positive culture.",
     "Symptoms nobody asks about."},
    {"URO-4", "urological", 3, "Is there blood in the urine, or retention?",
     "Visible blood is critical, an alert after a positive culture or under an "
     "anticoagulant; retention an alert; red cells ≥ 3 a field a watch.",
     "Blood that was not looked for."},
    {"URO-5", "urological", 1, "Do urinary infections come again and again?",
     "2 infections with a positive culture in 183 days, or 3 in 365, 14 days apart.",
     "Infections treated without a culture."},
    {"URO-6", "urological", 2, "Is the upper urinary tract affected?",
     "Hydronephrosis, or creatinine 0.3 mg/dL above the lowest of 48 hours, or 1.5 times "
     "the lowest of 7 days.",
     "A slow rise over weeks."},
    {"URO-8", "urological", 1, "Was interstitial cystitis diagnosed?",
     "A diagnosis or adverse event of interstitial cystitis after the first dose.",
     "Other words for it."},
};

}  // namespace

std::span<const CatalogueEntry> catalogue() { return entries; }

const CatalogueEntry* catalogue_entry(std::string_view detector) {
  for (const CatalogueEntry& entry : entries) {
    if (entry.id == detector) return &entry;
  }
  return nullptr;
}

std::string_view domain_of(std::string_view detector) {
  const CatalogueEntry* entry = catalogue_entry(detector);
  return entry == nullptr ? std::string_view() : entry->domain;
}

}  // namespace ketavigil::detectors
