// The real program as a child process: started on free ports, spoken to, stopped, killed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/ingest/http/http_client.h"

namespace ketavigil::test {

/// A folder of its own, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// How a program ended.
struct Ended {
  int exit_code = -1;  ///< -1: by a signal
  int signal = 0;
};

/// Runs `program arguments…` to its end; its output, standard error last, goes to `*output`.
Ended run_program(const std::vector<std::string>& arguments, std::string* output);

/// `ketavigil serve` on free ports of 127.0.0.1. Killed by the destructor if it still runs.
class Service {
 public:
  /// `folder` holds configuration, data (`data`) and the log (`serve.log`); `more` is added to the
  /// configuration, as YAML of sections other than `intake`, `operations` and `storage`.
  explicit Service(const std::filesystem::path& folder, const std::string& more = {},
                   std::int64_t free_space_guard_bytes = 0);
  /// With its data elsewhere, which several workers may share.
  Service(const std::filesystem::path& folder, const std::filesystem::path& data,
          const std::string& more, std::int64_t free_space_guard_bytes = 0);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// From the next start on no file can grow beyond this: a disk that fails. 0: no limit.
  void limit_file_bytes(std::uint64_t bytes) { file_bytes_max_ = bytes; }

  /// Starts it and waits for its line; false if it ended or said nothing in time (see `log`).
  bool start();
  [[nodiscard]] bool is_running() const { return child_ > 0; }
  [[nodiscard]] pid_t child() const { return child_; }
  [[nodiscard]] std::uint16_t intake_port() const { return intake_port_; }
  [[nodiscard]] std::uint16_t operations_port() const { return operations_port_; }

  /// SIGTERM, and how it ended.
  Ended stop();
  /// SIGKILL.
  void kill();
  /// Waits until it ends by itself.
  std::optional<Ended> wait_for_end(int seconds);

  /// One request on a connection of its own.
  std::optional<HttpAnswer> post(const std::string& body, const std::string& content_type = {});
  std::optional<HttpAnswer> get(const std::string& path);  ///< of the operations listener

  [[nodiscard]] std::filesystem::path data() const { return data_; }
  [[nodiscard]] std::string log() const;  ///< standard error of all its runs

 private:
  bool read_line(int descriptor);

  std::filesystem::path folder_;
  std::filesystem::path data_;
  std::uint64_t file_bytes_max_ = 0;
  pid_t child_ = 0;
  std::uint16_t intake_port_ = 0;
  std::uint16_t operations_port_ = 0;
};

}  // namespace ketavigil::test
