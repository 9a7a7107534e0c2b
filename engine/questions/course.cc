#include "engine/questions/course.h"

#include <algorithm>
#include <set>
#include <utility>

namespace ketavigil::engine {
namespace {

using detectors::Finding;
using events::Field;
using events::Kind;

std::string observed(const events::Fact& fact) {
  std::string of(events::name_of(fact.kind));
  for (const Field field : {Field::instrument, Field::name, Field::code}) {
    const std::string_view word = fact.word(field);
    if (word.empty()) continue;
    of += ' ';
    of += word;
    break;
  }
  return of;
}

// What was said of a finding: it appears again when its level rises.
using Said = std::set<std::pair<std::string, detectors::Level>>;

class Watch {
 public:
  Watch(const Record& whole, const Resolution& resolution, const Configured& configured,
        Microseconds from, Microseconds until)
      : whole_(whole),
        resolution_(resolution),
        configured_(configured),
        from_(from),
        until_(until) {
    partial_.patient = whole.patient;
  }

  std::vector<Appearance> appearances() {
    const auto& active = resolution_.active();
    for (std::size_t i = 0; i < active.size();) {
      const Microseconds at = resolution_.instant(active[i]);
      for (; i < active.size() && resolution_.instant(active[i]) == at; ++i)
        partial_.variants.put(whole_.variants[active[i]]);
      const bool is_last = i == active.size();
      // What is before the watch needs to be looked at once: at its end.
      if (!is_last && resolution_.instant(active[i]) < from_) continue;
      look(at, is_last ? until_ + 1 : resolution_.instant(active[i]));
    }
    return std::move(appearances_);
  }

 private:
  // At this fact, and at the deadlines until the next one.
  void look(Microseconds at, Microseconds next) {
    PatientFold fold(partial_, nothing_quarantined_, configured_, std::move(saved_));
    while (at < next) {
      const auto findings = fold.at(at).findings;
      for (const Finding& finding : findings.findings) note(finding, at);
      if (findings.valid_until >= next) break;
      at = findings.valid_until;
    }
    saved_ = std::move(fold).save();
  }

  void note(const Finding& finding, Microseconds at) {
    if (!said_.emplace(finding.id, finding.level).second || at < from_) return;
    appearances_.push_back(
        {finding.detector, finding.level, finding.onset, at, of_newest(finding)});
  }

  [[nodiscard]] std::string of_newest(const Finding& finding) const {
    const auto& newest = finding.evidence.back();
    const auto found = resolution_.stands_for(newest.source, newest.id);
    return found ? observed(whole_.variants[*found].fact)
                 : std::string(events::name_of(newest.kind));
  }

  const Record& whole_;
  const Resolution& resolution_;
  const Configured& configured_;
  Microseconds from_;
  Microseconds until_;  // deadlines after it are in no finding of this programme yet
  const QuarantinedFacts nothing_quarantined_;
  Record partial_;
  SavedState saved_;
  Said said_;
  std::vector<Appearance> appearances_;
};

}  // namespace

Result<PatientCourse> patient_course(const Reading& reading, const std::string& patient,
                                     std::optional<Microseconds> watched_from) {
  KETAVIGIL_TRY_ASSIGN(const KnownPatient known, reading.record(patient));
  const Configured& configured = reading.configured();
  const Resolution resolution(known.record, configured.settings.decode);
  PatientCourse course;
  course.patient = patient;
  for (const std::size_t i : resolution.active()) {
    const events::Fact& fact = known.record.variants[i].fact;
    course.observations.push_back({resolution.instant(i), observed(fact)});
    if (fact.kind == Kind::session) course.sessions.push_back(resolution.instant(i));
  }
  if (watched_from) {
    course.appearances =
        Watch(known.record, resolution, configured, *watched_from, reading.newest_received())
            .appearances();
    return course;
  }
  const PatientFold fold(known.record, known.quarantined, configured);
  for (const Finding& finding : fold.at(reading.newest_received()).findings.findings)
    course.appearances.push_back(
        {finding.detector, finding.level, finding.onset, finding.ended, ""});
  std::stable_sort(course.appearances.begin(), course.appearances.end(),
                   [](const Appearance& a, const Appearance& b) { return a.at < b.at; });
  return course;
}

}  // namespace ketavigil::engine
