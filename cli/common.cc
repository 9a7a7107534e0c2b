#include "cli/common.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "events/time.h"

namespace ketavigil::cli {

int report(const Error& error) {
  std::cerr << "ketavigil: " << error.message << '\n';
  return exit_code(error.kind);
}

Result<events::Microseconds> parse_time_option(const std::string& name, const std::string& text) {
  const auto time = events::parse_time(text);
  if (!time) {
    return Error{
        ErrorKind::usage,
        name + " " + text +
            ": expected a time with an offset (2026-03-04T15:22:00+01:00) or a date (2026-03-04)"};
  }
  return time->us;
}

void ReadingOptions::add_to(CLI::App* command) {
  command->add_option("--data", data, "The data directory")->required()->type_name("DIR");
  auto* at_option = command
                        ->add_option("--at", at,
                                     "The findings that hold at this moment of the log, by all "
                                     "facts that are known now (default: the newest `received`)")
                        ->type_name("TIME");
  command
      ->add_option("--as-of", as_of,
                   "What was known at this moment: only what the log had received by then")
      ->type_name("TIME")
      ->excludes(at_option);
  command->add_flag("--json", json, "JSON on standard output, and nothing else");
}

Result<std::unique_ptr<engine::Reading>> ReadingOptions::open(events::Microseconds* when) const {
  if (!as_of.empty()) {
    KETAVIGIL_TRY_ASSIGN(*when, parse_time_option("--as-of", as_of));
    return engine::Reading::open_as_of(data, *when);
  }
  auto reading = engine::Reading::open(data);
  if (!reading.ok()) return reading;
  *when = reading.value()->newest_received();
  if (!at.empty()) {
    KETAVIGIL_TRY_ASSIGN(*when, parse_time_option("--at", at));
  }
  return reading;
}

namespace {

// Columns a reader sees: characters, not bytes.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace

void TextTable::print() const {
  if (isatty(STDOUT_FILENO) == 0) {
    const auto line = [](const std::vector<std::string>& row) {
      for (std::size_t i = 0; i < row.size(); ++i) std::cout << (i == 0 ? "" : "\t") << row[i];
      std::cout << '\n';
    };
    line(header_);
    for (const auto& row : rows_) line(row);
    return;
  }
  std::vector<std::size_t> widths;
  for (const auto& title : header_) widths.push_back(width(title));
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  const auto line = [&](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      std::cout << row[i];
      if (i + 1 < row.size()) std::cout << std::string(widths[i] - width(row[i]) + 2, ' ');
    }
  };
  std::cout << "\033[1m";
  line(header_);
  std::cout << "\033[0m\n";
  for (const auto& row : rows_) {
    line(row);
    std::cout << '\n';
  }
}

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Progress::Progress(std::string what, std::int64_t total)
    : what_(std::move(what)),
      total_(total),
      terminal_(isatty(STDERR_FILENO) != 0),
      started_(steady_seconds()),
      last_(started_) {}

Progress::~Progress() { finish(); }

void Progress::update(std::int64_t done, const std::string& note) {
  const double now = steady_seconds();
  if (now - last_ < (terminal_ ? 0.1 : 5.0)) return;
  last_ = now;
  draw(done, note);
}

Result<std::string> read_token(const std::string& file) {
  std::string token;
  if (file.empty()) return token;
  std::ifstream stream(file);
  if (!std::getline(stream, token) || token.empty()) {
    return Error{ErrorKind::configuration,
                 "the token file " + file + " cannot be read, or its first line is empty"};
  }
  return token;
}

void Progress::draw(std::int64_t done, const std::string& note) {
  constexpr int bar_width = 30;
  const double share =
      total_ > 0 ? std::min(1.0, static_cast<double>(done) / static_cast<double>(total_)) : 0;
  std::string line = what_;
  if (total_ > 0) {
    const int filled = static_cast<int>(share * bar_width);
    if (terminal_)
      line += " [" + std::string(static_cast<std::size_t>(filled), '#') +
              std::string(static_cast<std::size_t>(bar_width - filled), ' ') + "]";
    line += " " + std::to_string(static_cast<int>(share * 100)) + " %";
  }
  if (!note.empty()) line += "  " + note;
  line += "  " + std::to_string(static_cast<int>(steady_seconds() - started_)) + " s";
  std::cerr << (terminal_ ? "\r\033[K" : "") << line << (terminal_ ? "" : "\n") << std::flush;
  drawn_ = true;
}

void Progress::finish() {
  if (drawn_ && terminal_) std::cerr << "\r\033[K" << std::flush;
  drawn_ = false;
}

}  // namespace ketavigil::cli
