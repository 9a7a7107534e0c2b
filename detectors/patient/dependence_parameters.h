// The thresholds of DEP-1 (dose), DEP-2 (interval), DEP-3 (cumulative), DEP-4 (off-schedule) and
// DEP-6 (escalation without benefit). Doses
// are mg, weights kg.
#pragma once

#include <string_view>

#include "detectors/patient/parameters.h"

namespace ketavigil::detectors {

/// Every threshold of the domain. `confirmed` is false for what no source that was read supports.
struct DependenceParameters {
  double dep1_watch_ratio = 1.25;
  double dep1_alert_ratio = 1.50;
  double dep1_clear_ratio = 1.125;
  double dep1_window_days = 28;
  double dep1_reference_from = 3;
  double dep1_reference_to = 8;
  double dep1_protocol_days = 14;
  double dep1_protocol_cgi_s = 3;
  double dep1_protocol_madrs = 12;
  double dep1_esketamine_in_mg = 84;
  double dep1_iv_mg_per_kg = 1.0;
  double dep1_critical_multiple = 2;
  double dep1_weight_days = 90;
  double dep2_watch_ratio = 0.75;
  double dep2_alert_ratio = 0.50;
  double dep2_clear_ratio = 0.825;
  double dep2_protocol_days = 14;
  double dep2_protocol_cgi_s = 3;
  double dep2_protocol_madrs = 12;
  double dep3_window_days = 28;
  double dep3_twice_weekly_from_days = 56;
  double dep3_twice_weekly_sessions = 10;
  double dep3_twice_weekly_clears_sessions = 9;
  double dep3_weekly_from_days = 84;
  double dep3_weekly_sessions = 6;
  double dep3_weekly_clears_sessions = 5;
  double dep3_protocol_days = 14;
  double dep3_protocol_cgi_s = 3;
  double dep3_protocol_madrs = 12;
  double dep4_early_days = 2;
  double dep4_window_days = 28;
  double dep4_alert_sessions = 2;
  double dep6_span_days = 56;
  double dep6_limit_rate = 1.25;
  double dep6_clear_rate = 1.125;
  double dep6_benefit_points = 2;
  double dep6_iv_equivalent_iv = 1;
  double dep6_iv_equivalent_im = 0.93;
  double dep6_iv_equivalent_sc = 0.93;
  double dep6_iv_equivalent_in = 0.48;
  double dep6_iv_equivalent_sl = 0.27;
  double dep6_iv_equivalent_po = 0.22;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    const auto say = [&visitor](std::string_view detector, std::string_view name,
                                std::string_view unit, std::string_view citation, bool confirmed,
                                auto& value) {
      visitor(ParameterInfo{detector, name, unit, citation, confirmed}, value);
    };
    visit_dose(self, say);
    visit_interval(self, say);
    visit_cumulative(self, say);
    say("DEP-4", "early_days", "d", design, false, self.dep4_early_days);
    say("DEP-4", "window_days", "d", design, false, self.dep4_window_days);
    say("DEP-4", "alert_sessions", "1", design, false, self.dep4_alert_sessions);
    visit_escalation(self, say);
  }

 private:
  static constexpr std::string_view sustain_3 = "SUSTAIN-3 dose-frequency algorithm";
  static constexpr std::string_view sustain_1 =
      "SUSTAIN-1: every other week if MADRS is at most 12";
  static constexpr std::string_view design = "CATALOGUE";

  template <typename Self, typename Say>
  static void visit_dose(Self& self, const Say& say) {
    constexpr std::string_view label = "USPI esketamine: 84 mg at most in a session";
    constexpr std::string_view reviews = "reviews of intravenous dosing: 0.1 to 0.75 mg/kg usual";
    say("DEP-1", "watch_ratio", "1", design, false, self.dep1_watch_ratio);
    say("DEP-1", "alert_ratio", "1", design, false, self.dep1_alert_ratio);
    say("DEP-1", "clear_ratio", "1", design, false, self.dep1_clear_ratio);
    say("DEP-1", "window_days", "d", design, false, self.dep1_window_days);
    say("DEP-1", "reference_from", "1", design, false, self.dep1_reference_from);
    say("DEP-1", "reference_to", "1", design, false, self.dep1_reference_to);
    say("DEP-1", "protocol_days", "d", sustain_3, true, self.dep1_protocol_days);
    say("DEP-1", "protocol_cgi_s", "1", sustain_3, true, self.dep1_protocol_cgi_s);
    say("DEP-1", "protocol_madrs", "1", sustain_1, true, self.dep1_protocol_madrs);
    say("DEP-1", "esketamine_in_mg", "mg", label, true, self.dep1_esketamine_in_mg);
    say("DEP-1", "iv_mg_per_kg", "mg/kg", reviews, false, self.dep1_iv_mg_per_kg);
    say("DEP-1", "critical_multiple", "1", design, false, self.dep1_critical_multiple);
    say("DEP-1", "weight_days", "d", design, false, self.dep1_weight_days);
  }

  template <typename Self, typename Say>
  static void visit_interval(Self& self, const Say& say) {
    say("DEP-2", "watch_ratio", "1", design, false, self.dep2_watch_ratio);
    say("DEP-2", "alert_ratio", "1", design, false, self.dep2_alert_ratio);
    say("DEP-2", "clear_ratio", "1", design, false, self.dep2_clear_ratio);
    say("DEP-2", "protocol_days", "d", sustain_3, true, self.dep2_protocol_days);
    say("DEP-2", "protocol_cgi_s", "1", sustain_3, true, self.dep2_protocol_cgi_s);
    say("DEP-2", "protocol_madrs", "1", sustain_1, true, self.dep2_protocol_madrs);
  }

  template <typename Self, typename Say>
  static void visit_cumulative(Self& self, const Say& say) {
    constexpr std::string_view label =
        "USPI esketamine: twice weekly in weeks 1 to 4, weekly in weeks 5 to 8, then at most "
        "weekly";
    say("DEP-3", "window_days", "d", design, false, self.dep3_window_days);
    say("DEP-3", "twice_weekly_from_days", "d", label, true, self.dep3_twice_weekly_from_days);
    say("DEP-3", "twice_weekly_sessions", "1", design, false, self.dep3_twice_weekly_sessions);
    say("DEP-3", "twice_weekly_clears_sessions", "1", design, false,
        self.dep3_twice_weekly_clears_sessions);
    say("DEP-3", "weekly_from_days", "d", label, true, self.dep3_weekly_from_days);
    say("DEP-3", "weekly_sessions", "1", design, false, self.dep3_weekly_sessions);
    say("DEP-3", "weekly_clears_sessions", "1", design, false, self.dep3_weekly_clears_sessions);
    say("DEP-3", "protocol_days", "d", sustain_3, true, self.dep3_protocol_days);
    say("DEP-3", "protocol_cgi_s", "1", sustain_3, true, self.dep3_protocol_cgi_s);
    say("DEP-3", "protocol_madrs", "1", sustain_1, true, self.dep3_protocol_madrs);
  }

  template <typename Self, typename Say>
  static void visit_escalation(Self& self, const Say& say) {
    constexpr std::string_view reviews = "bioavailability by route, from reviews";
    constexpr std::string_view oral = "Andrade: bioavailability by mouth 20 to 25 %";
    say("DEP-6", "span_days", "d", design, false, self.dep6_span_days);
    say("DEP-6", "limit_rate", "1", design, false, self.dep6_limit_rate);
    say("DEP-6", "clear_rate", "1", design, false, self.dep6_clear_rate);
    say("DEP-6", "benefit_points", "{score}", design, false, self.dep6_benefit_points);
    say("DEP-6", "iv_equivalent_iv", "1", "by definition", true, self.dep6_iv_equivalent_iv);
    say("DEP-6", "iv_equivalent_im", "1", reviews, false, self.dep6_iv_equivalent_im);
    say("DEP-6", "iv_equivalent_sc", "1", reviews, false, self.dep6_iv_equivalent_sc);
    say("DEP-6", "iv_equivalent_in", "1", reviews, false, self.dep6_iv_equivalent_in);
    say("DEP-6", "iv_equivalent_sl", "1", reviews, false, self.dep6_iv_equivalent_sl);
    say("DEP-6", "iv_equivalent_po", "1", oral, true, self.dep6_iv_equivalent_po);
  }
};

}  // namespace ketavigil::detectors
