// What a page says of a critical case: level, what was measured against which limit, since when,
// verified or not, site, case, a link. Never who: no pseudonym, no words of a sender.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engine/shard/codec.h"
#include "events/result.h"

namespace ketavigil::routing::pages {

using events::Microseconds;

/// What is read of a revision in order to page.
struct CaseNow {
  std::string detector;
  std::string domain;
  std::string case_name;
  std::uint64_t revision = 0;
  std::string level;
  std::string state;
  std::string statistic;
  std::string site;    ///< empty: none
  std::string source;  ///< of the last evidence
  Microseconds onset = 0;
  Microseconds ended = 0;
  Microseconds raised = 0;
  Microseconds updated = 0;
  double value = 0;
  double threshold = 0;
  std::map<std::string, double> measured;  ///< the numbers among the inputs
  bool unverified = false;

  /// Somebody has to be told of it, if it is not too old.
  [[nodiscard]] bool is_alarming() const { return level == "critical" && state == "open"; }
};

/// Of the JSON of a revision. A storage error for what is none.
[[nodiscard]] Result<CaseNow> read_case(std::string_view revision);

using Words = std::map<std::string, std::string>;

/// Labels name the page and never change; annotations and the link say more, and may.
struct PageText {
  Words labels;
  Words annotations;
  std::string link;

  friend bool operator==(const PageText& a, const PageText& b) {
    return a.labels == b.labels && a.annotations == b.annotations && a.link == b.link;
  }
};

/// `link_base` gets the case's name appended; empty: no link.
[[nodiscard]] PageText text_of(const CaseNow& now, const std::string& link_base);
/// The labels of `before` stay as they were, whatever a late fact has moved.
void keep_labels(const PageText& before, PageText* text);
/// One page for the unverified ones of a source that are too many to be paged one by one.
[[nodiscard]] PageText text_of_flood(const std::string& source, std::uint64_t folded,
                                     Microseconds since, const std::string& link_base);
/// A page that says it is a test.
[[nodiscard]] PageText text_of_test(Microseconds now);

[[nodiscard]] std::string to_json(const PageText& text);
[[nodiscard]] Result<PageText> from_json(std::string_view json);

}  // namespace ketavigil::routing::pages
