#include "storage/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <system_error>

namespace ketavigil::storage {
namespace {

bool parse_number(std::string_view text, std::uint64_t* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

Status write_all(int descriptor, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return system_failure("cannot write", path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(descriptor) != 0) return system_failure("cannot sync", path);
  return {};
}

}  // namespace

std::filesystem::path rocksdb_path(const std::filesystem::path& shard) { return shard / "store"; }
std::filesystem::path witness_path(const std::filesystem::path& shard) {
  return shard / "acknowledged";
}

Error system_failure(std::string_view what, const std::filesystem::path& path) {
  return {ErrorKind::storage,
          std::string(what) + " " + path.string() + ": " + std::generic_category().message(errno)};
}

Status replace_file(const std::filesystem::path& path, std::string_view bytes) {
  const std::filesystem::path fresh = path.string() + ".new";
  const int descriptor = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (descriptor < 0) return system_failure("cannot create", fresh);
  const Status written = write_all(descriptor, bytes, fresh);
  ::close(descriptor);
  KETAVIGIL_TRY(written);
  if (::rename(fresh.c_str(), path.c_str()) != 0) return system_failure("cannot rename", fresh);
  return sync_directory(path.parent_path());
}

Status create_file(const std::filesystem::path& path, std::string_view bytes) {
  std::string fresh = path.string() + ".new-XXXXXX";
  const int descriptor = ::mkstemp(fresh.data());
  if (descriptor < 0) return system_failure("cannot create", fresh);
  Status made = write_all(descriptor, bytes, fresh);
  if (made.ok() && ::fchmod(descriptor, 0640) != 0) made = system_failure("cannot change", fresh);
  ::close(descriptor);
  if (made.ok() && ::link(fresh.c_str(), path.c_str()) != 0 && errno != EEXIST) {
    // A file system without links: whoever is between these two calls too is seen by reading again.
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored) && ::rename(fresh.c_str(), path.c_str()) != 0)
      made = system_failure("cannot create", path);
  }
  ::unlink(fresh.c_str());
  KETAVIGIL_TRY(made);
  return sync_directory(path.parent_path());
}

Status sync_directory(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return system_failure("cannot open", path);
  const bool synced = ::fsync(descriptor) == 0;
  const int error = errno;
  ::close(descriptor);
  errno = error;
  if (!synced) return system_failure("cannot sync", path);
  return {};
}

Result<std::int64_t> free_bytes_at(const std::filesystem::path& path) {
  struct statvfs status {};
  if (::statvfs(path.c_str(), &status) != 0) return system_failure("cannot measure", path);
  return static_cast<std::int64_t>(status.f_bavail * status.f_frsize);
}

Result<std::vector<NumberedFile>> write_ahead_logs(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<NumberedFile> logs;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    NumberedFile log{0, it->path()};
    if (log.path.extension() == ".log" && parse_number(log.path.stem().string(), &log.number)) {
      logs.push_back(log);
    }
  }
  if (error) {
    return Error{ErrorKind::storage, "cannot list " + folder.string() + ": " + error.message()};
  }
  std::sort(logs.begin(), logs.end(),
            [](const NumberedFile& a, const NumberedFile& b) { return a.number < b.number; });
  return logs;
}

Result<NumberedFile> current_manifest(const std::filesystem::path& folder) {
  constexpr std::string_view kPrefix = "MANIFEST-";
  std::ifstream file(folder / "CURRENT", std::ios::binary);
  std::string name;
  NumberedFile manifest;
  if (!std::getline(file, name) || file.eof() || name.compare(0, kPrefix.size(), kPrefix) != 0 ||
      !parse_number(std::string_view(name).substr(kPrefix.size()), &manifest.number)) {
    return Error{ErrorKind::storage, "the file " + (folder / "CURRENT").string() +
                                         " is missing or damaged: it names no MANIFEST"};
  }
  manifest.path = folder / name;
  return manifest;
}

std::string readable_bytes(std::int64_t bytes) {
  constexpr std::array<const char*, 4> kUnits = {"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return std::to_string(bytes) + " bytes";
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f %s", value, kUnits[unit]);
  return text;
}

}  // namespace ketavigil::storage
