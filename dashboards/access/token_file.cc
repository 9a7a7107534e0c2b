#include "dashboards/access/token_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>

#include "dashboards/access/exchange.h"

namespace ketavigil::dashboards::access {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t hash_characters = 64;
// A token's line is below 400 bytes.
constexpr std::size_t file_bytes_max = tokens_max * 400;
constexpr mode_t mode_of_new = S_IRUSR | S_IWUSR;
constexpr mode_t mode_kept = mode_of_new | S_IRGRP;

Error wrong(const std::string& what) { return {ErrorKind::configuration, what}; }

Error wrong_line(std::size_t number, const std::string& expected) {
  return wrong("line " + std::to_string(number) + " of the tokens file: expected " + expected);
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return number_; }
  [[nodiscard]] bool ok() const { return number_ >= 0; }

 private:
  int number_;
};

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= token_name_bytes_max &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

bool is_hash(std::string_view text) {
  return text.size() == hash_characters && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

ordered_json time_or_null(const std::optional<events::Microseconds>& time) {
  return time ? ordered_json(events::print_utc(*time)) : ordered_json();
}

// A time, or null where there is none; false for anything else.
bool read_time(const ordered_json& object, const char* key,
               std::optional<events::Microseconds>* out) {
  const auto found = object.find(key);
  if (found == object.end()) return false;
  if (found->is_null()) return true;
  if (!found->is_string()) return false;
  const auto time = events::parse_time(found->get<std::string>());
  if (!time || time->bare_date) return false;
  *out = time->us;
  return true;
}

Result<Token> parse_line(std::string_view line, std::size_t number) {
  const auto object = ordered_json::parse(line, nullptr, false);
  if (!object.is_object())
    return wrong_line(number, "a JSON object, as `ketavigil token create` writes it");
  Token token;
  for (const auto& [key, out] : {std::pair("name", &token.name), std::pair("hash", &token.hash)}) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string())
      return wrong_line(number, std::string("a text `") + key + "`");
    *out = found->get<std::string>();
  }
  if (!is_name(token.name))
    return wrong_line(number, "a `name` of at most 64 letters, digits, `.`, `_`, `-`");
  if (!is_hash(token.hash)) return wrong_line(number, "a `hash` of 64 lower-case hex digits");
  std::optional<events::Microseconds> created;
  if (!read_time(object, "created", &created) || !created)
    return wrong_line(number, "`created`, a time with an offset");
  token.created = *created;
  if (!read_time(object, "expires", &token.expires))
    return wrong_line(number, "`expires`, a time with an offset, or null");
  if (!read_time(object, "revoked", &token.revoked))
    return wrong_line(number, "`revoked`, a time with an offset, or null");
  return token;
}

Result<std::string> read_all(int descriptor) {
  std::string text;
  char bytes[16384];
  ssize_t got = 0;
  while ((got = ::read(descriptor, bytes, sizeof bytes)) > 0) {
    text.append(bytes, static_cast<std::size_t>(got));
    if (text.size() > file_bytes_max) return wrong("the tokens file is too long");
  }
  if (got < 0)
    return wrong(std::string("the tokens file cannot be read: ") +
                 std::generic_category().message(errno));
  return text;
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t wrote = ::write(descriptor, text.data(), text.size());
    if (wrote <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return ::fsync(descriptor) == 0;
}

Status replace(const std::filesystem::path& file, int folder, const std::string& text) {
  const std::filesystem::path next = file.string() + ".new";
  struct stat now {};
  const bool exists = ::stat(file.c_str(), &now) == 0;
  ::unlink(next.c_str());  // left over from a command that was killed: we hold the lock
  const Descriptor out(
      ::open(next.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode_of_new));
  bool written = out.ok() && write_all(out.get(), text);
  if (written && exists) {
    // The service may run as another user than who changes the file. Only root can give it away:
    // for others the file is theirs already.
    if (::fchown(out.get(), now.st_uid, now.st_gid) != 0 && ::geteuid() == 0) written = false;
    written = written && ::fchmod(out.get(), (now.st_mode & mode_kept) | mode_of_new) == 0;
  }
  if (written && ::rename(next.c_str(), file.c_str()) == 0 && ::fsync(folder) == 0) return {};
  const std::string why = std::generic_category().message(errno);
  ::unlink(next.c_str());
  return wrong("the tokens file " + file.string() + " cannot be written: " + why);
}

}  // namespace

Result<std::vector<Token>> parse_tokens(std::string_view text) {
  std::vector<Token> tokens;
  std::set<std::string> names;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = split_off(&text, '\n');
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    KETAVIGIL_TRY_ASSIGN(Token token, parse_line(line, number));
    if (!names.insert(token.name).second) return wrong_line(number, "a name that no other has");
    if (tokens.size() == tokens_max)
      return wrong_line(number, "no more than " + std::to_string(tokens_max) + " tokens");
    tokens.push_back(std::move(token));
  }
  return tokens;
}

std::string print_tokens(const std::vector<Token>& tokens) {
  std::string text;
  for (const Token& token : tokens) {
    text += ordered_json{{"name", token.name},
                         {"hash", token.hash},
                         {"created", events::print_utc(token.created)},
                         {"expires", time_or_null(token.expires)},
                         {"revoked", time_or_null(token.revoked)}}
                .dump() +
            "\n";
  }
  return text;
}

Result<std::vector<Token>> read_token_file(const std::filesystem::path& file) {
  const Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!in.ok()) {
    return wrong("the tokens file " + file.string() + " cannot be read: " +
                 std::generic_category().message(errno) + "; `ketavigil token create` makes one");
  }
  struct stat now {};
  if (::fstat(in.get(), &now) != 0 || !S_ISREG(now.st_mode))
    return wrong("the tokens file " + file.string() + " is no file");
  if ((now.st_mode & S_IWOTH) != 0)
    return wrong("the tokens file " + file.string() + " can be changed by everybody: chmod 600 it");
  KETAVIGIL_TRY_ASSIGN(const std::string text, read_all(in.get()));
  return parse_tokens(text);
}

Status change_token_file(const std::filesystem::path& named,
                         const std::function<Status(std::vector<Token>*)>& change) {
  // A link stays a link: what it leads to is changed, which is what a service reads.
  std::error_code unresolved;
  auto file = std::filesystem::weakly_canonical(named, unresolved);
  if (unresolved) file = named;
  const auto parent = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  const Descriptor folder(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.ok() || ::flock(folder.get(), LOCK_EX) != 0) {
    return wrong("the folder of the tokens file " + file.string() +
                 " cannot be locked: " + std::generic_category().message(errno));
  }
  std::vector<Token> tokens;
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) {
    KETAVIGIL_TRY_ASSIGN(tokens, read_token_file(file));
  }
  KETAVIGIL_TRY(change(&tokens));
  return replace(file, folder.get(), print_tokens(tokens));
}

Result<std::string> add_token(std::vector<Token>* tokens, const std::string& name,
                              events::Microseconds now, std::optional<events::Microseconds> expires,
                              const Random& random) {
  if (!is_name(name)) {
    return Error{ErrorKind::usage,
                 "a token's name is 1 to 64 letters, digits, `.`, `_` or `-`: who it is for"};
  }
  const auto same = std::find_if(tokens->begin(), tokens->end(),
                                 [&](const Token& one) { return one.name == name; });
  if (same != tokens->end() && same->holds_at(now)) {
    return Error{ErrorKind::usage,
                 "there is a token " + name + " already: revoke it first, or give another name"};
  }
  if (same == tokens->end() && tokens->size() >= tokens_max) {
    return Error{ErrorKind::usage, "there are " + std::to_string(tokens_max) +
                                       " tokens: use a name again whose token is revoked"};
  }
  KETAVIGIL_TRY_ASSIGN(const std::string secret, new_secret(random));
  std::string token = std::string(token_prefix) + secret;
  const Token added{name, hash_of(token), now, expires, std::nullopt};
  if (same != tokens->end()) {
    *same = added;
  } else {
    tokens->push_back(added);
  }
  return token;
}

Status revoke_token(std::vector<Token>* tokens, const std::string& name, events::Microseconds now) {
  for (Token& token : *tokens) {
    if (token.name != name) continue;
    if (token.revoked)
      return Status::failure(ErrorKind::usage, "the token " + name + " is revoked already");
    token.revoked = now;
    return {};
  }
  return Status::failure(ErrorKind::usage,
                         "there is no token " + name + ": see `ketavigil token list`");
}

}  // namespace ketavigil::dashboards::access
