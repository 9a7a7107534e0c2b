// A network that keeps what was posted, and fails where it is told to.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "routing/pages/http_poster.h"

namespace ketavigil::test {

class KeepingPoster : public routing::pages::HttpPoster {
 public:
  struct Post {
    std::string url;
    std::string body;
    routing::pages::HttpHeaders headers;
    [[nodiscard]] std::string header(const std::string& name) const {
      for (const auto& [known, value] : headers) {
        if (known == name) return value;
      }
      return "";
    }
  };

  Result<routing::pages::HttpReply> post(const std::string& url, const std::string& body,
                                         const routing::pages::HttpHeaders& headers) override {
    ++posts_;
    if (const auto slow = slow_.find(url); slow != slow_.end())
      *slow->second.first += slow->second.second;
    for (const std::string& failing : failing_) {
      if (url.starts_with(failing)) return Error{ErrorKind::broker, "nobody answers"};
    }
    if (const auto status = statuses_.find(url); status != statuses_.end())
      return routing::pages::HttpReply{status->second, "as told"};
    const auto alerts = nlohmann::json::parse(body, nullptr, false);
    if (alerts.is_array() && !refused_.is_discarded()) {
      if (refused_.is_null() && !alerts.empty()) refused_ = alerts[0].at("labels");
      for (const auto& alert : alerts) {
        if (alert.at("labels") == refused_) return routing::pages::HttpReply{400, "no label"};
      }
    }
    kept_.push_back({url, body, headers});
    return routing::pages::HttpReply{200, ""};
  }

  void fail(const std::string& url) { failing_.insert(url); }
  void heal(const std::string& url) { failing_.erase(url); }
  /// An answer of this takes so long, by a clock that is moved.
  void slow_down(const std::string& url, events::Microseconds* clock, events::Microseconds by) {
    slow_[url] = {clock, by};
  }
  void answer(const std::string& url, long status) { statuses_[url] = status; }
  void answer_well(const std::string& url) { statuses_.erase(url); }
  /// The first alert that comes is never taken, whatever it comes with.
  void refuse_first_alert() { refused_ = nullptr; }
  void clear() { kept_.clear(); }
  [[nodiscard]] std::size_t posts() const { return posts_; }
  [[nodiscard]] const std::vector<Post>& kept() const { return kept_; }

  /// Everything an Alertmanager took, those of `url` or of all.
  [[nodiscard]] std::vector<nlohmann::json> alerts(const std::string& url = "") const {
    std::vector<nlohmann::json> out;
    for (const Post& one : kept_) {
      if (!one.url.starts_with(url) || !one.url.ends_with("/api/v2/alerts")) continue;
      const auto body = nlohmann::json::parse(one.body);
      out.insert(out.end(), body.begin(), body.end());
    }
    return out;
  }
  [[nodiscard]] std::vector<nlohmann::json> with(const std::string& label,
                                                 const std::string& value) const {
    std::vector<nlohmann::json> out;
    for (auto& alert : alerts()) {
      if (alert.at("labels").value(label, "") == value) out.push_back(alert);
    }
    return out;
  }

 private:
  std::size_t posts_ = 0;
  std::vector<Post> kept_;
  std::set<std::string> failing_;
  std::map<std::string, long> statuses_;
  std::map<std::string, std::pair<events::Microseconds*, events::Microseconds>> slow_;
  nlohmann::json refused_ = nlohmann::json(nlohmann::json::value_t::discarded);
};

}  // namespace ketavigil::test
