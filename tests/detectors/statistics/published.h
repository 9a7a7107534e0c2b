// The published numbers of tests/data/statistics.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace ketavigil::detectors::statistics {

inline std::ifstream open_published(const std::string& name) {
  const std::string path = std::string(KETAVIGIL_SOURCE_DIR) + "/tests/data/statistics/" + name;
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  return file;
}

inline nlohmann::json published(const std::string& name) {
  std::ifstream file = open_published(name);
  return nlohmann::json::parse(file);
}

/// The rows of a table with commas, by the names of its first line.
inline std::vector<std::map<std::string, std::string>> published_rows(const std::string& name) {
  std::ifstream file = open_published(name);
  std::vector<std::string> names;
  std::vector<std::map<std::string, std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.ends_with('\r')) line.pop_back();
    std::istringstream cells(line);
    std::vector<std::string> values;
    for (std::string cell; std::getline(cells, cell, ',');) values.push_back(cell);
    if (names.empty()) {
      names = values;
      continue;
    }
    auto& row = rows.emplace_back();
    for (std::size_t i = 0; i < values.size(); ++i) row[names.at(i)] = values[i];
  }
  EXPECT_FALSE(rows.empty()) << name;
  return rows;
}

inline void expect_relative(double value, double published_value, double tolerance) {
  EXPECT_NEAR(value, published_value, tolerance * std::max(1.0, std::fabs(published_value)));
}

}  // namespace ketavigil::detectors::statistics
