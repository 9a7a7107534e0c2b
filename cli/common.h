// What the subcommands share: errors to exit codes, times on the command line, tables and progress.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/questions/reading.h"
#include "events/result.h"

namespace ketavigil::cli {

/// Prints the error for a person on standard error and returns the exit code of its kind.
int report(const Error& error);

/// A time on the command line: RFC 3339, or a date (its start in UTC).
[[nodiscard]] Result<events::Microseconds> parse_time_option(const std::string& name,
                                                             const std::string& text);

/// `--data`, `--at`, `--as-of`, `--json` of a reading subcommand.
struct ReadingOptions {
  std::string data;
  std::string at;
  std::string as_of;
  bool json = false;
  void add_to(CLI::App* command);
  /// Opens the data directory as these say; `*when` becomes the `at` of the answer.
  [[nodiscard]] Result<std::unique_ptr<engine::Reading>> open(events::Microseconds* when) const;
};

/// A token for a service that asks for one: the first line of a file. Empty without a file.
[[nodiscard]] Result<std::string> read_token(const std::string& file);

/// Rows for people on a terminal (aligned, bold header), tab-separated elsewhere.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> header) : header_(std::move(header)) {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  void print() const;

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

/// A bar on a terminal, a line every few seconds elsewhere; on standard error.
class Progress {
 public:
  Progress(std::string what, std::int64_t total);  ///< total 0: unknown
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void update(std::int64_t done, const std::string& note = {});
  void finish();

 private:
  void draw(std::int64_t done, const std::string& note);
  std::string what_;
  std::int64_t total_;
  bool terminal_;
  bool drawn_ = false;
  double started_;
  double last_ = 0;
};

/// Seconds of a steady clock, for telling how long something took.
[[nodiscard]] double steady_seconds();

/// Exit code of `diff` for two programmes that are not equal.
inline constexpr int exit_code_of_difference = exit_code(ErrorKind::verification);

}  // namespace ketavigil::cli
