// The score card as a page: plots in SVG, tables below them, no script, nothing fetched.
#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include "cli/score_report.h"

namespace ketavigil::cli {
namespace {

using simulation::Detection;
using simulation::FalseFindings;
using simulation::level_names;
using simulation::ScoreCard;
using simulation::Share;

constexpr int info = 0;
constexpr int watch = 1;
constexpr int alert = 2;
constexpr double plot_width = 420;
constexpr double row_height = 26;
constexpr double label_width = 190;
constexpr double curve_width = 220;
constexpr double curve_height = 110;

constexpr const char* head = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Score card</title><style>
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--faint:#6a737d;--line:#d0d7de;--watch:#9a6700;--alert:#b3261e}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--paper:#0d1117;--faint:#9198a1;--line:#30363d;--watch:#d29922;--alert:#ff7b72}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.2rem}p{max-width:46rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}th,td{padding:.2rem .7rem;border-bottom:1px solid var(--line);text-align:right}
th:first-child,td:first-child,th:nth-child(2),td:nth-child(2){text-align:left}th{font-weight:600;text-transform:lowercase}
.scroll{overflow-x:auto}svg{max-width:100%;height:auto}svg text{fill:var(--ink);font:12px system-ui,sans-serif}
svg .faint{fill:var(--faint)}svg .axis{stroke:var(--line)}svg .whisker{stroke:var(--ink)}
svg .info{fill:var(--line)}svg .watch{fill:var(--watch)}svg .alert{fill:var(--alert)}svg .watch-line{stroke:var(--watch);fill:none;stroke-width:2;stroke-dasharray:5 3}
svg .alert-line{stroke:var(--alert);fill:none;stroke-width:2}.curves{display:flex;flex-wrap:wrap;gap:1rem}figure{margin:0}figcaption{font-size:.85rem;color:var(--faint)}
</style></head><body>
)";

// A horizontal bar from 0 to `value` of `whole`, and its interval as a whisker.
void bar(std::ostringstream& out, double y, double height, double value,
         std::pair<double, double> interval, double whole, const char* colour) {
  const auto x = [&](double of) {
    return label_width + plot_width * std::min(1.0, whole > 0 ? of / whole : 0);
  };
  const double middle_y = y + height / 2;
  out << "<rect class=\"" << colour << "\" x=\"" << label_width << "\" y=\"" << fixed_point(y, 1)
      << "\" width=\"" << fixed_point(x(value) - label_width, 1) << "\" height=\""
      << fixed_point(height, 1) << "\"/><line class=\"whisker\" x1=\""
      << fixed_point(x(interval.first), 1) << "\" x2=\"" << fixed_point(x(interval.second), 1)
      << "\" y1=\"" << fixed_point(middle_y, 1) << "\" y2=\"" << fixed_point(middle_y, 1) << "\"/>";
}

void label(std::ostringstream& out, double y, const std::string& text) {
  out << "<text x=\"" << label_width - 8 << "\" y=\"" << fixed_point(y + row_height / 2 + 1, 1)
      << "\" text-anchor=\"end\">" << text << "</text>";
}

void begin_bars(std::ostringstream& out, std::size_t rows, const std::string& title, double whole,
                const char* unit) {
  const double height = static_cast<double>(rows) * row_height + 24;
  const double width = label_width + plot_width + 40;
  out << "<svg role=\"img\" aria-label=\"" << title << "\" viewBox=\"0 0 " << width << ' ' << height
      << "\" width=\"" << width << "\">";
  for (int tick = 0; tick <= 4; ++tick) {
    const double x = label_width + plot_width * tick / 4;
    out << "<line class=\"axis\" x1=\"" << x << "\" x2=\"" << x << "\" y1=\"0\" y2=\""
        << height - 20 << "\"/><text class=\"faint\" text-anchor=\"middle\" x=\"" << x << "\" y=\""
        << height - 5 << "\">" << fixed_point(whole * tick / 4, whole < 4 ? 2 : 0)
        << (tick == 4 ? unit : "") << "</text>";
  }
}

void plot_found(std::ostringstream& out, const std::vector<Detection>& any) {
  std::map<std::string, std::map<int, const Detection*>> by_harm;
  for (const Detection& one : any) by_harm[one.harm][one.level] = &one;
  begin_bars(out, by_harm.size(), "Share of each harm that was found", 100, " %");
  double y = 0;
  for (const auto& entry : by_harm) {
    const auto& levels = entry.second;
    label(out, y, entry.first);
    const auto draw = [&](int level, double at, const char* colour) {
      const Share& share = levels.at(level)->found;
      const auto [low, high] = share.interval();
      bar(out, at, 9, 100 * share.value(), {100 * low, 100 * high}, 100, colour);
    };
    // What is only for the record, where there is nothing above it.
    if (levels.at(watch)->found.count == 0) draw(info, y + 8, "info");
    if (levels.at(watch)->found.count > 0) draw(watch, y + 3, "watch");
    if (levels.at(watch)->found.count > 0) draw(alert, y + 13, "alert");
    y += row_height;
  }
  out << "</svg>";
}

// The share found by so many months after the onset, as steps.
std::string steps(const Detection& one, double months_max) {
  std::ostringstream path;
  const auto x = [&](double months) {
    return fixed_point(30 + (curve_width - 40) * std::min(1.0, months / months_max), 1);
  };
  const auto y = [&](double share) {
    return fixed_point(10 + (curve_height - 30) * (1 - share), 1);
  };
  path << 'M' << x(0) << ' ' << y(0);
  for (std::size_t i = 0; i < one.months.size(); ++i) {
    path << 'H' << x(one.months[i]) << 'V'
         << y(static_cast<double>(i + 1) / static_cast<double>(one.found.of));
  }
  path << 'H' << x(months_max);
  return path.str();
}

void plot_curve(std::ostringstream& out, const Detection& at_watch, const Detection& at_alert) {
  const double months_max =
      std::max(1.0, at_watch.months.empty() ? 1.0 : std::ceil(at_watch.months.back()));
  out << "<figure><svg role=\"img\" aria-label=\"Share of " << at_watch.harm
      << " found by month\" viewBox=\"0 0 " << curve_width << ' ' << curve_height << "\" width=\""
      << curve_width << "\"><line class=\"axis\" x1=\"30\" x2=\"" << curve_width - 10 << "\" y1=\""
      << curve_height - 20 << "\" y2=\"" << curve_height - 20
      << "\"/><line class=\"axis\" x1=\"30\" x2=\"30\" y1=\"10\" y2=\"" << curve_height - 20
      << "\"/><text class=\"faint\" x=\"26\" y=\"16\" text-anchor=\"end\">1</text><text "
         "class=\"faint\" x=\"26\" y=\""
      << curve_height - 18 << "\" text-anchor=\"end\">0</text><text class=\"faint\" x=\""
      << curve_width - 10 << "\" y=\"" << curve_height - 5 << "\" text-anchor=\"end\">"
      << fixed_point(months_max, 0) << " months</text><path class=\"watch-line\" d=\""
      << steps(at_watch, months_max) << "\"/><path class=\"alert-line\" d=\""
      << steps(at_alert, months_max) << "\"/></svg><figcaption>" << at_watch.harm << ", "
      << at_watch.found.of << " patients</figcaption></figure>";
}

void plot_curves(std::ostringstream& out, const std::vector<Detection>& any) {
  out << "<div class=\"curves\">";
  for (const Detection& one : any) {
    if (one.level != watch) continue;
    const auto at_alert = std::find_if(any.begin(), any.end(), [&](const Detection& other) {
      return other.harm == one.harm && other.level == alert;
    });
    plot_curve(out, one, *at_alert);
  }
  out << "</div>";
}

void plot_false(std::ostringstream& out, const std::vector<FalseFindings>& findings) {
  std::vector<const FalseFindings*> rows;
  double most = 0.01;
  for (const FalseFindings& one : findings) {
    if (one.level != watch && one.level != alert) continue;
    rows.push_back(&one);
    most = std::max(most, one.interval().second);
  }
  begin_bars(out, rows.size(), "Findings per 100 patient-months without a harm", most, "");
  double y = 0;
  for (const FalseFindings* one : rows) {
    label(out, y, one->detector + " " + std::string(level_names[one->level]));
    bar(out, y + 7, 11, one->per_100_patient_months(), one->interval(), most,
        one->level == watch ? "watch" : "alert");
    y += row_height;
  }
  out << "</svg>";
}

void row(std::ostringstream& out, const char* cell, const std::vector<std::string>& values) {
  out << "<tr>";
  for (const std::string& value : values) out << '<' << cell << '>' << value << "</" << cell << '>';
  out << "</tr>\n";
}

void draw_table(std::ostringstream& out, const ScoreTable& table) {
  out << "<div class=\"scroll\"><table>";
  row(out, "th", table.header);
  for (const auto& values : table.rows) row(out, "td", values);
  out << "</table></div>";
}

}  // namespace

std::string score_page(const ScoreCard& card, const ScoreHeader& header) {
  const auto detections = card.detections();
  const auto false_findings = card.false_findings();
  std::vector<Detection> any;
  std::copy_if(detections.begin(), detections.end(), std::back_inserter(any),
               [](const Detection& one) { return one.detector == "any"; });
  std::ostringstream out;
  out << head << "<h1>Score card</h1><p>" << card.patients() << " patients, of whom "
      << card.patients_without_harm() << " without a harm over "
      << fixed_point(card.patient_months_without_harm(), 1) << " patient-months; data until "
      << header.at
      << ". Red: <em>alert</em> or above; ochre: <em>watch</em> or above; grey: only "
         "<em>info</em>. Lines across the bars: "
         "95 % intervals.</p>"
      << "<h2>Which harms were found</h2>";
  plot_found(out, any);
  out << "<h2>How soon after their onset</h2><p>Share found (dashed: watch; solid: alert) by "
         "months after the onset, as if "
         "every fact had come at once.</p>";
  plot_curves(out, any);
  out << "<h2>Slow harm: the deciding method beside oracles</h2><p>Median months from the onset of "
         "all patients with the harm (<em>more</em>: fewer than half were found). One oracle knows "
         "the spread, the size and the onset, and has the values before it; the other knows the "
         "baseline too. <em>Times</em>: the method's delay in that of the first.</p>";
  draw_table(out, table_of_oracles(card.oracles(header.stated)));
  out << "<h2>What was said where there was no harm</h2><p>Findings per 100 patient-months.</p>";
  plot_false(out, false_findings);
  if (!header.expected.empty()) {
    out << "<h2>Rules beside what they should find</h2><p>Findings of all patients without a harm; "
           "what is expected by the simulator's own parameters, with its 99 % interval.</p>";
    draw_table(out, table_of_expected(card, header));
  }
  out << "<h2>False alarms of statistical detectors in a lifetime</h2>";
  draw_table(out, table_of_lifetimes(card, header));
  out << "<h2>Each detector</h2><p>Median / ninth tenth of those found, from the onset on.</p>";
  draw_table(out, table_of_found(detections));
  out << "<h2>Each detector without a harm</h2>";
  draw_table(out, table_of_false(false_findings));
  out << "</body></html>\n";
  return out.str();
}

}  // namespace ketavigil::cli
