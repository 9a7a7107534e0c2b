#include "storage/copying.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>

#include "events/json_text.h"
#include "storage/files.h"

namespace ketavigil::storage {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool open() const { return number_ >= 0; }

 private:
  int number_;
};

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    ok_ = EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1;
  }
  void add(std::string_view bytes) {
    ok_ = ok_ && EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1;
  }
  [[nodiscard]] std::string hexadecimal() {
    std::string digest(32, '\0');
    unsigned size = 0;
    ok_ = ok_ && EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.data()),
                                    &size) == 1;
    assert(ok_ && size == digest.size());
    return events::hexadecimal(digest);
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
  bool ok_ = false;
};

Error cannot_be_read(const std::filesystem::path& path) {
  Error error = system_failure("cannot read", path);
  error.kind = ErrorKind::verification;
  return error;
}

// Reads `from` to its end; into `to` too where that is open.
Result<FileDigest> pass_through(const std::filesystem::path& from, int source,
                                const std::filesystem::path& to, int target) {
  FileDigest digest;
  Sha256 hash;
  std::string buffer(kBufferBytes, '\0');
  while (true) {
    const auto got = ::read(source, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot_be_read(from);
    if (got == 0) break;
    std::string_view rest(buffer.data(), static_cast<std::size_t>(got));
    hash.add(rest);
    digest.bytes += rest.size();
    while (target >= 0 && !rest.empty()) {
      const auto written = ::write(target, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return system_failure("cannot write", to);
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  digest.sha256 = hash.hexadecimal();
  return digest;
}

}  // namespace

Result<FileDigest> copy_file_synced(const std::filesystem::path& from,
                                    const std::filesystem::path& to) {
  const Descriptor source(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (!source.open()) return cannot_be_read(from);
  const Descriptor target(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640));
  if (!target.open()) return system_failure("cannot create", to);
  KETAVIGIL_TRY_ASSIGN(const FileDigest digest,
                       pass_through(from, source.number(), to, target.number()));
  if (::fsync(target.number()) != 0) return system_failure("cannot sync", to);
  return digest;
}

Result<FileDigest> link_or_copy_synced(const std::filesystem::path& from,
                                       const std::filesystem::path& to) {
  if (::link(from.c_str(), to.c_str()) != 0) {
    // Whatever the reason (another file system, one without links, a file with too many): a copy
    // does, or says better what is wrong.
    return copy_file_synced(from, to);
  }
  const Descriptor source(::open(to.c_str(), O_RDONLY | O_CLOEXEC));
  if (!source.open()) return cannot_be_read(to);
  KETAVIGIL_TRY_ASSIGN(const FileDigest digest, pass_through(to, source.number(), to, -1));
  if (::fsync(source.number()) != 0) return system_failure("cannot sync", to);
  return digest;
}

}  // namespace ketavigil::storage
