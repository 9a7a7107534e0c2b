#include "simulation/normal.h"
#include "simulation/visit.h"

namespace ketavigil::simulation {
namespace {

constexpr std::string_view condition_codes[] = {
    "http://snomed.info/sct|370143000",  // major depressive disorder
    "http://snomed.info/sct|38341003",   // hypertensive disorder
    "http://snomed.info/sct|47505003",   // posttraumatic stress disorder
    "http://snomed.info/sct|82423001",   // chronic pain
    "http://snomed.info/sct|21897009"};  // generalized anxiety disorder

struct MedicineNames {
  Medicine medicine;
  std::string_view medication_class;
  std::string_view name;
};
constexpr MedicineNames medicines[] = {{antidepressant, "antidepressant", "sertraline"},
                                       {benzodiazepine, "benzodiazepine", "lorazepam"},
                                       {antihypertensive, "antihypertensive", "ramipril"},
                                       {stimulant, "stimulant", "methylphenidate"},
                                       {anticoagulant, "anticoagulant", "apixaban"}};

}  // namespace

void send_history(Visit& visit) {
  const Patient& patient = visit.patient;
  Fact enrolment("enrolment", "en", visit.arrival);
  enrolment.text("site", visit.site.name)
      .number("birth_year", patient.profile.birth_year)
      .text("sex", sex_names[patient.profile.sex])
      .number("education_years", patient.education_years)
      .words("conditions", condition_codes, patient.conditions);
  if (visit.regimen.home) enrolment.text("setting", "home");
  enrolment.withdrawable = false;
  visit.send(enrolment);
  for (const auto& [medicine, medication_class, name] : medicines) {
    if ((patient.medicines & medicine) == 0) continue;
    Fact medication("medication", "md", visit.arrival + 10 * minute_s);
    medication.text("class", medication_class).text("action", "start").text("name", name);
    medication.withdrawable = false;
    visit.send(medication);
  }
  if (visit.draws.chance(0.3)) {
    visit.send(Fact("covariate", "cv", visit.arrival + 20 * minute_s)
                   .text("name", "cyp2b6")
                   .text("value", patient.carrier ? "*1/*6" : "*1/*1"));
  }
  if (visit.draws.chance(0.3)) {
    const auto crp = to_whole(10 * clamped(2.5 + 1.5 * visit.draws.normal(), 0.2, 9));
    visit.send(Fact("covariate", "cv", visit.arrival + 20 * minute_s)
                   .text("name", "crp")
                   .number("value", crp, 1)
                   .text("unit", "mg/L"));
  }
}

}  // namespace ketavigil::simulation
