// The reading API: openapi.json answered from `engine/questions`, as the command line answers.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "dashboards/api/exchange.h"
#include "dashboards/api/parameters.h"
#include "dashboards/metrics/deliveries.h"
#include "engine/questions/case_book.h"
#include "engine/questions/log_book.h"
#include "engine/questions/programme_months.h"
#include "engine/questions/quarantine.h"
#include "engine/questions/reading.h"

namespace ketavigil::dashboards::api {

/// What became of a quarantined event that somebody decided about.
struct Decision {
  std::string outcome;  ///< a word of the schema `Decision`
  std::string reason;
  std::string field;
  std::string expected;
};

/// Writes decisions into the log. Must be thread-safe.
class QuarantineDecider {
 public:
  virtual ~QuarantineDecider() = default;
  virtual Result<Decision> decide(const engine::QuarantineRow& row, bool retry) = 0;
};

struct ApiParts {
  const engine::Programme& programme;
  engine::CaseBook& cases;
  engine::LogBook& log;
  engine::ProgrammeMonths& months;
  const Deliveries& deliveries;
  QuarantineDecider& decider;
  /// Where the operations of the worker are that has a patient; empty: not known.
  std::function<std::string(const std::string& patient)> find_worker;
};

/// Thread-safe. What it is made of must outlive it.
class Api {
 public:
  explicit Api(ApiParts parts) : parts_(std::move(parts)) {}

  /// Any path below `/api/v1/` but sessions and news. Never throws for what is asked.
  [[nodiscard]] Answer answer(const Request& request);

 private:
  using Segments = std::vector<std::string>;
  using Handler = Result<Answer> (Api::*)(const Segments& names, std::string_view query);
  struct Route {
    std::string_view method;
    std::vector<std::string_view> pattern;  // "*" stands for a name
    Handler handler;
  };
  static const std::vector<Route>& routes();

  // api.cc
  Result<Answer> openapi(const Segments& names, std::string_view query);
  Result<Answer> catalogue(const Segments& names, std::string_view query);
  // cases.cc
  Result<Answer> today(const Segments& names, std::string_view query);
  Result<Answer> cases(const Segments& names, std::string_view query);
  Result<Answer> one_case(const Segments& names, std::string_view query);
  Result<std::shared_ptr<const engine::CaseBook>> book_as_of(events::Microseconds until);
  // patients.cc
  Result<Answer> patient(const Segments& names, std::string_view query);
  Result<Answer> charts(const Segments& names, std::string_view query);
  Result<Answer> received(const Segments& names, std::string_view query);
  Result<Answer> revisions(const Segments& names, std::string_view query);
  [[nodiscard]] std::optional<Answer> elsewhere(const Segments& names,
                                                std::string_view query) const;
  // programme.cc
  Result<Answer> cohort(const Segments& names, std::string_view query);
  Result<Answer> programme(const Segments& names, std::string_view query);
  // feeds.cc
  Result<Answer> feeds(const Segments& names, std::string_view query);
  Result<Answer> quarantine(const Segments& names, std::string_view query);
  Result<Answer> quarantine_entry(const Segments& names, std::string_view query);
  Result<Answer> retry(const Segments& names, std::string_view query);
  Result<Answer> discard(const Segments& names, std::string_view query);
  Result<Answer> decide(const std::string& id, bool retry);

  ApiParts parts_;
  std::atomic<int> replays_{0};  // of patients as of a moment, under way
  std::mutex past_books_mutex_;
  // The last few moments that were asked about.
  std::map<events::Microseconds, std::shared_ptr<const engine::CaseBook>> past_books_;
};

/// Of the feeds, what `today` tells of too: `silent_only` leaves out those that are heard of.
void append_feeds(std::string* out, const engine::LogBook& log, const Deliveries& deliveries,
                  const std::vector<engine::QuarantineRow>& rows, events::Microseconds at,
                  bool silent_only);

/// The moment that answers are about when none is given.
[[nodiscard]] inline events::Microseconds newest(const engine::Programme& programme) {
  return programme.newest_received();
}

}  // namespace ketavigil::dashboards::api
