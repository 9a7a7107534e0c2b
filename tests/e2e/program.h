// Runs the real program, as its user would.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace ketavigil::e2e {

struct Finished {
  int exit_code = -1;
  std::string out;
  std::string error;
};

/// Runs `ketavigil` with these arguments and waits for its end.
[[nodiscard]] Finished run(const std::vector<std::string>& arguments);

/// A folder of a test's own, removed with it.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

[[nodiscard]] std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& text);
[[nodiscard]] std::vector<std::string> lines_of(const std::string& text);

}  // namespace ketavigil::e2e
