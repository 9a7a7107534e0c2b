#include "simulation/site.h"

#include <array>

namespace ketavigil::simulation {
namespace {

void adopt(Site& site, int habit) {
  switch (habit) {
    case 0:
      site.has_monitor = true;
      break;
    case 1:
      site.prefers_tens = true;
      break;
    case 2:
      site.sends_kpa = true;
      break;
    case 3:
      site.weekly_batches = true;
      break;
    case 4:
      site.omits_phases = true;
      break;
    case 5:
      site.bare_dates = true;
      break;
    case 6:
      site.corrects_by_new_id = true;
      break;
    case 7:
      site.states_versions = true;
      break;
    default:
      site.preliminary_labs = true;
      break;
  }
}

std::string numbered(const char* prefix, int number) {
  std::string name = prefix;
  if (number < 10) name += '0';
  return name + std::to_string(number);
}

}  // namespace

std::vector<Site> make_sites(int count) {
  constexpr std::array<int, 7> offsets = {60, 0, -300, 120, -360, 60, 0};
  std::vector<Site> sites(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    Site& site = sites[static_cast<std::size_t>(i)];
    site.name = numbered("site-", i + 1);
    site.clinic = numbered("clinic-", i + 1);
    site.monitor = numbered("monitor-", i + 1);
    site.offset_minutes = offsets[static_cast<std::size_t>(i) % offsets.size()];
    site.umol = i % 2 == 0;
    if (count > habit_count && i % 10 != 0) adopt(site, i % 10 - 1);
  }
  if (count <= habit_count) {
    for (int habit = 0; habit < habit_count; ++habit) {
      adopt(sites[static_cast<std::size_t>(count == 1 ? 0 : 1 + habit % (count - 1))], habit);
    }
  }
  for (Site& site : sites) {
    // A bare date is a day in the source's zone, of which UTC is the default.
    if (site.bare_dates) site.offset_minutes = 0;
  }
  return sites;
}

}  // namespace ketavigil::simulation
