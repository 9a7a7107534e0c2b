// Which handler answers which path and method.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/http/message.h"

namespace ketavigil::ingest::http {

/// Answers a request, in a thread of the server's pool; several at once. An exception that leaves
/// it is answered with 500.
using Handler = std::function<Response(const Request&)>;

/// Stands before every route, and before paths that have none: answers itself, or lets `next`
/// answer, whose answer it may change. In a thread of the server's pool; several at once.
using Guard = std::function<Response(const Request&, const Handler& next)>;

/// A table of routes. Filled before the server starts, then only read: thread-safe.
class Router {
 public:
  /// `pattern` is a path, or ends with `/*` and stands for everything below. Paths win over
  /// patterns, longer patterns over shorter ones. A handler of GET also answers HEAD, one of `*`
  /// every method.
  void add(std::string method, std::string pattern, Handler handler);
  /// Of this pattern handlers run at once, on the thread that reads and writes: they must be quick.
  /// Probes, which have to be answered when all handlers are busy.
  void answer_at_once(std::string pattern) { at_once_.insert(std::move(pattern)); }
  void set_guard(Guard guard) { guard_ = std::move(guard); }

  struct Match {
    const Handler* handler = nullptr;  ///< null: see `allow`
    std::string_view route;            ///< the pattern; "other" where none matches
    std::string allow;  ///< the methods there are, where only the method does not match
    bool at_once = false;
  };
  [[nodiscard]] Match find(std::string_view method, std::string_view path) const;
  /// The guard's answer, the handler's, or 404 or 405 where there is none.
  [[nodiscard]] Response answer(const Request& request, const Match& match) const;

 private:
  struct Route {
    std::string method;
    std::string pattern;
    Handler handler;
  };
  std::vector<Route> routes_;
  std::set<std::string, std::less<>> at_once_;
  Guard guard_;
};

}  // namespace ketavigil::ingest::http
