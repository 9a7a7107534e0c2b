// Who may ask a listener, and signing in (docs/operation/access.md, docs/adr/0018-who-may-read.md).
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dashboards/access/exchange.h"
#include "dashboards/access/failure_limit.h"
#include "dashboards/access/sessions.h"
#include "dashboards/access/token_book.h"
#include "engine/shard/clock.h"

namespace ketavigil::dashboards::access {

struct Settings {
  std::filesystem::path tokens_file;  ///< empty: nobody is asked
  std::vector<std::string> hosts;     ///< names in `Host`; empty with tokens: any
  bool encrypted = false;             ///< the listener speaks TLS
  bool sessions = true;               ///< people sign in; without: tokens only
};

/// Who asks. Nothing of it is secret but the hashes.
struct Caller {
  std::string name;  ///< of the token; empty: nobody is asked
  std::string token_hash;
  std::string session_id;            ///< empty: by token
  events::Microseconds expires = 0;  ///< 0: never
};

/// Thread-safe. The clock must outlive it.
class Access {
 public:
  /// A configuration error where the tokens file cannot be used.
  [[nodiscard]] static Result<std::unique_ptr<Access>> open(Settings settings,
                                                            const engine::Clock& clock,
                                                            Random random);

  /// Whether a request is let through; `refusal` says what to answer if not. Of any path, known or
  /// not, and of any method.
  struct Verdict {
    std::optional<Answer> refusal;
    Caller caller;
  };
  [[nodiscard]] Verdict judge(const Question& question);

  /// Whether who was let through still would be: for answers that take long.
  [[nodiscard]] bool still_admits(const Caller& caller);

  /// GET, POST and DELETE of `session_path`, after `judge` has let it through.
  [[nodiscard]] Answer answer_session(const Question& question);

  [[nodiscard]] bool asks_for_tokens() const { return book_ != nullptr; }
  [[nodiscard]] const Settings& settings() const { return settings_; }
  /// Is called at each sign-in that fails, from any thread. Set before the first request.
  void on_failed_sign_in(std::function<void()> call) { on_failed_sign_in_ = std::move(call); }

 private:
  Access(Settings settings, const engine::Clock& clock, Random random)
      : settings_(std::move(settings)), clock_(clock), sessions_(std::move(random)) {}

  [[nodiscard]] bool is_for_us(const Question& question) const;
  [[nodiscard]] std::optional<Session> session_of(const Question& question, std::string* id);
  [[nodiscard]] std::optional<Caller> caller_of(const Question& question);
  [[nodiscard]] bool has_csrf(const Question& question, const Caller& caller);
  [[nodiscard]] Answer ask_to_sign_in(const Question& question) const;
  [[nodiscard]] Answer sign_in(const Question& question);
  [[nodiscard]] Answer refuse_sign_in(bool by_form, const std::string& next);
  [[nodiscard]] Answer begin_session(const Token& token, bool by_form, const std::string& next);
  [[nodiscard]] std::string cookie(std::string_view value, std::int64_t seconds) const;

  const Settings settings_;
  const engine::Clock& clock_;
  std::unique_ptr<TokenBook> book_;  // null: nobody is asked
  Sessions sessions_;
  FailureLimit failures_;
  std::function<void()> on_failed_sign_in_ = [] {};
};

}  // namespace ketavigil::dashboards::access
