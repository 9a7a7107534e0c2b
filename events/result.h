// Errors are values. Nothing in Ketavigil throws after start-up: a function that can fail returns
// `Status`, or `Result<T>` when it also has something to give.
#pragma once

#include <cassert>
#include <optional>
#include <string>
#include <utility>

namespace ketavigil {

/// What kind of failure it is; decides the exit code of the program (see `exit_code`).
enum class ErrorKind {
  usage,          ///< wrong command line, or wrong input given on it: exit 1
  configuration,  ///< a configuration that cannot be used: exit 2
  broker,         ///< Kafka does not answer or refuses: exit 3
  storage,        ///< the store cannot be opened, read or written: exit 4
  verification,   ///< a check of the store or of two stores found a difference: exit 5
};

/// A failure: its kind and one sentence for a person: what, where, what was expected, what to do.
struct Error {
  ErrorKind kind = ErrorKind::storage;
  std::string message;
};

/// Success, or an `Error`. Copyable. Not thread-safe (a value like any other).
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)
  static Status failure(ErrorKind kind, std::string message) {
    return Status(Error{kind, std::move(message)});
  }
  [[nodiscard]] bool ok() const { return !error_.has_value(); }
  [[nodiscard]] const Error& error() const {
    assert(error_.has_value());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

/// A `T`, or an `Error`. `value()` may be called only when `ok()`.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}             // NOLINT(google-explicit-constructor)
  Result(Error error) : error_(std::move(error)) {}         // NOLINT(google-explicit-constructor)
  Result(const Status& status) : error_(status.error()) {}  // NOLINT(google-explicit-constructor)
  [[nodiscard]] bool ok() const { return value_.has_value(); }
  [[nodiscard]] const Error& error() const { return error_; }
  [[nodiscard]] Status status() const { return ok() ? Status() : Status(error_); }
  [[nodiscard]] T& value() & {
    assert(ok());
    return *value_;
  }
  [[nodiscard]] const T& value() const& {
    assert(ok());
    return *value_;
  }
  [[nodiscard]] T&& value() && {
    assert(ok());
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
  Error error_;
};

/// The program's exit code for a failure of this kind (DESIGN: 0 done, 1 usage, 2 configuration,
/// 3 broker, 4 storage, 5 verification failed).
[[nodiscard]] constexpr int exit_code(ErrorKind kind) { return static_cast<int>(kind) + 1; }

}  // namespace ketavigil

/// Returns the error of `expression` (a Status) from the calling function, if it has one.
#define KETAVIGIL_TRY(expression)                                     \
  do {                                                                \
    if (auto ketavigil_status = (expression); !ketavigil_status.ok()) \
      return ketavigil_status.error();                                \
  } while (false)

#define KETAVIGIL_CONCAT_INNER(a, b) a##b
#define KETAVIGIL_CONCAT(a, b) KETAVIGIL_CONCAT_INNER(a, b)
#define KETAVIGIL_TRY_ASSIGN_INNER(name, declaration, expression) \
  auto name = (expression);                                       \
  if (!name.ok()) return name.error();                            \
  declaration = std::move(name).value()
/// `KETAVIGIL_TRY_ASSIGN(auto x, f())`: x becomes the value of `f()`, or its error is returned.
#define KETAVIGIL_TRY_ASSIGN(declaration, expression) \
  KETAVIGIL_TRY_ASSIGN_INNER(KETAVIGIL_CONCAT(ketavigil_result_, __LINE__), declaration, expression)
