#include "detectors/patient/catalogue.h"

namespace ketavigil::detectors {
namespace {

constexpr CatalogueEntry entries[] = {
    {"AE-1", "general", 1, "Was there a serious adverse event?"},
    {"BP-1", "cardiovascular", 1, "Was a dose given although the pressure before it was high?"},
    {"BP-2", "cardiovascular", 1, "Did a pressure become severe?"},
    {"BP-3", "cardiovascular", 1, "Was there a hypertensive crisis?"},
    {"BP-4", "cardiovascular", 1, "Did the pressure surge after the dose?"},
    {"BP-5", "cardiovascular", 1, "Had the pressure not come down when the patient left?"},
    {"BP-6", "cardiovascular", 1, "Was the session monitored as the label asks?"},
    {"BP-7", "cardiovascular", 1, "Does the resting pressure rise slowly?"},
    {"BP-8", "cardiovascular", 1, "Has the patient become hypertensive since the first dose?"},
    {"BP-9", "cardiovascular", 1, "Did heart rate, saturation or consciousness become dangerous?"},
    {"COG-6", "cognition", 2,
     "Did a cognition score fall to an absolute limit, or is there delirium?"},
    {"COG-8", "cognition", 1, "Does a cognition score fall slowly?"},
    {"DEP-1", "dependence", 2, "Does the dose rise, or is it above its limit?"},
    {"DEP-10", "hepatic", 1, "Is the liver injured?"},
    {"DEP-2", "dependence", 1, "Do the intervals between sessions shorten?"},
    {"DEP-3", "dependence", 1, "Are there more sessions than the label's schedule has?"},
    {"DEP-4", "dependence", 1, "Was a session unplanned, or too early?"},
    {"DEP-6", "dependence", 1, "Is more given in less time, without benefit?"},
    {"DEP-7", "dependence", 1, "Does the patient crave, or use what was not prescribed?"},
    {"DEP-9", "suicidality", 2, "Is the patient suicidal?"},
    {"DQ-1", "data-quality", 1, "Did the patient miss a visit?"},
    {"URO-1", "urological", 2, "Did the bladder score cross the clinical limit?"},
    {"URO-2", "urological", 1, "Does a bladder score rise slowly?"},
    {"URO-3", "urological", 1, "Do urinary symptoms persist without an infection?"},
    {"URO-4", "urological", 2, "Is there blood in the urine, or retention?"},
    {"URO-5", "urological", 1, "Do urinary infections come again and again?"},
    {"URO-6", "urological", 1, "Is the upper urinary tract affected?"},
    {"URO-8", "urological", 1, "Was interstitial cystitis diagnosed?"},
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
