// A part of the configuration's YAML, with the words that say where it is.
#pragma once

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "events/characters.h"
#include "events/nearest.h"
#include "events/result.h"

namespace ketavigil::cli {

inline Error configuration_error(const std::string& message) {
  return {ErrorKind::configuration, message};
}

// A YAML node with the words that say where it is.
class Section {
 public:
  Section(const YAML::Node& node, std::string file, std::string path)
      : node_(node), file_(std::move(file)), path_(std::move(path)) {}

  [[nodiscard]] Error error(const std::string& what) const {
    const YAML::Mark mark = node_.Mark();
    const std::string line = mark.is_null() ? "" : ":" + std::to_string(mark.line + 1);
    const std::string where = path_.empty() ? "the configuration" : "`" + path_ + "`";
    // Keys may hold what would steer the terminal.
    return configuration_error(events::escaped_controls(file_ + line + ": " + where + " " + what));
  }

  // The keys of a map are among `known`.
  [[nodiscard]] Status check_keys(const std::vector<std::string>& known) const {
    if (node_.IsNull()) return {};
    if (!node_.IsMap()) return error("must be a map of keys");
    KETAVIGIL_TRY(check_map());
    for (const auto& entry : node_) {
      const auto key = entry.first.as<std::string>();
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      const Section at(entry.first, file_, join(key));
      return at.error("is not a key of the configuration; the nearest is `" +
                      join(events::nearest(key, known)) + "`");
    }
    return {};
  }

  // A map, each key once: YAML readers differ in which of two they take.
  [[nodiscard]] Status check_map() const {
    if (node_.IsNull()) return {};
    if (!node_.IsMap()) return error("must be a map of keys");
    std::set<std::string> seen;
    for (const auto& entry : node_) {
      if (!entry.first.IsScalar() || !events::is_utf_8(entry.first.Scalar()))
        return Section(entry.first, file_, path_).error("has a key that is no text in UTF-8");
      const auto key = entry.first.as<std::string>();
      if (!seen.insert(key).second)
        return Section(entry.first, file_, join(key)).error("stands twice");
    }
    return {};
  }

  [[nodiscard]] bool has(const std::string& key) const {
    return node_.IsMap() && node_[key] && !node_[key].IsNull();
  }
  [[nodiscard]] Section at(const std::string& key) const { return {node_[key], file_, join(key)}; }
  [[nodiscard]] std::vector<std::pair<std::string, Section>> entries() const {
    std::vector<std::pair<std::string, Section>> out;
    if (!node_.IsMap()) return out;
    for (const auto& entry : node_) {
      const auto key = entry.first.as<std::string>();
      out.emplace_back(key, Section(entry.second, file_, join(key)));
    }
    return out;
  }
  [[nodiscard]] std::vector<Section> items() const {
    std::vector<Section> out;
    for (std::size_t i = 0; i < node_.size(); ++i)
      out.emplace_back(node_[i], file_, path_ + "[" + std::to_string(i) + "]");
    return out;
  }
  [[nodiscard]] bool is_list() const { return node_.IsSequence(); }
  [[nodiscard]] bool is_map() const { return node_.IsMap(); }

  [[nodiscard]] Status read(std::string* out) const {
    if (!node_.IsScalar()) return error("must be a text");
    *out = node_.as<std::string>();
    // yaml-cpp makes single bytes of the escapes \N and \_.
    if (!events::is_utf_8(*out))
      return error("must be UTF-8; write \\N as \\u0085, \\_ as \\u00a0");
    return {};
  }
  template <typename Integer>
  [[nodiscard]] Status read_integer(Integer* out, std::int64_t least, std::int64_t greatest) const {
    std::int64_t value = 0;
    if (!node_.IsScalar() || !YAML::convert<std::int64_t>::decode(node_, value) || value < least ||
        value > greatest) {
      return error("must be a whole number from " + std::to_string(least) + " to " +
                   std::to_string(greatest));
    }
    *out = static_cast<Integer>(value);
    return {};
  }
  [[nodiscard]] Status read(double* out) const {
    if (!node_.IsScalar() || !YAML::convert<double>::decode(node_, *out) || !std::isfinite(*out)) {
      return error("must be a number");
    }
    return {};
  }
  [[nodiscard]] Status read(bool* out) const {
    if (!node_.IsScalar() || !YAML::convert<bool>::decode(node_, *out))
      return error("must be true or false");
    return {};
  }
  [[nodiscard]] Status read(std::vector<std::string>* out) const {
    if (!is_list()) return error("must be a list of words");
    for (const Section& item : items()) {
      std::string word;
      KETAVIGIL_TRY(item.read(&word));
      out->push_back(std::move(word));
    }
    return {};
  }

 private:
  [[nodiscard]] std::string join(const std::string& key) const {
    return path_.empty() ? key : path_ + "." + key;
  }

  YAML::Node node_;
  std::string file_;
  std::string path_;
};

}  // namespace ketavigil::cli
