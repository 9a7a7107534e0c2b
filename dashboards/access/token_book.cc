#include "dashboards/access/token_book.h"

#include <sys/stat.h>

namespace ketavigil::dashboards::access {
namespace {

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

Result<std::unique_ptr<TokenBook>> TokenBook::open(const std::filesystem::path& file) {
  std::unique_ptr<TokenBook> book(new TokenBook(file));
  if (const std::string trouble = book->trouble(); !trouble.empty())
    return Error{ErrorKind::configuration, trouble};
  return book;
}

TokenBook::Stamp TokenBook::stamp() const {
  struct stat now {};
  if (::stat(file_.c_str(), &now) != 0) return {};
  return {now.st_dev, now.st_ino, now.st_size, nanoseconds(now.st_mtim), nanoseconds(now.st_ctim)};
}

void TokenBook::refresh() {
  const Stamp before = stamp();
  if (before == read_ && trouble_.empty()) return;
  auto tokens = read_token_file(file_);
  trouble_ = tokens.ok() ? "" : tokens.error().message;
  tokens_ = tokens.ok() ? std::move(tokens).value() : std::vector<Token>();
  // The state from before the reading: what changed meanwhile is read again next time.
  read_ = before;
}

std::optional<Token> TokenBook::find(std::string_view token, events::Microseconds now) {
  return find_hash(hash_of(token), now);
}

std::optional<Token> TokenBook::find_hash(std::string_view hash, events::Microseconds now) {
  const std::lock_guard lock(mutex_);
  refresh();
  std::optional<Token> found;
  for (const Token& one : tokens_) {
    if (are_equal(one.hash, hash) && one.holds_at(now)) found = one;
  }
  return found;
}

std::string TokenBook::trouble() {
  const std::lock_guard lock(mutex_);
  refresh();
  return trouble_;
}

}  // namespace ketavigil::dashboards::access
