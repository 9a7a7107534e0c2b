#include "simulation/regimen.h"

namespace ketavigil::simulation {
namespace {

constexpr Regimen table[] = {
    {.name = "esketamine by label",
     .compound = "esketamine",
     .route = "IN",
     .share = 0.50,
     .twice_weekly = 8,
     .weekly = 4,
     .interval_days = 14,
     .short_interval_days = 7,
     .dosing = Dosing::devices,
     .dose = 0,
     .duration_min = 10,
     .rise_systolic = 13.3,
     .rise_systolic_sd = 11.2,
     .rise_diastolic = 8.7,
     .rise_diastolic_sd = 7.5},
    {.name = "racemic ketamine, infusion",
     .compound = "ketamine",
     .route = "IV",
     .share = 0.25,
     .twice_weekly = 6,
     .weekly = 4,
     .interval_days = 28,
     .short_interval_days = 14,
     .dosing = Dosing::per_kilogram,
     .dose = 0.5,
     .duration_min = 40,
     .rise_systolic = 16.0,
     .rise_systolic_sd = 11.2,
     .rise_diastolic = 11.0,
     .rise_diastolic_sd = 8.45},
    {.name = "racemic ketamine, intramuscular",
     .compound = "ketamine",
     .route = "IM",
     .share = 0.08,
     .twice_weekly = 0,
     .weekly = 6,
     .interval_days = 21,
     .short_interval_days = 14,
     .dosing = Dosing::per_kilogram,
     .dose = 0.7,
     .duration_min = 0,
     .rise_systolic = 15.0,
     .rise_systolic_sd = 11.0,
     .rise_diastolic = 10.0,
     .rise_diastolic_sd = 8.0},
    {.name = "racemic ketamine, sublingual at home",
     .compound = "ketamine",
     .route = "SL",
     .home = true,
     .share = 0.08,
     .twice_weekly = 0,
     .weekly = 0,
     .interval_days = 3,
     .short_interval_days = 3,
     .dosing = Dosing::fixed_for_each,
     .dose = 150},
    {.name = "racemic ketamine, oral at home",
     .compound = "ketamine",
     .route = "PO",
     .home = true,
     .share = 0.07,
     .twice_weekly = 0,
     .weekly = 0,
     .interval_days = 4,
     .short_interval_days = 4,
     .dosing = Dosing::fixed_for_each,
     .dose = 120},
    {.name = "arketamine, infusion",
     .compound = "arketamine",
     .route = "IV",
     .share = 0.02,
     .twice_weekly = 0,
     .weekly = 6,
     .interval_days = 14,
     .short_interval_days = 14,
     .dosing = Dosing::per_kilogram,
     .dose = 0.5,
     .duration_min = 40,
     .rise_systolic = 10.0,
     .rise_systolic_sd = 9.0,
     .rise_diastolic = 7.0,
     .rise_diastolic_sd = 7.0},
};

}  // namespace

std::span<const Regimen> regimens() { return table; }

std::uint8_t regimen_of(double uniform) {
  double below = 0;
  for (std::uint8_t i = 0; i < std::size(table); ++i) {
    below += table[i].share;
    if (uniform < below) return i;
  }
  return 0;
}

}  // namespace ketavigil::simulation
